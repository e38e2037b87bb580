"""Figures: what is drawn is what the results say; looked at through artists and data, never as pixels."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.stats import t

import fundsim as fs
from cities import ONE_PAYER
from fundsim.language import Lang
from fundsim.report import figures, typeface
from fundsim.report.corridor import corridor
from fundsim.report.distribution import distribution_of
from fundsim.report.pictures.bands import band_shares
from fundsim.scenario import load_text

MILLION = 10**8
"""A million yuan in fen."""
P = 100 * MILLION

DOCUMENT = (
    """
fundsim: 1
id: figures
title: {zh: 图, en: figures}
traits: {hardship: [none, poor]}
"""
    + ONE_PAYER
    + """
simulation: {replications: 40, seed: 7}
"""
)


@pytest.fixture(scope="module")
def results() -> fs.Results:
    return fs.simulate(load_text(DOCUMENT))


def with_results(results: fs.Results, millions: list[float], **contract: str) -> fs.Results:
    """Results whose insurer's result and premium (a hundred million) are as told."""
    n = len(millions)
    totals = {name: np.resize(values, n) for name, values in results.totals.items()}
    totals |= {"premium": np.full(n, P), "insurer_result": np.array([round(m * MILLION) for m in millions])}
    terms = {"premium": "300 yuan/person", **contract}
    return replace(results, totals=totals, scenario=results.scenario.replace({"contract": terms}))


def bars(ax: Any, label: str) -> list[tuple[float, float, float]]:
    """(left end, right end, height) of the bars with a label."""
    found = [c for c in ax.containers if isinstance(c, BarContainer) and c.get_label() == label]
    return [(b.get_x(), b.get_x() + b.get_width(), b.get_height()) for c in found for b in c]


def lines(ax: Any) -> dict[str, float]:
    """Position of each vertical line by its words."""
    return {str(line.get_label()): float(line.get_xdata()[0]) for line in ax.lines if len(line.get_xdata()) == 2}


def texts(ax: Any) -> str:
    legend = [text.get_text() for each in ax.figure.findobj(mpl.legend.Legend) for text in each.get_texts()]
    return "\n".join([ax.get_title(loc="left"), *(text.get_text() for text in ax.texts), *legend])


# --- the corridor -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        # fee-inclusive: everything lies the running cost (2 million) below the contract's own figure
        (
            {"preset": "generic-corridor", "expense": "2%"},
            [("tier", -9.5, True), ("tier", -7, False), ("even", -2, False), ("zero", 0, False), ("keep", 3, True)],
        ),
        # Guangzhou bears half of the first 3%, then all: there is no most it can lose
        (
            {"preset": "guangzhou", "expense": "1%"},
            [("tier", -2.5, False), ("even", -1, False), ("zero", 0, False), ("keep", 2, True)],
        ),
        # fee-explicit: the cost is accepted, so the account breaks even where the insurer does
        ({"preset": "shanghai", "expense": "4%"}, [("zero", 0, False), ("keep", 5, True)]),
        # of the excess above the allowance the insurer keeps a part: the allowance is no limit
        (
            {"surplus": "fee-inclusive", "allowance": "3%", "return_share": "80%", "tiers": "[{insurer: 100%}]"},
            [("zero", 0, False), ("keep", 3, False)],
        ),
    ],
)
def test_turning_points(results: fs.Results, contract: dict[str, str], expected: list[Any]) -> None:
    if "tiers" in contract:
        contract = {**contract, "tiers": [{"insurer": "100%"}]}  # type: ignore[dict-item]
    found = corridor(with_results(results, [0.0, 1.0], **contract))
    assert [(mark.kind, mark.at / MILLION, mark.limit) for mark in found] == expected


def test_turning_points_of_policy_losses(results: fs.Results) -> None:
    contract: dict[str, Any] = {
        "surplus": "fee-inclusive", "allowance": "3%", "loss_cause": "policy-and-other", "policy_share": "50%",
        "policy_tiers": [{"to": "4%", "insurer": "0%"}, {"insurer": "50%"}],
    }  # fmt: skip
    marks = [mark for mark in corridor(with_results(results, [0.0, 1.0], **contract)) if mark.kind == "tier"]
    assert [mark.at for mark in marks] == [-4 * MILLION]  # a loss of 8 million, half of it the insurer's own
    assert marks[0].words.en == "policy loss of 4% of premium: the insurer bears 0% up to it, 50% of more"
    assert marks[0].words.zh == "政策性亏损达保费的4%：以内公司承担0%，超出部分承担50%"


def test_lines_stand_at_the_turning_points(results: fs.Results) -> None:
    ax = figures.plot_margin(with_results(results, [-8, -3, 1, 2.5, 3, 3], preset="generic-corridor", expense="2%"))
    found = lines(ax)
    assert sorted(found.values()) == [-9.5, -7, -2, 0, 3]
    keep = next(words for words, at in found.items() if at == 3)
    assert keep == "e  3.00 (3.00%)  most the insurer can keep: 5% of premium less running cost"


