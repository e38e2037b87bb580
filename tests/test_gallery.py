"""The gallery: its page says what the schemes say, and its charts show what they pay."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cities import ADMISSIONS, city
from fundsim.report.gallery import page_of, read_exhibits, stale_files, write_gallery
from fundsim.report.gallery.charts import LINES, LONGEST_LINE, checksum_in, write_chart
from fundsim.report.gallery.contract_words import case_in_words, loss_in_words, premium_in_words, surplus_in_words
from fundsim.report.gallery.curves import FARTHEST, STEP, benefit_curves, beyond_the_chart, checksum
from fundsim.report.gallery.files import PAGE
from fundsim.report.gallery.markdown import md
from fundsim.report.gallery.section import CHARTS, OVERVIEW
from fundsim.scenario import Scenario, load_text

TWO_LAYERS = """
fundsim: 1
id: two-layers
title: {zh: 两层大病保险, en: two layers}
readings: [{at: 第五条, printed: "0-0", read: one band, why: 原文缺损}]
traits: {hardship: [none, poor]}
waterfall: [cii, medical-aid, cii-second]
payers:
  cii: {base: {counts: {A: 100%}}, deductible: 10000 yuan, pay: 50%, cost_limit: 400000 yuan/year}
  medical-aid: {base: {counts: {A: 100%}, less: [paid by cii]}, pay: 20%}
  cii-second:
    only: [{hardship: poor}]
    base: {counts: {A: 100%}, less: [paid by cii, paid by medical-aid]}
    deductible: {assume: 30000 yuan, why: 未公布}
    pay: 50%
    cap: 20000 yuan/year
population: {insured: 4000 persons, groups: {ordinary: {}, poor: {share: 10%, traits: {hardship: poor}}}}
claims: {basis: in-policy-left, year: 2017, persons: {family: at-most-one, mean: 60 per 1000 persons}, amount: AMOUNT}
contract: {preset: self-run, premium: 20 yuan/person, covers: [cii, cii-second]}
""".replace("AMOUNT", "{family: lognormal, mean: 8000 yuan, cv: 1}")

ROOT = Path(__file__).parents[1]
DOCS, SCENARIOS = ROOT / "docs", ROOT / "scenarios"
YUAN = 100


# --- the page that is shipped -----------------------------------------------------------------------------------


def test_the_gallery_is_up_to_date() -> None:
    stale = stale_files(read_exhibits(SCENARIOS), DOCS)
    assert not stale, "run 'make docs' and look at what changed"


def test_every_scheme_is_shown_and_every_picture_exists() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    for path in SCENARIOS.glob("*.yaml"):
        assert f"[{path.stem}](#{path.stem})" in page
        assert f'<a id="{path.stem}"></a>' in page
    pictures = set(re.findall(r"\]\((gallery/[^)]+)\)", page))
    assert {DOCS / picture for picture in pictures} == set((DOCS / CHARTS).iterdir())


def test_every_link_of_the_page_leads_somewhere() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    inside = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert inside <= set(re.findall(r'<a id="([^"]+)">', page))
    outside = set(re.findall(r"\]\((\.\./[^)]+)\)", page))
    assert len(outside) > 5
    assert not [name for name in outside if not (DOCS / name).exists()]


# --- curves -----------------------------------------------------------------------------------------------------


def paid(scenario: Scenario, name: str, own: int) -> int:
    """What the curve of a name says is paid (yuan) on an own cost (yuan)."""
    curve = next(curve for curve in benefit_curves(scenario) if curve.name == name)
    fen = curve.paid[own * YUAN // STEP]
    assert fen % YUAN == 0
    return fen // YUAN


@pytest.mark.parametrize(
    ("name", "own", "expected"),
    [  # worked by hand from the measures, as the examples of the file are
        ("ordinary", 6_000, 0),
        ("ordinary", 26_000, 10_000),
        ("ordinary", 100_000, 63_200),
        ("hardship: poor", 70_000, 48_300),
        ("place: outside-unreferred", 70_000, 25_600),
    ],
)
def test_curves_of_qinzhou(shipped: dict[str, Scenario], name: str, own: int, expected: int) -> None:
    assert paid(shipped["qinzhou-2017"], name, own) == expected


def test_where_diseases_are_listed_the_first_listed_one_is_the_ordinary_case(shipped: dict[str, Scenario]) -> None:
    (curve,) = benefit_curves(shipped["shanghai-2016"])
    assert curve.name == "disease: dialysis, transplant, cancer, psychosis"
    assert [fen * 100 for fen in curve.paid] == [own * 55 for own in range(0, FARTHEST + STEP, STEP)]


def test_a_curve_stops_at_the_cap() -> None:
    assert paid(city(), "ordinary", 300_000) == 150_000


def test_a_curve_adds_up_the_covered_payers_and_no_other() -> None:
    # cii: 90,000 x 50% = 45,000; aid, not covered: 55,000 x 20% = 11,000; second: (44,000 - 30,000) x 50% = 7,000
    scenario = load_text(TWO_LAYERS)
    assert paid(scenario, "ordinary", 100_000) == 45_000
    assert paid(scenario, "hardship: poor", 100_000) == 52_000


def test_a_payer_whose_base_is_not_own_cost_is_named_below_the_chart(shipped: dict[str, Scenario]) -> None:
    """Guangzhou pays 70% of what basic insurance would have paid but for its cap: own cost says nothing of it."""
    beyond = {name: beyond_the_chart(each, benefit_curves(each)) for name, each in shipped.items()}
    assert beyond["guangzhou-2014"] == ("cii-above-cap",)
    assert beyond["shandong-2014"] == beyond["yulin-2026"] == ()
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    assert page.count("图中未含") == sum(map(bool, beyond.values()))
    assert "图中未含: cii-above-cap 大病保险：基本医保限额以上费用." in page


def test_rates_are_payments_by_own_cost() -> None:
    for curve in benefit_curves(city()):
        places = range(1, len(curve.paid))
        assert [rate * place * STEP for place, rate in zip(places, curve.rates, strict=True)] == pytest.approx(
            curve.paid[1:]
        )
        assert max(curve.rates) <= 1


def test_every_curve_of_a_scheme_can_be_told_apart(shipped: dict[str, Scenario]) -> None:
    assert len({str(dashes) for _, dashes, _ in LINES}) == len(LINES)
    for scenario in shipped.values():
        curves = benefit_curves(scenario)
        assert len({curve.name for curve in curves}) == len(curves) <= len(LINES)
        assert all(curve.paid != curves[0].paid for curve in curves[1:])


# --- files ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own with two schemes, one of which extends the other, and nothing else."""
    schemes = tmp_path / "scenarios"
    schemes.mkdir()
    (schemes / "small-city.yaml").write_text(ADMISSIONS, encoding="utf-8")
    (schemes / "dearer.yaml").write_text(
        "fundsim: 1\nid: dearer\nextends: small-city\nchange: "
        "{contract.premium: {from: 40 yuan/person, to: {assume: 45 yuan/person, why: 筹资标准上调}}}\n",
        encoding="utf-8",
    )
    return schemes


