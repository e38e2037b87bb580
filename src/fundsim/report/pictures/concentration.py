"""赔付集中曲线: how much of the payments goes to how many beneficiaries, from the bands of own cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fundsim.estimates import Floats


def concentration_of(subject: Subject) -> tuple[Floats, Floats]:
    """Cumulative shares (per cent) of beneficiaries and of payments, bands from the lowest own cost to the highest."""
    persons, paid = (
        subject.base.bands[name].sum(axis=0).astype(np.float64) for name in ("own_cost_persons", "own_cost_paid")
    )
    heads, money = (np.concatenate([[0.0], 100 * np.cumsum(each) / max(each.sum(), 1.0)]) for each in (persons, paid))
    return heads, money


def concentration_picture(subject: Subject) -> Picture:
    """Concentration curve with a point per band; straight between them, which cannot show what is within a band."""
    heads, money = concentration_of(subject)
    few, much = 100 - heads[-2], 100 - money[-2]
    alt = Words(
        f"集中曲线：自付费用最高一段的{few:.3g}%受益人得到{much:.3g}%的赔付；由分段数据绘制，段内以直线连接。",
        f"Concentration curve: the {few:.3g}% of beneficiaries in the highest band of own cost get {much:.3g}% of the "
        "payments; drawn from bands, straight within each.",
    )
    title = Words(
        "赔付在受益人之间的集中程度（按分段数据绘制）", "Concentration of payments over beneficiaries (from bands)"
    )
    return Picture("concentration", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    heads, money = concentration_of(subject)
    equal, banded = Words("人均相等", "equal payments"), Words("赔付（分段）", "payments, by band")
    with canvas(high=3.2) as (figure, ax):
        ax.plot([0, 100], [0, 100], color="0.5", linestyle=":", label=equal.told(lang))
        ax.plot(heads, money, "o-", color=BLUE, markersize=4, clip_on=False, label=banded.told(lang))
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 100)
        label(
            ax, lang,
            x=Words("受益人累计占比（%，自付费用由低到高）", "beneficiaries, cumulative (%, lowest own cost first)"),
            y=Words("赔付累计占比（%）", "payments, cumulative (%)"),
        )  # fmt: skip
        ax.legend(frameon=False, fontsize=7.5, loc="upper left")
    return figure
