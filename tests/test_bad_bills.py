"""Broken bills: each file in tests/bad/bills is refused with its row, its column, why, and what to write instead."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import Traits, compile_plan
from fundsim.bills import BillsError
from fundsim.money import PPM
from fundsim.statements import explain, settle, settle_file

FOLDER = Path(__file__).parent / "bad" / "bills"
BASIC, CII = ("basic",), ("cii",)

EXPECTED: dict[str, tuple[tuple[str, ...], int | None, str | None, str, str]] = {
    # file: payers given, row (None: the file as a whole), column, words of why, words of what to write instead
    "negative-amount": ((), 3, "cost_b", "'-3000.00' is negative", "take reversed bills out together"),
    "three-decimals": ((), 3, "cost_a", "'12000.005' has 3 decimals", "at most two decimals"),
    "thousands-separator": ((), 3, "cost_a", "'12,000.50' has a thousands separator", "write 12000.50"),
    "thousands-separator-without-quotes": ((), 3, None, "has 9 cells, but the header has 8", "without thousands separ"),
    "amount-in-words": ((), 3, "cost_c", "'about 3000' is not an amount in yuan", "plain digits"),
    "amount-missing": ((), 3, "cost_excluded", "there is no amount", "write 0"),
    "amount-with-unit": ((), 3, "cost_a", "'1.2万元' is not an amount in yuan", "write 12000.00"),
    "amount-in-scientific-notation": ((), 3, "cost_a", "'1.2E+04' is in scientific notation", "plain digits"),
    "bill-too-large": ((), 3, "cost_a", "'10000000000.01' is more than 10 billion yuan", "check the amount"),
    "year-too-large": ((), 3, "cost_a", "bills of 'P2' in 2017 add up to 12,000,006,201.00 yuan", "id of their own"),
    "impossible-date": ((), 3, "discharge_date", "'2017-02-30' is not a day of the calendar", "2017-03-05"),
    "date-outside-validity": ((), 3, "discharge_date", "'2018-01-02' lies outside", "leave the bill out"),
    "date-in-words": ((), 3, "discharge_date", "'2017年3月5日' is not a date", "write 2017-03-05"),
    "date-as-spreadsheet-number": ((), 3, "discharge_date", "'42799' is a spreadsheet's number", "write 2017-03-05 if"),
    "unknown-trait-value": (
        (),
        3,
        "place",
        "'locale' is not a value of the trait 'place'; did you mean 'local'?",
        "local, away",
    ),
    "id-made-into-a-number": ((), 3, "person_id", "'4.50702E+17' is an id that a spreadsheet made", "as text"),
    "id-missing": ((), 3, "person_id", "there is no id", "who the patient is"),
    "admission-id-missing": ((), 3, "admission_id", "there is no id", "on every row"),
    "repeated-admission": (
        (),
        4,
        "admission_id",
        "'A17' of '450702199001011234' stands already at {file}:2",
        "keep one",
    ),
    "cell-missing": ((), 3, None, "has 7 cells, but the header has 8", "one cell for each column"),
    "unclosed-quote": ((), 3, None, "the row that begins here cannot be read on", "close every quote"),
    "unknown-column": (
        (),
        1,
        "cost_exclude",
        "unknown column; did you mean 'cost_excluded'?",
        "columns allowed here: person_id",
    ),
    "unnamed-column": ((), 1, None, "column 9 has no name", "name it"),
    "repeated-column": ((), 1, "cost_a", "the header names the column 2 times", "keep one"),
    "statement-column": ((), 1, "patient_pays", "this is a column of a statement", "settle the bills themselves"),
    "cost-column-missing": ((), 1, "cost_excluded", "the column is missing", "with 0 where there is none"),
    "trait-column-missing": ((), 1, "place", "the column is missing, and cii pays by it", "one of: local, away"),
    "both-bases": ((), 1, "in_policy_left", "both what was left in policy and costs (cost_a, cost_b", "keep either"),
    "payment-not-asked-for": (
        (),
        1,
        "paid_basic",
        "nothing says that the payments of 'basic' are given",
        "add --given basic",
    ),
    "deductible-column-missing": (
        BASIC,
        1,
        "deductible_basic",
        "the column is missing",
        "what the deductible of 'basic' took",
    ),
    "payment-larger-than-bill": (
        BASIC,
        3,
        "paid_basic",
        "'15000.51' is more than what is left to pay, 15,000.50 yuan",
        "check",
    ),
    "payment-larger-than-left": (
        CII,
        3,
        "paid_cii",
        "the payers before it left 7,500.25 yuan",
        "let fundsim settle 'cii'",
    ),
    "only-header": ((), None, None, "there is no bill, only the header", "a row for each bill"),
    "empty": ((), None, None, "the file is empty", "write a header"),
    "blank": ((), None, None, "the file is empty", "write a header"),
    "separated-by-semicolons": ((), 1, None, "the columns are separated by ';'", "by a comma"),
    "undecodable": ((), 3, None, "not UTF-8 or GB18030 (国标) text: the byte 0xFF", "save the file as UTF-8"),
    "utf-16": ((), None, None, "the file is UTF-16 text", "CSV UTF-8"),
    "workbook": ((), None, None, "this is an Excel workbook", "CSV UTF-8"),
}


@pytest.fixture(scope="module")
def scheme() -> Any:
    counts = {"A": PPM, "B": PPM, "C": PPM}
    away = {"when": {"place": "away"}, "pay": 400_000}
    poor = {"when": {"hardship": "poor"}, "deductible": 100_00}
    terms = {
        "basic": Payer.model_validate({"base": {"counts": counts}, "pay": 500_000}),
        "cii": Payer.model_validate({"base": {"counts": counts}, "pay": 500_000, "variants": [away, poor]}),
    }
    plan, faults = compile_plan(terms, terms, Traits({"hardship": ("none", "poor"), "place": ("local", "away")}))
    assert not faults
    valid = SimpleNamespace(from_=datetime.date(2017, 1, 1), to=datetime.date(2017, 12, 31))
    named = SimpleNamespace(valid=valid, payers=terms)
    return SimpleNamespace(id="small", fingerprint="0" * 64, plan=plan, terms=named, title=lambda: "small")


def problems_of(scheme: Any, path: Path, out: Path, **options: Any) -> BillsError:
    with pytest.raises(BillsError) as caught:
        settle_file(scheme, path, out=out, **options)
    assert not out.exists()
    assert list(out.parent.iterdir()) == []
    return caught.value


def test_every_broken_file_is_expected() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_broken_file(scheme: Any, name: str, tmp_path: Path) -> None:
    given, row, column, why, instead = EXPECTED[name]
    path = FOLDER / f"{name}.csv"
    error = problems_of(scheme, path, tmp_path / "out.csv", given=given)
    problem = next(each for each in error.problems if each.column == column)
    first, second = str(problem).split("\n")
    place = str(path) if row is None else f"{path}:{row}"
    about = "" if column is None else f"column '{column}': "
    assert first.startswith(f"{place}: error: {about}")
    assert why.replace("{file}", str(path)) in first
    assert second.startswith("  instead: ")
    assert instead in second
    assert str(error).count("error:") == len(error.problems)


def test_a_sound_file_is_settled(scheme: Any, tmp_path: Path) -> None:
    """The table above can fail: the row that the broken files are made from is sound."""
    path = tmp_path / "sound.csv"
    header, row = (FOLDER / "negative-amount.csv").read_text(encoding="utf-8").splitlines()[:2]
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    settle_file(scheme, path, out=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[
        1
    ] == f"{row},100.00,15000.50,7500.25,7500.25,3750.13,3750.12"


# --- all problems at once --------------------------------------------------------------------------------------------

HEADER = "person_id,discharge_date,hardship,place,cost_a,cost_b,cost_c,cost_excluded"


def test_all_problems_are_told_in_the_order_of_rows(scheme: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path, out = tmp_path / "in" / "bills.csv", tmp_path / "out"
    out.mkdir()
    rows = [
        "P1,2017-03-05,none,nowhere,x,0,0,0",
        "",
        "P2,yesterday,none,local,1,2",
        ",2017-03-05,rich,local,1,-2,0,1.234",
    ]
    path.write_text("\n".join([f"{HEADER},colour", *(row and f"{row},red" for row in rows)]), encoding="utf-8")
    error = problems_of(scheme, path, out / "out.csv")
    assert [(p.row, p.column) for p in error.problems] == [
        (1, "colour"),
        (2, "cost_a"),
        (2, "place"),
        (4, None),
        (5, "cost_b"),
        (5, "cost_excluded"),
        (5, "person_id"),
        (5, "hardship"),
    ]
    assert str(error.problems[3]).startswith(f"{path}:4: error: the row has 7 cells, but the header has 9")


def test_only_the_first_fifty_problems_are_told(scheme: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path, out = tmp_path / "in" / "bills.csv", tmp_path / "out"
    out.mkdir()
    path.write_text("\n".join([HEADER, *["P1,2017-03-05,none,local,x,y,0,0"] * 5_000]), encoding="utf-8")
    error = problems_of(scheme, path, out / "out.csv")
    assert len(error.problems) == 50
    assert error.more == 9_950
    assert [p.row for p in error.problems] == [row for row in range(2, 27) for _ in range(2)]
    assert str(error).endswith("\nand 9,950 more problems")


def test_problems_in_several_encodings_and_line_ends_name_the_line_an_editor_shows(scheme: Any, tmp_path: Path) -> None:
    rows = [
        f"{HEADER},disease",
        'P1,2017-03-05,none,local,1,0,0,0,"first\r\nsecond"',
        "P2,2017-03-05,none,local,x,0,0,0,肺癌",
    ]
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes("\r\n".join(rows).encode(encoding))
        with pytest.raises(BillsError) as caught:
            settle(scheme, path)
        assert [(p.row, p.column) for p in caught.value.problems] == [(4, "cost_a")]


def test_the_line_of_an_unclosed_quote_is_where_its_row_begins(scheme: Any) -> None:
    with pytest.raises(BillsError, match=r"unclosed-quote\.csv:3: error: the row that begins here") as caught:
        settle(scheme, FOLDER / "unclosed-quote.csv")
    assert len(caught.value.problems) == 1


# --- how a settlement is asked for -----------------------------------------------------------------------------------


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "bills.csv"
    path.write_text(f"{HEADER}\nP10001,2017-03-05,none,local,100,0,0,0\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"given": ["basics"]},
            "--given: error: the scheme has no payer 'basics'; did you mean 'basic'?\n  instead: payers of the scheme:",
        ),
        (
            {"person": "P10002"},
            "--explain: error: there is no bill of the person 'P10002' in {path}; did you mean 'P10001'?",
        ),
        ({"out": None}, "--out: error: nothing says where the statement goes\n  instead: add --out STATEMENT.csv"),
        ({"out": "{path}"}, "--out: error: {path} is the file of the bills"),
        ({"out": "{folder}"}, "--out: error: {folder} is not a file"),
        ({"out": "{folder}/none/out.csv"}, "--out: error: there is no folder {folder}/none"),
    ],
)
def test_wrong_usage(scheme: Any, sound: Path, options: dict[str, Any], expected: str) -> None:
    before = sound.read_bytes()
    names = {"{path}": str(sound), "{folder}": str(sound.parent)}
    options = {"out": "{folder}/out.csv", **options}
    for name, value in names.items():
        expected = expected.replace(name, value)
        options = {key: each.replace(name, value) if isinstance(each, str) else each for key, each in options.items()}
    with pytest.raises(BillsError) as caught:
        settle_file(scheme, sound, **options)
    assert str(caught.value).startswith(expected)
    assert sound.read_bytes() == before
    assert list(sound.parent.iterdir()) == [sound]


def test_given_before_the_annual_amount_is_refused(scheme: Any, tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    header = "person_id,discharge_date,hardship,place,in_policy_left,paid_basic,deductible_basic"
    path.write_text(f"{header}\nP1,2017-03-05,none,local,100,0,0\n", encoding="utf-8")
    with pytest.raises(BillsError, match="--given: error: in_policy_left is what 'basic' left"):
        settle(scheme, path, given=["basic"])


def test_a_missing_file_and_a_folder(scheme: Any, tmp_path: Path) -> None:
    with pytest.raises(BillsError, match=r"none\.csv: error: there is no such file"):
        settle(scheme, tmp_path / "none.csv")
    with pytest.raises(BillsError, match="error: this is a folder"):
        explain(scheme, tmp_path, "P1")


def test_bills_that_change_meanwhile_leave_nothing_behind(
    scheme: Any, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half written: the draft is gone, and an older statement stays as it was."""
    from fundsim import statements

    out = sound.with_name("out.csv")
    out.write_text("older", encoding="utf-8")
    settle_all = statements.settle_people

    def meanwhile(*arguments: Any, **options: Any) -> Any:
        sound.write_text(f"{sound.read_text(encoding='utf-8')}P2,2017-03-05,none,local,1,0,0,0\n", encoding="utf-8")
        return settle_all(*arguments, **options)

    monkeypatch.setattr(statements, "settle_people", meanwhile)
    with pytest.raises(BillsError, match="the bills were changed while they were settled"):
        settle_file(scheme, sound, out=out)
    assert out.read_text(encoding="utf-8") == "older"
    assert sorted(path.name for path in sound.parent.iterdir()) == ["bills.csv", "out.csv"]


def test_a_lost_fen_is_an_error_of_its_own(scheme: Any, sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fundsim import statements

    settle_all = statements.settle_people

    def losing(*arguments: Any, **options: Any) -> Any:
        settled = settle_all(*arguments, **options)
        settled.left[0] -= 1
        return settled

    monkeypatch.setattr(statements, "settle_people", losing)
    with pytest.raises(statements.SettlementError, match=r"bills\.csv:2: bill, payments and the patient's part do not"):
        settle(scheme, sound)
