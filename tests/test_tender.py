"""Tenders: totals to the fen, scores by hand, verdicts on both sides of the threshold, and files with faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import fundsim as fs
from conftest import SCENARIOS
from fundsim import kernels
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from fundsim.pricing import Price
from fundsim.pricing.lanes import ContractLane
from fundsim.tendering import Figure, Pair, TenderResult, read_tender
from fundsim.tendering.scoring import ranks_of
from fundsim.years import TermJob
from test_bad_scenarios import expectations, problems

BAD = sorted((Path(__file__).parent / "bad" / "tenders").glob("*.yaml"))
SCHEME = """
fundsim: 1
id: scheme
waterfall: [cii]
payers:
  cii:
    base: {counts: {A: 100%, B: 100%, C: 100%}}
    deductible: 6000 yuan
    bands: [{to: 20000 yuan, pay: 50%}, {pay: 60%}]
population: {insured: 20000 persons}
claims:
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 60 per 1000 persons}
  amount: {family: lognormal, mean: 8000 yuan, cv: 1.3}
contract: {premium: 100 yuan/person, allowance: 100%, loss_cause: any, tiers: [{insurer: 100%}]}
simulation: {replications: 400, seed: 3}
"""
TENDER = """
fundsim: 1
id: tender
scheme: scheme
term: 3 years
open:
  contract.premium: {floor: 50 yuan/person, ceiling: 300 yuan/person, below_floor: noted}
scoring:
  price: {points: 30, of: contract.premium, rule: lowest}
  technical: {points: 70}
bids:
"""


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices are looked for on a coarse scan, which is quicker; where they change they are as fine as ever."""
    monkeypatch.setattr(ContractLane, "points", 9)


