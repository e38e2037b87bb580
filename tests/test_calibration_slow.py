"""What takes minutes in calibration: intervals over hundreds of fits, p-values, a million records (`check-slow`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from conftest import Record
from fundsim.calibration import Observations, fit
from fundsim.calibration.frequency import fit_frequency
from fundsim.calibration.goodness import distance
from fundsim.calibration.splice import fit_spliced
from test_calibration_severity import SPLICE, TRUE, lowest, sample, truth

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
REPETITIONS = 400


@pytest.mark.parametrize("family", TRUE)
def test_intervals_of_parameters_cover(family: str, record: Record) -> None:
    """Of 600 amounts, only those above 1,500 yuan are seen, and those from 30,000 on are cut off there."""
    covered = dict.fromkeys(fit(family, seen(family, 0), above=lowest(family)).parameters, 0)
    for seed in range(REPETITIONS):
        found = fit(family, seen(family, seed), above=lowest(family))
        for name in covered:
            low, high = found.interval(name)
            covered[name] += low <= truth(TRUE[family], name) <= high
    for name, count in covered.items():
        what = f"95% interval of {family} {name} covers, {REPETITIONS} truncated and censored samples of 600"
        record(what, f"{count / REPETITIONS:.1%}")
        assert 0.91 <= count / REPETITIONS <= 0.985


def seen(family: str, seed: int) -> Observations:
    x = sample(TRUE[family], 600, 10_000 + seed)
    return Observations.exact(x[x > 1500], seen_above=1500, capped_at=30_000)


def test_the_interval_of_a_tail_index_covers(record: Record) -> None:
    covered = 0
    for seed in range(200):
        low, high = fit_spliced("lognormal", Observations.exact(sample(SPLICE, 4000, seed)), 20_000).interval("index")
        covered += low <= 0.35 <= high
    record("95% interval of a splice's tail index covers, 200 samples of 4,000", f"{covered / 200:.1%}")
    assert 0.90 <= covered / 200 <= 0.99


def test_intervals_of_a_frequency_cover(record: Record) -> None:
    covered = np.zeros(2)
    for seed in range(REPETITIONS):
        rng = np.random.default_rng(seed)
        numbers = rng.poisson(0.15 * rng.gamma(0.7**-2, 0.7**2, 20_000))
        found = fit_frequency(np.bincount(numbers)[None, None, :])
        low, high = found.interval()
        covered += low <= 0.15 <= high, found.cv is not None and abs(found.cv - 0.7) <= 1.96 * (found.cv_se or 0.0)
    for name, share in zip(("mean", "cv"), covered / REPETITIONS, strict=True):
        record(
            f"95% interval of the frequency's {name} covers, {REPETITIONS} samples of 20,000 persons", f"{share:.1%}"
        )
        assert 0.92 <= share <= 0.98


def test_bootstrap_p_values_are_uniform(record: Record) -> None:
    p = []
    for seed in range(150):
        data = Observations.exact(sample(TRUE["weibull"], 300, seed))
        p.append(distance(fit("weibull", data), data, samples=99, seed=seed).ks_p)
    against = stats.kstest(p, "uniform").pvalue
    record("p-values of Kolmogorov-Smirnov with bootstrap against uniform, 150 right models: p", f"{against:.2f}")
    assert against > 0.01


MILLION = """
import sys
from pathlib import Path
import fundsim as fs
from fundsim.records.synthesis import SynthesisPlan, synthesise
folder = Path(sys.argv[1])
synthesise(fs.load(sys.argv[2]), SynthesisPlan(persons=2_920_000, years=3), folder / "r.csv")
"""
MEMORY = """
import sys, time
from pathlib import Path
begun = time.time()
import fundsim as fs
folder = Path(sys.argv[1])
records = fs.read_records(folder / "r.csv", enrolment=folder / "r-enrolment.csv")
fs.calibrate(records).write(folder / "claims.yaml")
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(len(records), peak, time.time() - begun)
"""
"""Not ru_maxrss: a process that is started counts what its parent held."""


def test_a_million_records_end_to_end_in_bounded_memory(tmp_path: Path, record: Record) -> None:
    scheme = str(ROOT / "scenarios" / "qinzhou-2017.yaml")
    subprocess.run([sys.executable, "-c", MILLION, str(tmp_path), scheme], check=True)
    told = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path)], check=True, capture_output=True, text=True
    ).stdout.split()
    records, peak, seconds = int(told[0]), int(told[1]) / 1024, float(told[2])
    what = f"{records:,} records read, looked over, fitted and written"
    record(what, f"{seconds:.0f} s, peak {peak:.0f} MB")
    assert records > 1_200_000
    assert peak < 2000
    assert (tmp_path / "claims.yaml").exists()
