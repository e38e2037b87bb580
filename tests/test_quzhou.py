"""One-stop settlement in Quzhou: a person through all seven payers, every amount worked by hand from the terms.

The trace is compared with tests/data/quzhou-trace.txt. After a change of its words, read the new one beside the terms
as an official would, then write it with ``FUNDSIM_WRITE_GOLDEN=1``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

import fundsim as fs

ROOT = Path(__file__).parents[1]
BILLS = Path(__file__).parent / "data" / "quzhou-seven-payers.csv"
GOLDEN = Path(__file__).parent / "data" / "quzhou-trace.txt"
PERSON = "周某"
PAYERS = (
    "basic",
    "cii",
    "union-mutual-aid",
    "civil-servant-subsidy",
    "entitled-subsidy",
    "medical-aid",
    "commercial",
)

WORKED = {
    # In policy 120 + 80 x 90% = 192. Basic x 70%; CII, union and commercial cover do not cover a clinic's bill. Civil
    # servants 57.60 x 80%; entitled 11.52 x 70% = 8.064; aid 3.46 x 70% = 2.422.
    "M1": ("134.40", "0", "0", "46.08", "8.06", "2.42", "0", "24.04"),
    # In policy 9,000 + 6,000.50 x 90% = 14,400.45. Basic 13,800.45 x 85% = 11,730.3825, leaves 2,670.07, all below
    # the 10,000 of CII. Union 2,170.07 x 50% = 1,085.035, half up. Civil servants 1,585.03 x 80% = 1,268.024;
    # entitled 317.01 x 70% = 221.907; aid 95.10 x 70%; commercial 16,200.50 - 14,371.92 = 1,828.58, less 1,000, x 60%
    # = 497.148.
    "Z1": ("11730.38", "0", "1085.04", "1268.02", "221.91", "66.57", "497.15", "1331.43"),
    # In policy 234,000. Basic 233,000 x 80% = 186,400, leaves 47,600. CII from 2,670.07 to 50,270.07: 40,270.07 x 70%
    # = 28,189.049. Union 18,910.95 x 50% = 9,455.475; civil servants 9,955.47 x 80% = 7,964.376; entitled 1,991.09 x
    # 70% = 1,393.763; aid 597.33 x 70% = 418.131; commercial (260,000 - 233,820.80 - 1,000) x 60% = 25,179.20 x 60%.
    "Z3": ("186400", "28189.05", "9455.48", "7964.38", "1393.76", "418.13", "15107.52", "11071.68"),
    # In policy 145,000. Basic 144,000 x 80% = 115,200, but 198,264.78 of its 300,000 are paid: 101,735.22. CII
    # 43,264.78 x 70% = 30,285.346. Union 12,479.43 x 50% = 6,239.715; civil servants 6,739.71 x 80% = 5,391.768;
    # entitled 1,347.94 x 70% = 943.558; aid 404.38 x 70% = 283.066; commercial (155,000 - 144,878.69 - 1,000) x 60% =
    # 5,472.786.
    "Z5": ("101735.22", "30285.35", "6239.72", "5391.77", "943.56", "283.07", "5472.79", "4648.52"),
    # The next year: all accounts begin at zero. In policy 480. Basic x 80% = 384; the 96 left lie below CII's
    # deductible. Civil servants 96 x 80%; entitled 19.20 x 70%; aid 5.76 x 70% = 4.032.
    "T1": ("384", "0", "0", "76.80", "13.44", "4.03", "0", "21.73"),
}
"""By admission: what each payer pays and, last, what the patient bears, yuan."""

OTHERS = {
    # A resident on aid: basic (87,000 - 1,000) x 65%; CII 21,100 x 70%; aid 16,330 x 70%.
    "Z2": {"basic": "55900", "cii": "14770", "medical-aid": "11431", "patient": "7899"},
    # A union member: basic 9,000 x 85%; union (1,950 - 500) x 50%.
    "Z4": {"basic": "7650", "union-mutual-aid": "725", "patient": "2425"},
    # The same at a clinic: 134 x 70%.
    "M2": {"basic": "93.80", "patient": "56.20"},
}


@pytest.fixture(scope="module")
def scheme() -> fs.Scenario:
    return fs.load(ROOT / "scenarios" / "quzhou-2019.yaml")


@pytest.fixture(scope="module")
def statement(scheme: fs.Scenario) -> pd.DataFrame:
    return fs.settle(scheme, BILLS).set_index("admission_id")


@pytest.mark.parametrize("admission", WORKED)
def test_a_person_through_seven_payers_is_settled_to_the_fen(statement: pd.DataFrame, admission: str) -> None:
    row = statement.loc[admission]
    paid = tuple(float(row[f"paid_{payer}"]) for payer in PAYERS)
    assert (*paid, float(row["patient_pays"])) == tuple(float(amount) for amount in WORKED[admission])


def test_every_payer_pays_this_person_something(statement: pd.DataFrame) -> None:
    own = statement[statement["person_id"] == PERSON]
    assert (own[[f"paid_{payer}" for payer in PAYERS]].sum() > 0).all()


@pytest.mark.parametrize("admission", OTHERS)
def test_who_is_not_entitled_gets_nothing(statement: pd.DataFrame, admission: str) -> None:
    row = statement.loc[admission]
    paid = {payer: float(row[f"paid_{payer}"]) for payer in PAYERS} | {"patient": float(row["patient_pays"])}
    assert paid == dict.fromkeys((*PAYERS, "patient"), 0.0) | {
        party: float(amount) for party, amount in OTHERS[admission].items()
    }


def test_each_payer_has_an_account_with_three_months_in_advance(scheme: fs.Scenario) -> None:
    funds = scheme.terms.funds
    assert [payer for fund in funds.values() for payer in fund.pays] == list(PAYERS)
    assert {(fund.settles.by, fund.settles.prefund_months) for fund in funds.values()} == {("monthly-clearing", 3)}


def test_the_trace_reads_as_it_was_read_by_hand(scheme: fs.Scenario) -> None:
    found = f"{fs.explain(scheme, BILLS, PERSON)}\n".replace(scheme.fingerprint[:12], "FINGERPRINT")
    if os.environ.get("FUNDSIM_WRITE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")
