"""The national guideline of 2012: what its rules find beside pass and fail, with figures worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundsim.guidelines import GUIDELINES, Evidence, Finding, Verdict, judge
from fundsim.guidelines.national_2012 import AID, BASIC
from fundsim.scenario import Scenario, load, load_text

FOLDER = Path(__file__).parent / "national-2012"
BASE = (FOLDER / "base.yaml").read_text(encoding="utf-8")
RULES = {rule.id: rule for rule in GUIDELINES["national-2012"].rules}


def scheme(*swaps: tuple[str, str]) -> Scenario:
    """The small scheme with other words in some places."""
    text = BASE
    for old, new in swaps:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_text(text, "base.yaml")


def found(rule: str, *swaps: tuple[str, str], n: int = 4) -> Finding:
    return RULES[rule].judge(Evidence(scheme(*swaps), n))


LOCALITY = BASE[BASE.index("locality:") : BASE.index("simulation:")]


@pytest.mark.parametrize(
    ("rule", "swap", "words"),
    [
        ("funding-share", (LOCALITY, ""), "locality: {basic_funding: 340 yuan/person}"),
        ("funding-share", ("  basic_funding: 340 yuan/person\n", ""), "what basic insurance collects per head"),
        ("deductible", (LOCALITY, ""), "locality: {income:"),
        ("deductible", (LOCALITY, "locality: {basic_funding: 340 yuan/person}\n"), "income per head was in the year"),
        ("payment-ratio", (LOCALITY, ""), "locality: {payment_ratio: above-deductible | compliant}"),
        ("term", ("  term: 4 years\n", ""), "contract: {term: 3 years}"),
    ],
)
def test_a_fact_that_is_not_stated_is_asked_for_and_counts_as_unmet(
    rule: str, swap: tuple[str, str], words: str
) -> None:
    finding = found(rule, swap)
    assert finding.verdict is Verdict.NOT_JUDGED
    assert not finding.verdict.met
    assert finding.found.startswith("cannot be judged: the file does not say")
    assert words in finding.found


def test_a_scheme_without_a_payer_named_basic_cannot_be_judged() -> None:
    text = BASE.replace("paid by basic", "paid by nrcms").replace("  basic:", "  nrcms:").replace("[basic,", "[nrcms,")
    finding = RULES["after-basic"].judge(Evidence(load_text(text, "base.yaml")))
    assert finding.verdict is Verdict.NOT_JUDGED
    assert f"a payer named '{BASIC}'" in finding.found


def test_both_payment_ratios_are_told_whichever_binds() -> None:
    above = found("payment-ratio", n=20)
    compliant = found("payment-ratio", ("payment_ratio: above-deductible", "payment_ratio: compliant"), n=20)
    unstated = found("payment-ratio", (LOCALITY, ""), n=20)
    assert (above.verdict, compliant.verdict) == (Verdict.PASS, Verdict.FAIL)
    names = [f"{reading}{end}" for reading in ("above_deductible", "compliant") for end in ("", "_lo", "_hi")]
    for name in names:
        assert above.figures[name] == compliant.figures[name] == unstated.figures[name]
    assert above.figures["compliant"] < 0.5 < above.figures["above_deductible_lo"] < above.figures["above_deductible"]
    assert above.remarks[0].startswith(f"for information: {above.figures['compliant']:.2%}")


def test_the_payment_ratio_of_one_rate_without_a_deductible_is_that_rate_by_both_readings() -> None:
    bands = "[{to: 20000 yuan, pay: 52%}, {to: 50000 yuan, pay: 60%}, {pay: 70%}]"
    flat = found(
        "payment-ratio",
        ("    deductible: 7917 yuan\n", ""),
        (f"bands: {bands}", "pay: 55%"),
        ("    variants:\n      - {when: {household: urban}, deductible: 24565 yuan}\n", ""),
    )
    assert flat.verdict is Verdict.PASS
    assert flat.figures["above_deductible"] == flat.figures["compliant"] == pytest.approx(0.55, abs=1e-6)


def test_few_replications_do_not_decide_and_the_advice_does() -> None:
    few = found("payment-ratio", n=2)
    assert few.verdict is Verdict.NOT_DECIDED
    assert "cannot be decided with 2 replications, try -n " in few.found
    advised = int(few.found.rsplit(" ", 1)[1])
    assert found("payment-ratio", n=advised).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("deductible", "verdict", "words"),
    [
        ("none", Verdict.ALLOWED, "rural: 0 yuan, below the income of 7,917 yuan"),
        ("7916.99 yuan", Verdict.ALLOWED, "rural: 7,916.99 yuan, below"),
        ("7917 yuan", Verdict.PASS, "rural: 7,917 yuan, the income"),
        ("8000 yuan", Verdict.ALLOWED, "rural: 8,000 yuan, rounded up from the income"),
        ("8000.01 yuan", Verdict.FAIL, "rural: 8,000.01 yuan, above the income"),
    ],
)
def test_a_deductible_is_the_income_or_below_it_or_rounded_up(deductible: str, verdict: Verdict, words: str) -> None:
    finding = found("deductible", ("    deductible: 7917 yuan", f"    deductible: {deductible}"))
    assert finding.verdict is verdict
    assert words in finding.found
    assert {"group": "urban", "deductible": 24565.0, "income": 24565.0} in finding.figures["groups"]


def test_each_deductible_meets_the_income_of_those_it_applies_to() -> None:
    # The urban deductible for everybody: right for the urban, three times the income of the rural.
    finding = found("deductible", ("    deductible: 7917 yuan", "    deductible: 24565 yuan"),
                    ("    variants:\n      - {when: {household: urban}, deductible: 24565 yuan}\n", ""))  # fmt: skip
    assert finding.verdict is Verdict.FAIL
    assert "rural: 24,565 yuan, above the income of 7,917 yuan" in finding.found
    assert "urban: 24,565 yuan, the income of 24,565 yuan" in finding.found


@pytest.mark.parametrize(
    ("premium", "verdict", "share"),
    [
        ("15.29 yuan/person", Verdict.ALLOWED, 0.04497),
        ("15.30 yuan/person", Verdict.PASS, 0.045),
        ("17 yuan/person", Verdict.PASS, 0.05),
        ("20.40 yuan/person", Verdict.FAIL, 0.06),
    ],
)
def test_the_premium_is_held_to_about_five_per_cent(premium: str, verdict: Verdict, share: float) -> None:
    finding = found("funding-share", ("premium: 17 yuan/person", f"premium: {premium}"))
    assert finding.verdict is verdict
    assert finding.figures["share"] == pytest.approx(share, abs=1e-5)
    assert finding.figures["basic_funding"] == 20_000 * 340


def test_the_funding_share_weighs_the_groups_by_their_persons() -> None:
    # 14,000 rural at 10 of 300 yuan and 6,000 urban at 30 of 400: 320,000 of 6,600,000 yuan.
    finding = found(
        "funding-share",
        (
            "premium: 17 yuan/person",
            "premium: [{when: {household: rural}, amount: 10 yuan/person}, "
            "{when: {household: urban}, rate: 7.5%, of: 400 yuan/person}]",
        ),
        (
            "basic_funding: 340 yuan/person",
            "basic_funding: [{when: {household: rural}, amount: 300 yuan/person}, "
            "{when: {household: urban}, amount: 400 yuan/person}]",
        ),
    )
    assert (finding.figures["premium"], finding.figures["basic_funding"]) == (320_000, 6_600_000)
    assert finding.verdict is Verdict.PASS


def test_a_premium_that_is_a_rate_of_basic_funding_says_itself_what_that_is() -> None:
    finding = found(
        "funding-share",
        ("premium: 17 yuan/person", "premium: {rate: 2%, of: 3000 yuan/person}"),
        ("  basic_funding: 340 yuan/person\n", ""),
    )
    assert (finding.verdict, finding.figures["share"]) == (Verdict.ALLOWED, 0.02)


def test_cover_by_disease_is_allowed_and_said() -> None:
    finding = found("coverage", ("    accumulate: year\n", "    accumulate: year\n    only: [{place: away}]\n"))
    assert finding.verdict is Verdict.ALLOWED
    assert "rural 1 of 2" in finding.found
    assert "病种起步" in finding.remarks[0]


TWO_ACCOUNTS = (
    ("waterfall: [basic, cii,", "waterfall: [basic, cii, cii-away,"),
    ("    accumulate: year\n", "    accumulate: year\n    only: [{place: local}]\n"),
    (
        "  medical-aid:\n",
        "  cii-away: {base: {counts: {A: 100%}, less: [paid by basic]}, only: [{place: away}], pay: 60%}\n"
        "  medical-aid:\n",
    ),
    ("contract:\n", "contract:\n  covers: [cii, cii-away]\n"),
)
"""Care away from home is paid by a second payer of the same contract."""


def test_cover_by_either_payer_of_the_contract_is_cover() -> None:
    assert found("coverage", *TWO_ACCOUNTS).verdict is Verdict.PASS
    without = (*TWO_ACCOUNTS[:-1], ("contract:\n", "contract:\n  covers: cii\n"))
    assert found("coverage", *without).verdict is Verdict.ALLOWED


def test_a_payment_ratio_of_several_payers_is_set_against_the_cost_of_all_of_them() -> None:
    """Set against the first payer's base alone, the ratio would be far higher."""
    both = found("payment-ratio", *TWO_ACCOUNTS).figures["above_deductible"]
    alone = found("payment-ratio", *TWO_ACCOUNTS[:-1], ("contract:\n", "contract:\n  covers: cii\n")).figures
    assert isinstance(both, float)
    assert isinstance(alone["above_deductible"], float)
    assert abs(both - alone["above_deductible"]) < 0.15


