"""The commands that compute, as a user runs them: run, settle, account."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cities import ADMISSIONS
from fundsim.cli import main

ROOT = Path(__file__).parents[1]
QINZHOU = str(ROOT / "scenarios" / "qinzhou-2017.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    designs = "designs: {raised: {change: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}}}\n"
    (tmp_path / "city.yaml").write_text(ADMISSIONS + designs, encoding="utf-8")
    return tmp_path


def fundsim(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_run_prints_the_tender_and_names_what_it_wrote(folder: Path) -> None:
    answer = fundsim("run", "city.yaml", "-n", "8", "--out", "here")
    assert answer.exit_code == 0, answer.output
    for words in (
        "loss_ratio",
        "insurer_result",
        "surplus_return",
        "policy_loss",
        "deficit",
        "beneficiaries",
        "raised",
    ):
        assert words in answer.stdout
    named = [Path(line.removeprefix("wrote ")) for line in answer.stdout.splitlines() if line.startswith("wrote ")]
    assert {path.name for path in named} == {
        "manifest.json", "summary.csv", "replications.npz", "designs", "margin.png", "bands.png",
    }  # fmt: skip
    assert all(path.exists() for path in named)


FLOORS = """
  floor:
    county: [9000 yuan, 4500 yuan]
    tertiary: [{tertiary}, 3500 yuan]
