"""The exact answer for people (精确计算结果): its figures, its probabilities, and how accurate they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from fundsim.exact import Exact, Report, exact
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.report.amounts import Money, money_for, scale_of
from fundsim.report.layout import Table, aligned
from fundsim.scenario import Scenario

SHOWN: Final = (
    "premium", "claims_paid", "loss_ratio", "pure_premium", "surplus", "contract_result", "insurer_result",
    "surplus_return", "policy_loss", "policy_loss_insurer", "policy_loss_fund", "other_loss", "other_loss_insurer",
    "other_loss_fund", "fund_result", "beneficiaries", "beneficiaries_per_1000", "avg_payout",
)  # fmt: skip
DIGITS: Final = 6
"""Significant digits, beyond which neither tolerance nor assumptions reach."""


def exact_scenario(scenario: Scenario, *, as_json: bool) -> str:
    """Answer a scheme without sampling; returns what to print.

    Raises:
        OutOfReachError: the model is no compound sum.
        ExactError: an answer that is less accurate than its tolerance.
    """
    found = exact(scenario)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else exact_text(found)


def exact_text(found: Exact) -> str:
    """Print an exact answer for a terminal."""
    return (
        "\n".join([*_header(found), *aligned([_figures(found), _probabilities(found), _accuracy(found.report)])]) + "\n"
    )


def _header(found: Exact) -> list[str]:
    scenario = found.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    lines = [" · ".join(titles), f"{scenario.label}   exact 精确计算   fingerprint {scenario.fingerprint[:12]}"]
    if scenario.terms.simulation.years > 1:
        lines.append("The first year of the term, as a contract of one year. 合同期第一年，按一年期合同计算。")
    return lines


def _figures(found: Exact) -> Table:
    money = money_for(100.0 * (found.mean("premium") or 0.0))
    rows = tuple(row for name in SHOWN if (row := _row(found, name, money)) is not None)
    notes = (
        f"{found.report.nodes} sets of values were drawn for what is uncertain; the mean of claims has a standard "
        f"error of {_error(found, money)}.",
    )
    return Table("Figures 指标", ("", "", "", "mean", "sd", "5%", "50%", "95%"), rows, notes if found.sampled else ())


def _row(found: Exact, name: str, money: Money) -> tuple[str, ...] | None:
    """A figure's row; none where the contract never has it."""
    mean = found.mean(name)
    if mean is None or (mean == 0 and name.startswith(("policy_loss", "other_loss"))):
        return None
    factor, unit, _ = scale_of(name, money)
    values = (mean, found.sd(name), *(found.quantile(name, level) for level in (0.05, 0.5, 0.95)))
    return MEASURES[name].zh, name, unit, *(_written(value, factor) for value in values)


def _written(value: float | None, factor: float) -> str:
    if value is None:
        return "–"
    scaled = value * factor
    whole = len(str(int(abs(scaled))))
    text = f"{scaled:,.{max(DIGITS - whole, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _error(found: Exact, money: Money) -> str:
    error = found.to_dict()["measures"]["claims_paid"]["se"]
    return f"{error / money.yuan:,.4g} {money.en}"


def _probabilities(found: Exact) -> Table:
    rows = tuple((PROBABILITIES[name][0], name, "%", _written(p, 100.0)) for name, p in found.cells.chances.items())
    return Table("Probabilities 概率", ("", "", "", "p"), rows)


def _accuracy(report: Report) -> Table:
    return Table("Accuracy 精度", ("", "", "found", "tolerance"), tuple(_accuracies(report)), names=2)


def _accuracies(report: Report) -> Iterator[tuple[str, ...]]:
    limits = report.tolerance
    for zh, en, found, limit in (
        ("窗口外概率 (上界)", "probability outside the window, at most", report.lost_mass, limits.mass),
        ("混叠误差 (上界)", "aliasing of a probability, at most", report.aliasing, limits.mass + limits.clipped),
        ("均值与数值积分之差", "mean against quadrature, relative", report.mean_error, limits.mean),
        ("标准差与数值积分之差", "standard deviation against quadrature", report.sd_error, limits.sd),
        ("舍入负值", "round-off clipped", report.clipped, limits.clipped),
    ):
        yield zh, en, f"{found:.1e}", f"{limit:.0e}"
    for what, bound in report.unmodelled:
        en, _, zh = what.rpartition(" ")
        yield zh, f"{en}, of the mean", f"{bound:.1e}", "–"
    grid = f"{report.points:,} points of {report.step:,.2f} yuan"
    yield "格点与步长", "lattice of claims", grid, f"{report.nodes} laws"