def test_turning_points_out_of_sight_are_told_without_a_line(results: fs.Results) -> None:
    ax = figures.plot_margin(with_results(results, [2.5, 2.7, 2.9], preset="generic-corridor", expense="2%"))
    assert sorted(lines(ax).values()) == [0, 3]
    assert "−9.50 (−9.50%)  most the insurer can lose: loss of 10% of premium (not shown)" in texts(ax)


# --- the distribution -------------------------------------------------------------------------------------------


def test_point_mass_is_a_bar_of_its_own(results: fs.Results) -> None:
    values = [3.0] * 30 + [2.9, 2.5, 2.0, 1.0, -0.5, -1.0, 0.5, 1.5, 2.2, -2.0]
    ax = figures.plot_margin(with_results(results, values, preset="generic-corridor", expense="2%"))
    ((left, right, height),) = bars(ax, "point mass: the same to the fen")
    assert height == 75
    assert left < 3 < right
    assert "75%" in texts(ax)
    gains, losses = bars(ax, "gain"), bars(ax, "loss")
    assert sum(bar[2] for bar in gains) == pytest.approx(17.5)
    assert sum(bar[2] for bar in losses) == pytest.approx(7.5)
    assert min(bar[0] for bar in gains) == 0
    assert max(bar[1] for bar in losses) == pytest.approx(0)
    assert max(bar[1] for bar in gains) <= 3 + 1e-9  # no bar reaches above what the insurer can keep


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 2, 3, 30, 2000])
def test_every_replication_is_counted_once(seed: int, n: int) -> None:
    drawn = np.minimum(np.random.default_rng(seed).normal(0, 3 * MILLION, n).astype(np.int64), MILLION)
    shape = distribution_of(drawn, [MILLION])
    assert sum(share for _, share in shape.masses) + shape.shares.sum() == pytest.approx(1)
    inside = shape.edges[:-1][shape.shares > 0]
    assert ((inside >= 0) | (shape.edges[1:][shape.shares > 0] <= 0)).all()
    assert sum(shape.shares[shape.edges[:-1] < 0]) + sum(s for v, s in shape.masses if v < 0) == pytest.approx(
        (drawn < 0).mean()
    )


def test_one_rare_full_allowance_is_a_point_mass() -> None:
    drawn = np.array([*range(-999, 0), 500], np.int64) * 1000
    assert distribution_of(drawn, [500_000]).masses == ((500_000, 0.001),)
    assert distribution_of(drawn).masses == ()


@pytest.mark.parametrize(
    "values", [[1.0], [-1.0], [0.0], [3.0] * 9, [-0.5] * 4, [0.0] * 5, [1.0, 2.0], [-2.0, 2.0], [0.0, 1e-8]]
)
def test_degenerate_samples_are_drawn(results: fs.Results, values: list[float]) -> None:
    ax = figures.plot_margin(with_results(results, values, preset="shanghai", expense="4%"))
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    low, high = ax.get_xlim()
    assert low < min(values) <= max(values) < high


def test_headline_and_origin(results: fs.Results) -> None:
    shown = with_results(results, [-1.0, 1.0, 1.2, 2.0], preset="shanghai", expense="4%")
    said = texts(figures.plot_margin(shown))
    assert "P(loss) 25% (95% interval 5% to 70%)   mean 0.80 ± 0.64 million yuan (standard error)" in said
    assert f"premium 100 million yuan · 4 replications · seed 7 · {shown.scenario.fingerprint[:12]}" in said
    one = texts(figures.plot_margin(with_results(results, [1.0], preset="shanghai", expense="4%")))
    assert "1 replication: 1 million yuan; neither a distribution nor an error" in one


# --- bands ------------------------------------------------------------------------------------------------------


def test_bars_are_the_band_table(results: fs.Results) -> None:
    table = results.band_table()
    ax = figures.plot_bands(results)
    for label, column, what in (
        ("payments", "paid", "own_cost_paid"),
        ("beneficiaries", "persons", "own_cost_persons"),
    ):
        (drawn,) = [each for each in ax.containers if isinstance(each, BarContainer) and each.get_label() == label]
        assert [bar.get_width() for bar in drawn] == pytest.approx(list(100 * table[column] / table[column].sum()))
        ends = drawn.errorbar.lines[2][0].get_segments()  # type: ignore[union-attr]
        halves = [(segment[1][0] - segment[0][0]) / 2 for segment in ends]
        errors = [of.se * t.ppf(0.975, results.replications - 1) for of in band_shares(results, what)]
        assert halves == pytest.approx(errors)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "up to 6,000 yuan", "6,000–26,000 yuan", "above 26,000 yuan",
    ]  # fmt: skip
    assert f"({table['paid'].iloc[1] / 1e3:,.1f} thousand yuan)" in texts(ax)


