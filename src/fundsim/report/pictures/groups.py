"""分人群的赔付与负担: what a beneficiary of each group is paid, and what he still bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.estimates import NORMAL_95, Estimate, ratio_of
from fundsim.report.amounts import written
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, SMALL, legend_above
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = (
    ("claims_paid", -0.19, BLUE, None, Words("人均赔付", "payment")),
    ("patient_burden", 0.19, SKY, "///", Words("人均个人负担", "own burden")),
)

WHOLE_YUAN = 10.0
"""Error that amounts of one person have at least when they are written: none has decimals."""


def groups_picture(subject: Subject) -> Picture | None:
    """Payment and burden a beneficiary by group; None where there is one group, or burdens were not kept."""
    kept = subject.base.groups
    if len(subject.base.group_names) < 2 or any(name not in kept for name, *_ in PARTS):
        return None
    names = [named(name) for name in subject.base.group_names]
    alt = Words(
        f"条形图：{'、'.join(name.zh for name in names)}受益人的人均赔付与人均个人负担。",
        f"Bars: payment and own burden a beneficiary of the groups {', '.join(name.en for name in names)}.",
    )
    title = Words("分人群的人均赔付与个人负担", "Payment and burden a beneficiary, by group")
    return Picture("groups", title, alt, lambda lang: _draw(subject, lang))


def a_beneficiary(subject: Subject, measure: str, group: int) -> Estimate:
    """Yuan a beneficiary of a group, as a ratio of totals."""
    base = subject.base
    heads = base.groups["beneficiaries"][:, group].astype(np.float64)
    return ratio_of(base.groups[measure][:, group] / 100.0, heads, batch=base.batch)


def _draw(subject: Subject, lang: Lang) -> Figure:
    names = [named(name).told(lang) for name in subject.base.group_names]
    with canvas(high=1.0 + 0.5 * len(names)) as (figure, ax):
        for measure, offset, colour, hatch, words in PARTS:
            found = [a_beneficiary(subject, measure, group) for group in range(len(names))]
            rows, means = np.arange(len(names)) + offset, [of.mean or 0.0 for of in found]
            halves = [NORMAL_95 * (of.se or 0.0) for of in found]
            ax.barh(
                rows, means, 0.36, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5,
                xerr=halves if any(halves) else None, ecolor="black", capsize=2, label=words.told(lang),
            )  # fmt: skip
            for row, mean, half, of in zip(rows, means, halves, found, strict=True):
                ax.annotate(
                    written(of.mean, max(of.se or 0.0, WHOLE_YUAN), 0), (mean + half, row), (4, 0),
                    textcoords="offset points", va="center", fontsize=SMALL,
                )  # fmt: skip
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlim(0, 1.14 * ax.get_xlim()[1])
        ax.set_xlabel(Words("元/受益人", "yuan a beneficiary").told(lang), loc="left")
        ax.xaxis.set_major_formatter("{x:,g}")
        ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
        legend_above(ax, 2)
    return figure
