"""How precise a run is to be (``--until``): targets on its Monte Carlo errors, and how many replications they take.

A target is ``se(FIGURE) <= LIMIT`` or ``width(FIGURE) <= LIMIT``: the standard error, or the full width of the 95%
interval, of a measure's mean, of a probability, or of a percentile over replications (``p05(insurer_result)``). Means
have Student's interval, probabilities Wilson's, percentiles that between two order statistics; the standard error of
the last two is taken as the width over 2 · 1.96, so that it is never zero where nothing has happened yet.

Stopping when an error looks small enough favours samples whose error looks smaller than it is. The bias is kept small
in two ways: targets are looked at only at the numbers of a fixed ladder, each a third to a half above the one before,
never below :data:`LEAST`; and the ladder depends on nothing but the numbers asked for, so that neither processors nor
blocks of work have a say in where a run ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from math import ceil, floor, inf, isfinite, log10
from typing import Any, Final, Literal, Protocol

from fundsim.errors import UsersError
from fundsim.estimates import NORMAL_95, Estimate, Floats, Probability, Quantile, enough, replications_for_probability
from fundsim.measures import MEASURES, PROBABILITIES

LEAST: Final = 200
"""Replications before which no target is looked at, unless fewer are asked for."""
MOST_TIMES: Final = 20
"""As many times the scenario's own number of replications are run at most, unless told otherwise."""
ADVISED: Final = ("se(insurer_result) <= 0.1% of premium", "width(insurer_loss) <= 2pp")
"""The precision for which every run says how many replications it takes: the second is P(loss) ± 1 point."""

_TARGET = re.compile(r"\s*(?P<error>\w+)\s*\(\s*(?P<subject>.+?)\s*\)\s*(?P<sign><=|≤|[<>=≥]+)\s*(?P<limit>.*?)\s*")
_PERCENTILE = re.compile(r"[pq](?P<level>\d\d)\s*\(\s*(?P<of>.+?)\s*")
_LIMIT = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)\s*(?P<unit>.*)")
_MONEY: Final = {"yuan": 1, "元": 1, "万元": 10**4, "亿元": 10**8, "million yuan": 10**6, "billion yuan": 10**9}
_OF_PREMIUM: Final = "% of premium"


class TargetError(UsersError, ValueError):
    """A target that cannot be read, or that a scheme cannot have."""


class Figures(Protocol):
    """What a target asks of results."""

    @property
    def replications(self) -> int: ...
    @property
    def batch(self) -> int | None: ...
    def values(self, measure: str, group: str | None = None) -> Floats | None: ...
    def estimate(self, measure: str, group: str | None = None) -> Estimate: ...
    def quantile(self, measure: str, level: float, group: str | None = None) -> Quantile | None: ...
    def probability(self, name: str) -> Probability: ...