def test_what_is_written_is_up_to_date_and_the_same_every_time(folder: Path) -> None:
    docs, again = folder.parent / "docs", folder.parent / "again"
    first = write_gallery(read_exhibits(folder), docs)
    second = write_gallery(read_exhibits(folder), again)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert not stale_files(read_exhibits(folder), docs)


def test_a_scheme_that_pays_like_its_base_has_its_chart(folder: Path) -> None:
    write_gallery(read_exhibits(folder), folder.parent)
    assert {path.stem for path in (folder.parent / CHARTS).iterdir()} == {OVERVIEW, "small-city"}
    page = (folder.parent / PAGE).read_text(encoding="utf-8")
    own = page[page.index('<a id="dearer">') : page.index('<a id="small-city">')]
    assert "gallery/small-city.svg" in own
    assert "`contract.premium`: `40 yuan/person` → `45 yuan/person` – 筹资标准上调" in own
    assert "45 yuanᵃ" in page
    assert "As in [small-city](#small-city): The scheme 方案; cii – benefits 待遇; Other payers 其他支付方." in own


def test_several_covered_payers_stand_in_one_row(tmp_path: Path) -> None:
    (tmp_path / "two-layers.yaml").write_text(TWO_LAYERS, encoding="utf-8")
    page = page_of(read_exhibits(tmp_path))
    row = next(line for line in page.splitlines() if line.startswith("| [two-layers]"))
    cells = row.split(" | ")[3:8]
    assert cells == [
        "cii: 10,000<br>cii-second: 30,000ᵃ",
        "cii: 50/0% from 10,000/400,000<br>cii-second: 50% flat",
        "cii: none<br>cii: cost limit 400000 yuan/year<br>cii-second: 20,000",
        "–",
        "cii-second: only hardship poor",
    ]
    assert row.endswith("| 第五条: “0-0” → one band |")
    assert "| 第五条 | 0-0 | one band | 原文缺损 | – |" in page
    assert "- medical-aid: 100% of A − paid by cii, over the year; ordinarily deductible none, 20% flat" in page