def test_one_rate_at_every_cost_is_allowed_and_said() -> None:
    bands = "[{to: 20000 yuan, pay: 52%}, {to: 50000 yuan, pay: 60%}, {pay: 70%}]"
    finding = found("bands", (f"bands: {bands}", "pay: 60%"))
    assert finding.verdict is Verdict.ALLOWED
    assert "原则上" in finding.remarks[0]


def test_a_limit_of_the_cost_considered_is_no_falling_band() -> None:
    finding = found("bands", ("    accumulate: year\n", "    accumulate: year\n    cost_limit: 300000 yuan/year\n"))
    assert finding.verdict is Verdict.PASS


def test_a_falling_rate_is_told_with_its_class() -> None:
    finding = judge(load(FOLDER / "bands.fail.yaml"), GUIDELINES["national-2012"], 4).findings
    words = next(found.found for rule, found in finding if rule.id == "bands")
    assert words == "a rate falls as cost rises for rural, none, away: 60%/55% (and 3 more classes)"


def test_it_does_not_matter_how_a_burden_adds_up_that_is_paid_at_one_rate_from_the_first_fen() -> None:
    bands = "[{to: 20000 yuan, pay: 52%}, {to: 50000 yuan, pay: 60%}, {pay: 70%}]"
    finding = found(
        "accumulation",
        ("    accumulate: year\n", "    accumulate: admission\n"),
        ("    deductible: 7917 yuan\n", ""),
        (f"bands: {bands}", "pay: 55%"),
        ("    variants:\n      - {when: {household: urban}, deductible: 24565 yuan}\n", ""),
    )
    assert finding.verdict is Verdict.NOT_APPLICABLE


