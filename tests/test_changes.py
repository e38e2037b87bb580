"""Schemes that extend others, claims models that are used, designs, and replacing values from Python."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from fundsim.scenario import Scenario, ScenarioError, load, load_text

GOOD = Path(__file__).parent / "bad" / "good" / "base.yaml"
CLAIMS = """\
fundsim: 1
id: pilot
source: a pilot county
claims:
  basis: admissions
  year: 2013
  admissions: {family: poisson, mean: {assume: 0.2 per person, why: read off a chart}}
  care:
    county: {share: 100%, cost: {family: lognormal, mean: 5000 yuan, cv: 1}, catalogue: {A: 100%, B: 0%, C: 0%}}
"""


def extending(change: str = "", extra: str = "", base: str = "base") -> Scenario:
    lines = "".join(f"  {line}\n" for line in change.splitlines())
    text = f"fundsim: 1\nid: child\nextends: {base}\n{extra}{'change:' if change else ''}\n{lines}"
    return load_text(text, str(GOOD.with_name("child.yaml")))


def reason(change: str, extra: str = "") -> str:
    with pytest.raises(ScenarioError) as error:
        extending(change, extra)
    (problem,) = error.value.problems
    return problem.why


@pytest.fixture
def with_claims(tmp_path: Path) -> Path:
    """A folder with a base scheme that uses a claims model of another file."""
    text = GOOD.read_text(encoding="utf-8")
    start, end = text.index("claims:"), text.index("contract:")
    used = "claims: {use: claims/pilot.yaml, trend: {cost: 5%/year, to: 2017}}\n"
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "pilot.yaml").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "claims" / "other.yaml").write_text(CLAIMS.replace("5000 yuan", "7000 yuan"), encoding="utf-8")
    (tmp_path / "base.yaml").write_text(text[:start] + used + text[end:], encoding="utf-8")
    return tmp_path


# -- extends --------------------------------------------------------------------------------------------------------


def test_a_changed_value_is_the_only_difference() -> None:
    base, child = load(GOOD), extending("payers.cii.deductible: {from: 0.6万元, to: 8000 yuan}")
    assert child.plan.payer("cii").classes[0].deductible == 800_000
    assert child.plan.payer("basic") == base.plan.payer("basic")
    assert child.id == "child"
    assert child.fingerprint != base.fingerprint


def test_without_changes_only_the_header_differs() -> None:
    child = extending(extra="title: {zh: 次年}\nvalid: {from: 2018-01-01, to: 2018-12-31}\nsimulation: {seed: 7}\n")
    assert child.title() == "次年"
    assert child.terms.simulation.seed == 7
    assert child.plan == load(GOOD).plan


def test_list_items_blocks_and_whole_lists_can_be_changed() -> None:
    child = extending(
        "payers.cii.bands[0]: {from: {to: 20000 yuan, pay: 50%}, to: {to: 30000 yuan, pay: 55%}}\n"
        "payers.cii.variants: {from: [{pay: -10pp, when: {place: away}}], to: []}\n"
    )
    assert child.plan.payer("cii").classes[0].bands == ((600_000, 550_000), (3_600_000, 600_000))
    assert child.terms.payers["cii"].variants == []


def test_nothing_adds_and_removes() -> None:
    child = extending(
        "payers.cii.cap: {from: nothing, to: 300000 yuan}\n"
        "payers.cii.variants[1]: {from: nothing, to: {when: {hardship: poor}, pay: +5pp}}\n"
        "payers.basic.deductible: {from: 500 yuan, to: nothing}\n"
    )
    assert child.plan.payer("cii").classes[0].cap == 30_000_000
    assert len(child.terms.payers["cii"].variants) == 2
    assert child.plan.payer("basic").classes[0].deductible == 0


def test_changes_apply_from_top_to_bottom() -> None:
    child = extending(
        "payers.cii.variants[1]: {from: nothing, to: {when: {hardship: poor}, pay: +5pp}}\n"
        "payers.cii.variants[1].pay: {from: +5pp, to: +6pp}\n"
    )
    assert child.terms.payers["cii"].variants[1].changes()["pay"].points == 60_000


def test_a_chain_of_schemes_is_followed(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(GOOD.read_text(encoding="utf-8"), encoding="utf-8")
    for year, (base, old, new) in {2018: ("base", 6000, 7000), 2019: ("y2018", 7000, 8000)}.items():
        change = f"change: {{payers.cii.deductible: {{from: {old} yuan, to: {new} yuan}}}}"
        (tmp_path / f"y{year}.yaml").write_text(
            f"fundsim: 1\nid: y{year}\nextends: {base}\n{change}\n", encoding="utf-8"
        )
    assert load(tmp_path / "y2019.yaml").plan.payer("cii").classes[0].deductible == 800_000


def test_a_circle_through_another_file_is_refused(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"fundsim: 1\nid: {name}\nextends: {base}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="a → b → a"):
        load(tmp_path / "a.yaml")


def test_problems_of_changed_values_point_into_the_changing_file() -> None:
    with pytest.raises(ScenarioError) as error:
        extending("payers.cii.deductible: {from: 6000 yuan, to: 8000}")
    (problem,) = error.value.problems
    assert Path(problem.file).name == "child.yaml"
    assert (problem.path, problem.text[problem.column - 1 :]) == ("payers.cii.deductible", "8000}")


def test_a_syntax_error_in_the_base_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("a: [1\n", encoding="utf-8")
    (tmp_path / "child.yaml").write_text("fundsim: 1\nid: child\nextends: base\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load(tmp_path / "child.yaml")
    assert [Path(problem.file).name for problem in error.value.problems] == ["base.yaml"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("payers.cii.deductible: {from: 5000 yuan, to: 1 yuan}", "the present value is 6000 yuan"),
        ("payers.cii.deductible: {from: nothing, to: 1 yuan}", "not nothing"),
        ("payers.cii.cap: {from: 1 yuan, to: 2 yuan}", "'payers.cii' has no 'cap'"),
        ("payers.cii.cap: {from: nothing, to: nothing}", "this changes nothing"),
        ("payers.cii.bands: {from: [], to: [{pay: 1%}]}", "the present value is [{to: 20000 yuan"),
        ("payers.cii.deductible.x: {from: 1, to: 2}", "which has no parts"),
        ("payers.cii.bands[5]: {from: nothing, to: {pay: 1%}}", "without a place '5'"),
        ("payers.cii.bands.first: {from: 1, to: 2}", "without a place 'first'"),
        ("payers.cii.deductible: 8000 yuan", "a change states the old value and the new one"),
        ("payers.cii.deductible: {from: 6000 yuan, to: 1 yuan, because: x}", "unknown key 'because'"),
        ("payers.cii[deductible: {from: 1, to: 2}", "is not a path"),
    ],
)
def test_a_change_that_does_not_fit_says_why(change: str, why: str) -> None:
    assert why in reason(change.replace("payers.cii[deductible", "'payers.cii[deductible'"))


def test_a_change_is_a_mapping() -> None:
    with pytest.raises(ScenarioError, match="mapping of paths"):
        extending(extra="change: [payers]\n")


def test_the_base_may_be_named_with_its_suffix() -> None:
    assert extending(base="./base.yaml").plan == load(GOOD).plan


def test_examples_and_designs_are_not_inherited(tmp_path: Path) -> None:
    more = (
        "examples: [{name: a, given: {cost_a: 1 yuan}, expect: {cii: 0 yuan}}]\n"
        "designs: {higher: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    )
    (tmp_path / "base.yaml").write_text(GOOD.read_text(encoding="utf-8") + more, encoding="utf-8")
    child = load_text("fundsim: 1\nid: child\nextends: base\n", str(tmp_path / "child.yaml"))
    assert child.terms.examples == []
    assert child.designs == ()


# -- assumptions and bids -------------------------------------------------------------------------------------------


def test_a_changed_value_is_no_longer_an_assumption_unless_it_says_so(tmp_path: Path) -> None:
    text = GOOD.read_text(encoding="utf-8").replace("deductible: 6000 yuan", "deductible: {assume: 6000 yuan, why: x}")
    (tmp_path / "base.yaml").write_text(text, encoding="utf-8")

    def stated(to: str) -> list[str]:
        change = f"change: {{payers.cii.deductible: {{from: 6000 yuan, to: {to}}}}}"
        child = load_text(f"fundsim: 1\nid: child\nextends: base\n{change}\n", str(tmp_path / "child.yaml"))
        return [str(assumption) for assumption in child.assumptions if assumption.path.startswith("payers")]

    assert stated("8000 yuan") == []
    assert stated("{assume: 8000 yuan, why: y}") == ["payers.cii.deductible = 8000 yuan — y"]


def test_a_bid_may_change_within_its_limits_and_keeps_them() -> None:
    child = extending("payers.cii.bands[1].pay: {from: 60%, to: 75%}")
    (bid,) = child.bids
    assert (bid.path, bid.value, bid.low, bid.high) == ("payers.cii.bands[1].pay", "75%", "50%", "75%")
    assert "outside the tender's limits" in reason("payers.cii.bands[1].pay: {from: 60%, to: 76%}")


def test_new_limits_replace_the_old_ones() -> None:
    child = extending("payers.cii.bands[1].pay: {from: 60%, to: {bid: 80%, within: [70%, 90%]}}")
    assert child.bids[0].high == "90%"


# -- claims models --------------------------------------------------------------------------------------------------


def test_a_claims_model_is_laid_beneath_the_keys_given(with_claims: Path) -> None:
    scenario = load(with_claims / "base.yaml")
    assert scenario.terms.claims.year == 2013
    assert scenario.terms.claims.trend is not None
    assumption = scenario.assumptions[0]
    assert assumption.path == "claims.admissions.mean"
    assert Path(assumption.mark).name == "pilot.yaml:7"


def test_a_fault_in_a_claims_model_points_into_its_file(with_claims: Path) -> None:
    (with_claims / "claims" / "pilot.yaml").write_text(CLAIMS.replace("year: 2013", "year: 13"), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load(with_claims / "base.yaml")
    (problem,) = error.value.problems
    assert (Path(problem.file).name, problem.line, problem.path) == ("pilot.yaml", 6, "claims.year")


def test_a_claims_model_that_cannot_be_read_is_not_complained_of_again(with_claims: Path) -> None:
    (with_claims / "claims" / "pilot.yaml").write_text("claims: [\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load(with_claims / "base.yaml")
    assert len(error.value.problems) == 1


@pytest.mark.parametrize("extra", ["payers: {}\n", "population: {}\n"])
def test_a_claims_file_holds_claims_only(with_claims: Path, extra: str) -> None:
    (with_claims / "claims" / "pilot.yaml").write_text(CLAIMS + extra, encoding="utf-8")
    with pytest.raises(ScenarioError, match="has no place in a claims file"):
        load(with_claims / "base.yaml")


def test_a_claims_model_may_not_use_another(with_claims: Path) -> None:
    text = "fundsim: 1\nid: chain\nclaims: {use: other.yaml}\n"
    (with_claims / "claims" / "pilot.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="holds no claims model of its own"):
        load(with_claims / "base.yaml")


@pytest.mark.parametrize(
    "change",
    [
        "claims.use: {from: claims/pilot.yaml, to: claims/other.yaml}",
        "claims.care.county.cost.mean: {from: 5000 yuan, to: 7000 yuan}",
    ],
)
def test_both_the_model_used_and_what_is_in_it_can_be_changed(with_claims: Path, change: str) -> None:
    text = f"fundsim: 1\nid: child\nextends: base\nchange: {{{change}}}\n"
    child = load_text(text, str(with_claims / "child.yaml"))
    assert child.replace({}).document["claims"]["care"]["county"]["cost"]["mean"] == "7000 yuan"  # type: ignore[call-overload, index]


def test_a_claims_model_is_not_a_scheme(with_claims: Path) -> None:
    with pytest.raises(ScenarioError, match="holds a claims model"):
        load(with_claims / "claims" / "pilot.yaml")


# -- designs --------------------------------------------------------------------------------------------------------


def with_designs(designs: str) -> Scenario:
    return load_text(f"{GOOD.read_text(encoding='utf-8')}designs:\n{designs}\n")


def test_designs_are_schemes_of_their_own() -> None:
    scenario = with_designs(
        "  higher: {title: {zh: 起付线八千}, change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}\n"
        "  capped: {change: {payers.cii.cap: {from: nothing, to: 100000 yuan}}}"
    )
    (first, higher), (second, capped) = scenario.designs
    assert (first, second) == ("higher", "capped")
    assert higher.plan.payer("cii").classes[0].deductible == 800_000
    assert (higher.title(), higher.label) == ("起付线八千", "base/higher")
    assert capped.plan.payer("cii").classes[0].cap == 10_000_000
    assert scenario.fingerprint == load(GOOD).fingerprint


@pytest.mark.parametrize(
    "design",
    [
        "  a: {change: {payers.cii.deductible: {from: 1 yuan, to: 8000 yuan}}}",
        "  a: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000}}}",
        "  a: {change: {payers.cii.deductible: {from: 6000 yuan}}}",
        "  a: {change: {payers.cii.note: {from: nothing, to: words}}}",
        "  a: {title: {zh: x}}",
        "  a: {change: [x]}",
        "  a: {change: {payers.cii.deductible: 8000 yuan}}",
        "  a: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan, why: x}}}",
    ],
)
def test_a_bad_design_is_told_once(design: str) -> None:
    with pytest.raises(ScenarioError) as error:
        with_designs(design)
    assert len(error.value.problems) == 1


# -- from Python ----------------------------------------------------------------------------------------------------


def test_replace_gives_another_scheme_and_leaves_the_first() -> None:
    scenario = load(GOOD)
    other = scenario.replace({"payers.cii.deductible": "8000 yuan", "payers.cii.bands[0].pay": "55%"})
    assert other.plan.payer("cii").classes[0].deductible == 800_000
    assert scenario.plan.payer("cii").classes[0].deductible == 600_000
    assert scenario.replace({"payers.cii.deductible": "0.6 万元"}).fingerprint == scenario.fingerprint


def test_replace_takes_numbers_lists_and_keys_not_yet_stated() -> None:
    other = load(GOOD).replace(
        {"payers.cii.cap": "1万元", "payers.cii.bands": [{"pay": "50%"}], "population.insured": 7}
    )
    assert other.plan.payer("cii").classes[0].cap == 1_000_000
    assert other.population.insured == 7


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("payers.ci.deductible", "1 yuan", "'payers' has no 'ci'; did you mean 'cii'?"),
        ("payers.cii.deductable", "1 yuan", "unknown key 'deductable'; did you mean 'deductible'?"),
        ("payers.cii.bands[7].pay", "1%", "without a place '7'"),
        ("payers..cii", "1%", "is not a path"),
        ("payers.cii.deductible", "6000", "'6000' has no unit"),
        ("payers.cii.bands[1].pay", "80%", "outside the tender's limits"),
        ("payers.cii.variants[0].pay", "-60pp", "becomes -10%"),
    ],
)
def test_replace_says_what_is_wrong(path: str, value: str, why: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load(GOOD).replace({path: value})
    (problem,) = error.value.problems
    assert why in problem.why
    assert (problem.file, problem.line) == ("change", 1)


def test_a_scheme_written_out_and_read_again_is_the_same() -> None:
    scenario = load(GOOD)
    again = load_text(scenario.to_yaml())
    assert again.fingerprint == scenario.fingerprint
    assert again.bids == scenario.bids
    assert again.document == scenario.document


def test_a_scheme_travels_between_processes() -> None:
    scenario = load(GOOD)
    assert pickle.loads(pickle.dumps(scenario)).fingerprint == scenario.fingerprint
