"""Tables of results (结果表): plain text for the terminal, HTML for a notebook; every figure with its own error.

The order is that of a tender meeting: the premium, the claims, the contract's account beside the insurer's result
after real cost, how likely a loss is, then who is helped and how much.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.estimates import NORMAL_95, UNDEFINED, Estimate, Floats, mean_of, probability_of, ratio_of
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.precision import advice, rounded_up
from fundsim.report.amounts import Money, in_per_cent, money_of, scale_of, with_error, with_range
from fundsim.report.behaviour import behaviour_tables
from fundsim.report.designs import side_by_side
from fundsim.report.funds import dry_rows, fund_name, fund_rows
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.years import by_year

if TYPE_CHECKING:
    from fundsim.results import Results

CLAIMS: Final = ("claims_paid", "loss_ratio", "pure_premium")
SHARING: Final = (
    "surplus", "contract_result", "insurer_result", "surplus_return",
    "policy_loss", "policy_loss_insurer", "policy_loss_fund",
    "other_loss", "other_loss_insurer", "other_loss_fund", "carried", "retention_forfeited", "fund_result",
)  # fmt: skip
PEOPLE: Final = (
    "beneficiaries", "beneficiaries_per_1000", "avg_payout", "max_payout", "n_at_cap",
    "actual_reimbursement_ratio", "patient_burden",
)  # fmt: skip
OVER_YEARS: Final = (
    "Amounts and persons are a year's average, probabilities those of the whole term.",
    "金额和人数为年均值，概率按整个合同期计。",
)
MOST_COMPARED: Final = 8
"""Designs whose differences from the first are printed measure by measure; more stand side by side only."""
COMPARED: Final = ("pure_premium", "claims_paid", "insurer_result", "insurer_loss", "beneficiaries", "patient_burden")
"""What designs are compared in: measures, and the probability of a loss to the insurer."""


def summary_text(results: Sequence[Results]) -> str:
    """Print results for a terminal: the first design whole, then the others compared with it.

    Args:
        results: one or several designs on the same people, the base first.

    Raises:
        ValueError: no results, or designs that were not settled on the same people.
    """
    base, *others = _on_same_people(results)
    parts = [*_header(base), *aligned(tables(base))]
    if others:
        parts += ["", "Designs on the same people 同一人群的方案比较", *aligned([side_by_side(results)])]
        parts += aligned(comparison(results)) if len(results) <= MOST_COMPARED else []
    parts += aligned(behaviour_tables(results, design_names(results)))
    return "\n".join([*parts, "", *_footer(base)]) + "\n"


def summary_html(results: Results) -> str:
    """Show results in a notebook: tables as plain HTML, everything escaped."""
    first, *rest = _header(results)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(table) for table in tables(results)]
    parts.append(f"<p>{'<br>'.join(map(html.escape, _footer(results)))}</p>")
    return f"<div>{''.join(parts)}</div>"


def tables(results: Results) -> tuple[Table, ...]:
    """All tables of one design, in the order of a report."""
    return (
        *by_year(results),
        _figures("Premium 保费", _premium_rows(results)),
        _figures("Claims 赔付", _measure_rows(results, CLAIMS)),
        _account(results),
        _figures("Who bears and who receives 结余与亏损的分担", _measure_rows(results, _shared(results))),
        _probabilities(results),
        _figures("Beneficiaries 受益人", _measure_rows(results, PEOPLE)),
        _bands(results),
        *_funds(results),
    )


def _header(results: Results) -> list[str]:
    scenario = results.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    many = f"{results.replications:,} replication{'s' if results.replications > 1 else ''}"
    years = f"{results.n_years} years   " if results.years else ""
    return [
        " · ".join(titles),
        f"{scenario.label}   {years}{many}   seed {results.seed}   fingerprint {scenario.fingerprint[:12]}",
        *(OVER_YEARS if results.years else ()),
    ]


def _footer(results: Results) -> list[str]:
    scenario = results.scenario
    lines = [
        "± is one standard error of the simulation, 0 where all replications agree;",
        "5% and 95% are points of the distribution over replications.",
    ]
    if results.replications == 1:
        lines = ["One replication: no standard errors."]
    if results.batch is not None:
        lines.append(
            f"Draws are stratified in batches of {results.batch}: errors are those of batch means, "
            "intervals of percentiles are conservative."
        )
    lines += _precision(results)
    file = scenario.path or results.manifest.get("path") or "FILE"
    counted = (
        (len(scenario.assumptions), "value is assumed", "values are assumed", "项为假设"),
        (len(scenario.bids), "value is open to tender", "values are open to tender", "项待投标"),
    )
    for n, one, many, chinese in counted:
        if n:
            lines.append(f"{n} {one if n == 1 else many} ({n}{chinese}): fundsim show {file} lists them")
    lines.append(", ".join(f"{name} {version}" for name, version in results.manifest["versions"].items()))
    return lines


def _precision(results: Results) -> list[str]:
    """How far the run came towards its targets; without any, how many replications a usual precision takes."""
    if results.precision:
        return [outcome.in_words() for outcome in results.precision]
    needed = [outcome for outcome in advice(results) if outcome.needed is not None]
    if not needed:
        return []
    words = [f"about {rounded_up(outcome.needed or 0):,} for {outcome.target}" for outcome in needed]
    lines = [f"{word}," for word in words[:-1]] + [f"{words[-1]} (fundsim run --until)."]
    return [f"How many replications a precision takes: {lines[0]}", *lines[1:]]


# --- figures with their errors ----------------------------------------------------------------------------------


def _figures(title: str, rows: Iterable[tuple[str, ...]]) -> Table:
    return Table(title, ("", "", "", "mean", "±", "5%", "95%"), tuple(rows))


def _measure_rows(results: Results, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for name in names:
        factor, unit, most = scale_of(name, money_of(results))
        yield MEASURES[name].zh, name, unit, *with_range(results.estimate(name), factor, most)


def _premium_rows(results: Results) -> Iterator[tuple[str, ...]]:
    per_head = ratio_of(
        results.totals["premium"] / 100.0, results.totals["insured"].astype(np.float64), batch=results.batch
    )
    yield "人均保费", "premium / insured", "yuan/person", *with_range(per_head, 1, 2)
    yield from _measure_rows(results, ("premium",))


def _shared(results: Results) -> list[str]:
    """Who bears what, without causes of loss that the contract does not ask and what it neither carries nor retains."""
    contract = results.scenario.terms.contract
    hidden = {"carried", *(() if contract.retention else ("retention_forfeited",))}
    hidden |= set() if contract.asks_cause else {name for name in SHARING if name.startswith("policy_loss")}
    return [name for name in SHARING if name not in hidden or results.totals.get(name, np.zeros(1)).any()]


def _probabilities(results: Results) -> Table:
    rows = ((PROBABILITIES[name][0], name, "%", *in_per_cent(results.probability(name))) for name in results.chances)
    return Table("Probabilities 概率", ("", "", "", "", "95% from", "to"), tuple(rows))


def _bands(results: Results) -> Table:
    money = money_of(results)
    edges = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in results.bands["own_cost_edges"]]
    persons, paid = (results.bands[name] / results.n_years for name in ("own_cost_persons", "own_cost_paid"))
    paid = paid / money.fen
    whole, batch = paid.sum(axis=1), results.batch
    rows = []
    for band, (low, high) in enumerate(zip(["0", *edges], [*edges, "–"], strict=True)):
        share = ratio_of(100.0 * paid[:, band], whole, batch=batch)
        cells = [
            (mean_of(persons[:, band], batch=batch), 3),
            (mean_of(paid[:, band], batch=batch), money.most),
            (share, 2),
        ]
        rows.append((low, high, *(text for of, most in cells for text in with_error(of, 1, most))))
    head = ("from", "to", "persons", "±", money.en, "±", "% of all", "±")
    return Table("Payments by band of own cost, yuan 按个人自付分段", head, tuple(rows), names=0)


def _funds(results: Results) -> Iterator[Table]:
    """A table for each fund, and how likely their accounts run dry."""
    funds = results.funds_year.funds
    for name, fund in funds.items():
        zh, en = fund_name(name, fund)
        yield _figures(" ".join(("Fund 基金:", en, zh)).rstrip(), fund_rows(fund, results.batch))
    if funds:
        head = ("", "", "", "", "95% from", "to")
        yield Table("Account runs dry 账户透支概率", head, tuple(dry_rows(results)))


# --- the account and the insurer --------------------------------------------------------------------------------


def _account(results: Results) -> Table:
    """The contract's account beside what the insurer is left with after its real running cost."""
    contract, insurer = _yuan(results, "contract_result"), _yuan(results, "insurer_result")
    losses = [name for name in ("policy_loss_insurer", "other_loss_insurer") if results.totals[name].any()]
    forfeited = _forfeited(results)
    rows = [
        _both("", "结余留存", "insurer_keep", results, _yuan(results, "insurer_keep")),
        *(_both("−", MEASURES[name].zh, name, results, _yuan(results, name)) for name in losses),
        _both("−", "合同未补偿的实际费用", "real cost not paid back", results, None, contract - insurer - forfeited),
        *([_forfeited_row(results, forfeited)] if forfeited.any() else []),
        _both("=", "公司损益", "contract_result | insurer_result", results, contract, insurer),
    ]
    shares = (ratio_of(100 * values, _yuan(results, "premium"), batch=results.batch) for values in (contract, insurer))
    rows.append(("", "占保费", "of premium", "%", *(text for share in shares for text in with_error(share))))
    head = ("", "", "", "", "合同口径 contract", "±", "扣费后 after cost", "±")
    notes = tuple(_sign_notes(results, contract, insurer))
    return Table("The account and the insurer 合同账户与公司净损益", head, tuple(rows), notes, names=4)