def write(folder: Path, bids: dict[str, str], *, scheme: str = SCHEME, more: str = "") -> Path:
    (folder / "scheme.yaml").write_text(scheme, encoding="utf-8")
    offers = "".join(
        f"  {name}: {{offer: {{contract.premium: {price} yuan/person}}, scores: {{technical: 60}}}}\n"
        for name, price in bids.items()
    )
    path = folder / "tender.yaml"
    path.write_text(TENDER.replace("scoring:", f"{more}scoring:") + offers, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pure() -> float:
    """Claims per head of the small scheme, yuan."""
    from fundsim.scenario import load_text

    return float(fs.simulate(load_text(SCHEME), n=200, years=3).estimate("pure_premium").mean or 0)


# --- totals -----------------------------------------------------------------------------------------------------


def test_the_contract_sums_of_the_shipped_tender_are_exact_to_the_fen() -> None:
    """5.29 million insured over three years, by hand: 5,290,000 x 3 = 15,870,000 person-years."""
    from fundsim.tendering.evaluating import contract_sum

    tender = read_tender(SCENARIOS / "tenders" / "dazhou-2020.yaml")
    sums = [contract_sum(bid, tender.years) for bid in tender.bids]
    assert sums == [103_155_000_000, 105_694_200_000, 106_329_000_000]
    assert len(tender.assumptions) > 5


@pytest.mark.slow
def test_the_shipped_tender_is_evaluated() -> None:
    found = fs.tender(SCENARIOS / "tenders" / "dazhou-2020.yaml", n=200)
    assert [each.rank for each in found.bids] == [3, 1, 2]
    assert all(isinstance(each.break_even, Price) for each in found.bids)
    assert all((each.result.inputs or 0) > (each.result.se or 0) > 0 for each in found.bids)
    assert all(each.cash_short is not None for each in found.bids)


def test_bids_meet_the_same_people_and_what_they_earn_is_simulated_again(tmp_path: Path, pure: float) -> None:
    offers = {"low": f"{pure:.2f}", "high": f"{pure + 5:.2f}"}
    found = fs.tender(write(tmp_path, offers), n=200)
    for each in found.bids:
        again = fs.simulate(each.bid.scenario, n=200, years=3)
        assert each.result.value == pytest.approx(3 * (again.estimate("insurer_result").mean or 0))
        assert each.loss == again.probability("insurer_loss")
    (pair,) = found.pairs
    # the insurer bears and keeps everything: exactly five yuan a head and year lie between the two, whoever falls ill
    assert pair.result.value == pytest.approx(-5 * 3 * 20_000)
    assert pair.result.se == pytest.approx(0, abs=1e-6)


def test_break_even_and_walk_away_are_mean_and_percentile_of_claims(tmp_path: Path, pure: float) -> None:
    found = fs.tender(write(tmp_path, {"one": f"{pure:.2f}"}), n=200)
    (bid,) = found.bids
    per_head = bid.results.totals["claims_paid"] / (3 * 20_000)
    assert isinstance(bid.break_even, Price)
    assert isinstance(bid.walk_away, Price)
    assert bid.break_even.fen_or_ppm == int(np.ceil(per_head.mean() - 1e-3))
    assert bid.walk_away.fen_or_ppm == int(np.ceil(np.sort(per_head)[179]))
    assert "fewer than 3 bids" in found.warnings[0]


def test_bidders_with_the_same_cost_share_their_prices_and_others_do_not(tmp_path: Path) -> None:
    """As every bid is priced by itself: two bidders with one cost, and a third whose cost is higher."""
    path = write(tmp_path, {"one": "120", "same": "140.5", "dear": "130"})
    text = path.read_text(encoding="utf-8").replace("130 yuan/person}", "130 yuan/person}, expense: 5%")
    path.write_text(text, encoding="utf-8")
    found = fs.tender(path, n=100)
    for each in found.bids:
        for told in (each.break_even, each.walk_away):
            assert isinstance(told, Price)
            alone = fs.price(each.bid.scenario, "premium", told.condition.text, n=100, years=3)
            assert (told.fen_or_ppm, told.se, told.interval) == (alone.fen_or_ppm, alone.se, alone.interval)
            assert told.scenario is each.bid.scenario
    one, same, dear = (each.break_even.value for each in found.bids if isinstance(each.break_even, Price))
    assert one == same < dear


def test_designs_of_the_same_rules_are_settled_once_and_come_to_the_same() -> None:
    base = fs.load(SCENARIOS / "qinzhou-2017.yaml")
    other = base.replace({"payers.cii.deductible": "9000 yuan"})
    dearer = other.replace({"contract.premium": "50 yuan/person"})
    job = TermJob.build([base, other, dearer], 1, 1)
    assert [list(each) for each in job.base.distinct] == [[0, 1], [0, 1, 1]]
    settled = job.run(0, 2)
    for d, scenario in enumerate((base, other, dearer)):
        alone = TermJob.build([scenario], 1, 1)
        claims = alone.run(0, 2)[:, 0, ..., : kernels.FIRST_PAYER]
        assert (settled[:, d, ..., : kernels.FIRST_PAYER] == claims).all()


# --- verdicts ---------------------------------------------------------------------------------------------------


def pair(p: float, half: float) -> Pair:
    nothing = Figure(0.0, 0.0, 0.0)
    return Pair("a", "b", nothing, Figure(p, half / 1.96, 0.0), half, 0.02)


def test_a_difference_is_judged_with_its_error() -> None:
    assert pair(0.05, 0.01).verdict == "material"
    assert pair(-0.05, 0.01).verdict == "material"
    assert pair(0.005, 0.01).verdict == "not material"
    assert pair(0.025, 0.01).verdict == "undecided"
    assert pair(0.015, 0.01).verdict == "undecided"


def test_one_pair_on_each_side_of_the_threshold(tmp_path: Path, pure: float) -> None:
    """A fen apart is no difference in who loses; two yuan a head around break-even is."""
    offers = {"one": f"{pure:.2f}", "fen": f"{pure + 0.01:.2f}", "yuan": f"{pure + 2:.2f}"}
    found = fs.tender(write(tmp_path, offers), n=1000)
    verdicts = {(each.first, each.second): each.verdict for each in found.pairs}
    assert verdicts == {("one", "fen"): "not material", ("one", "yuan"): "material", ("fen", "yuan"): "material"}


def test_where_no_replication_tells_two_bids_apart_few_are_not_enough(tmp_path: Path) -> None:
    """Nobody loses in 100 replications: that bounds a probability by three of them, 3 points, not by 2."""
    path = write(tmp_path, {"one": "250", "two": "260"})
    assert [each.verdict for each in fs.tender(path, n=100).pairs] == ["undecided"]
    assert [each.verdict for each in fs.tender(path, n=200).pairs] == ["not material"]


def test_errors_of_simulation_and_of_inputs_stand_apart(tmp_path: Path, pure: float) -> None:
    """Claims are proportional to nothing uncertain but a level of 10%: expected results move with it."""
    flat = SCHEME.replace("deductible: 6000 yuan", "deductible: 0 yuan")
    flat = flat.replace("bands: [{to: 20000 yuan, pay: 50%}, {pay: 60%}]", "pay: 50%")
    level = "uncertainty: {inputs: {level: {of: cost, distribution: {family: lognormal, cv: 0.1}}}}\n"
    found = fs.tender(write(tmp_path, {"one": "240", "two": "245"}, scheme=flat + level), n=400)
    claims = found.bids[0].results.totals["claims_paid"].mean() / 100
    assert found.bids[0].result.inputs == pytest.approx(0.1 * claims, rel=0.15)
    (compared,) = found.pairs
    assert compared.result.inputs == pytest.approx(0, abs=1)  # premiums differ, claims do not


def test_a_premium_below_the_pure_premium_and_a_bid_below_the_floor_are_told(tmp_path: Path) -> None:
    found = fs.tender(write(tmp_path, {"cheap": "40", "dear": "250"}), n=100)
    cheap, dear = found.bids
    assert "below the floor of 50 yuan/person" in cheap.warnings[0]
    assert "below the pure premium" in cheap.warnings[1]
    assert dear.warnings == ()


# --- scores -----------------------------------------------------------------------------------------------------


def test_scores_by_hand(tmp_path: Path) -> None:
    """30 points x 100 / 120 = 25; x 100 / 130 = 23.0769, rounded to 23.08."""
    found = fs.tender(write(tmp_path, {"a": "120", "b": "100", "c": "130"}), n=100)
    assert [each.scores["price"] for each in found.bids] == [2500, 3000, 2308]
    assert [each.score for each in found.bids] == [8500, 9000, 8308]
    assert [each.rank for each in found.bids] == [2, 1, 3]


def test_where_more_is_better_the_highest_has_all_points(tmp_path: Path) -> None:
    text = write(tmp_path, {"a": "120"}).read_text(encoding="utf-8")
    text = text.replace(
        "  contract.premium: {floor",
        "  payers.cii.bands[1].pay: {floor: 50%, ceiling: 90%}\n  contract.premium: {floor",
    )
    text = text.replace("technical: {points: 70}", "ratio: {points: 70, of: 'payers.cii.bands[1].pay', rule: highest}")
    text = text[: text.index("bids:")] + (
        "bids:\n"
        "  a: {offer: {contract.premium: 120 yuan/person, 'payers.cii.bands[1].pay': 60%}}\n"
        "  b: {offer: {contract.premium: 120 yuan/person, 'payers.cii.bands[1].pay': 80%}}\n"
    )
    (tmp_path / "tender.yaml").write_text(text, encoding="utf-8")
    found = fs.tender(tmp_path / "tender.yaml", n=100)
    assert [each.scores["ratio"] for each in found.bids] == [5250, 7000]
    first, second = (each.results.estimate("avg_payout").mean for each in found.bids)
    assert first is not None
    assert second is not None
    assert second > first


def test_equal_scores_share_a_place() -> None:
    assert ranks_of({"a": 90, "b": 95, "c": 90}) == {"a": 2, "b": 1, "c": 2}


# --- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_every_fault_is_told_at_its_place_in_its_words(file: Path) -> None:
    expected = expectations(file)
    assert expected, "the file does not say what to expect"
    result = CliRunner().invoke(main, ["tender", str(file)])
    assert result.exit_code == BAD_INPUT
    assert result.stdout == ""
    told = problems(result.stderr)
    assert [each.place for each in told] == [place for place, _ in expected], result.stderr
    for each, (_, words) in zip(told, expected, strict=True):
        assert [word for word in words if word not in each.text] == []
        assert "\n  instead: " in each.text


def test_bids_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    tender = write(tmp_path, {"one": "120"})
    bid = tmp_path / "two.yaml"
    bid.write_text(
        "fundsim: 1\nbidder: two\noffer: {contract.premium: 125 yuan/person}\nscores: {technical: 65}\nexpense: 3%\n",
        encoding="utf-8",
    )
    found = fs.tender(tender, [bid], n=100)
    assert [each.bid.name for each in found.bids] == ["one", "two"]
    assert found.bids[1].results.scenario.terms.contract.expense.share == 30_000


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("125 yuan/person", "500 yuan/person", "two.yaml:3:27: error: offer.contract.premium"),
        ("bidder: two", "bidder: one", "there are two bids of 'one'"),
        ("expense: 3%", "expence: 3%", "did you mean 'expense'"),
    ],
)
def test_faults_in_a_bid_of_its_own_are_told_there(tmp_path: Path, old: str, new: str, words: str) -> None:
    tender, bid = write(tmp_path, {"one": "120"}), tmp_path / "two.yaml"
    text = "fundsim: 1\nbidder: two\noffer: {contract.premium: 125 yuan/person}\nscores: {technical: 65}\nexpense: 3%\n"
    bid.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(fs.ScenarioError) as told:
        read_tender(tender, [bid])
    assert words in str(told.value)


