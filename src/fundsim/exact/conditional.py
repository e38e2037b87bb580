"""A year given everything that people share: its law, its moments, and who benefits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import fft

from fundsim.claims import AS_STATED, Levels
from fundsim.exact.compound import MOST_POINTS, NEARER, AggregateLaw, difference, step_of, summed
from fundsim.exact.counts import BinomialCount
from fundsim.exact.errors import OutOfReachError
from fundsim.exact.maps import FEN, Floats
from fundsim.exact.model import GroupYear, YearModel
from fundsim.exact.payouts import LEFT_BEYOND, LatticeLaw, Mixture, Payment, discretised, step_for
from fundsim.exact.person import PersonLaw, on_lattice
from fundsim.exact.report import TOLERANCE, Tolerance
from fundsim.exact.windows import Component
from fundsim.scenario import Scenario

YEAR_STEP: Final = 200.0
"""Yuan between lattice points of a person's own cost, or a little less; admissions cost thousands."""
YEAR_TOLERANCE: Final = 1e-5
"""Relative error of the mean by the lattice of a person's own cost."""
CAP_TOLERANCE: Final = 1e-3
"""Relative error of the mean by yearly caps of payers before the covered one, as bounded."""
CAP_POINTS: Final = 512
"""Lattice points up to such a cap."""


@dataclass(frozen=True, eq=False)
class Conditional:
    """A year at one set of levels; yuan."""

    scenario: Scenario
    """The scheme, with the events that have happened."""
    law: AggregateLaw
    mean: float
    """By quadrature."""
    variance: float
    beneficiaries: float
    """Expected number."""
    beneficiaries_variance: float
    persons: tuple[int, ...]
    """(g,) heads of every group."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """The steps that all conditional laws of an answer share, and what they leave out."""

    step: float
    """Yuan between amounts of claims."""
    own: Mapping[int, float]
    """Yuan between a person's own costs, by the number of the group; empty on the annual basis."""
    unmodelled: tuple[tuple[str, float], ...]
    tolerance: Tolerance = TOLERANCE


@dataclass(frozen=True, eq=False)
class _Paid:
    """What one group's persons are paid, before it lies on the lattice of claims."""

    group: GroupYear
    count: BinomialCount
    amount: Mixture | None
    year: PersonLaw | None
    chance: float
    """Probability that a person benefits."""


def lattice_of(model: YearModel, levels: Levels = AS_STATED, v: int = 0, mixing: Floats | None = None) -> Lattice:
    """Choose steps at one set of levels, and bound what is left out.

    Raises:
        OutOfReachError: yearly caps before the covered payer that bind too often.
        ExactError: a lattice that does not reach its tolerance.
    """
    groups = model.groups(levels, v, mixing)
    if model.model.annual:
        kept = [(_count(group), _ended(group)) for group in groups]
        return Lattice(step_of(kept), {}, ((ROUNDING, rounding_bound(model, groups)),))
    laws, own, errors = [], {}, []
    for group in groups:
        assert group.year is not None
        law, own[group.number], error = group.year.checked(_own_step(model, group.number), YEAR_TOLERANCE)
        laws.append(law)
        errors.append(error)
    claims = sum(group.persons * law.mean for group, law in zip(groups, laws, strict=True))
    caps = sum(
        cap_effect(model, group) + group.persons * group.year.overflow_error(law)
        for group, law in zip(groups, laws, strict=True)
        if group.year is not None
    ) / (claims or 1.0)
    if caps > CAP_TOLERANCE:
        raise OutOfReachError(
            f"yearly caps of the payers before '{model.payer.name}' bind often enough to move its claims by up to "
            f"{caps:.2%}, more than {CAP_TOLERANCE:.2%}",
            "raise or drop these caps, or simulate (fundsim run)",
        )
    return Lattice(
        _step_of_years(groups, laws),
        own,
        (
            (ROUNDING, rounding_bound(model, groups, laws)),
            (OWN_COST, max(errors)),
            *(((CAPS, caps),) if caps > 0 else ()),
        ),
    )


ROUNDING: Final = "payments are not rounded to the fen 未按分取整"
OWN_COST: Final = "lattice of a person's own cost 个人年度费用的离散化"
CAPS: Final = "yearly caps of earlier payers across several bills 先行支付方年度封顶线的跨次累计"


def conditional(
    model: YearModel, lattice: Lattice, levels: Levels = AS_STATED, v: int = 0, mixing: Floats | None = None
) -> Conditional:
    """The year's claims at row ``v`` of the levels.

    Raises:
        ExactError: the law would be less accurate than its tolerance.
    """
    paid = [_paid(model, lattice, group) for group in model.groups(levels, v, mixing)]
    components = [Component(each.count, _on(each, lattice.step)) for each in paid]
    law = summed(components, tolerance=lattice.tolerance)
    return Conditional(
        scenario=model.scenario,
        law=law,
        mean=sum(each.mean for each in components),
        variance=sum(each.variance for each in components),
        beneficiaries=sum(each.group.persons * each.chance for each in paid),
        beneficiaries_variance=sum(each.group.persons * each.chance * (1.0 - each.chance) for each in paid),
        persons=tuple(model.persons(levels, v)),
    )


