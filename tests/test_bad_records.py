"""Broken records: files in tests/bad/records that are refused with every reason, or read with the warning they deserve.

Each case is a folder-less set of files by one name: ``NAME.csv``, and where there are such ``NAME.columns.yaml`` and
``NAME.enrolment.csv``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT
from fundsim.records import RecordsError, read_records
from fundsim.records.privacy import ALLOW
from fundsim.scenario import ScenarioError

FOLDER = Path(__file__).parent / "bad" / "records"

REFUSED: dict[str, tuple[str, str, str]] = {
    # name: place, words of why, words of what to write instead
    "encoding-damaged": (".csv:3", "not UTF-8 or GB18030 (国标) text: the byte 0xFF", "save the file as UTF-8"),
    "utf-16": (".csv", "the file is UTF-16 text", "CSV UTF-8"),
    "workbook": (".csv", "this is an Excel workbook", "CSV UTF-8"),
    "damaged-parquet": (".csv", "the Parquet file is damaged", "export it again"),
    "empty": (".csv", "the file is empty", "write a header"),
    "only-header": (".csv", "there is no record, only the header", "a row for each settlement"),
    "not-a-table": (".csv:1", "this is not a table", "begin with a header"),
    "no-header": (".csv:1", "there is no header: the first line holds a number of 15 digits", "names of the columns"),
    "semicolons": (".csv:1", "the columns are separated by ';'", "by a comma"),
    "unclosed-quote": (".csv:3", "the row that begins here cannot be read on", "close every quote"),
    "column-missing": (
        ".csv:1",
        "column 'medfee_sumamt': the column is missing (医疗费总额, cost in all); did you mean 'medfee_sumamnt'?",
        "write 'columns: {medfee_sumamt: NAME IN THE FILE}' into a file for --map",
    ),
    "date-column-missing": (".csv:1", "column 'enddate': the column is missing", "to which year a record belongs"),
    "column-repeated": (".csv:1", "column 'hifp_pay': the header names the column 2 times", "keep one of them"),
    "map-names-no-column": (
        ".csv:1",
        "column '总费用额': the column map says that medfee_sumamt stands here, but there is no such column",
        "mend the column map",
    ),
    "map-of-unknown-field": (".columns.yaml:2:3", "there is no field 'medfee'; did you mean", "fields: psn_no"),
    "map-of-unknown-unit": (".columns.yaml:2:41", "'千元' is not a unit of amounts", "write yuan, fen or 万元"),
    "map-of-one-column-twice": (".columns.yaml:3:3", "the column '费用' is medfee_sumamt already", "of its own"),
    "enrolment-column-missing": (".enrolment.csv:1", "column 'persons': the column is missing", "参保人数"),
    "enrolment-not-numbers": (
        ".enrolment.csv:3",
        "column 'persons': '1.2万' is not a number of persons",
        "plain digits",
    ),
    "enrolment-twice": (".enrolment.csv:3", "column 'year': 2013 900001 stands here a second time", "once"),
    "enrolment-of-other-years": (
        ".csv",
        "no record is left to be used, of 3: a year, county or group",
        "mend the file",
    ),
    "nothing-left": (".csv", "no record is left to be used, of 3: nothing was billed (2 rows)", "mend the file"),
}

WARNED: dict[str, tuple[str, str]] = {
    # name: the warning, words of it
    "fen-for-yuan": ("units-of-file", "the median bill is 512,300.00 yuan: the file seems to be in fen"),
    "ten-thousands-for-yuan": ("units-of-file", "the median bill is 0.51 yuan: the file seems to be in 万元"),
    "one-county-in-fen": ("units-of-stratum", "they seem to be in fen: 2013 900003"),
    "one-county-in-ten-thousands": ("units-of-stratum", "they seem to be in 万元: 2013 900002"),
    "one-column-in-fen": ("units-of-column", "hifp_pay is about 60 times medfee_sumamt"),
    "some-rows-in-fen": ("units-of-rows", "5 bills are large and all their amounts whole yuan"),
    "all-zero-stratum": ("all-zero-stratum", "all amounts of these are zero, so they tell nothing: 2013 900002"),
    "year-without-claims": ("year-without-claims", "no record of this year is used: 2012"),
    "enrolled-year-without-claims": ("year-without-claims", "the year is left out of the exposure: 2012"),
    "county-without-claims": ("stratum-without-claims", "for there to be no claim; these are left out of the exposure"),
    "more-patients-than-insured": ("more-patients-than-insured", "more persons with records than insured: 2013 900001"),
    "county-not-enrolled": ("", ""),
    "ids-rounded": ("ids-rounded", "ids of 18 digits end in 000: a spreadsheet keeps 15 digits"),
    "names-not-mapped": ("names-not-mapped", "the column map names hosp_lv, but not these texts"),
    "settled-before-discharge": ("settled-before-discharge", "1 records kept that were settled before the discharge"),
    "parts-differ": ("parts-differ", "1 records kept whose parts do not add up"),
    "admission-settled-twice": ("several-settlements", "1 records kept are a further settlement"),
    "enrolment-by-group": ("enrolment-added-up", "the enrolment tells persons by group, the records do not"),
}


def files(name: str) -> dict[str, Any]:
    """The options with which a case is read."""
    beside = {"columns": FOLDER / f"{name}.columns.yaml", "enrolment": FOLDER / f"{name}.enrolment.csv"}
    return {option: path for option, path in beside.items() if path.exists()}


def test_every_file_is_expected() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.iterdir()} == {*REFUSED, *WARNED}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    ending, why, instead = REFUSED[name]
    with pytest.raises((RecordsError, ScenarioError)) as caught:
        read_records(FOLDER / f"{name}.csv", **files(name))
    place = f"{FOLDER / name}{ending}: error: "
    found = [str(problem) for problem in caught.value.problems if str(problem).startswith(place)]
    assert any(why in each and instead in each for each in found), str(caught.value)


@pytest.mark.parametrize("name", [name for name, (warning, _) in WARNED.items() if warning])
def test_warned(name: str) -> None:
    warning, words = WARNED[name]
    quality = read_records(FOLDER / f"{name}.csv", **files(name)).quality
    told = {each.name: each.text("en", ALLOW) for each in quality.warnings}
    assert words in told[warning]
    assert f"- {warning}：" in quality.text("zh")


def test_a_county_that_is_not_enrolled_is_left_out_and_told() -> None:
    quality = read_records(FOLDER / "county-not-enrolled.csv", **files("county-not-enrolled")).quality
    assert quality.rows_for("not-enrolled") == 2
    assert quality.rows == quality.kept + 2
    assert "该年度、地区或人群无参保人数" in quality.text("zh")


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_refuses_without_a_traceback_and_without_ids(name: str) -> None:
    options = files(name)
    arguments = ["calibrate", str(FOLDER / f"{name}.csv"), "--quality"]
    arguments += ["--map", str(options["columns"])] if "columns" in options else []
    arguments += ["--enrolment", str(options["enrolment"])] if "enrolment" in options else []
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == BAD_INPUT
    assert "error:" in answer.stderr
    assert "Traceback" not in answer.output
    assert "450702199001011" not in answer.output
