"""Behaviour as a line of its own (行为反应): what patients bear, how they answer, and what the answer comes to.

A design without answer and the same design with it were settled on the same people, so the difference is known far
better than either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from fundsim.estimates import mean_of
from fundsim.report.amounts import money_of, scale_of, with_error
from fundsim.report.designs import premium_of_claims
from fundsim.report.layout import Table

if TYPE_CHECKING:
    from fundsim.results import Results

MEASURED: Final = (("赔付总额", "claims_paid"), ("受益人数", "beneficiaries"))
NEEDED: Final = ("测算筹资标准", "premium needed")


def behaviour_tables(results: Sequence[Results], names: Sequence[str]) -> tuple[Table, ...]:
    """Two tables where a design states behaviour: the answer of each group, and its effect on each design."""
    stated = [(name, each) for name, each in zip(names, results, strict=True) if each.behaviour is not None]
    if not stated:
        return ()
    answers = tuple(row for name, each in stated for row in _answers(name, each))
    effects = tuple(row for name, each in stated for row in _effects(name, each))
    head = ("", "", "", "without 无反应", "±", "with 有反应", "±", "difference 差", "±")
    return (
        Table("Response to what patients bear 患者自付与行为反应", ANSWER_HEAD, answers, NOTES, names=2),
        Table("Effect of the response 行为反应的影响", head, effects),
    )


ANSWER_HEAD: Final = ("", "", "borne at base % 基准自付比例", "borne % 自付比例", "cost factor 费用倍数")
NOTES: Final = (
    "borne 自付比例: share of gross cost that the group's patients bear, before any event, settled on a pilot of the",
    "same people under both rules. cost factor 费用倍数: (borne / borne at base) to the power of the elasticity.",
)


def _answers(name: str, results: Results) -> Iterator[tuple[str, ...]]:
    behaviour = results.behaviour
    assert behaviour is not None
    for group, base, borne, factor in zip(
        results.group_names, behaviour.base, behaviour.borne, behaviour.factor, strict=True
    ):
        yield name, group, f"{100 * base:.2f}", f"{100 * borne:.2f}", f"{factor:.4f}"


def _effects(name: str, results: Results) -> Iterator[tuple[str, ...]]:
    quiet = results.without_response
    for zh, measure in MEASURED:
        factor, unit, most = scale_of(measure, money_of(results))
        both = (quiet.estimate(measure), results.estimate(measure), results.answered(measure))
        yield name, f"{zh} {measure}", unit, *(text for of in both for text in with_error(of, factor, most))
    without, with_answer = premium_of_claims(quiet), premium_of_claims(results)
    if without is None or with_answer is None:
        return
    premiums = [mean_of(each, batch=results.batch) for each in (without, with_answer, with_answer - without)]
    yield name, " ".join(NEEDED), "yuan/person", *(text for of in premiums for text in with_error(of))