def _forfeited(results: Results) -> Floats:
    """Retention that the insurer has lost; nothing in results of a time when contracts held nothing back."""
    found = results.values("retention_forfeited")
    return np.zeros(results.replications) if found is None else found


def _forfeited_row(results: Results, forfeited: Floats) -> tuple[str, ...]:
    name = "retention_forfeited"
    return _both("−", MEASURES[name].zh, name, results, None, forfeited)


def _yuan(results: Results, name: str) -> Floats:
    values: Floats = results.average(name) / 100.0
    return values


def _both(
    sign: str, zh: str, name: str, results: Results, contract: Floats | None, insurer: Floats | None = None
) -> tuple[str, ...]:
    """A row of the account: what the contract says, and what stays with the insurer (the same, where left out)."""
    money = money_of(results)
    insurer = contract if insurer is None else insurer
    cells = (
        ("", "") if each is None else _in(mean_of(each, batch=results.batch), money) for each in (contract, insurer)
    )
    return sign, zh, name, money.en, *(text for pair in cells for text in pair)


def _in(of: Estimate, money: Money) -> tuple[str, str]:
    return with_error(of, 1 / money.yuan, money.most)


def _sign_notes(results: Results, contract: Floats, insurer: Floats) -> Iterator[str]:
    """Say so where the contract's view and the insurer's own result have different signs, on average or in a year."""
    by_contract, after_cost = (mean_of(each, batch=results.batch) for each in (contract, insurer))
    if contract.mean() * insurer.mean() < 0:
        verb, zh = ("earns", "盈利") if contract.mean() > 0 else ("loses", "亏损")
        verb_after, zh_after = ("loses", "亏损") if contract.mean() > 0 else ("earns", "盈利")
        first, second = (_unsigned(of, money_of(results)) for of in (by_contract, after_cost))
        unsure = " (within its error of zero)" if _near_zero(after_cost) else ""
        yield (
            f"The signs differ: by the contract the insurer {verb} {first}, "
            f"after real cost it {verb_after} {second}{unsure}."
        )
        yield f"合同口径{zh}，扣除实际费用后{zh_after}。"
    hidden = (results.totals["surplus"] >= 0) & (results.totals["insurer_result"] < 0)
    if hidden.any():
        of, lo, hi = in_per_cent(probability_of(hidden, batch=results.batch))
        over = f" over the {results.n_years} years" if results.years else ""
        but = "and yet the insurer loses"
        yield f"The account shows no deficit{over}, {but}, in {of}% of replications ({lo}% to {hi}%)."


