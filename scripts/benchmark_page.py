"""The page of all benchmarks: docs/benchmarks.md, made from the reports in benchmarks/results/.

Run ``python scripts/benchmark_page.py`` to see whether it still says what they say (exit code 1 if not); ``--write``
writes it anew.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "benchmarks.md"

HEAD = """# Benchmarks 性能与精度对比

Every report in [`benchmarks/results/`](../benchmarks/results), word for word, as `make bench` wrote it: other ways to
the same figures are run beside fundsim, on one machine and in one run, and nothing is timed before the figures agree.
A goal that was not met says NO. `make docs` writes this page.
"""


def page_of(results: Path) -> str:
    """Return the page: a list of the reports, and each with its headings one level down.

    Raises:
        ValueError: a report does not begin with its title.
    """
    reports = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(results.glob("*.md"))}
    titles = {name: _title(name, text) for name, text in reports.items()}
    listed = "\n".join(f"- [{title}](#{name})" for name, title in titles.items())
    parts = [f'<a id="{name}"></a>\n\n' + re.sub("^#", "##", text, flags=re.M) for name, text in reports.items()]
    return "\n\n".join([HEAD.rstrip(), listed, *parts]) + "\n"


def _title(name: str, text: str) -> str:
    first = text.partition("\n")[0]
    if not first.startswith("# "):
        raise ValueError(f"{name}.md does not begin with a title, but with {first!r}")
    return first[2:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the page")
    page = page_of(RESULTS)
    if parser.parse_args().write:
        PAGE.write_text(page, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/benchmarks.md does not say what benchmarks/results/ says: run 'make docs'")
    else:
        print("docs/benchmarks.md is up to date")


if __name__ == "__main__":
    main()
