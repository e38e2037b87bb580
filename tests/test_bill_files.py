"""Files of any size: however a file is cut into blocks, chunks and partitions, it is settled and refused alike."""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundsim.bills import BillsError, digits, lines, partitions, sources
from fundsim.bills.problems import BillProblems
from fundsim.bills.shuffle import Shuffle
from fundsim.bills.texts import WIDEST, Texts, concatenated
from fundsim.money import LARGEST_BILL, format_yuan
from fundsim.statements import explain, settle, settle_file
from test_statements import ONE, TRAITS, scheme


@contextmanager
def cut(block: int = 1 << 22, chunk: int = 8192, partition: int = 8 << 20) -> Iterator[None]:
    """Read so many bytes at a time, hold so many rows as text, make so many bytes a partition."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        patch.setattr(sources, "CHUNK", chunk)
        patch.setattr(partitions, "PARTITION", partition)
        yield


cuts = st.fixed_dictionaries({"block": st.integers(1, 99), "chunk": st.integers(1, 9), "partition": st.integers(1, 99)})

# --- texts laid out side by side -------------------------------------------------------------------------------------

some_texts = st.lists(st.text(alphabet="ab1 eE\x00肺é", max_size=6) | st.text(min_size=WIDEST, max_size=WIDEST + 2))


@given(some_texts, st.data())
def test_texts_are_what_they_were(texts: list[str], data: st.DataObject) -> None:
    laid_out = Texts.of(texts)
    assert list(laid_out) == texts == [laid_out[place] for place in range(len(texts))]
    assert laid_out.lengths.tolist() == [len(text.encode()) for text in texts]
    places = data.draw(st.lists(st.sampled_from(range(len(texts))))) if texts else []
    taken = laid_out.taken(np.array(places, dtype=np.int64))
    assert list(taken) == [texts[place] for place in places]
    assert list(concatenated([taken, laid_out, laid_out.span(slice(1, 3))])) == [*taken, *texts, *texts[1:3]]
    distinct, place = laid_out.distinct()
    assert sorted(distinct) == sorted(set(texts))
    assert [distinct[each] for each in place.tolist()] == texts
    assert laid_out.holding(b"eE").tolist() == ["e" in text or "E" in text for text in texts]
    odd = [text.strip() != text or not text for text in texts]
    assert (laid_out.odd_edges() | ~np.array(odd, dtype=np.bool_)).all()


@given(some_texts, some_texts)
def test_equal_texts_have_equal_hashes_in_any_company(texts: list[str], others: list[str]) -> None:
    alone, among = Texts.of(texts).hashes(), Texts.of([*others, *texts]).hashes()
    assert alone.tolist() == among[len(others) :].tolist()


def test_hashes_spread_ids_evenly() -> None:
    ids = [f"4507221990{number:08d}" for number in range(20_000)]
    sizes = np.bincount((Texts.of(ids).hashes() % np.uint64(50)).astype(np.int64), minlength=50)
    assert sizes.min() > 320
    assert sizes.max() < 480


@given(st.lists(st.integers(0, LARGEST_BILL)))
def test_amounts_are_written_as_they_are_printed(fen: list[int]) -> None:
    written = digits.written(np.array(fen, dtype=np.int64))
    assert [bytes(row[row != 0]).decode() for row in written] == [format_yuan(each, separator="") for each in fen]


# --- rows of a file --------------------------------------------------------------------------------------------------

pieces = [
    "1,2",
    "a",
    ",",
    "肺,1",
    "\n",
    "\n",
    "\r\n",
    "\r\n",
    "\r",
    " , ",
    "\u3000,\n",
    "1,2\x00\n",
    '"',
    '"a,\r\n""b",',
    '"c\r"',
]


@given(st.lists(st.sampled_from(pieces), max_size=20), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), cuts)
def test_rows_and_their_lines_are_those_of_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], encoding: str, sizes: dict[str, int]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "bills.csv"
    path.write_bytes("".join(["a,b\n", *texts]).encode(encoding))
    expected: list[tuple[int, list[str]]] = []
    ragged, failed = list[int](), None
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error:
                failed = line
                break
            if any(map(str.strip, row)):
                if len(row) == 2:
                    expected.append((line, row))
                else:
                    ragged.append(line)
    source = sources.CsvBills(path)
    assert source.encoding.codec in (encoding, "utf-8")  # without Chinese all are the same
    problems = BillProblems(source.place)
    with cut(**sizes):
        chunks = list(source.chunks(problems))
    found = [
        (line, list(row))
        for chunk in chunks
        for line, row in zip(chunk.rows, zip(*chunk.cells.values(), strict=True), strict=True)
    ]
    assert found == expected
    assert all(len(chunk.rows) <= sizes["chunk"] for chunk in chunks)
    complained = sorted(problem.row for problem in problems_in(problems))
    assert complained == [*ragged, *([failed] if failed else [])]
    for chunk in chunks:
        if chunk.plain is not None:
            again = io.StringIO()
            csv.writer(again, lineterminator="\n").writerows(zip(*chunk.cells.values(), strict=True))
            assert "".join(f"{line}\n" for line in chunk.plain) == again.getvalue()


def problems_in(problems: BillProblems) -> list[Any]:
    try:
        problems.raise_if_any()
    except BillsError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("block", range(1, 24))
def test_a_line_end_may_fall_between_two_blocks(tmp_path: Path, block: int) -> None:
    path = tmp_path / "bills.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n\r\n34,5\r6,7\r\n")
    with cut(block=block, chunk=1):
        chunks = list(sources.CsvBills(path).chunks(BillProblems(str)))
    assert [list(chunk.rows) for chunk in chunks] == [[2], [4], [5]]
    assert [list(chunk.cells["b"]) for chunk in chunks] == [["2"], ["5"], ["7"]]


@pytest.mark.parametrize(
    "piece", [b'a,"b"\n', b"a,b\0\n", b"a\n", b"a,b,c\n", b"a\nb,c,d\n", b" ,b\n", b",\n", b"a,b\rc,d\n"]
)
def test_what_is_not_plain_is_left_to_the_standard_library(piece: bytes) -> None:
    assert lines.plain_rows(b"1,2\n" + piece, 2) is None
    assert lines.plain_rows(b"1,2\r\n3,4", 2) is not None


def test_a_cell_too_long_to_be_read_is_told_of_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    path.write_text(f"person_id,disease\nP1,a\nP2,{'x' * 140_000}\nP3,b\n")
    problems = BillProblems(str)
    with cut(chunk=2):
        chunks = list(sources.CsvBills(path).chunks(problems))
    assert [problem.row for problem in problems_in(problems)] == [3]
    assert [list(chunk.cells["person_id"]) for chunk in chunks] == [["P1"]]


# --- settlements -----------------------------------------------------------------------------------------------------

HEADER = ["person_id", "admission_id", "discharge_date", "hardship", "place", "care", "disease"]
COSTS = ["cost_a", "cost_b", "cost_c", "cost_excluded"]
amounts = st.sampled_from(["0", "0.5", " 12.34", "6000", "07000.10", "99999.99", "1200 "])
rows = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(["P1", " P1", "P2", "张三", "张三 ", "4507", "x" * 70, "P1,2", "e1"]),
        "discharge_date": st.sampled_from(["2017-03-05", "2017/3/5", "20170305", "2017-03-06", " 2016-12-31"]),
        "disease": st.sampled_from(["", "肺癌", 'a "b"', "two\nlines", "a,b", "plain", "n\x00l"]),
        **{trait: st.sampled_from(values) | st.just(f" {values[0]}") for trait, values in TRAITS.items()},
        **dict.fromkeys(COSTS, amounts),
    }
)


def write(path: Path, bills: list[dict[str, str]], encoding: str, end: str, *, quote: bool, blank: int) -> None:
    text = io.StringIO()
    all_ = quote or end == "\r"  # where lines end with CR alone, csv does not see that a LF wants quotes
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if all_ else csv.QUOTE_MINIMAL)
    names = list(bills[0])
    writer.writerow(names)
    for number, bill in enumerate(bills):
        writer.writerow([bill[name] for name in names])
        if blank and number % blank == 0:
            text.write(end)
    path.write_bytes(text.getvalue().encode(encoding))


def expected_statement(scheme_: Any, bills: list[dict[str, str]], encoding: str) -> bytes:
    """The statement of bills that were never in a file: settled in memory as a DataFrame, written by csv alone."""
    settled = settle(scheme_, pd.DataFrame(bills))
    added = [name for name in settled.columns if name not in bills[0]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(settled.columns)
    for bill, amounts_ in zip(bills, settled[added].to_numpy().tolist(), strict=True):
        writer.writerow([*(bill[name] for name in bills[0]), *(f"{amount:.2f}" for amount in amounts_)])
    return text.getvalue().encode("utf-8-sig" if encoding == "utf-8-sig" else "utf-8")


@given(
    bills=st.lists(rows, min_size=1, max_size=25),
    ids=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote=st.booleans(),
    blank=st.integers(0, 3),
    sizes=cuts,
)
def test_statements_do_not_depend_on_how_a_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory,
    bills: list[dict[str, str]],
    ids: bool,
    encoding: str,
    end: str,
    quote: bool,
    blank: int,
    sizes: dict[str, int],
) -> None:
    if ids:
        bills = [{**bill, "admission_id": f"A{(7 * place) % 30}"} for place, bill in enumerate(bills)]
    folder = tmp_path_factory.mktemp("bills")
    path, out = folder / "bills.csv", folder / "out.csv"
    write(path, bills, encoding, end, quote=quote, blank=blank)
    with cut(**sizes):
        settle_file(scheme(), path, out=out)
        person = bills[-1]["person_id"].strip()
        trace = settle_file(scheme(), path, person=person)
    assert out.read_bytes() == expected_statement(scheme(), bills, encoding)
    same = [line for line in trace.split("\n") if " row" not in line]
    assert same == str(explain(scheme(), pd.DataFrame(bills), person)).split("\n")
    assert sorted(each.name for each in folder.iterdir()) == ["bills.csv", "out.csv"]


def plain_file(path: Path, count: int, seed: int = 7) -> Path:
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded\n")
        for _ in range(count):
            day = f"2017-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
            file.write(f"P{rng.randrange(count // 2):09d},{day},{rng.randrange(10**6) / 100:.2f},0,0,1\n")
    return path


@pytest.mark.parametrize("partition", [1 << 30, 100_000, 10_000])
def test_the_same_bits_for_any_number_of_partitions(tmp_path: Path, partition: int) -> None:
    bills = plain_file(tmp_path / "bills.csv", 5_000)
    whole = settle_file(scheme(ONE, {}), bills, out=tmp_path / "whole.csv", as_json=True)
    with cut(chunk=777, partition=partition):
        parts = settle_file(scheme(ONE, {}), bills, out=tmp_path / "parts.csv", as_json=True)
    assert parts == whole
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(bills: Path) -> int:
        with cut(block=1 << 16, chunk=1024, partition=250_000):
            tracemalloc.start()
            settle_file(scheme(ONE, {}), bills, out=tmp_path / "out.csv")
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    peak(plain_file(tmp_path / "tiny.csv", 1_000))  # what is loaded and compiled once
    few, many = plain_file(tmp_path / "few.csv", 27_000), plain_file(tmp_path / "many.csv", 108_000)
    assert peak(many) < 1.1 * peak(few)


# --- problems --------------------------------------------------------------------------------------------------------

broken = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": st.sampled_from(["P1", "P2", "P3", "", "4.5E+17"]),
            "admission_id": st.sampled_from(["A1", "A2", "A3", ""]),
            "discharge_date": st.sampled_from(["2017-03-05", "2017-03-06", "yesterday", "2017-02-30"]),
            "cost_a": st.sampled_from(["100", "9000000000", "x", "-1"]),
            "cost_b": st.sampled_from(["0", "1.234"]),
            "cost_c": st.just("0"),
            "cost_excluded": st.just("0"),
            "paid_basic": st.sampled_from(["0", "50", "101"]),
            "deductible_basic": st.just("0"),
        }
    ),
    min_size=1,
    max_size=20,
)
only_large = broken.map(
    lambda bills: [
        {**bill, "person_id": f"P{place % 3}", "admission_id": f"A{place}", "discharge_date": "2017-03-05"}
        | {"cost_a": "9000000000", "cost_b": "0", "paid_basic": "0"}
        for place, bill in enumerate(bills)
    ]
)
TWO = {"basic": {"pay": "50%"}, "cii": {"pay": "50%"}}


@given(bills=broken | only_large, quote=st.booleans(), sizes=cuts)
def test_the_same_is_wrong_however_a_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, bills: list[dict[str, str]], quote: bool, sizes: dict[str, int]
) -> None:
    folder = tmp_path_factory.mktemp("bills")
    path, out = folder / "bills.csv", folder / "out.csv"
    write(path, bills, "utf-8", "\n", quote=quote, blank=0)
    for given_ in ((), ("basic",), ("cii",)):
        whole, parts = None, None
        try:
            settle(scheme(TWO, {}), path, given=given_)
        except BillsError as error:
            whole = str(error)
        try:
            with cut(**sizes):
                settle_file(scheme(TWO, {}), path, out=out, given=given_)
        except BillsError as error:
            parts = str(error)
        assert parts == whole
        assert out.exists() == (whole is None)
        out.unlink(missing_ok=True)
        assert list(folder.iterdir()) == [path]


def test_nothing_is_settled_once_something_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fundsim import statements

    path = plain_file(tmp_path / "bills.csv", 50)
    path.write_text(f"{path.read_text()}P1,yesterday,1,0,0,0\n")
    monkeypatch.setattr(statements, "settle_people", lambda *_, **__: pytest.fail("settled"))
    with cut(partition=100), pytest.raises(BillsError, match="'yesterday' is not a date"):
        settle_file(scheme(ONE, {}), path, out=tmp_path / "out.csv")


def test_a_file_of_nobodys_bills_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    path.write_text("person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded\n ,2017-03-05,1,0,0,0\n")
    for way in (lambda: settle(scheme(ONE, {}), path), lambda: settle_file(scheme(ONE, {}), path, person="P")):
        with pytest.raises(BillsError, match=r"^\S+bills\.csv:2: error: column 'person_id': there is no id"):
            way()


def test_a_payment_larger_than_what_was_left_is_told_of_every_partition(tmp_path: Path) -> None:
    """Only after settling it is known what the payers before left."""
    header = "person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded,paid_cii,deductible_cii"
    path = tmp_path / "bills.csv"
    path.write_text("\n".join([header, *(f"P{place},2017-03-05,100,0,0,0,60,0" for place in range(20))]))
    with cut(partition=10), pytest.raises(BillsError, match=r"the payers before it left 50\.00 yuan") as caught:
        settle_file(scheme(TWO, {}), path, out=tmp_path / "out.csv", given=["cii"])
    assert [problem.row for problem in caught.value.problems] == list(range(2, 22))
    assert list(tmp_path.iterdir()) == [path]


def test_who_is_not_there_is_sought_in_every_partition(tmp_path: Path) -> None:
    bills = plain_file(tmp_path / "bills.csv", 300)
    with pytest.raises(BillsError) as whole:
        settle_file(scheme(ONE, {}), bills, person="P00000000X")
    assert "did you mean 'P000000" in str(whole.value)
    with cut(chunk=7, partition=100), pytest.raises(BillsError) as parts:
        settle_file(scheme(ONE, {}), bills, person="P00000000X")
    assert str(parts.value) == str(whole.value)


def test_rows_that_do_not_say_whose_they_are_fill_no_partition(tmp_path: Path) -> None:
    """They would all be one person's, and as large as the file; they are complained of and not kept."""
    path, held = tmp_path / "bills.csv", list[int]()
    head = "person_id,discharge_date,cost_a,cost_b,cost_c,cost_excluded"
    path.write_text("\n".join([head, *[",2017-03-05,1,0,0,0"] * 500, "P1,2017-03-05,1,0,0,0"]))
    with pytest.MonkeyPatch.context() as patch:
        send = Shuffle.send
        patch.setattr(Shuffle, "send", lambda self, pieces: (held.append(sum(map(len, pieces))), send(self, pieces)))
        with pytest.raises(BillsError) as caught:
            settle_file(scheme(ONE, {}), path, out=tmp_path / "out.csv")
    assert caught.value.more == 450
    assert sum(held) < 200


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError, OSError])
def test_nothing_is_left_behind_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    from fundsim import statements

    bills, closed = plain_file(tmp_path / "bills.csv", 100), list[Shuffle]()
    close = Shuffle.close
    monkeypatch.setattr(Shuffle, "close", lambda self: (closed.append(self), close(self)))

    def failing(*arguments: Any, **options: Any) -> Any:
        assert list(tmp_path.iterdir()) == [bills]  # what is on disk meanwhile has no name
        raise failure

    monkeypatch.setattr(statements, "settle_people", failing)
    with pytest.raises(failure):
        settle_file(scheme(ONE, {}), bills, out=tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == [bills]
    assert len(closed) == 2
