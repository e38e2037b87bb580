"""Shared by all tests: how hard hypothesis searches, the shipped schemes, and the record of the slow checks."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fundsim import runs
from fundsim.scenario import Scenario, load

settings.register_profile(
    "quick", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("FUNDSIM_HYPOTHESIS", "quick"))

ROOT = Path(__file__).parents[1]
SCENARIOS = ROOT / "scenarios"
Record = Callable[[str, str], None]
"""Called with what was checked and what was found."""


@pytest.fixture(scope="session")
def shipped() -> dict[str, Scenario]:
    """Every scheme of the repository by its file's name."""
    return {path.stem: load(path) for path in sorted(SCENARIOS.glob("*.yaml"))}


@pytest.fixture(scope="session")
def record() -> Iterator[Record]:
    """Keep what the slow checks find; with FUNDSIM_REPORT=1 it is written to reports/check-slow.md."""
    found: list[tuple[str, str]] = []
    yield lambda what, result: found.append((what, result))
    if os.environ.get("FUNDSIM_REPORT") and found:
        versions = ", ".join(f"{name} {version}" for name, version in runs.versions().items())
        head = f"# What the slow checks found\n\n{runs.now()[:10]}; {versions}; {platform.machine()}, "
        rows = "".join(f"| {what} | {result} |\n" for what, result in found)
        text = f"{head}{os.cpu_count()} processors. Made by `make check-slow`.\n\n| check | found |\n|---|---|\n{rows}"
        runs.write_text(ROOT / "reports" / "check-slow.md", text)