@dataclass(frozen=True)
class Target:
    """One precision that is asked for."""

    text: str
    error: Literal["se", "width"]
    figure: str
    """A measure or a probability."""
    level: float | None
    """Of a percentile, 0 to 1."""
    number: float
    unit: str
    """As written: ``yuan``, ``% of premium``, ``%`` (of the figure itself), ``pp``, or nothing."""

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read a target.

        Raises:
            TargetError: it does not follow the grammar, or there is no such measure.
        """
        match = _TARGET.fullmatch(text)
        if match is None:
            raise TargetError(f'\'{text}\' is not a target; write one such as "{ADVISED[0]}" or "{ADVISED[1]}"')
        if match["sign"] not in ("<=", "≤"):
            raise TargetError(f"'{text}': a target is a limit from above; write <= for '{match['sign']}'")
        if match["error"] not in ("se", "width"):
            raise TargetError(
                f"'{text}': '{match['error']}' is no error; write se (standard error) or width (of the 95% interval)"
            )
        figure, level = _subject(text, match["subject"])
        number, unit = _limit(text, match["limit"], "pp" if figure in PROBABILITIES else MEASURES[figure].unit)
        return cls(" ".join(text.split()), "se" if match["error"] == "se" else "width", figure, level, number, unit)

    def check(self, results: Figures) -> None:
        """Make sure that the scheme has the figure, from as little as one replication.

        Raises:
            TargetError: it has not.
        """
        if self.figure not in PROBABILITIES and results.values(self.figure) is None:
            raise TargetError(f"'{self.text}': this scheme has no {self.figure}; ask for a figure of its results")

    def measured(self, results: Figures) -> Outcome:
        """Compare the target with what a run has reached."""
        value, error = self._error(results)
        scale = self._scale(results, value)
        found = inf if error is None else error / scale if scale else (inf if error else 0.0)
        reached = found <= self.number
        needed = None if reached or not isfinite(found) else self._needed(results, found, scale)
        return Outcome(self.text, results.replications, found if isfinite(found) else None, self.unit, reached, needed)

    def _error(self, results: Figures) -> tuple[float | None, float | None]:
        """The figure, and its error or the width of its interval; None where too few replications tell it."""
        if self.figure in PROBABILITIES:
            chance = results.probability(self.figure)
            return chance.p, self._of_width(chance.hi - chance.lo)
        if self.level is not None:
            point = results.quantile(self.figure, self.level)
            if point is None or point.lo is None or point.hi is None:
                return None, None
            return point.value, self._of_width(point.hi - point.lo)
        estimate = results.estimate(self.figure)
        ends = estimate.interval()
        return estimate.mean, estimate.se if self.error == "se" or ends is None else ends[1] - ends[0]

    def _of_width(self, width: float) -> float:
        return width if self.error == "width" else width / (2 * NORMAL_95)

    def _scale(self, results: Figures, value: float | None) -> float:
        """What one unit of the limit is, in units of the figure."""
        if self.unit == _OF_PREMIUM:
            return (results.estimate("premium").mean or 0.0) / 100
        if self.unit == "%":
            return abs(value or 0.0) / 100
        if self.unit == "pp":
            return 0.01
        return float(_MONEY.get(self.unit.partition("/")[0], 1))

    def _needed(self, results: Figures, found: float, scale: float) -> int:
        """Replications that would do, by the root of their number."""
        needed = enough(results.replications, found, self.number)
        if self.figure not in PROBABILITIES or results.batch is not None:
            return needed
        within = self.number * scale * (NORMAL_95 if self.error == "se" else 0.5)
        return max(needed, replications_for_probability(results.probability(self.figure), within))


def _subject(text: str, subject: str) -> tuple[str, float | None]:
    """The figure that a target is about, and its level where it is a percentile."""
    percentile = _PERCENTILE.fullmatch(subject.removesuffix(")")) if subject.endswith(")") else None
    name = percentile["of"] if percentile else subject
    if percentile and name in PROBABILITIES:
        raise TargetError(f"'{text}': a probability has no percentiles; write width({name}) <= 1pp")
    known = [*MEASURES, *([] if percentile else PROBABILITIES)]
    if name not in known:
        near = get_close_matches(name, known, 3) or ("insurer_result", "claims_paid", "loss_ratio")
        raise TargetError(f"'{text}': there is no figure '{name}'; write {' or '.join(near)}, or another id of --json")
    if percentile and percentile["level"] == "00":
        raise TargetError(f"'{text}': percentiles are from p01 to p99; write p05({name})")
    return name, int(percentile["level"]) / 100 if percentile else None


def _limit(text: str, limit: str, of: str) -> tuple[float, str]:
    """The limit of a target: its number and its unit, which must suit the unit ``of`` the figure."""
    match = _LIMIT.fullmatch(limit)
    if match is None:
        raise TargetError(f"'{text}': '{limit}' is no limit; write {_fitting(of, '1')}")
    number, unit = match["number"], " ".join(match["unit"].split())
    if unit not in _units(of):
        why = f"does not suit a figure in {_named(of)}" if unit else "has no unit"
        if not unit and of.startswith("yuan"):
            raise TargetError(f"'{text}': '{limit}' {why}; write {number} {of}")
        if not unit and of in ("pp", "share") and float(number.replace(",", "")) < 1:
            number = f"{100 * float(number):g}"
        raise TargetError(f"'{text}': '{limit}' {why}; write {_fitting(of, number)}")
    value = float(Fraction(number.replace(",", "")))
    if value == 0:
        raise TargetError(f"'{text}': no number of replications has an error of zero; write a limit above it")
    return value, unit


def _units(of: str) -> tuple[str, ...]:
    """The units in which a limit may be written."""
    if of == "yuan":
        return (*_MONEY, _OF_PREMIUM, "%")
    if of == "yuan/person":
        return ("yuan", "元", "yuan/person", "元/人", "%")
    if of == "pp":
        return ("pp",)
    return ("pp", "%") if of == "share" else ("", "%")


def _fitting(of: str, number: str) -> str:
    units = {"yuan": ("yuan", _OF_PREMIUM, "%"), "yuan/person": ("yuan/person", "%"), "pp": ("pp",)}
    fitting = units.get(of, ("pp", "%") if of == "share" else ("", "%"))
    return " or ".join(f"{number}{'' if unit.startswith(('%', 'pp')) else ' '}{unit}".strip() for unit in fitting)


def _named(of: str) -> str:
    return {"pp": "points of probability", "share": "shares", "count": "numbers"}.get(of, of)


@dataclass(frozen=True)
class Outcome:
    """How far a run came towards a target."""

    target: str
    replications: int
    error: float | None
    """In the unit of the target; None where so few replications cannot tell it."""
    unit: str
    reached: bool
    needed: int | None
    """About how many replications would do; None where the target is reached, or cannot be foreseen."""

    def as_dict(self) -> dict[str, Any]:
        """Return what the manifest and the JSON say of it."""
        return {
            "target": self.target,
            "replications": self.replications,
            "error": self.error,
            "unit": self.unit,
            "reached": self.reached,
            "needed": self.needed,
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Outcome:
        """Return what :meth:`as_dict` told."""
        return cls(**told)

    def in_words(self) -> str:
        """One line: what was asked, what was found, and how many replications would do."""
        space = "" if self.unit.startswith(("%", "pp")) else " "
        found = "not to be told yet" if self.error is None else f"{_significant(self.error)}{space}{self.unit}".strip()
        after = f"{found} after {self.replications:,} replications"
        if self.reached:
            return f"{self.target}: reached, {after}"
        advice = (
            "more are needed to say how many" if self.needed is None else f"about {rounded_up(self.needed):,} would do"
        )
        return f"{self.target}: not reached, {after}; {advice}"


def _significant(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def rounded_up(replications: int) -> int:
    """Two digits are all that such advice is worth; never below what it rounds."""
    step = int(10 ** max(floor(log10(max(replications, 1))) - 1, 0))
    return ceil(replications / step) * step


def targets_of(until: str | Sequence[str]) -> tuple[Target, ...]:
    """Read one target or several.

    Raises:
        TargetError: none, or one that cannot be read.
    """
    targets = tuple(Target.parse(text) for text in ([until] if isinstance(until, str) else until))
    if not targets:
        raise TargetError(f'there is no target to run until; write one such as "{ADVISED[0]}"')
    return targets


@dataclass(frozen=True)
class Plan:
    """How many replications a run is to have."""

    targets: tuple[Target, ...]
    first: int
    """The number at which targets are looked at for the first time; all, where there are none."""
    most: int

    @classmethod
    def of(
        cls,
        n: int | None,
        *,
        own: int,
        batch: int | None,
        until: str | Sequence[str] | None = None,
        most: int | None = None,
    ) -> Plan:
        """Plan a run of ``n`` replications, or until targets hold; in whole batches, where they are stratified.

        Args:
            n: replications; with targets, the number before which they are not looked at.
            own: the scenario's own number, the default.
            batch: as many are stratified together.
            until: targets.
            most: replications after which a run ends even so.

        Raises:
            TargetError: a target that cannot be read, or numbers that contradict each other.
        """
        if until is None:
            if most is not None:
                raise TargetError("'most' limits a run that goes on until a target holds; say until when, or give n")
            number = whole_batches(own if n is None else n, batch)
            return cls((), number, number)
        most = MOST_TIMES * own if most is None else most
        first = min(LEAST, most) if n is None else n
        if not 1 <= first <= most:
            raise TargetError(
                f"a run of {most:,} replications at most cannot begin with {first:,}; lower n or raise most"
            )
        return cls(targets_of(until), whole_batches(first, batch), whole_batches(most, batch))

    def rungs(self) -> Iterator[int]:
        """The numbers of replications at which the run looks how far it is."""
        return ladder(self.first, self.most)

    def as_dict(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        return {"targets": [target.text for target in self.targets], "first": self.first, "most": self.most}


def whole_batches(n: int, batch: int | None) -> int:
    """The number of replications in whole batches, at least ``n``; ``n`` itself where none are stratified."""
    return n if batch is None else -(-n // batch) * batch


def ladder(first: int, most: int) -> Iterator[int]:
    """The numbers of replications at which targets are looked at: ``first``, then 25·2^k and 37.5·2^k, last ``most``.

    All numbers from 50 on the way are whole batches of 25; ``first`` and ``most`` are the caller's.
    """
    yield first
    last, rung = first, 50
    while rung < most:
        for number in (rung, rung * 3 // 2):
            if last < number < most:
                yield number
                last = number
        rung *= 2
    if last < most:
        yield most


def advice(results: Figures) -> tuple[Outcome, ...]:
    """How far a run is from the precision that every run is measured by, and how many replications that takes."""
    return tuple(Target.parse(text).measured(results) for text in ADVISED)
