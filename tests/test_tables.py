"""Tables of results: columns that line up, honest digits, paired differences, and what is said in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import fundsim as fs
from cities import ONE_PAYER
from fundsim.estimates import Probability, mean_of, ratio_of
from fundsim.report.amounts import MILLION, THOUSAND, YUAN, in_per_cent, money_of, with_error, written
from fundsim.report.tables import (
    Table,
    design_names,
    paired_difference,
    summary_html,
    summary_text,
    tables,
)
from fundsim.scenario import load_text
from fundsim.scenario.text import width

M = 10**8
"""A million yuan in fen."""

DOCUMENT = (
    """
fundsim: 1
id: tables
title: {zh: 某市城乡居民大病保险, en: A city}
"""
    + ONE_PAYER
    + """
simulation: {replications: 60, seed: 7}
"""
)


@pytest.fixture(scope="module")
def designs() -> tuple[fs.Results, ...]:
    base = load_text(DOCUMENT)
    return fs.simulate_designs([base, base.replace({"payers.cii.deductible": "9000 yuan"})])


@pytest.fixture(scope="module")
def results(designs: tuple[fs.Results, ...]) -> fs.Results:
    return designs[0]


def titled(results: fs.Results, **title: str) -> fs.Results:
    return replace(results, scenario=results.scenario.replace({"title": title}))


def with_totals(results: fs.Results, **totals: Any) -> fs.Results:
    """Results with other totals (million yuan, one of each replication)."""
    given = {name: np.array([round(m * M) for m in values]) for name, values in totals.items()}
    n = len(next(iter(given.values())))
    return replace(results, totals={name: np.resize(v, n) for name, v in results.totals.items()} | given)


def table(results: fs.Results, title: str) -> Table:
    return next(each for each in tables(results) if each.title.startswith(title))


def row(results: fs.Results, title: str, name: str) -> tuple[str, ...]:
    return next(cells for cells in table(results, title).rows if name in cells)


# --- digits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "se", "most", "text"),
    [
        (1.37902, 0.0781, 3, "1.379"),
        (27733.22, 11.3, 3, "27,733"),
        (228_613.0, 9_100.0, 2, "228,600"),
        (52.8, 0.0, 3, "52.8"),
        (16.0, None, 2, "16"),
        (15.27886, None, 2, "15.28"),
        (0.0, 0.0, 3, "0"),
        (-0.0004, 0.02, 3, "0.000"),
        (-4.0, 90.0, 3, "-4"),
        (-0.3, 90.0, 3, "0"),
        (0.00076, 0.00054, 3, "0.00076"),
        (0.1234567, 1e-7, 3, "0.12346"),
        (None, None, 2, "–"),
    ],
)
def test_no_more_digits_than_the_error_supports(value: float, se: float, most: int, text: str) -> None:
    assert written(value, se, most) == text


def test_an_error_of_the_computer_is_no_error() -> None:
    premium, insured = np.full(7, 5412.0 * 1e6 / 3), np.full(7, 3.3e6 / 7)
    assert 0 < (ratio_of(premium, insured).se or 0) < 1e-9 or ratio_of(premium, insured).se == 0
    assert with_error(ratio_of(premium, insured))[1] == "0"
    assert with_error(mean_of(np.array([1.0, 2.0])), 100, 2) == ("150", "50")
    assert with_error(mean_of(np.array([1.0]))) == ("1", "–")


def test_probabilities_carry_the_digits_of_their_interval() -> None:
    assert in_per_cent(Probability(0.84, 0.783, 0.884)) == ("84.0", "78.3", "88.4")
    assert in_per_cent(Probability(0.0, 0.0, 0.7935)) == ("0", "0", "79")


def test_unit_of_money_suits_the_fund(results: fs.Results) -> None:
    for premium, money in ((52.8, MILLION), (10, MILLION), (9.99, THOUSAND), (0.1, THOUSAND), (0.016, YUAN)):
        assert money_of(with_totals(results, premium=[premium] * 2)) == money


def test_figures_are_those_of_the_results(results: fs.Results) -> None:
    claims, ratio = results.estimate("claims_paid"), results.estimate("loss_ratio")
    assert claims.mean is not None
    assert ratio.mean is not None
    cells = row(results, "Claims", "claims_paid")
    assert cells[:3] == ("赔付支出", "claims_paid", "thousand yuan")
    assert float(cells[3].replace(",", "")) == pytest.approx(claims.mean / 1000, rel=0.01)
    assert float(row(results, "Claims", "loss_ratio")[3]) == pytest.approx(100 * ratio.mean, rel=0.01)
    assert row(results, "Premium", "premium / insured") == (
        "人均保费", "premium / insured", "yuan/person", "300", "0", "300", "300",
    )  # fmt: skip


# --- the account and the insurer --------------------------------------------------------------------------------


def test_signs_that_differ_are_said_in_words(results: fs.Results) -> None:
    opposed = with_totals(
        results, premium=[100.0] * 2, surplus=[2.0, 1.0], contract_result=[2.0, 1.0], insurer_result=[-1.0, -2.0]
    )
    notes = table(opposed, "The account").notes
    assert notes[0] == (
        "The signs differ: by the contract the insurer earns 1.50 million yuan, "
        "after real cost it loses 1.50 million yuan."
    )
    assert notes[1] == "合同口径盈利，扣除实际费用后亏损。"
    assert notes[2] == "The account shows no deficit, and yet the insurer loses, in 100% of replications (34% to 100%)."
    assert row(opposed, "The account", "real cost not paid back")[4:] == ("", "", "3", "0")
    assert row(opposed, "The account", "contract_result | insurer_result")[4:] == ("1.50", "0.50", "-1.50", "0.50")


def test_signs_that_hardly_differ_are_said_with_care(results: fs.Results) -> None:
    opposed = with_totals(
        results, premium=[100.0] * 2, surplus=[3.0, 2.0], contract_result=[3.0, 2.0], insurer_result=[2.0, -2.2]
    )
    assert table(opposed, "The account").notes[0].endswith("(within its error of zero).")


def test_signs_that_agree_need_no_words(results: fs.Results) -> None:
    agreed = with_totals(
        results, premium=[100.0] * 2, surplus=[3.0, 2.0], contract_result=[3.0, 2.0], insurer_result=[2.0, 1.0]
    )
    assert table(agreed, "The account").notes == ()
    text = summary_text([agreed])
    assert "signs differ" not in text


def test_a_retention_that_was_forfeited_stands_apart_from_real_cost(results: fs.Results) -> None:
    """The contract gives 2, cost takes 1.5, the assessment 0.4: 0.1 is left."""
    assessed = with_totals(
        results, premium=[100.0] * 2, surplus=[2.0] * 2, contract_result=[2.0] * 2, insurer_result=[0.1] * 2,
        retention_forfeited=[0.4] * 2,
    )  # fmt: skip
    assert row(assessed, "The account", "real cost not paid back")[6] == "1.5"
    assert row(assessed, "The account", "retention_forfeited")[6] == "0.4"
    assert not [cells for cells in table(results, "The account").rows if "retention_forfeited" in cells]


def test_policy_losses_stand_where_the_contract_asks(results: fs.Results) -> None:
    asking = replace(
        results, scenario=results.scenario.replace({"contract": {"preset": "shanghai", "premium": "300 yuan/person"}})
    )
    assert "policy_loss_fund" in summary_text([asking])
    assert "policy_loss" not in summary_text([results])


# --- designs on the same people ---------------------------------------------------------------------------------


def test_differences_are_paired(designs: tuple[fs.Results, ...]) -> None:
    base, other = designs
    for name in ("claims_paid", "insurer_result", "beneficiaries"):
        ours, theirs = base.values(name), other.values(name)
        assert ours is not None
        assert theirs is not None
        assert paired_difference(base, other, name) == mean_of(theirs - ours)
    claims = paired_difference(base, other, "claims_paid")
    apart = np.hypot(base.estimate("claims_paid").se or 0, other.estimate("claims_paid").se or 0)
    assert claims.se is not None
    assert claims.se < 0.7 * apart
    loss = paired_difference(base, other, "insurer_loss")
    assert loss.mean == pytest.approx(other.probability("insurer_loss").p - base.probability("insurer_loss").p)


def test_differences_of_ratios_are_those_of_the_ratios(designs: tuple[fs.Results, ...]) -> None:
    base, other = designs
    for name in ("avg_payout", "pure_premium", "actual_reimbursement_ratio", "beneficiaries_per_1000"):
        before, after = base.estimate(name), other.estimate(name)
        assert before.mean is not None
        assert after.mean is not None
        assert paired_difference(base, other, name).mean == pytest.approx(after.mean - before.mean)
    nothing = {name: np.zeros_like(values) for name, values in base.totals.items()}
    against_nothing = paired_difference(
        replace(base, totals=base.totals | {"insured": nothing["insured"]}), base, "pure_premium"
    )
    assert against_nothing.mean is None


def test_error_of_a_ratio_s_difference_covers(designs: tuple[fs.Results, ...]) -> None:
    """Halves of the run as independent repetitions: their differences spread as the error says."""
    base, other = designs

    def part(results: fs.Results, chosen: slice) -> fs.Results:
        return replace(results, totals={name: values[chosen] for name, values in results.totals.items()})

    parts = [slice(start, start + 6) for start in range(0, 60, 6)]
    means = [paired_difference(part(base, p), part(other, p), "avg_payout").mean for p in parts]
    whole = paired_difference(base, other, "avg_payout").se
    assert whole is not None
    assert 0.5 < np.std(np.array(means, float), ddof=1) / np.sqrt(len(parts)) / whole < 2


def test_comparison_in_print(designs: tuple[fs.Results, ...]) -> None:
    text = summary_text(designs)
    assert design_names(designs) == ["tables (1)", "tables (2)"]
    after = text.split("Designs on the same people 同一人群的方案比较")[1]
    for name in ("pure_premium", "claims_paid", "insurer_result", "insurer_loss", "beneficiaries", "patient_burden"):
        assert name in after
    line = next(each for each in after.splitlines() if each.startswith("  tables (2)"))
    assert re.search(r"-\d+\.\d+ +\d+\.\d+$", line)
    assert "+" in after  # the insurer's result rises


def test_designs_of_other_people_are_refused(designs: tuple[fs.Results, ...]) -> None:
    with pytest.raises(ValueError, match="on the same people"):
        summary_text([designs[0], replace(designs[1], seed=8)])
    with pytest.raises(ValueError, match="at least one"):
        summary_text([])


# --- as text ----------------------------------------------------------------------------------------------------


def test_columns_line_up_with_wide_characters(results: fs.Results) -> None:
    lines = summary_text([results]).splitlines()
    for first in ("Premium", "Claims", "Beneficiaries"):
        start = next(i for i, line in enumerate(lines) if line.startswith(first))
        head = lines[start]
        block = []
        for line in lines[start + 1 :]:
            if not line:
                break
            block.append(line)
        ends = {name: width(head[: head.index(name) + len(name)]) for name in ("mean", "95%")}
        for line in block:
            figures = list(re.finditer(r" -?[\d,]+(\.\d+)?(?=\s|$)", line))[-4:]
            assert len(figures) == 4
            assert width(line[: figures[3].end()]) <= ends["95%"]
            assert ends["mean"] - width(line[: figures[0].end()]) in range(8)
    exact = "loss_ratio|beneficiaries_per_1000|actual_reimbursement_ratio"
    points = [
        width(line[: found.start() + 1])
        for line in lines
        if re.search(rf"\b({exact}) ", line) and (found := re.search(r"\d\.\d", line))
    ]
    assert len(points) == 3
    assert len(set(points)) == 1


def test_header_and_footer(results: fs.Results) -> None:
    text = summary_text([results])
    lines = text.splitlines()
    assert lines[0] == "某市城乡居民大病保险 · A city"
    assert lines[1] == f"tables   60 replications   seed 7   fingerprint {results.scenario.fingerprint[:12]}"
    n = len(results.scenario.assumptions)
    assert lines[-2] == f"{n} values are assumed ({n}项为假设): fundsim show FILE lists them"
    assert lines[-1] == ", ".join(f"{name} {found}" for name, found in results.manifest["versions"].items())
    assert text.endswith("\n")
    assert not any(line != line.rstrip() for line in lines)


def test_one_replication_has_no_errors(results: fs.Results) -> None:
    one = replace(
        results,
        totals={name: values[:1] for name, values in results.totals.items()},
        bands={k: v if k.endswith("edges") else v[:1] for k, v in results.bands.items()},
    )
    text = summary_text([one])
    assert "1 replication " in text
    assert "One replication: no standard errors." in text
    assert row(one, "Claims", "claims_paid")[4:] == ("–", "–", "–")
    assert summary_html(one)


def test_nobody_paid(results: fs.Results) -> None:
    gone = ("claims_paid", "beneficiaries", "gross", "reimbursed", "patient_burden", "max_payout")
    none = replace(
        results,
        totals=results.totals | {name: np.zeros_like(results.totals[name]) for name in gone},
        bands={k: v if k.endswith("edges") else np.zeros_like(v) for k, v in results.bands.items()},
    )
    assert row(none, "Beneficiaries", "avg_payout")[3:] == ("–", "–", "–", "–")
    assert row(none, "Payments by band", "6,000")[2:] == ("0", "0", "0", "0", "–", "–")
    assert summary_text([none, none])


def test_the_annual_basis_has_no_burden(results: fs.Results) -> None:
    annual = replace(results, totals={k: v for k, v in results.totals.items() if k not in ("patient_burden", "gross")})
    assert row(annual, "Beneficiaries", "patient_burden")[3:] == ("–", "–", "–", "–")
    assert row(annual, "Beneficiaries", "actual_reimbursement_ratio")[3] == "–"
    assert summary_text([annual, annual])


# --- as HTML ----------------------------------------------------------------------------------------------------


def test_html_is_escaped_and_self_contained(results: fs.Results) -> None:
    page = summary_html(titled(results, zh="大病<script>alert(1)</script>", en='a & "b"'))
    assert "<script" not in page
    assert "大病&lt;script&gt;" in page
    assert "a &amp; &quot;b&quot;" in page
    assert "src=" not in page
    assert "href=" not in page
    assert len(page) < 20_000
    assert page == titled(results, zh="大病<script>alert(1)</script>", en='a & "b"')._repr_html_()


def test_html_has_the_figures_of_the_text(results: fs.Results) -> None:
    page = summary_html(results)
    for each in tables(results):
        for cells in each.rows:
            for cell in cells:
                assert f">{cell}</td>".replace("&", "&amp;") in page


def test_a_title_of_several_lines_stays_in_one(results: fs.Results) -> None:
    assert summary_text([titled(results, en="two\n\nlines")]).splitlines()[0] == "two lines"