def _near_zero(of: Estimate) -> bool:
    return of.mean is not None and of.se is not None and abs(of.mean) < NORMAL_95 * of.se


def _unsigned(of: Estimate, money: Money) -> str:
    return f"{_in(of, money)[0].removeprefix('-')} {money.en}"


# --- designs on the same people ---------------------------------------------------------------------------------


def paired_difference(base: Results, other: Results, name: str) -> Estimate:
    """Estimate how much a measure, or the probability ``insurer_loss``, is larger in another design.

    Both designs have the same people, so each replication gives one difference, and the error is that of their mean:
    much smaller than the errors of two separate runs. A ratio of totals R = Σx/Σy is first made linear (delta
    method): R + (x − R·y) / mean(y) in each replication has the mean R and the error of R.
    """
    ours, theirs = _linear(base, name), _linear(other, name)
    return UNDEFINED if ours is None or theirs is None else mean_of(theirs - ours, batch=base.batch)


def _linear(results: Results, name: str) -> Floats | None:
    if name == "insurer_loss":
        return (results.totals["insurer_result"] < 0).astype(np.float64)
    values, over = results.values(name), MEASURES[name].over
    if values is None or over is None:
        return values
    ratio = results.estimate(name).mean
    if ratio is None:
        return None
    below = results.totals[over[1]].astype(np.float64)
    above = np.where(below > 0, values, 0.0) * below
    linear: Floats = ratio + (above - ratio * below) / below.mean()
    return linear