def test_nobody_paid(results: fs.Results) -> None:
    none = replace(results, bands={k: v if k.endswith("edges") else np.zeros_like(v) for k, v in results.bands.items()})
    ax = figures.plot_bands(none)
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    assert "nobody was paid in any replication" in texts(ax)


def test_given_axes_are_used_and_returned(results: fs.Results) -> None:
    for plot in (figures.plot_margin, figures.plot_bands):
        ax = Figure().add_subplot()
        assert plot(results, ax) is ax
        for text in (ax.xaxis.label, ax.yaxis.label, *ax.texts):
            assert text.get_fontfamily() == list(typeface.families())
    assert results.plot_bands().get_ylabel() == "own cost in the year"
    assert "persons" in texts(ax)


# --- files, fonts, and what must not be touched -----------------------------------------------------------------


def test_files_are_stable(results: fs.Results, tmp_path: Path) -> None:
    first = figures.write_figures(results, tmp_path / "a")
    second = figures.write_figures(results, tmp_path / "b")
    assert [path.name for path in first] == ["margin.png", "bands.png"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert one.read_bytes().startswith(b"\x89PNG")
        assert b"Software" not in one.read_bytes()


def test_global_state_is_left_alone(results: fs.Results) -> None:
    import sys

    before = dict(mpl.rcParams)
    figures.plot_margin(results)
    figures.plot_bands(results)
    assert dict(mpl.rcParams) == before
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_chinese_is_drawn_on_every_machine(results: fs.Results) -> None:
    named = replace(results, scenario=results.scenario.replace({"title": {"zh": "大病保险", "en": "insurance"}}))
    ax = figures.plot_margin(named, lang="zh")
    assert ax.get_title(loc="left").startswith("大病保险\n")
    assert any("公司净损益" in text.get_text() for text in ax.get_figure().findobj(Text))


def test_a_figure_speaks_the_language_that_was_set_unless_the_call_names_one(results: fs.Results) -> None:
    fs.set_language("zh")
    try:
        assert "模拟次数" in results.plot_margin().get_ylabel()
        assert results.plot_margin(lang="en").get_ylabel() == "share of replications (%)"
    finally:
        fs.set_language(None)
    assert results.plot_margin().get_ylabel() == "share of replications (%)"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_titles_legends_and_small_print_are_in_one_language_and_apart(results: fs.Results, lang: Lang) -> None:
    named = replace(results, scenario=results.scenario.replace({"title": {"zh": "某市大病保险", "en": "A city's CII"}}))
    for plot in (figures.plot_margin, figures.plot_bands):
        ax = plot(named, lang=lang)
        ax.figure.canvas.draw()  # type: ignore[attr-defined]
        for text in ax.get_figure().findobj(Text):  # type: ignore[union-attr]
            words = re.sub(r"[0-9a-f]{12}|^[a-e]( |$)", "", text.get_text())
            assert not re.search(r"[一-鿿]" if lang == "en" else r"[A-Za-z]", words), words
        small = next(text for text in ax.texts if named.scenario.fingerprint[:12] in text.get_text())
        heads = [ax.get_legend(), small, *(text for text in ax.figure.texts), ax.title]
        boxes = [each.get_window_extent() for each in heads if each is not None]
        for place, one in enumerate(boxes):
            assert not any(one.shrunk(0.95, 0.9).overlaps(other.shrunk(0.95, 0.9)) for other in boxes[place + 1 :])


def test_digits_and_chinese_come_from_one_font() -> None:
    assert typeface.families()[0] == typeface.CHINESE
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont(typeface.CHINESE, fallback_to_default=False))
    assert {ord(letter) for letter in "0123456789−±–%,.←→（）："} <= set(font.get_charmap())


def test_characters_beyond_the_font_are_left_out_and_warned_of(results: fs.Results) -> None:
    rare = "\U00030edd县"  # a character of place names that GB 2312 does not have
    named = replace(results, scenario=results.scenario.replace({"title": {"zh": rare}}))
    with pytest.warns(typeface.MissingCharacters, match=r"^the title of figures, .*U\+30EDD"):
        ax = figures.plot_margin(named)
    assert ax.get_title(loc="left").startswith("figures\n")  # the id stands for it


def test_dollar_signs_in_a_title_are_not_mathematics(results: fs.Results) -> None:
    named = replace(results, scenario=results.scenario.replace({"title": {"en": r"costs $\nosuch{$ and " + "x" * 200}}))
    ax = figures.plot_margin(named)
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    assert ax.get_title(loc="left").splitlines()[0].endswith("x…")