# --- what is printed --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: Any) -> tuple[Path, TenderResult]:
    path = write(tmp_path_factory.mktemp("tender"), {"甲": "120", "乙": "125", "丙": "160"})
    return path, fs.tender(path, n=100)


def test_the_command_prints_every_table(evaluated: tuple[Path, TenderResult]) -> None:
    done = CliRunner().invoke(main, ["tender", str(evaluated[0]), "-n", "100"])
    assert done.exit_code == 0, done.stderr
    for words in ("合同总价", "评分", "公司与基金", "参保患者", "投标人测算", "两两比较", "7,200,000.00"):
        assert words in done.stdout


def test_the_command_prints_json(evaluated: tuple[Path, TenderResult]) -> None:
    done = CliRunner().invoke(main, ["tender", str(evaluated[0]), "-n", "100", "--json"])
    told = json.loads(done.stdout)
    assert told["bids"]["甲"]["contract_sum"] == 7_200_000.0
    assert told["bids"]["甲"]["patients"]["patient_burden"] is None  # on the annual basis nobody's bills are known
    assert {each["verdict"] for each in told["pairs"]} <= {"material", "not material", "undecided"}


def test_results_are_tables(evaluated: tuple[Path, TenderResult]) -> None:
    found = evaluated[1]
    assert list(found.frame().index) == ["甲", "乙", "丙"]
    assert len(found.pair_frame()) == 3
    assert "投标人测算" in found._repr_html_()
