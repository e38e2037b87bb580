"""The gallery: docs/gallery.md and its charts, made from every scheme in scenarios/.

Run ``python scripts/gallery.py`` to see whether they still say what the schemes say (exit code 1 if not); ``--write``
writes them anew.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fundsim.report.gallery import read_exhibits, stale_files, write_gallery

ROOT = Path(__file__).parents[1]
SCENARIOS, DOCS = ROOT / "scenarios", ROOT / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the page and its charts")
    exhibits = read_exhibits(SCENARIOS)
    if parser.parse_args().write:
        for path in write_gallery(exhibits, DOCS):
            print(f"wrote {path.relative_to(ROOT)}")
        return
    stale = stale_files(exhibits, DOCS)
    for path in stale:
        print(f"{path.relative_to(ROOT)} does not say what scenarios/ says", file=sys.stderr)
    if stale:
        sys.exit("run 'make docs' (python scripts/gallery.py --write), and look at what changed")
    print(f"docs/gallery.md and its charts are up to date ({len(exhibits)} schemes)")


if __name__ == "__main__":
    main()
