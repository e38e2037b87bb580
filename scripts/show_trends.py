"""The flagship question, 33 yuan for Qinzhou in 2017, under three cost trends from the pilot's year on.

Run ``python scripts/show_trends.py [-n REPLICATIONS]``; ``--write`` also refreshes reports/qinzhou-2017-trends.md.
The same people meet every trend: only the level of their bills differs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import fundsim as fs
from fundsim import runs
from fundsim.estimates import rounded
from fundsim.results import Results

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "reports" / "qinzhou-2017-trends.md"
TRENDS = {"5%": "qinzhou-2017-trend-5", "8%": "qinzhou-2017", "15%": "qinzhou-2017-trend-15"}


def table(results: dict[str, Results]) -> str:
    """Lay the trends side by side, each figure with its standard error."""
    rows = [
        "| cost trend a year 年增长 | pure premium, yuan 纯保费 | loss ratio 赔付率 | P(deficit) 亏损概率 | "
        "P(insurer loses after real cost) 公司亏损概率 | insurer's result, million yuan 公司净损益 |",
        "|---|---|---|---|---|---|",
    ]
    for trend, found in results.items():
        premium, ratio, result = (found.estimate(name) for name in ("pure_premium", "loss_ratio", "insurer_result"))
        assert ratio.mean is not None
        assert ratio.se is not None
        assert result.mean is not None
        assert result.se is not None
        chances = [found.probability(name) for name in ("deficit", "insurer_loss")]
        cells = [
            f"{rounded(premium.mean, premium.se)} ± {rounded(premium.se, premium.se)}",
            f"{rounded(ratio.mean * 100, ratio.se * 100)}% ± {rounded(ratio.se * 100, ratio.se * 100)}",
            *(f"{chance.p:.1%} ({chance.lo:.1%} to {chance.hi:.1%})" for chance in chances),
            f"{rounded(result.mean / 1e6, result.se / 1e6)} ± {rounded(result.se / 1e6, result.se / 1e6)}",
        ]
        rows.append(f"| {trend} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1000, help="replications")
    parser.add_argument("--write", action="store_true", help="refresh the committed table")
    asked = parser.parse_args()
    scenarios = {trend: fs.load(ROOT / "scenarios" / f"{name}.yaml") for trend, name in TRENDS.items()}
    results = {trend: fs.simulate(scenario, n=asked.n) for trend, scenario in scenarios.items()}
    print(table(results))
    if asked.write:
        base = results["8%"]
        versions = ", ".join(f"{name} {version}" for name, version in base.manifest["versions"].items())
        head = "# 钦州市2017年大病保险: 33元够不够 · Is 33 yuan enough?\n\n"
        foot = (
            f"\n\n± is one standard error; intervals are Wilson's at 95%. {base.replications:,} replications, seed "
            f"{base.seed}, fingerprints {', '.join(found.scenario.fingerprint[:12] for found in results.values())}. "
            f"{versions}; {runs.now()[:10]}. Made by `python scripts/show_trends.py --write`.\n"
        )
        runs.write_text(REPORT, head + table(results) + foot)


if __name__ == "__main__":
    main()