def _paid(model: YearModel, lattice: Lattice, group: GroupYear) -> _Paid:
    if group.annual is not None:
        probability, _ = group.annual
        amount = _ended(group)
        return _Paid(group, _count(group), amount, None, probability * float(amount.survival(0.0)))
    assert group.year is not None
    law = group.year.paid(lattice.own.get(group.number) or _own_step(model, group.number))
    pays = group.year.pays
    free = float(pays.knots[1]) if pays.slopes[0] == 0 and len(pays.knots) > 1 else 0.0
    chance = law.chance_above(free) if free > 0 else _any(group)
    return _Paid(group, _count(group), None, law, chance)


def _any(group: GroupYear) -> float:
    """Probability of any admission that counts, where every yuan of it is paid on."""
    assert group.year is not None
    nothing = -float(group.year.admission.survival(0.0))
    return float(-np.expm1(group.year.count.log_mgf(np.asarray(nothing))))


def _count(group: GroupYear) -> BinomialCount:
    return BinomialCount(group.persons, 1.0 if group.annual is None else group.annual[0])


def _ended(group: GroupYear) -> Mixture:
    assert group.annual is not None
    _, amount = group.annual
    return amount.cut(LEFT_BEYOND * float(amount.stop_loss(0.0)))[0]


def _on(paid: _Paid, step: float) -> LatticeLaw:
    if paid.amount is not None:
        return discretised(paid.amount, step)
    assert paid.year is not None
    return on_lattice(paid.year.paid, paid.year.weights, step, paid.year.clipped)


def _own_step(model: YearModel, g: int) -> float:
    """A step at which the deductible lies on the lattice, and on those of two and four steps."""
    pays = model.pays(g)
    knot = float(pays.knots[1]) if len(pays.knots) > 1 else 0.0
    return YEAR_STEP if knot <= 0 else knot / (4.0 * np.ceil(knot / (4.0 * YEAR_STEP)))


def _step_of_years(groups: Sequence[GroupYear], laws: Sequence[PersonLaw]) -> float:
    """A step for claims, as :func:`fundsim.exact.compound.step_of` chooses it."""
    variance, squares, paid = 0.0, 0.0, 0.0
    knots: list[Payment] = []
    for group, law in zip(groups, laws, strict=True):
        square, mean = float((law.weights * law.paid**2).sum()), law.mean
        variance += group.persons * (square - mean**2)
        squares += group.persons * square
        paid += group.persons * law.positive
        assert group.year is not None
        knots.append(Payment(group.year.admission.parts[0][1].severity, group.year.pays))
    if not paid:
        return YEAR_STEP
    wanted = np.sqrt(12.0 * NEARER * TOLERANCE.sd * variance / paid)
    return step_for(knots, float(min(wanted, np.sqrt(max(variance, squares / paid)) / 128)))


def rounding_bound(model: YearModel, groups: Sequence[GroupYear], laws: Sequence[PersonLaw] = ()) -> float:
    """Bound on what rounding to the fen can move the mean claims by, relative to them.

    Half a fen for each payer up to the covered one and for its base, on every bill of a beneficiary. Their number is at
    most E[N; paid > 0] <= (E[N²]·P(paid > 0))^½ a person (Cauchy and Schwarz).
    """
    steps = model.scenario.plan.names.index(model.payer.name) + 2
    bills, claims = 0.0, 0.0
    for place, group in enumerate(groups):
        if group.annual is not None:
            probability, amount = group.annual
            bills += group.persons * probability * float(amount.survival(0.0))
            claims += group.persons * probability * float(amount.stop_loss(0.0))
        else:
            assert group.year is not None
            law, count = laws[place], group.year.count
            bills += group.persons * float(np.sqrt((count.variance + count.mean**2) * law.positive))
            claims += group.persons * law.mean
    return steps * 0.005 * bills / (claims or 1.0)


def cap_effect(model: YearModel, group: GroupYear) -> float:
    """Bound on the claims that yearly caps of the payers before the covered one add across several bills, yuan.

    What a cap withholds beyond what it withholds of single bills is at most E[max(ΣP - cap, 0)], with P what the payer
    pays on one bill; it reaches the covered payer's base once for each part that names the payer, at least once, and is
    paid at most at the highest rate.
    """
    assert group.year is not None
    total, rate = 0.0, float(group.year.pays.slopes.max())
    for payer in model.scenario.plan.payers:
        if payer.name == model.payer.name:
            break
        caps = [schedule.cap for schedule in payer.classes if schedule.cap is not None and schedule.covered]
        if not caps or (group.year.overflow is not None and payer.name == model.overflowing):
            continue
        cap = min(caps) / FEN
        paid = Mixture(
            tuple(
                model.paid_before(group.number, c, payer.name, part)
                for c, part in enumerate(group.year.admission.parts)
            )
        )
        ended, _ = paid.cut(1e-6 * float(paid.stop_loss(0.0)))
        component = Component(group.year.count, discretised(ended, cap / CAP_POINTS))
        n = int(fft.next_fast_len(min(16 * CAP_POINTS + 2 * int(component.law.places[-1]), MOST_POINTS), real=True))
        year = fft.irfft(np.exp(component.count.log_pgf(difference(component, n))), n)
        beyond = float(np.maximum(year, 0.0) @ np.maximum(np.arange(n) * cap / CAP_POINTS - cap, 0.0))
        times = max(sum(part.payer == payer.name for part in model.payer.parts), 1)
        total += group.persons * beyond * rate * times
    return total
