"""The run folder: whole files or none, the same bytes for the same run, and nothing foreign touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fundsim import runs
from fundsim.runs import RunFolder, RunFolderError, read_arrays, read_manifest, write_arrays, write_text

MANIFEST: dict[str, Any] = {
    "format": runs.FORMAT,
    "fundsim": "0.1.0",
    "scenario": "qinzhou-2017",
    "fingerprint": "a" * 64,
    "seed": 1,
    "replications": 10,
    "designs": [],
    "versions": {"python": "3.11", "numpy": "2.4"},
    "started": "2017-01-01T00:00:00+00:00",
    "finished": None,
}


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "totals/claims": rng.integers(-(2**62), 2**62, size=500),
        "groups/claims": rng.integers(0, 10**9, size=(500, 3)),
        "nobody": np.zeros((0, 4), dtype=np.int64),
    }


def finished(folder: Path, **other: Any) -> Path:
    folder.mkdir(exist_ok=True)
    manifest = {**MANIFEST, "finished": "2017-01-01T00:01:00+00:00", **other}
    (folder / runs.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- arrays ----------------------------------------------------------------------------------------------------------


def test_arrays_survive_being_written_and_read(tmp_path: Path) -> None:
    written = arrays()
    write_arrays(tmp_path / "a.npz", written)
    read = read_arrays(tmp_path / "a.npz")
    assert set(read) == set(written)
    for name, values in written.items():
        assert read[name].dtype == np.int64
        assert np.array_equal(read[name], values)
        assert read[name].shape == values.shape


def test_the_same_arrays_make_the_same_bytes_whatever_their_order(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", arrays())
    write_arrays(tmp_path / "b.npz", dict(reversed(arrays().items())))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_bytes_do_not_depend_on_the_time_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_arrays(tmp_path / "a.npz", arrays())
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_arrays(tmp_path / "b.npz", arrays())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_failed_write_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_arrays(tmp_path / "a.npz", arrays())
    before = (tmp_path / "a.npz").read_bytes()

    def full_disk(file: Any, **values: Any) -> None:
        file.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_arrays(tmp_path / "a.npz", {"other": np.zeros(3, dtype=np.int64)})
    assert (tmp_path / "a.npz").read_bytes() == before


def test_text_is_written_whole_and_in_utf8(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "结余")
    assert (tmp_path / "a.csv").read_bytes() == "结余".encode()
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_damaged_arrays_are_refused_by_the_name_of_the_file(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, arrays())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunFolderError, match=r"a\.npz: damaged .*; run the scenario again"):
        read_arrays(path)


def test_absent_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"a\.npz: is missing from the run; run the scenario again"):
        read_arrays(tmp_path / "a.npz")


# --- the manifest of a finished run ----------------------------------------------------------------------------------


def test_the_manifest_of_a_finished_run_is_read(tmp_path: Path) -> None:
    assert read_manifest(finished(tmp_path))["scenario"] == "qinzhou-2017"


def test_a_folder_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"not a run folder, there is no manifest\.json"):
        read_manifest(tmp_path)


def test_a_folder_that_is_not_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="not a run folder"):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b'{"format": 1,', b"\xff\xfe{}", b"seed: 1"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / runs.MANIFEST).write_bytes(content)
    with pytest.raises(RunFolderError, match=r"manifest\.json: damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", [b"[]", b"3", b'"run"'])
def test_a_manifest_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / runs.MANIFEST).write_bytes(content)
    with pytest.raises(RunFolderError):
        read_manifest(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a letter")
    with pytest.raises(RunFolderError):
        RunFolder.open(tmp_path / "run", MANIFEST)


@pytest.mark.parametrize("other", [runs.FORMAT + 1, None, "1"])
def test_another_format_is_refused_by_the_version_that_wrote_it(tmp_path: Path, other: Any) -> None:
    finished(tmp_path, format=other, fundsim="9.9.9")
    with pytest.raises(RunFolderError, match=r"written by fundsim 9\.9\.9, in a format this version cannot read"):
        read_manifest(tmp_path)


def test_an_unfinished_run_is_refused_with_what_to_do(tmp_path: Path) -> None:
    RunFolder.open(tmp_path / "run", MANIFEST)
    with pytest.raises(RunFolderError, match="was not finished; start it again with the same --out"):
        read_manifest(tmp_path / "run")


# --- beginning a run, and taking it up again -------------------------------------------------------------------------


def test_a_run_begins_with_its_manifest_and_no_blocks(tmp_path: Path) -> None:
    folder = RunFolder.open(tmp_path / "deep" / "run", MANIFEST)
    assert names(folder.path) == ["blocks", "manifest.json"]
    assert json.loads((folder.path / runs.MANIFEST).read_text(encoding="utf-8")) == MANIFEST


def test_a_run_begins_in_an_empty_folder(tmp_path: Path) -> None:
    RunFolder.open(tmp_path, MANIFEST)
    assert names(tmp_path) == ["blocks", "manifest.json"]


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(RunFolderError, match="is not empty and holds no run; choose another --out"):
        RunFolder.open(tmp_path, MANIFEST)
    assert names(tmp_path) == ["thesis.docx"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", 2),
        ("fundsim", "0.2.0"),
        ("fingerprint", "b" * 64),
        ("seed", 2),
        ("replications", 11),
        ("designs", ["c" * 64]),
        ("versions", {"python": "3.12", "numpy": "2.4"}),
    ],
)
def test_the_folder_of_another_run_is_refused_by_what_differs(tmp_path: Path, name: str, value: Any) -> None:
    RunFolder.open(tmp_path, MANIFEST)
    with pytest.raises(RunFolderError, match=rf"holds another run \(its {name} differ\); choose another --out"):
        RunFolder.open(tmp_path, {**MANIFEST, name: value})
    assert json.loads((tmp_path / runs.MANIFEST).read_text(encoding="utf-8")) == MANIFEST


def test_everything_that_differs_is_named(tmp_path: Path) -> None:
    RunFolder.open(tmp_path, MANIFEST)
    with pytest.raises(RunFolderError, match="its seed, replications differ"):
        RunFolder.open(tmp_path, {**MANIFEST, "seed": 2, "replications": 11})


def test_the_same_run_is_taken_up_again_whatever_the_time(tmp_path: Path) -> None:
    RunFolder.open(tmp_path, MANIFEST).save_block(0, 5, np.arange(5))
    again = RunFolder.open(tmp_path, {**MANIFEST, "started": "2030-01-01T00:00:00+00:00"})
    found = again.block(0, 5)
    assert found is not None
    assert found.tolist() == [0, 1, 2, 3, 4]
    assert json.loads((tmp_path / runs.MANIFEST).read_text(encoding="utf-8"))["started"] == MANIFEST["started"]


def test_a_run_with_a_damaged_manifest_is_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / runs.MANIFEST).write_text("{")
    with pytest.raises(RunFolderError, match="damaged"):
        RunFolder.open(tmp_path, MANIFEST)


# --- blocks ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.open(tmp_path, MANIFEST)


BLOCK = np.random.default_rng(2).integers(-(2**62), 2**62, size=(2, 5, 3, 20))


def test_a_saved_block_is_found_again(folder: RunFolder) -> None:
    folder.save_block(10, 15, BLOCK)
    found = folder.block(10, 15)
    assert found is not None
    assert np.array_equal(found, BLOCK)


def test_a_block_of_other_replications_is_another_block(folder: RunFolder) -> None:
    folder.save_block(10, 15, BLOCK)
    assert folder.block(10, 16) is None
    assert folder.block(0, 5) is None


@pytest.mark.parametrize("keep", [0, 5, 60, 200, 1000])
def test_a_truncated_block_is_dropped_and_can_be_saved_again(folder: RunFolder, keep: int) -> None:
    folder.save_block(0, 5, BLOCK)
    (file,) = (folder.path / runs.BLOCKS).iterdir()
    file.write_bytes(file.read_bytes()[:keep])
    assert folder.block(0, 5) is None
    assert not file.exists()
    folder.save_block(0, 5, BLOCK)
    found = folder.block(0, 5)
    assert found is not None
    assert np.array_equal(found, BLOCK)


def test_a_block_that_was_being_written_when_the_run_was_killed_is_not_taken(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(file: Any, values: Any) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.save_block(0, 5, BLOCK)
    assert folder.block(0, 5) is None


def test_the_blocks_are_dropped_at_the_end_and_nothing_else(folder: RunFolder) -> None:
    folder.save_block(0, 5, BLOCK)
    (folder.path / "summary.csv").write_text("mean")
    folder.close()
    assert names(folder.path) == ["manifest.json", "summary.csv"]
    folder.close()


def test_the_versions_a_result_depends_on_are_named() -> None:
    assert list(runs.versions()) == ["python", "fundsim", "numpy", "scipy", "numba"]
    assert all(runs.versions().values())
