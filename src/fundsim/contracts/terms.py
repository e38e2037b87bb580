"""What the contract between the fund and the insurer says, as the user writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from fundsim.contracts.adjustment import AdjustmentTerms
from fundsim.contracts.errors import ContractError, Fault, refuse
from fundsim.contracts.funding import Premium, formula, per_head
from fundsim.contracts.grades import RetentionTerms
from fundsim.contracts.instalments import Instalments
from fundsim.contracts.presets import PRESETS, beneath, suggestion
from fundsim.contracts.reporting import ReportingTerms
from fundsim.contracts.termination import TerminationTerms
from fundsim.contracts.tiers import Tiers, as_tuple
from fundsim.money import PPM, PerReplication, share
from fundsim.terms import Balance, MoneyPerPerson, Rate, Terms, Total, Years, problem

_UNSTATED: Final = -1


class Assumption(Terms):
    """A field whose value the public text does not give, and why it was set."""

    field: str
    why: str


class ExpenseTerms(Terms):
    """The insurer's real running cost E (运营成本): any of three parts, added. ``4%`` alone is a share of premium."""

    share: Rate = 0
    """Part of the premium, ppm."""
    per_person: MoneyPerPerson = 0
    """Fen per insured."""
    total: Total = 0
    """Fen a year, whatever the premium."""

    @model_validator(mode="before")
    @classmethod
    def _by_unit(cls, data: Any) -> Any:
        """A bare quantity says by its unit which part it is."""
        if not isinstance(data, str):
            return data
        if data.rstrip().endswith(("%", "‰")):
            return {"share": data}
        yearly = data.rstrip().endswith(("year", "年"))
        return {"per_person" if "/" in data and not yearly else "total": data}

    def amount(self, premium: PerReplication, insured: PerReplication | None) -> PerReplication:
        """E = share x P, rounded half up, + per person x insured + total (fen)."""
        if self.per_person and insured is None:
            raise ContractError("the running cost is stated per person; give the number of insured, or the expense")
        heads = 0 if insured is None else insured * self.per_person
        return share(premium, self.share) + heads + self.total


def _or_quantity(schema: dict[str, Any]) -> None:
    schema["anyOf"].insert(0, {"type": "string", "examples": ["4%", "1.20 yuan/person", "500 万元"]})


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else as_tuple(value)


def _or_name(schema: dict[str, Any]) -> None:
    listed = {key: schema.pop(key) for key in ("type", "items")}
    schema["anyOf"] = [{"type": "string", "examples": ["cii"]}, listed]
    schema["default"] = "cii"


