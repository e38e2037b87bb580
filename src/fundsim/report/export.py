"""The way out to other tools (导出): tidy tables as CSV, Parquet or Excel, each with where its figures come from.

A CSV has the origin in columns of its own and the signature by which Excel knows UTF-8; Parquet has it in its metadata;
a workbook on a sheet of its own. In a workbook text stays text, also where it begins with an equals sign.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from fundsim import runs
from fundsim.errors import UsersError
from fundsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]
EXCEL_ROWS: Final = 1_048_575
"""Rows that a sheet has room for below its head."""
ORIGIN: Final = "origin 来源"


class ExportError(UsersError):
    """Tables that cannot be written as asked; nothing was written."""


class Tabled(Protocol):
    """What has tidy tables and an origin."""

    @property
    def tables(self) -> Tables: ...

    @property
    def origin(self) -> Mapping[str, Any]: ...


def export(found: Results | Tabled, path: str | Path) -> Path:
    """Write results, a comparison, a sweep, a tornado or a frontier for other tools; returns the path.

    The ending says how: ``.csv``, ``.parquet`` (extra ``parquet``) or ``.xlsx`` (extra ``excel``). A workbook holds all
    tables; the others hold the first, of results one row per measure.

    Raises:
        ExportError: another ending, an extra that is not installed, or more rows than a sheet has.
    """
    if isinstance(found, Results):
        return write_tables(_tables_of(found), _origin_of(found), Path(path))
    return write_tables(found.tables, found.origin, Path(path))


def _tables_of(results: Results) -> Tables:
    tables = {"summary": results.saved_summary().reset_index()}
    if results.years:
        tables["years"] = results.by_year().reset_index()
    if results.scenario.terms.funds:
        tables["funds"] = results.funds().reset_index()
    return {**tables, "replications": results.to_frame().reset_index()}


def _origin_of(results: Results) -> dict[str, Any]:
    return {
        "scenario": results.scenario.label,
        "fingerprint": results.scenario.fingerprint,
        "seed": results.seed,
        "years": results.n_years,
        "replications": results.replications,
    }


def check_path(path: Path) -> None:
    """Refuse what could not be written, before anything is simulated.

    Raises:
        ExportError: another ending than ``.csv``, ``.parquet`` or ``.xlsx``, an extra that is not installed, or no such
            folder.
    """
    if path.suffix.lower() not in WRITERS:
        raise ExportError(f"{path}: tables are not written as '{path.suffix}'; end it in {', '.join(WRITERS)}")
    needed = NEEDED.get(path.suffix.lower())
    if needed is not None:
        _imported(*needed)
    if not path.absolute().parent.is_dir():
        raise ExportError(f"{path}: there is no folder {path.parent}; make it first")


def write_tables(tables: Tables, origin: Mapping[str, Any], path: Path) -> Path:
    """Write tables with their origin, whole or not at all; CSV and Parquet hold the first table only.

    Raises:
        ExportError: as for :func:`export`.
    """
    check_path(path)
    told = {**origin, **{f"version {name}": each for name, each in runs.versions().items()}}
    beside = path.with_name(f"{path.name}.part")
    try:
        WRITERS[path.suffix.lower()](tables, told, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _csv(tables: Tables, origin: Mapping[str, Any], path: Path) -> None:
    first = next(iter(tables.values()))
    kept = {name: origin[name] for name in ("fingerprint", "seed") if name not in first}
    table = first.assign(**kept, fundsim=origin["version fundsim"])
    path.write_text(runs.EXCEL + table.to_csv(index=False), encoding="utf-8")


def _parquet(tables: Tables, origin: Mapping[str, Any], path: Path) -> None:
    pyarrow, parquet = _imported("pyarrow", "parquet"), _imported("pyarrow.parquet", "parquet")
    table = pyarrow.Table.from_pandas(next(iter(tables.values())), preserve_index=False)
    own = {b"fundsim": json.dumps(origin, ensure_ascii=False).encode()}
    parquet.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **own}), path)


def _xlsx(tables: Tables, origin: Mapping[str, Any], path: Path) -> None:
    xlsxwriter = _imported("xlsxwriter", "excel")
    for name, table in tables.items():
        if len(table) > EXCEL_ROWS:
            raise ExportError(f"the table '{name}' has {len(table):,} rows, more than a sheet has; write .parquet")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True})
        for name, table in tables.items():
            _sheet(book.add_worksheet(name[:31]), list(table.columns), table.itertuples(index=False), bold)
        _sheet(book.add_worksheet(ORIGIN), ["what", "value"], [(k, str(v)) for k, v in origin.items()], bold)


def _sheet(sheet: Any, head: list[Any], rows: Any, bold: Any) -> None:
    for column, name in enumerate(head):
        sheet.write_string(0, column, str(name), bold)
        sheet.set_column(column, column, max(10, min(len(str(name)) + 2, 40)))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value)
    sheet.autofilter(0, 0, max(sheet.dim_rowmax or 0, 1), len(head) - 1)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    """Text as text, whatever it begins with; what is not defined as an empty cell."""
    if value is None or value != value:  # the latter is not a number
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    else:
        sheet.write_number(row, column, float(value))


def _imported(name: str, extra: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ExportError(f"{name} is not installed; run: pip install 'fundsim[{extra}]'") from error


WRITERS: Final[dict[str, Callable[[Tables, Mapping[str, Any], Path], None]]] = {
    ".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx,
}  # fmt: skip
NEEDED: Final = {".parquet": ("pyarrow", "parquet"), ".xlsx": ("xlsxwriter", "excel")}
"""Packages by ending, and the extra that brings them."""
