"""What a file of published figures states (公布数据文件): figures, parameters that may move, the scheme in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from fundsim import units
from fundsim.claims import ClaimsTerms
from fundsim.money import PPM
from fundsim.scenario.terms import Id, Title
from fundsim.terms import Count, Terms, problem

Counted = Literal["persons", "person-times"]
"""人数 or 人次: a person who is paid three times is one person and three person-times."""
Unit = Literal["count", "rate", "yuan", "share", "yuan/person"]


@dataclass(frozen=True)
class Value:
    """A published value: yuan, a count, a share, or a rate per person covered."""

    number: float
    unit: Unit


Published = Literal[
    "beneficiaries", "mean-benefit", "above", "largest", "reimbursement", "loss-ratio", "benefit-per-insured"
]
COUNTS_SOMETHING: Final = ("beneficiaries", "mean-benefit", "above", "largest")
"""Figures of which it matters whether persons or person-times are counted."""
_UNITS: Final[dict[str, tuple[Unit, ...]]] = {
    "beneficiaries": ("count", "rate"),
    "mean-benefit": ("yuan",),
    "above": ("count", "share"),
    "largest": ("yuan",),
    "reimbursement": ("share",),
    "loss-ratio": ("share",),
    "benefit-per-insured": ("yuan/person",),
}
_EXAMPLES: Final[dict[Unit, str]] = {
    "count": "29000 persons",
    "rate": "4.58 per 1000 persons",
    "yuan": "5200 yuan",
    "share": "67%",
    "yuan/person": "22.9 yuan/person",
}
_TIMES: Final = ("person-times", "person-time", "人次")


class TargetTerms(Terms):
    """One published figure, with how exactly it was published.

    A plain ``value`` is exact as printed and differs from a model by the luck of one realisation only; ``within`` is
    what it may be off by besides; ``between`` is a range of which every value is as good as another, as "5000多元" is.
    """

    of: Published
    count: Counted | None = None
    """Whether persons (人数) or person-times (人次) are counted."""
    value: str | None = None
    within: str | None = None
    between: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    amount: str | None = None
    """With ``of: above``: payments above it are counted."""
    care: Annotated[list[str], Field(min_length=1)] | None = None
    """With ``of: reimbursement``: care levels whose bills are meant; all, where none is stated."""
    printed: str | None = None
    """The words of the source."""

    @model_validator(mode="after")
    def _one_figure(self) -> Self:
        if (self.value is None) == (self.between is None):
            given = "neither a value nor a range" if self.value is None else "both a value and a range"
            raise problem("value", f"the target states {given}", "write 'value: ...', or 'between: [LOW, HIGH]'")
        if self.within is not None and self.value is None:
            raise problem("within", "'within' widens a value, and there is none", "leave it out beside 'between'")
        if self.of == "largest" and (self.value is None or self.within is not None):
            why = "the largest payment is one observation, compared with the distribution of the largest"
            raise problem("largest", why, "write it as a plain 'value: 376500 yuan'", ("of",))
        return self

    @model_validator(mode="after")
    def _what_is_counted(self) -> Self:
        if (self.count is None) == (self.of in COUNTS_SOMETHING):
            why, instead = (
                f"'{self.of}' does not say whether persons or person-times are counted",
                "add 'count: persons'",
            )
            if self.count is not None:
                why, instead = f"'{self.of}' counts neither persons nor person-times", "leave 'count' out"
            raise problem(
                "count", why, f"{instead} (人数) or 'count: person-times' (人次)" if self.count is None else instead
            )
        if (self.amount is None) == (self.of == "above"):
            what = "above which amount" if self.amount is None else "no figure above an amount"
            raise problem("amount", f"the target does not say {what}", "add 'amount: 100000 yuan' to 'of: above' only")
        if self.care is not None and self.of != "reimbursement":
            raise problem("care", f"'{self.of}' is of all bills", "leave 'care' out", ("care",))
        return self

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        first = self._read(self.value or self.low_text, ("value",) if self.value else ("between", 0))
        if self.between is not None:
            last = self._read(self.between[1], ("between", 1))
            if last.unit != first.unit or last.number <= first.number:
                why = f"{self.between[1]} is not above {self.between[0]} in the same unit"
                raise problem("between", why, "write the lower value first", ("between",))
        if self.within is not None:
            _ = self._half_width(self.within, first.unit)
        if self.amount is not None:
            _ = self._parsed(units.money, self.amount, ("amount",))
        return self

    @property
    def low_text(self) -> str:
        assert self.between is not None
        return self.between[0]

    @cached_property
    def parsed(self) -> tuple[Value, float, float]:
        """The published value (the middle of a range), and the lowest and highest that it may be."""
        if self.between is not None:
            low, high = (self._read(text, ("between", i)) for i, text in enumerate(self.between))
            return Value((low.number + high.number) / 2, low.unit), low.number, high.number
        assert self.value is not None
        value = self._read(self.value, ("value",))
        half = 0.0 if self.within is None else self._half_width(self.within, value.unit)
        return value, value.number - half, value.number + half

    @property
    def above_fen(self) -> int:
        """The amount of ``of: above``, fen."""
        assert self.amount is not None
        return units.money(self.amount)

    def _read(self, text: str, at: tuple[str | int, ...]) -> Value:
        """Read a published value in one of the units that suit the figure."""
        allowed = _UNITS[self.of]
        for unit in allowed:
            try:
                return Value(_number(self._counted(text, at) if unit in ("count", "rate") else text, unit), unit)
            except units.UnitError as error:
                last = error
        examples = " or ".join(_EXAMPLES[unit] for unit in allowed)
        why = last.why if self.of == "mean-benefit" else f"'{text}' is no figure of {self.of}"
        raise problem("published", why, f"write it such as {examples}", at)

    def _counted(self, text: str, at: tuple[str | int, ...]) -> str:
        """The text of a count without its word for person-times, which must not contradict ``count``."""
        times = next((word for word in _TIMES if text.strip().endswith(word)), None)
        if times is None:
            return text
        if self.count == "persons":
            why = f"'{text}' counts person-times (人次), and 'count' says persons"
            raise problem("count", why, "write 'count: person-times', or the number of persons", at)
        return text.strip().removesuffix(times) + ("人" if times == "人次" else "persons")

    def _half_width(self, text: str, unit: Unit) -> float:
        if unit == "share":
            return abs(self._parsed(units.points, text, ("within",))) / PPM
        return _number(text, unit) if self._read(text, ("within",)).unit == unit else 0.0

    @staticmethod
    def _parsed(parse: object, text: str, at: tuple[str | int, ...]) -> int:
        try:
            return int(parse(text))  # type: ignore[operator]
        except units.UnitError as error:
            raise problem("published", error.why, error.instead, at) from None


def _number(text: str, unit: Unit) -> float:
    """Parse a text in a unit: yuan, persons, events per person, a share (which may exceed one), yuan per person."""
    if unit == "count":
        return float(units.count(text))
    if unit == "rate":
        return units.frequency(text)
    if unit == "yuan":
        return units.money(text) / 100
    return units.growth(text) / PPM if unit == "share" else units.money_per_person(text) / 100


class ParameterTerms(Terms):
    """A parameter that may move (待定参数): a place of the claims model, or several that are multiplied alike.

    With a ``prior`` and its ``spread`` the parameter is drawn back to what is known beforehand; with a ``start`` alone
    only the published figures speak of it.
    """

    moves: Annotated[list[str], Field(min_length=1)]
    """Paths in the claims model, such as ``care.major.cost.tail.index``; several take a multiplier, such as ``x1``."""
    prior: str | None = None
    """The value known beforehand (先验值), in the unit of the place."""
    spread: str | None = None
    """Its standard deviation (先验离散): ``x1.2`` on the log scale; ``0.05`` or ``2pp`` on the scale of the value."""
    start: str | None = None
    """Without a prior: where the search begins."""
    why: str | None = None

    @model_validator(mode="after")
    def _prior_or_start(self) -> Self:
        if (self.prior is None) == (self.start is None) or (self.prior is None) != (self.spread is None):
            why = "a parameter has a prior with its spread, or a start alone"
            raise problem("prior", why, "write 'prior: 2%' and 'spread: x1.3', or 'start: 2%'")
        return self

    @property
    def first(self) -> str:
        """Where the search begins."""
        return self.prior or self.start or ""


class CoverTerms(Terms):
    """Whom the figures cover, and how long (保障人数与期间)."""

    persons: Count
    months: Count = 12
    """Months of cover that the figures are of; each person has one yearly deductible per twelve."""

    @model_validator(mode="after")
    def _some_cover(self) -> Self:
        if self.persons == 0 or self.months == 0:
            raise problem("cover", "nobody is covered", "write persons and months above zero")
        return self

    @property
    def person_years(self) -> float:
        return self.persons * self.months / 12


class TargetsFile(Terms):
    """Published figures, and the claims model that is to reproduce them."""

    fundsim: Literal["1"]
    id: Id
    title: Title | None = None
    scheme: str
    """The scenario file whose benefit rules were in force, beside this file."""
    claims: ClaimsTerms
    """The claims model to start from."""
    cover: CoverTerms
    parameters: Annotated[dict[str, ParameterTerms], Field(min_length=1)]
    targets: Annotated[dict[str, TargetTerms], Field(min_length=1)]
