"""Synthetic records, who is insured and the manifest, written whole or not at all."""

from __future__ import annotations

import csv
import datetime
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from fundsim.bills.digits import written
from fundsim.bills.texts import Int64s
from fundsim.records.names import (
    ADMISSION,
    ADMITTED,
    AMOUNTS,
    CARE,
    COUNTY,
    DISCHARGED,
    GROUP,
    PERSON,
    SETTLED,
    SETTLEMENT,
)
from fundsim.records.synthesis.drawing import Admissions
from fundsim.records.synthesis.faults import Row

HOSPITAL: Final = "fixmedins_name"
COLUMNS: Final = (
    PERSON, SETTLEMENT, ADMISSION, ADMITTED, DISCHARGED, SETTLED, COUNTY, GROUP, CARE, HOSPITAL, *AMOUNTS,
)  # fmt: skip
_HOSPITALS: Final = ("人民医院", "中医医院", "第二人民医院", "妇幼保健院")
"""定点医药机构名称: names without a place, so that a file has Chinese text."""


def rows_of(
    admissions: Admissions,
    amounts: Mapping[str, Int64s],
    ids: Sequence[str],
    counties: Sequence[str],
    group: str,
    care: Sequence[str],
    year: int,
) -> list[Row]:
    """The records as they are written.

    Args:
        admissions: n of them.
        amounts: (n,) fen by national name.
        ids: (n,) of the persons.
        counties: (n,)
        group: its name.
        care: (n,) care levels.
        year: of the records, for their ids.
    """
    numbers = [f"{number:02d}" for number in admissions.number.tolist()]
    texts = [
        ids,
        [f"S{year}{person}{number}" for person, number in zip(ids, numbers, strict=True)],
        [f"M{year}{person}{number}" for person, number in zip(ids, numbers, strict=True)],
        _days(admissions.admitted),
        _days(admissions.discharged),
        [f"{day} 10:30:00" for day in _days(admissions.settled)],
        counties,
        [group] * len(ids),
        care,
        [_HOSPITALS[person % len(_HOSPITALS)] for person in admissions.person.tolist()],
        *(_yuan(amounts[name]) for name in AMOUNTS),
    ]
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*texts, strict=True)]


def _days(ordinals: Int64s) -> list[str]:
    distinct, place = np.unique(ordinals, return_inverse=True)
    names = [datetime.date.fromordinal(day).isoformat() for day in distinct.tolist()]
    return [names[each] for each in place.tolist()]


def _yuan(fen: Int64s) -> list[str]:
    characters = written(fen)
    width = characters.shape[1]
    text = characters.tobytes().decode("ascii")
    return [text[at : at + width].lstrip("\0") for at in range(0, len(text), width)]


@contextmanager
def records_file(path: Path, encoding: str) -> Iterator[Any]:
    """A writer of rows to a file that takes its place when all is written."""
    with _draft(path, encoding) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        yield writer


def write_enrolment(path: Path, persons: Mapping[tuple[int, str, str], int], encoding: str) -> None:
    """Write who is insured by year, county and group."""
    with _draft(path, encoding) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("year", "county", "group", "persons"))
        writer.writerows((*key, number) for key, number in persons.items())


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write what the records were made from, and every fault that was put in."""
    with _draft(path, "utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.write("\n")


@contextmanager
def _draft(path: Path, encoding: str) -> Iterator[IO[str]]:
    out = path.resolve()
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with draft.open("x", encoding=encoding, newline="") as file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
