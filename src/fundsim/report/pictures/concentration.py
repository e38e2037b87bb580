"""赔付集中程度: how much of the payments goes to how many beneficiaries, as far as the bands of a run can tell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SMALL
from fundsim.report.pictures.bands import band_shares
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fundsim.estimates import Floats
    from fundsim.results import Results


def concentration_of(results: Results) -> tuple[Floats, Floats]:
    """Cumulative shares (per cent) of beneficiaries and of payments, bands from the lowest own cost to the highest."""
    shares = (band_shares(results, name) for name in ("own_cost_persons", "own_cost_paid"))
    heads, money = (np.concatenate([[0.0], np.cumsum([of.mean or 0.0 for of in each])]) for each in shares)
    return heads, money


def lorenz_bounds(results: Results) -> tuple[Floats, Floats, Floats]:
    """Between which curves the Lorenz curve of payments must lie, by how many persons have a payment of which size.

    A run keeps how many persons are in each band of payment, not what they are paid. With ``n`` persons paid between
    ``a`` and ``b`` in each band, what the lower bands are paid is their ``sum n a`` at least and ``sum n b`` at most,
    and so is what the upper bands are paid, which is the rest of the total. Within a band a person more adds between
    ``a`` and ``b``. In any other order, such as that of own cost, no less comes first; as the Lorenz curve is convex,
    it lies nowhere above the straight lines between the points of :func:`concentration_of`.

    Returns:
        Cumulative shares of beneficiaries (per cent, smallest payment first), and the lowest and highest cumulative
        share of payments there.
    """
    persons = results.bands["paid_persons"].sum(axis=0).astype(np.float64)
    total = float(results.bands["own_cost_paid"].sum())
    edges = results.bands["paid_edges"].astype(np.float64)
    least, most = np.concatenate([[0.0], edges]), np.concatenate([edges, [_largest(results, edges)]])
    if not total or not persons.sum():
        return np.array([0.0, 100.0]), np.zeros(2), np.zeros(2)

    def up_to(prices: Floats) -> Floats:
        return np.concatenate([[0.0], np.cumsum(persons * prices)])

    at_least, at_most = up_to(least), up_to(most)
    low = np.maximum(at_least, total - (at_most[-1] - at_most))
    high = np.minimum(at_most, total - (at_least[-1] - at_least))
    heads = np.concatenate([[0.0], np.cumsum(persons)])
    where = np.unique(np.concatenate([np.linspace(a, b, 9) for a, b in pairwise(heads)]))
    band = np.clip(np.searchsorted(heads, where, side="left") - 1, 0, len(persons) - 1)
    into, rest = where - heads[band], heads[band + 1] - where
    lower = np.maximum(low[band] + least[band] * into, low[band + 1] - most[band] * rest)
    upper = np.minimum(high[band] + most[band] * into, high[band + 1] - least[band] * rest)
    shares = 100 * where / heads[-1]
    above = np.interp(shares, *concentration_of(results))
    return shares, np.minimum(100 * lower / total, above), np.minimum(100 * upper / total, above)


def _largest(results: Results, edges: Floats) -> float:
    """The largest payment of all replications (fen), which nobody in the open band exceeds."""
    return max(float(results.totals["max_payout"].max()), float(edges[-1]))


def concentration_picture(subject: Subject) -> Picture:
    """Concentration curve with a point per band of own cost, and the range in which the Lorenz curve must lie."""
    heads, money = concentration_of(subject.base)
    few, much = 100 - heads[-2], 100 - money[-2]
    alt = Words(
        f"集中曲线：自付费用最高一段的{few:.1f}%受益人得到{much:.1f}%的赔付；圆点为各自付费用段的实际值，段内以直线连接；"
        "阴影为按赔付额由低到高排列的洛伦兹曲线的可能范围，由赔付额分段人数推算。",
        f"Concentration curve: the {few:.1f}% of beneficiaries in the highest band of own cost get {much:.1f}% of the "
        "payments; a point is exact, the line within a band is straight; shaded is where the Lorenz curve by size of "
        "payment must lie, given how many persons are paid how much.",
    )
    title = Words(
        "赔付在受益人之间的集中程度（按分段数据绘制）", "Concentration of payments over beneficiaries (from bands)"
    )
    return Picture("concentration", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    heads, money = concentration_of(subject.base)
    where, low, high = lorenz_bounds(subject.base)
    with canvas(high=3.6) as (figure, ax):
        ax.plot([0, 100], [0, 100], color="0.5", linestyle=":", label=Words("人均相等", "equal payments").told(lang))
        between = Words("洛伦兹曲线所在范围（按赔付额排序）", "where the Lorenz curve lies (by payment)")
        ax.fill_between(where, low, high, color="0.85", linewidth=0.5, edgecolor="0.6", label=between.told(lang))
        banded = Words("集中曲线（按自付费用分段）", "concentration curve (by band of own cost)")
        ax.plot(heads, money, "o-", color=BLUE, markersize=4, clip_on=False, label=banded.told(lang))
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 100)
        ax.grid(visible=True, color="0.92", linewidth=0.6)
        label(
            ax, lang,
            x=Words("受益人累计占比（%，由低到高）", "beneficiaries, cumulative (%, lowest first)"),
            y=Words("赔付累计占比（%）", "payments, cumulative (%)"),
        )  # fmt: skip
        ax.legend(frameon=False, fontsize=SMALL, loc="upper left")
    return figure