def test_claims_that_basic_insurance_has_left_need_no_payer_of_basic_insurance() -> None:
    from cities import ANNUAL

    finding = RULES["after-basic"].judge(Evidence(load_text(ANNUAL, "annual.yaml")))
    assert finding.verdict is Verdict.PASS


def test_one_of_surplus_and_policy_loss_regulated_is_allowed() -> None:
    surplus_only = found("adjustment", ("policy_tiers: [{insurer: 50%}]", "policy_tiers: [{insurer: 100%}]"))
    loss_only = found("adjustment", ("return_share: 100%", "return_share: 0%"))
    assert surplus_only.verdict is loss_only.verdict is Verdict.ALLOWED
    assert (surplus_only.figures["surplus"], surplus_only.figures["policy_loss"]) == (True, False)
    assert (loss_only.figures["surplus"], loss_only.figures["policy_loss"]) == (False, True)


def test_a_scheme_without_an_insurer_is_not_insured() -> None:
    contract = BASE[BASE.index("contract:") : BASE.index("locality:")]
    finding = found("insurer-risk", (contract, "contract: {preset: self-run, premium: 17 yuan/person}\n"))
    assert finding.verdict is Verdict.FAIL


def test_an_allowance_of_everything_limits_nothing() -> None:
    assert found("margin", ("allowance: 5%", "allowance: 100%")).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("waterfall", "words"),
    [
        ("[basic, cii, medical-aid]", f"{AID} settles after cii"),
        ("[basic, medical-aid, cii]", f"{AID} settles before cii"),
    ],
)
def test_the_place_of_medical_aid_is_told(waterfall: str, words: str) -> None:
    less = ("less: [paid by basic, paid by cii]", "less: [paid by basic]")
    finding = found("medical-aid", ("waterfall: [basic, cii, medical-aid]", f"waterfall: {waterfall}"), less)
    assert (finding.verdict, finding.found) == (Verdict.INFORMATION, words)


def test_the_premium_comes_from_the_basic_fund_alone() -> None:
    finding = found("funding-source")
    assert finding.found == (
        "the premium of 340,000 yuan a year is paid by: basic fund; residents pay nothing of their own"
    )
