"""The files of a gallery: written anew, or held against what the schemes say now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fundsim.report.gallery.charts import checksum_in, overview_checksum, write_chart, write_overview
from fundsim.report.gallery.curves import checksum
from fundsim.report.gallery.exhibits import Exhibit
from fundsim.report.gallery.page import page_of
from fundsim.report.gallery.section import CHARTS, OVERVIEW

PAGE: Final = "gallery.md"


def write_gallery(exhibits: Sequence[Exhibit], docs: Path) -> list[Path]:
    """Write the page and its charts into a folder, and delete charts of schemes that are gone; return what is there."""
    charts = docs / CHARTS
    charts.mkdir(parents=True, exist_ok=True)
    shown = _shown(exhibits)
    for exhibit in shown:
        write_chart(charts / f"{exhibit.id}.svg", exhibit.label, exhibit.curves)
    write_overview(charts / f"{OVERVIEW}.svg", {exhibit.id: exhibit.curves for exhibit in shown})
    for stray in _strays(exhibits, charts):
        stray.unlink()
    page = docs / PAGE
    page.write_text(page_of(exhibits), encoding="utf-8", newline="\n")
    return [page, *sorted(charts.glob("*.svg"))]


def stale_files(exhibits: Sequence[Exhibit], docs: Path) -> list[Path]:
    """Files of the gallery that are missing, say something else than the schemes do, or belong to none."""
    page, charts = docs / PAGE, docs / CHARTS
    found = [] if page.is_file() and page.read_text(encoding="utf-8") == page_of(exhibits) else [page]
    shown = _shown(exhibits)
    wanted = {charts / f"{exhibit.id}.svg": checksum(exhibit.curves) for exhibit in shown}
    wanted[charts / f"{OVERVIEW}.svg"] = overview_checksum({exhibit.id: exhibit.curves for exhibit in shown})
    found += [path for path, curves in wanted.items() if checksum_in(path) != curves]
    return [*found, *_strays(exhibits, charts)]


def _shown(exhibits: Sequence[Exhibit]) -> list[Exhibit]:
    """The schemes that have a chart of their own."""
    return [exhibit for exhibit in exhibits if exhibit.chart == exhibit.id]


def _strays(exhibits: Sequence[Exhibit], charts: Path) -> list[Path]:
    wanted = {OVERVIEW, *(exhibit.id for exhibit in _shown(exhibits))}
    return [path for path in sorted(charts.glob("*.svg")) if path.stem not in wanted]
