"""A simpler schedule as control variate (替代方案): the same people, paid by one schedule a group, with an exact mean.

Where bills of one year fall under different schedules, no exact answer exists. But the same people under the schedule
that most of a group's admissions have are paid nearly the same, and that mean is known.
"""

from __future__ import annotations

from dataclasses import replace

from fundsim.benefits.schedule import ClassSchedule, PayerSchedule, Plan
from fundsim.claims import ClaimsModel
from fundsim.exact import OutOfReachError
from fundsim.exact.conditional import conditional, lattice_of
from fundsim.exact.model import YearModel
from fundsim.lanes.controls import Controlled, Controls, controlled
from fundsim.pipeline import simulate
from fundsim.results import Results
from fundsim.scenario import Scenario


def control_by_proxy(
    results: Results, measures: tuple[str, ...] = ("claims_paid", "insurer_result"), *, workers: int | None = None
) -> tuple[Controlled, ...]:
    """The means of some figures, controlled for what the same people are paid by a simpler schedule.

    The people of the run are settled once more, which takes about as long as the run did.

    Raises:
        OutOfReachError: replications share something uncertain, or the simpler schedule too has no exact mean.
        ValueError: a ratio, or a figure that these results have not.
    """
    scenario = proxy_of(results.scenario)
    if results.n_years > 1:
        raise OutOfReachError("the run has several years", "run one year (--years 1)")
    model = YearModel.build(scenario)
    if scenario.terms.uncertainty or scenario.terms.events or model.model.frequency.shared_by():
        why = "replications share what is uncertain, so that the simpler schedule has a mean of its own in each"
        raise OutOfReachError(why, "control for what was drawn (fundsim.lanes.control)")
    law = conditional(model, lattice_of(model))
    again = simulate(scenario, results.replications, results.seed, years=1, workers=workers)
    apart = again.totals["claims_paid"] / 100.0 - law.mean
    controls = Controls(("the same people under one schedule a group",), apart[:, None])
    return tuple(controlled(results, measure, controls) for measure in measures)


def proxy_of(scenario: Scenario) -> Scenario:
    """The scheme with one schedule for all bills of a group, and without yearly caps of the payers before it.

    The schedule is the one under which most of the group's cost falls.
    """
    plan = scenario.plan
    place = plan.names.index(plan.primary)
    before = tuple(_uncapped(payer) for payer in plan.payers[:place])
    covered = replace(plan.payers[place], classes=_one_schedule(scenario))
    payers = (*before, covered, *plan.payers[place + 1 :])
    return replace(scenario, plan=replace(plan, payers=payers, covers=(plan.primary,)), designs=())


def _uncapped(payer: PayerSchedule) -> PayerSchedule:
    classes = tuple(replace(schedule, cap=None) for schedule in payer.classes)
    return replace(payer, classes=classes, cap_shared_with=())


def _one_schedule(scenario: Scenario) -> tuple[ClassSchedule, ...]:
    """The covered payer's schedules by class, those of a group's bills all the same but for what is not covered."""
    plan: Plan = scenario.plan
    own = plan.payer(plan.primary).classes
    model = YearModel(scenario, ClaimsModel.build(scenario.terms.claims, scenario.population))
    chosen = list(own)
    for g in range(len(scenario.population.groups)):
        weight: dict[ClassSchedule, float] = {}
        for cell in model.model.cells:
            schedule = own[model.case(g, cell)]
            cost = cell.probability * model.model.severities[cell.severity].mean() * schedule.covered
            weight[schedule] = weight.get(schedule, 0.0) + cost
        usual = max(weight, key=lambda schedule: weight[schedule])
        for cell in model.model.cells:
            case = model.case(g, cell)
            if own[case].covered:
                chosen[case] = usual
    return tuple(chosen)
