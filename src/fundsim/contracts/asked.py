"""Which facts of a year a contract asks for, and what it takes where they are not given."""

from __future__ import annotations

from fundsim.contracts.errors import ContractError
from fundsim.contracts.facts import Given, each
from fundsim.contracts.terms import ContractTerms
from fundsim.money import PerReplication


def policy_share(terms: ContractTerms, given: Given | None) -> Given:
    """Part of a loss that is policy-caused, ppm; none where nothing is stated.

    Raises:
        ContractError: a share is given, and the contract does not ask the cause.
    """
    if given is None:
        return terms.policy_share or 0
    if not terms.asks_cause:
        raise ContractError("this contract does not ask what caused a loss (loss_cause: any); give no policy share")
    return given


def policy_loss_delta(terms: ContractTerms, given: Given | None, n: int) -> PerReplication | None:
    """Surplus without the policy-caused events, less surplus with them (fen); None: nothing of the kind is known.

    Raises:
        ContractError: it is given, and the contract does not find policy losses in this way.
    """
    if given is None:
        return None
    if not terms.by_counterfactual:
        instead = "give no policy_loss_delta, or write policy_loss: counterfactual"
        raise ContractError(f"this contract does not settle again without policy-caused events; {instead}")
    return each(given, n)


def score(terms: ContractTerms, given: Given | None, n: int) -> PerReplication | None:
    """Score of the year, hundredths of a point: the expected one by default; None where nothing is held back.

    Raises:
        ContractError: a score is given, and the contract has no retention.
    """
    if terms.retention is None:
        if given is not None:
            raise ContractError("this contract holds nothing back until an assessment (no retention); give no score")
        return None
    return each(terms.retention.expected if given is None else given, n)
