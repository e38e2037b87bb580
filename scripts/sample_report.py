"""The sample reports: reports/qinzhou-2017-{zh,en}.{html,pdf}, from scenarios/qinzhou-2017.yaml with a stated seed.

Run ``python scripts/sample_report.py`` to see whether the numbers of their tables are still those of a fresh run with
the same seed (exit code 1 if not); ``--write`` writes them anew.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import fundsim as fs
from fundsim.report.document import LANGUAGES, Document, Lang, measurement_report
from fundsim.report.document.model import Number, Table
from fundsim.report.publish import publish
from fundsim.report.sensitivities import sensitivities

ROOT = Path(__file__).parents[1]
REPORTS, SCHEME = ROOT / "reports", Path("scenarios/qinzhou-2017.yaml")
SEED, YEARS, REPLICATIONS, OF_SENSITIVITIES = 20170101, 3, 300, 40
FORMATS = ("html", "pdf")


def sample() -> Document:
    """Simulate the scheme and its designs over the term, measure its sensitivities, and make the report of them."""
    scheme = fs.load(ROOT / SCHEME)
    designs = [scheme, *(design for _, design in scheme.designs)]
    results = fs.simulate_designs(designs, n=REPLICATIONS, seed=SEED, years=YEARS)
    for each in results:
        each.manifest["path"] = str(SCHEME)  # as it is from the root of the repository, wherever that lies
    return measurement_report(results, sensitivities(scheme, OF_SENSITIVITIES, seed=SEED, years=YEARS))


def outdated(document: Document, page: str, lang: Lang) -> list[str]:
    """What the tables of a page say otherwise than a report does, beyond the rounding of what is printed."""
    shown = list(_tables(page))
    told = [table for table in document.in_language(lang).tables() if table.id != "origin"]
    if len(shown) != len(told):
        return [f"{len(shown)} tables instead of {len(told)}"]
    return [line for table, cells in zip(told, shown, strict=True) for line in _outdated_table(table, cells, lang)]


def _tables(page: str) -> Iterator[list[str]]:
    """The texts of each table's cells, without the table of origin, which is the last."""
    found = re.findall(r"<tbody>(.*?)</tbody>", page, flags=re.DOTALL)
    for body in found[:-1]:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", body, flags=re.DOTALL)
        yield [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def _outdated_table(table: Table, shown: list[str], lang: Lang) -> Iterator[str]:
    cells = [cell for row in table.rows for cell in row]
    if len(cells) != len(shown):
        yield f"{table.id}: {len(shown)} cells instead of {len(cells)}"
        return
    for cell, text in zip(cells, shown, strict=True):
        if isinstance(cell, Number):
            if not _same(cell, text):
                yield f"{table.id}: {text} instead of {cell.text}"
        elif " ".join(cell.told(lang).split()) != " ".join(text.split()):
            yield f"{table.id}: '{text}' instead of '{cell.told(lang)}'"


def _same(cell: Number, text: str) -> bool:
    """Whether a printed number is this one, but for one in its last digit."""
    plain = text.replace("−", "-").replace(",", "")
    if cell.value is None or not re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        return plain == cell.text.replace(",", "")
    own = float(cell.text.replace(",", ""))
    return abs(float(plain) - own) <= 1.01 * 10.0**-cell.decimals


def main() -> int:
    """Write the sample reports, or say what is outdated in them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write them anew")
    write, document = parser.parse_args().write, sample()
    if write:
        for path in publish(document, REPORTS, LANGUAGES, FORMATS):
            print(path.relative_to(ROOT))
        return 0
    found = [
        f"qinzhou-2017-{lang}.html: {line}"
        for lang in LANGUAGES
        for line in outdated(document, (REPORTS / f"qinzhou-2017-{lang}.html").read_text(encoding="utf-8"), lang)
    ]
    print("\n".join(found) or "the sample reports are current")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
