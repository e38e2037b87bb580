"""The run folder (运行结果文件夹): results written as arrays, tables and a manifest, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim import runs
from fundsim.contracts import MEASURES as CONTRACT_MEASURES
from fundsim.results.figures import BehaviourFigures, Int64s, YearFigures
from fundsim.scenario import Scenario, ScenarioError, load_text

if TYPE_CHECKING:
    from fundsim.results.results import Results

ANSWER = ("base", "borne", "factor")
"""Arrays that say how people answer to what they pay."""
_INSURER_CASH: Final = "cash/insurer"
_KINDS: Final = {"totals": "total", "groups": "group", "bands": "band", "monthly": "month"}
"""Fields that hold arrays, by what their arrays are called in the run folder."""


_NEEDED: Final = ("document", "path", "design", "fingerprint", "seed", "replications", "versions")
"""What a manifest has to say for its run to be read."""


def saved(results: Results, folder: str | Path) -> Path:
    """Write the files of a run; see :meth:`Results.save`."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    runs.write_arrays(target / runs.REPLICATIONS, _arrays(results))
    runs.write_text(target / runs.SUMMARY, runs.EXCEL + results.saved_summary().to_csv())
    if results.years:
        runs.write_text(target / runs.YEARS, runs.EXCEL + results.by_year().to_csv())
    if results.scenario.terms.funds:
        runs.write_text(target / runs.FUNDS, runs.EXCEL + results.funds().to_csv())
    runs.write_text(target / runs.MANIFEST, json.dumps(dict(results.manifest), ensure_ascii=False, indent=1) + "\n")
    return target


def _arrays(results: Results) -> dict[str, Int64s]:
    """All arrays by their names in the run folder: ``total/premium``, those of a year ``year2/total/premium``."""
    arrays = {} if results.insurer_cash is None else {_INSURER_CASH: results.insurer_cash}
    arrays |= _named(results)
    for number, year in enumerate(results.years, start=1):
        arrays |= {f"year{number}/{name}": values for name, values in _named(year).items()}
    if results.behaviour is not None:
        arrays |= {f"without/{name}": values for name, values in results.behaviour.without.items()}
        arrays |= {f"answer/{name}": getattr(results.behaviour, name) for name in ANSWER}
    return arrays


def loaded(folder: str | Path) -> dict[str, Any]:
    """The fields of results that were saved; see :meth:`Results.load`."""
    source = Path(folder)
    manifest = runs.read_manifest(source)
    arrays = runs.read_arrays(source / runs.REPLICATIONS)
    _check(source, manifest, arrays)
    years = manifest.get("years", 1)
    each = tuple(YearFigures(**_unnamed(arrays, f"year{k + 1}/")) for k in range(years)) if years > 1 else ()
    return {
        **_unnamed(arrays),
        "scenario": _scenario(source, manifest),
        "seed": manifest["seed"],
        "manifest": manifest,
        "years": each,
        "n_years": years,
        "behaviour": _behaviour(arrays),
        "insurer_cash": arrays.get(_INSURER_CASH),
    }


def _check(source: Path, manifest: Mapping[str, Any], arrays: Mapping[str, Int64s]) -> None:
    """Refuse a run of which a part is missing, or whose parts do not belong together."""
    absent = [name for name in _NEEDED if name not in manifest]
    if absent:
        raise runs.RunFolderError(f"{source / runs.MANIFEST}: lacks {', '.join(absent)}; run the scenario again")
    file, n = source / runs.REPLICATIONS, manifest["replications"]
    absent = [name for name in (f"total/{total}" for total in ("insured", *CONTRACT_MEASURES)) if name not in arrays]
    if absent:
        raise runs.RunFolderError(f"{file}: lacks {', '.join(absent)}; run the scenario again")
    held = {len(values) for name, values in arrays.items() if name.startswith("total/")}
    if held != {n}:
        told = " and ".join(str(each) for each in sorted(held))
        raise runs.RunFolderError(f"{file}: holds {told} replications, the manifest says {n}; run the scenario again")


def _scenario(source: Path, manifest: Mapping[str, Any]) -> Scenario:
    """The scheme that a manifest keeps, where this version reads it as the one that wrote it did."""
    wrote = f"fundsim {manifest.get('fundsim')}, this is {runs.versions()['fundsim']}"
    try:
        read = load_text(manifest["document"], manifest["path"] or "document")
    except ScenarioError as error:
        first = error.problems[0]
        raise runs.RunFolderError(
            f"{source}: this version does not read the scheme in manifest.json ({first.path}: {first.why}); it was "
            f"written by {wrote}; run the scheme's file again"
        ) from error
    scenario = replace(read, design=manifest["design"])
    if scenario.fingerprint != manifest["fingerprint"]:
        raise runs.RunFolderError(
            f"{source}: the scenario in manifest.json does not match its fingerprint: it was changed, or is read "
            f"otherwise since (written by {wrote}); run the scheme's file again"
        )
    return scenario


def _named(figures: Results | YearFigures) -> dict[str, Int64s]:
    return {f"{kind}/{name}": array for of, kind in _KINDS.items() for name, array in getattr(figures, of).items()}


def _unnamed(arrays: Mapping[str, Int64s], before: str = "") -> dict[str, Any]:
    """The fields again from arrays whose names begin with ``before``."""
    return {
        of: {
            name.removeprefix(start): array
            for name, array in arrays.items()
            if name.startswith(start := f"{before}{kind}/")
        }
        for of, kind in _KINDS.items()
    }


def _behaviour(arrays: Mapping[str, Int64s]) -> BehaviourFigures | None:
    """What was saved of behaviour; None where none was stated."""
    if not any(name.startswith("answer/") for name in arrays):
        return None
    answer = {name: arrays[f"answer/{name}"].astype(np.float64) for name in ANSWER}
    without = {name.removeprefix("without/"): array for name, array in arrays.items() if name.startswith("without/")}
    return BehaviourFigures(**answer, without=without)