class ContractTerms(Terms):
    """One contract: what the insurer may keep, what it returns, and who bears a loss.

    The shares follow the regulator's formulas for excess surplus (超额结余) and policy loss (政策性亏损),
    保监发〔2016〕86号, which let an agreement define the surplus differently: hence two conventions.
    """

    preset: str | None = None
    """A contract that was in force, whose terms stand wherever this block is silent."""
    covers: Annotated[tuple[str, ...], BeforeValidator(_one_or_several)] = Field(
        default=("cii",), json_schema_extra=_or_name
    )
    """The payers of the waterfall whose payments are the insurer's claims: one, or a list whose first is the primary
    one (its own base is what ``in_policy_left`` states)."""
    term: Years | None = None
    """How long fund and insurer have agreed to work together (合作期限), whole years; policies may be signed for one
    year each."""
    premium: Premium | None = None
    """Premium per insured and year (筹资标准)."""
    surplus: Literal["fee-inclusive", "fee-explicit"] = "fee-inclusive"
    """S = P - C, the allowance pays profit and cost (综合费率); or S = P - C - accepted cost (盈利率)."""
    allowance: Rate = Field(default_factory=lambda: _UNSTATED, validate_default=True)
    """What the insurer may keep of a surplus, ppm of the premium: c of P where fee-inclusive, p of P where explicit."""
    accepted: Rate | None = None
    """Fee-explicit only: running cost is accepted up to this part of the premium, ppm; none: all of it."""
    return_share: Rate = PPM
    """rho: part of the surplus above the allowance that leaves the insurer (超额结余返还), ppm."""
    excess: Literal["return", "hold"] = "return"
    """Whether that part goes back to the fund, or is held for later years (after repaying earlier deficits)."""
    held: Literal["draw-first", "joins-funds"] = "draw-first"
    """What becomes of a held surplus in the years after: it waits and pays deficits first, or all of it joins the next
    year's funds, from which the insurer may fill up its allowance too."""
    loss_cause: Literal["any", "policy-and-other"] = "any"
    """Whether the contract asks what caused a loss."""
    policy_loss: Literal["stated-share", "counterfactual"] = "stated-share"
    """How the policy-caused part of a loss (政策性亏损) is found, where the cause is asked: a stated share, or what the
    year would have been without the events flagged as policy-caused, settled again."""
    policy_share: Rate | None = None
    """Part of a loss that is policy-caused, ppm, where a share is stated; none stated: no part."""
    tiers: Tiers | None = None
    """Who bears a loss, where the cause is not asked."""
    policy_tiers: Tiers | None = None
    """Who bears a policy-caused loss."""
    other_tiers: Tiers | None = None
    """Who bears any other loss (非政策性亏损) where the cause is asked; none stated: the insurer, all of it."""
    fund_pays: Literal["now", "later"] = "now"
    """Whether the fund pays its part of a loss in the year, or owes it to later years."""
    carried: Balance = 0
    """Balance brought into the first year, fen: surplus held above zero, deficit still owed below."""
    closing: Literal["none", "fund", "insurer"] = "none"
    """At the end of the term a held surplus goes to the fund and a deficit still owed is paid by the fund or the
    insurer; ``none``: the balance stays open for the next contract."""
    premium_adjustment: AdjustmentTerms | None = None
    """How the premium of the years after the first follows from experience; none: it stays."""
    retention: RetentionTerms | None = None
    """What is held back until the year's work is assessed (考核保证金); none: nothing."""
    paid_on: Literal["actual", "budgeted"] = "actual"
    """On which heads the premium is first paid: the actual ones, or those budgeted (预算参保人数), the insured as the
    scheme states them; the difference is settled in the next year (据实清算). Premium is earned by actual heads."""
    instalments: Instalments | None = None
    """When in the year the fund pays the premium; needed to see the insurer's cash by month."""
    reporting: ReportingTerms | None = None
    """How late claims are paid, and which wait when the contract begins; none: each is paid when it is incurred."""
    termination: TerminationTerms | None = None
    """After which losses the contract ends before its term; none: it does not."""
    expense: ExpenseTerms | None = Field(default=None, json_schema_extra=_or_quantity)
    """The insurer's real running cost; none stated: zero, and listed as an assumption."""
    assumed: Annotated[tuple[Assumption, ...], BeforeValidator(as_tuple)] = ()
    """Which fields the public text does not give; those of the preset are added unless overridden."""

    @model_validator(mode="before")
    @classmethod
    def _on_its_preset(cls, data: Any) -> Any:
        return beneath(data) if isinstance(data, Mapping) else data

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, name: str | None) -> str | None:
        if name is not None and name not in PRESETS:
            raise problem("preset", f"there is no preset '{name}'", suggestion(name))
        return name

    @field_validator("allowance")
    @classmethod
    def _allowance_is_stated(cls, allowance: int, info: ValidationInfo) -> int:
        # Where the preset itself could not be read, the allowance it would have brought is not missed as well.
        if allowance == _UNSTATED and "preset" in info.data:
            why = "the contract does not say what the insurer may keep of a surplus"
            raise problem("allowance", why, "write allowance: 5%, or name a preset")
        return allowance

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        refuse(
            [
                *self._surplus_faults(),
                *self._held_faults(),
                *(self._any_faults() if self.loss_cause == "any" else self._cause_faults()),
            ]
        )
        return self

    def _surplus_faults(self) -> Iterator[Fault]:
        if self.accepted is not None and self.surplus == "fee-inclusive":
            why = "running cost is accepted apart only where the surplus is fee-explicit; here the allowance pays it"
            yield (
                ("accepted",),
                problem("accepted", why, "leave accepted out, or write surplus: fee-explicit"),
                self.accepted,
            )

    def _held_faults(self) -> Iterator[Fault]:
        if self.held == "joins-funds" and self.excess == "return" and self.carried <= 0:
            why = "held surplus joins the next year's funds, but none is ever held: the excess is returned"
            yield ("held",), problem("held", why, "write excess: hold, or leave held out"), self.held

    def _any_faults(self) -> Iterator[Fault]:
        if self.policy_loss == "counterfactual":
            why = "policy_loss says how policy losses are found, but with loss_cause: any the contract does not ask"
            instead = "leave policy_loss out, or write loss_cause: policy-and-other"
            yield ("policy_loss",), problem("loss_cause", why, instead), self.policy_loss
        for field in ("policy_share", "policy_tiers", "other_tiers"):
            found = getattr(self, field)
            if found is not None:
                why = f"{field} is given, but with loss_cause: any the contract does not ask what caused a loss"
                instead = f"leave {field} out, or write loss_cause: policy-and-other"
                yield (field,), problem("loss_cause", why, instead), found
        if self.tiers is None:
            why = "the contract does not say who bears a loss"
            yield ("tiers",), problem("tiers", why, "write tiers: [{to: 4%, insurer: 100%}, {insurer: 0%}]"), None

    def _cause_faults(self) -> Iterator[Fault]:
        if self.tiers is not None:
            why = "tiers is given, but with loss_cause: policy-and-other each cause has its own tiers"
            yield ("tiers",), problem("tiers", why, "write policy_tiers and other_tiers instead of tiers"), self.tiers
        if self.policy_tiers is None:
            why = "the contract asks what caused a loss, but does not say who bears a policy-caused one"
            yield ("policy_tiers",), problem("tiers", why, "write policy_tiers: [{insurer: 50%}]"), None

        if self.policy_share is not None and self.policy_loss == "counterfactual":
            why = "policy_share is stated, but policy_loss: counterfactual finds policy losses by settling again"
            instead = "leave policy_share out, or write policy_loss: stated-share"
            yield ("policy_share",), problem("policy_share", why, instead), self.policy_share

    @property
    def late(self) -> int:
        """Part of a year's claims that is paid in the year after, ppm."""
        return 0 if self.reporting is None else self.reporting.late

    @property
    def by_counterfactual(self) -> bool:
        """Whether policy losses are found by settling again without the events flagged as policy-caused."""
        return self.policy_loss == "counterfactual"

    @property
    def asks_cause(self) -> bool:
        """Whether policy losses are shared apart from others."""
        return self.loss_cause == "policy-and-other"

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Every assumption, those for what is left unstated included; for the list in a report."""
        silent = []
        if self.expense is None:
            silent.append(Assumption(field="expense", why="未列明实际运营成本，按零计"))
        if self.asks_cause and self.policy_share is None and not self.by_counterfactual:
            why = "未列明政策性亏损所占比例，亏损均不计为政策性"
            silent.append(Assumption(field="policy_share", why=why))
        if self.retention is not None and self.retention.score is None:
            why = "未列明预计考核得分，按满分计"
            silent.append(Assumption(field="retention", why=why))
        return (*self.assumed, *silent)

    def premium_per_head(self, traits: Mapping[str, str]) -> int:
        """The year's premium of one insured with these traits, fen.

        Raises:
            PydanticCustomError: no premium is stated, or not exactly one entry fits the traits.
        """
        if self.premium is None:
            raise problem("premium", "the contract states no premium", "write premium: 33 yuan/person")
        return per_head(self.premium, traits)

    def basic_funding_per_head(self, traits: Mapping[str, str]) -> int | None:
        """What the premium of one insured with these traits is a rate of, fen; None where it is an amount."""
        return None if self.premium is None or isinstance(self.premium, int) else formula(self.premium, traits).of

    def premium_total(self, groups: Iterable[tuple[int, Mapping[str, str]]]) -> int:
        """The year's premium P of all groups, each given as (persons, traits), fen."""
        return sum(persons * self.premium_per_head(traits) for persons, traits in groups)

    def expense_amount(self, premium: PerReplication, insured: PerReplication | None) -> PerReplication:
        """The insurer's real running cost E of the year, fen; zero where none is stated."""
        return np.zeros_like(premium) if self.expense is None else self.expense.amount(premium, insured)