def test_a_changed_scheme_makes_page_and_charts_stale(folder: Path) -> None:
    docs = folder.parent
    write_gallery(read_exhibits(folder), docs)
    scheme = folder / "small-city.yaml"
    scheme.write_text(ADMISSIONS.replace("deductible: 6000 yuan", "deductible: 7000 yuan"), encoding="utf-8")
    (folder / "dearer.yaml").unlink()
    shutil.copy(docs / CHARTS / "small-city.svg", docs / CHARTS / "gone.svg")
    names = ["gallery.md", "small-city.svg", f"{OVERVIEW}.svg", "gone.svg"]
    assert [path.name for path in stale_files(read_exhibits(folder), docs)] == names
    write_gallery(read_exhibits(folder), docs)
    assert not stale_files(read_exhibits(folder), docs)


def test_a_chart_says_which_curves_it_shows(folder: Path) -> None:
    exhibits = read_exhibits(folder)
    write_gallery(exhibits, folder.parent)
    assert checksum_in(folder.parent / CHARTS / "small-city.svg") == checksum(exhibits[1].curves)
    assert checksum_in(folder.parent / CHARTS / "no-such.svg") is None


# --- words ------------------------------------------------------------------------------------------------------


def test_markdown_shows_a_text_as_it_is() -> None:
    assert md("a | b\n  *c* <d> [e](f) $g$") == r"a \| b \*c\* \<d\> \[e\](f) \$g\$"


def test_a_table_keeps_its_columns(folder: Path) -> None:
    page = page_of(read_exhibits(folder))
    tables = [block.splitlines() for block in page.split("\n\n") if block.startswith("|")]
    assert len(tables) > 6
    for lines in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


@pytest.mark.parametrize(
    ("contract", "premium", "surplus", "loss"),
    [
        (
            {"preset": "generic-corridor", "premium": {"rate": "5%", "of": "610 yuan/person"}},
            "30.50 yuan (5% of 610)",
            "the insurer keeps up to 5% of premium for cost and profit (综合费率); "
            "the rest goes back to the fund (返还)",
            "the insurer 100% up to 5% of premium, 50% up to 10%, 0% above",
        ),
        (
            {"preset": "shanghai", "premium": "60 yuan/person", "policy_share": "40%", "accepted": "4%"},
            "60 yuan",
            "after cost up to 4%, the insurer keeps up to 5% of premium as profit (盈利率); "
            "the rest goes back to the fund (返还)",
            "policy-caused (政策性亏损, 40% of a loss): the insurer 50%; other: the insurer 100%",
        ),
        (
            {"preset": "shandong", "premium": [{"when": {"hardship": "none"}, "amount": "32 yuan/person"},
                                               {"when": {"hardship": "poor"}, "amount": "40 yuan/person"}]},
            "32 yuan (hardship none); 40 yuan (hardship poor)",
            "the insurer keeps up to 2% of premium for cost and profit (综合费率); "
            "the rest is held for later deficits (结转)",
            "the insurer 100% up to 4% of premium, 0% above",
        ),
        (
            {"preset": "self-run", "premium": "15 yuan/person"},
            "15 yuan",
            "all of it goes back to the fund (返还)",
            "the fund 100%",
        ),
    ],
)  # fmt: skip
def test_contracts_in_words(contract: dict[str, object], premium: str, surplus: str, loss: str) -> None:
    terms = city().replace({"contract": contract}).terms.contract
    assert "; ".join(premium_in_words(terms)) == premium
    assert surplus_in_words(terms) == surplus
    assert loss_in_words(terms) == loss


def test_conditions_in_words() -> None:
    assert case_in_words({"hardship": "poor", "place": ["away", "abroad"]}) == "hardship poor, place away or abroad"
    assert case_in_words({}) == "everybody"


def test_a_long_title_stays_within_its_chart(tmp_path: Path) -> None:
    title = "far-away-2016   " + "a district of a prefecture in a province, critical illness insurance " * 2
    write_chart(tmp_path / "far-away.svg", title, benefit_curves(city()))
    lines = re.findall(
        r"<!-- (.*(?:district|insurance).*) -->", (tmp_path / "far-away.svg").read_text(encoding="utf-8")
    )
    assert len(lines) == 2
    assert max(map(len, lines)) <= LONGEST_LINE
