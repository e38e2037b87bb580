"""The run folder: what a simulation leaves on disk, and how it goes on after it was killed.

While a run goes on, every finished block lies in ``blocks/`` under its own name, written beside and renamed, so that
a block is either whole or absent. A finished run holds manifest.json, summary.csv and replications.npz instead.
"""

from __future__ import annotations

import json
import platform
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fundsim.errors import UsersError

FORMAT: Final = 1
"""Version of the run folder's layout."""
MANIFEST, SUMMARY, REPLICATIONS = "manifest.json", "summary.csv", "replications.npz"
FUNDS = "funds.csv"
"""The accounts of payers, where the scheme has funds."""
YEARS = "years.csv"
"""Every year by itself, where there are several."""
LANES = "exact.json"
"""The run beside the exact lane, where the model has an exact answer."""
BLOCKS, DESIGNS = "blocks", "designs"
EXCEL: Final = "\ufeff"
"""The signature by which Excel knows UTF-8, so that Chinese in a CSV is read as Chinese."""
_SAME: Final = ("format", "fundsim", "fingerprint", "seed", "replications", "years", "until", "designs", "versions")
"""What must agree for a run to be taken up again."""

Int64s = npt.NDArray[np.int64]


class RunFolderError(UsersError):
    """A folder that does not hold what is asked of it; nothing in it was changed."""


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    packages = {name: version(name) for name in ("fundsim", "numpy", "scipy", "numba")}
    return {"python": platform.python_version(), **packages}


def now() -> str:
    """Return the time of the clock, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_text(path: Path, text: str) -> None:
    """Write a whole file, or leave what was there."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_arrays(path: Path, arrays: Mapping[str, Int64s]) -> None:
    """Write arrays as one npz file, byte for byte the same for the same arrays, or leave what was there."""
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **{name: arrays[name] for name in sorted(arrays)})  # type: ignore[arg-type]
    beside.replace(path)


def read_arrays(path: Path) -> dict[str, Int64s]:
    """Read the arrays of a finished run.

    Raises:
        RunFolderError: the file is absent or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise RunFolderError(f"{path}: is missing from the run; run the scenario again") from error
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read ({error.strerror or error}); run the scenario again") from error
    except (ValueError, EOFError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        raise RunFolderError(f"{path}: damaged (it is cut short, or no npz file); run the scenario again") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a finished run.

    Raises:
        RunFolderError: there is none, it is damaged, of another format, or the run was not finished.
    """
    manifest = _manifest(folder)
    if manifest is None:
        raise RunFolderError(f"{folder}: not a run folder, there is no {MANIFEST}")
    if manifest.get("format") != FORMAT:
        wrote = f"fundsim {manifest.get('fundsim')}"
        raise RunFolderError(f"{folder}: written by {wrote}, in a format this version cannot read; run it again")
    if manifest.get("finished") is None:
        raise RunFolderError(f"{folder}: the run was not finished; start it again with the same --out to go on")
    return manifest


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise RunFolderError(f"{folder / MANIFEST}: damaged ({error}); run the scenario again") from error
    if not isinstance(found, dict):
        raise RunFolderError(f"{folder / MANIFEST}: is not the manifest of a run")
    return found


@dataclass(frozen=True)
class RunFolder:
    """A folder in which a run is under way."""

    path: Path

    @classmethod
    def open(cls, path: str | Path, manifest: Mapping[str, Any]) -> RunFolder:
        """Begin a run in ``path``, or take up the same run again.

        Raises:
            RunFolderError: the folder holds something else, or another run.
        """
        folder = cls(Path(path))
        found = _manifest(folder.path)
        if found is not None:
            told = {"replications"} if manifest.get("until") else set()  # how many it took is known at its end
            differing = [name for name in _SAME if name not in told and found.get(name) != manifest.get(name)]
            if differing:
                raise RunFolderError(
                    f"{path}: holds another run (its {', '.join(differing)} differ); choose another --out, or delete it"
                )
        elif folder.path.exists() and any(folder.path.iterdir()):
            raise RunFolderError(f"{path}: is not empty and holds no run; choose another --out")
        (folder.path / BLOCKS).mkdir(parents=True, exist_ok=True)
        if found is None:
            write_text(folder.path / MANIFEST, json.dumps(dict(manifest), ensure_ascii=False, indent=1) + "\n")
        return folder

    def block(self, start: int, stop: int) -> Int64s | None:
        """Return the block of these replications if it was saved whole."""
        path = self._block_path(start, stop)
        try:
            found: Int64s = np.load(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            path.unlink()  # damaged: drawn again, to the same bits
            return None
        return found

    def save_block(self, start: int, stop: int, values: Int64s) -> None:
        """Save a block as soon as it arrives."""
        path = self._block_path(start, stop)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            np.save(file, values)
        beside.replace(path)

    def _block_path(self, start: int, stop: int) -> Path:
        return self.path / BLOCKS / f"block-{start:08d}-{stop:08d}.npy"

    def close(self) -> None:
        """Drop the blocks: the results have been saved."""
        shutil.rmtree(self.path / BLOCKS, ignore_errors=True)