contract:"""


@pytest.mark.parametrize(("tertiary", "path"), [("7200 yuan", "relevant"), ("90000 yuan", "full")])
def test_a_run_says_whom_it_has_drawn(folder: Path, tertiary: str, path: str) -> None:
    text = (folder / "city.yaml").read_text(encoding="utf-8").replace("\ncontract:", FLOORS.format(tertiary=tertiary))
    (folder / "city.yaml").write_text(text, encoding="utf-8")
    answer = fundsim("run", "city.yaml", "-n", "4", "--out", "here")
    manifest = json.loads((folder / "here" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sampler"]["path"] == path
    assert ("everybody is drawn" in answer.stderr) == (path == "full")
    shown = fundsim("show", "city.yaml").stdout
    assert f"drawn: {path}, because" in shown
    assert "stated   9,000; 4,500" in shown


def test_run_answers_scripts_in_json_alone(folder: Path) -> None:
    answer = fundsim("run", "city.yaml", "-n", "8", "--seed", "5", "--json", "--workers", "1")
    printed = json.loads(answer.stdout)
    assert (printed["seed"], printed["replications"], printed["scenario"]) == (5, 8, "small-city")
    assert printed["measures"]["claims_paid"]["mean"] > printed["designs"]["raised"]["measures"]["claims_paid"]["mean"]
    assert "wrote" in answer.stderr
    assert (folder / "runs" / "small-city-n8-s5" / "manifest.json").exists()


def test_every_output_says_where_it_comes_from(folder: Path) -> None:
    fundsim("run", "city.yaml", "-n", "2", "--out", "here")
    manifest = json.loads((folder / "here" / "manifest.json").read_text(encoding="utf-8"))
    assert {"fingerprint", "seed", "versions", "started", "finished", "document"} <= set(manifest)
    assert set(manifest["versions"]) == {"python", "fundsim", "numpy", "scipy", "numba"}


def test_the_saved_summary_answers_the_tender_by_itself(folder: Path) -> None:
    import pandas as pd

    fundsim("run", "city.yaml", "-n", "20", "--out", "here")
    assert (folder / "here" / "summary.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel reads the Chinese
    table = pd.read_csv(folder / "here" / "summary.csv", index_col="measure")
    assert {"loss_ratio", "surplus_return", "policy_loss_fund", "beneficiaries", "deficit", "insurer_loss"} <= set(
        table.index
    )
    assert (table["lo"].dropna() <= table["mean"][table["lo"].notna()]).all()
    assert 0 <= table.loc["deficit", "lo"] <= table.loc["deficit", "mean"] <= table.loc["deficit", "hi"] <= 1
    assert table["fingerprint"].nunique() == table["seed"].nunique() == table["fundsim"].nunique() == 1


def test_run_refuses_the_folder_of_another_run(folder: Path) -> None:
    fundsim("run", "city.yaml", "-n", "2", "--out", "here")
    answer = fundsim("run", "city.yaml", "-n", "3", "--out", "here")
    assert answer.exit_code == 2
    assert "another run" in answer.stderr
    assert "replications" in answer.stderr


@pytest.mark.parametrize("words", [("-n", "0"), ("-n", "x"), ("--workers", "0"), ("--years", "0")])
def test_wrong_usage_is_exit_code_2(folder: Path, words: tuple[str, ...]) -> None:
    assert fundsim("run", "city.yaml", *words).exit_code == 2


def test_an_interrupted_run_says_so_and_goes_on(folder: Path) -> None:
    command = [sys.executable, "-m", "fundsim.cli", "run", "city.yaml", "-n", "400000", "--out", "long"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(folder.glob("long/blocks/*.npy")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in told
    assert "Traceback" not in told
    assert list(folder.glob("long/blocks/*.npy"))


def test_account_settles_a_year_of_actual_totals() -> None:
    answer = fundsim(
        "account", QINZHOU, "--premium", "100000000", "--claims", "1.05 亿元", "--policy-share", "40%", "--json"
    )
    figures = json.loads(answer.stdout)
    # a deficit of 5 million: 2 million of it policy-caused, half of that the insurer's; 4 million of running cost
    assert figures["policy_loss"] == 2_000_000
    assert figures["policy_loss_insurer"] == figures["policy_loss_fund"] == 1_000_000
    assert figures["other_loss_insurer"] == 3_000_000
    assert figures["contract_result"] == -4_000_000
    assert figures["insurer_result"] == -8_000_000
    assert figures["loss_ratio"] == 1.05


def test_account_takes_the_real_cost_and_the_balance_brought_forward() -> None:
    answer = fundsim("account", QINZHOU, "--premium", "100000000", "--claims", "105000000", "--expense", "1000000",
                     "--policy-share", "0", "--carried", "2000000", "--json")  # fmt: skip
    figures = json.loads(answer.stdout)
    assert figures["other_loss"] == 3_000_000
    assert figures["carried"] == -2_000_000
    assert figures["insurer_result"] == -4_000_000


def test_account_takes_the_score_of_the_year(folder: Path) -> None:
    """5% of 100 million is held back; 85 points release 90% of it, the expected 92 points all."""
    grades = "[{from: 90, release: 100%}, {from: 80, release: 90%}, {from: 0, release: 0%}]"
    retention = f"{{share: 5%, score: {{assume: 92, why: 上年考核等次}}, grades: {grades}}}"
    (folder / "graded.yaml").write_text(
        f"fundsim: 1\nid: graded\nextends: {QINZHOU}\nchange:\n"
        f"  contract.retention: {{from: nothing, to: {retention}}}\n",
        encoding="utf-8",
    )
    year = ("account", "graded.yaml", "--premium", "100000000", "--claims", "90000000", "--json")
    expected, assessed = json.loads(fundsim(*year).stdout), json.loads(fundsim(*year, "--score", "85").stdout)
    assert (expected["retention_forfeited"], assessed["retention_forfeited"]) == (0, 500_000)
    assert expected["insurer_result"] - assessed["insurer_result"] == 500_000
    assert assessed["fund_result"] - expected["fund_result"] == 500_000


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--premium", "many", "--claims", "1"), "not an amount"),
        (("--premium", "-5", "--claims", "1"), "negative"),
        (("--premium", "5", "--claims", "1", "--policy-share", "140%"), "outside 0% to 100%"),
        (("--premium", "5", "--claims", "1", "--policy-share", "3"), "write a share"),
        (("--premium", "5", "--claims", "1", "--score", "85"), "holds nothing back until an assessment"),
        (("--premium", "5", "--claims", "1", "--score", "good"), "'good' is not a score; write a score from 0 to 100"),
    ],
)
def test_account_says_what_is_wrong(words: tuple[str, ...], told: str) -> None:
    answer = fundsim("account", QINZHOU, *words)
    assert answer.exit_code == 2
    assert told in answer.stderr


BILLS = """person_id,discharge_date,hardship,place,in_policy_left
450702199001011234,2017-03-01,none,local,40000
450702199001011234,2017-09-01,none,outside-unreferred,40000
B,2017-03-01,none,outside-unreferred,40000
B,2017-09-01,none,local,40000
"""


def test_settle_writes_a_statement_and_explains_a_person(folder: Path) -> None:
    (folder / "bills.csv").write_text(BILLS, encoding="utf-8")
    answer = fundsim("settle", QINZHOU, "bills.csv", "--out", "statement.csv", "--explain", "450702199001011234")
    assert answer.exit_code == 0, answer.output
    rows = [line.split(",") for line in (folder / "statement.csv").read_text(encoding="utf-8").splitlines()]
    paid = [float(row[rows[0].index("paid_cii")]) for row in rows[1:]]
    assert paid == [18_400.0, 16_000.0, 13_600.0, 28_800.0]
    assert "18,400.00" in answer.stdout
    assert "第八条" in answer.stdout


def test_settle_writes_nothing_when_a_row_is_bad(folder: Path) -> None:
    (folder / "bills.csv").write_text(BILLS.replace("2017-09-01,none,local,40000", "2017-09-31,none,locl,4x"), "utf-8")
    answer = fundsim("settle", QINZHOU, "bills.csv", "--out", "statement.csv")
    assert answer.exit_code == 2
    assert answer.stderr.count("error:") == 3
    assert not (folder / "statement.csv").exists()


def test_run_goes_on_until_it_is_precise(folder: Path) -> None:
    target = "se(insurer_result) <= 2% of premium"
    answer = fundsim("run", "city.yaml", "--until", target, "--most", "400")
    assert answer.exit_code == 0, answer.output
    assert f"{target}: reached" in answer.stdout
    assert (folder / "runs" / "small-city-to400-s7" / "manifest.json").exists()


def test_short_of_the_asked_precision_is_exit_code_3(folder: Path) -> None:
    words = ("run", "city.yaml", "--until", "se(insurer_result) <= 0.01% of premium", "--until",
             "width(insurer_loss) <= 50pp", "--most", "250")  # fmt: skip
    answer = fundsim(*words, "--out", "here")
    assert answer.exit_code == 3
    assert "0.01% of premium: not reached, 0." in answer.stdout
    assert "would do" in answer.stdout
    assert "width(insurer_loss) <= 50pp: reached" in answer.stdout
    in_json = fundsim(*words, "--out", "there", "--json")
    assert in_json.exit_code == 3
    assert [each["reached"] for each in json.loads(in_json.stdout)["precision"]] == [False, True]
    assert "not reached" in in_json.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--until", "se(insurer_result) < 1%"), "write <= for '<'"),
        (("--most", "500"), "add --until TARGET"),
        (("--until", "width(deficit) <= 1pp", "-n", "500", "--most", "300"), "lower n or raise most"),
    ],
)
def test_run_says_what_is_wrong_with_a_target(folder: Path, words: tuple[str, ...], told: str) -> None:
    answer = fundsim("run", "city.yaml", *words)
    assert answer.exit_code == 2
    assert told in answer.stderr
    assert not (folder / "runs").exists()
