"""``python -m benchmarks.peers``: check the figures, time the tools, write results/peers.md and peers.json.

``make bench-peers`` runs it in an environment of its own, because the tools are installed for nothing else.
``--rounds`` sets how often each call is repeated; with less than the usual number nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.city import RESULTS
from benchmarks.peers import measuring, verdict
from benchmarks.peers.model import REFERENCE, disagreements
from benchmarks.peers.table import markdown

ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, time, report; 1 where a figure is wrong or a tool is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"repeats of each call (default {ROUNDS})")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for peers.json and peers.md")
    options = parser.parse_args(arguments)
    if wrong := disagreements():
        return _refused("the reference is not of this model, so nothing can be compared with it", wrong)
    if missing := measuring.missing():
        return _refused("not installed: " + ", ".join(missing), ["run 'make bench-peers' (Python 3.12 or later)"])
    rows = [measuring.fresh(way, frequency) for frequency in REFERENCE for way in measuring.all_ways()]
    if wrong := [str(check) for check in verdict.checks(rows) if not check.agrees]:
        return _refused("fundsim's figures are not the reference's, so its times mean nothing: not timed", wrong)
    measuring.repeat(rows, options.rounds)
    where = measuring.versions()
    text = markdown(rows, where, options.rounds)
    print(text)
    if options.rounds >= ROUNDS:
        found = {
            "machine": where,
            "rounds": options.rounds,
            "reference": {frequency: figures._asdict() for frequency, figures in REFERENCE.items()},
            "rows": [row.plain() for row in rows],
            "ratios": verdict.ratios(rows),
        }
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "peers.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (options.out / "peers.md").write_text(text, encoding="utf-8")
    return 0


def _refused(why: str, details: Sequence[str]) -> int:
    print(why, *details, sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
