"""Settings shared by all tests: how hard hypothesis searches, and the shipped schemes, loaded once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fundsim.scenario import Scenario, load

settings.register_profile(
    "quick", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("FUNDSIM_HYPOTHESIS", "quick"))

SCENARIOS = Path(__file__).parent.parent / "scenarios"


@pytest.fixture(scope="session")
def shipped() -> dict[str, Scenario]:
    """Every scheme of the repository by its file's name."""
    return {path.stem: load(path) for path in sorted(SCENARIOS.glob("*.yaml"))}