def comparison(results: Sequence[Results]) -> tuple[Table, ...]:
    """Tables of designs against the first, a table for each measure: mean, and paired difference with its error."""
    names = design_names(results)
    return tuple(_compared(measure, names, results) for measure in COMPARED)


def design_names(results: Sequence[Results]) -> list[str]:
    """Name designs by label, numbered where two have the same."""
    labels = [result.scenario.design or result.scenario.id for result in results]
    return [label if labels.count(label) == 1 else f"{label} ({i})" for i, label in enumerate(labels, start=1)]


def _compared(measure: str, names: list[str], results: Sequence[Results]) -> Table:
    base, probability = results[0], measure == "insurer_loss"
    factor, unit, most = (100.0, "%", 2) if probability else scale_of(measure, money_of(base))
    zh = PROBABILITIES[measure][0] if probability else MEASURES[measure].zh
    rows = []
    for name, result in zip(names, results, strict=True):
        values = _linear(result, measure)
        of = UNDEFINED if values is None else mean_of(values, batch=base.batch)
        change = paired_difference(base, result, measure)
        difference = ("", "") if result is base else _signed(with_error(change, factor, most))
        rows.append((name, "base 基准" if result is base else "", unit, *with_error(of, factor, most), *difference))
    return Table(f"{zh} {measure}", ("", "", "", "mean", "±", "difference", "±"), tuple(rows))


def _signed(texts: tuple[str, str]) -> tuple[str, str]:
    """A difference with its sign, where it is not zero."""
    difference, se = texts
    return (difference if difference[0] in "-–" or not difference.strip("0.,") else f"+{difference}"), se


def _on_same_people(results: Sequence[Results]) -> Sequence[Results]:
    if not results:
        raise ValueError("there are no results to show; give at least one")
    if len({(each.seed, each.replications) for each in results}) > 1:
        raise ValueError("designs are compared on the same people: simulate them together, or with equal seed and n")
    return results
