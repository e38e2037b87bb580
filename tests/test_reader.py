"""Reading: text stays text, every value knows its place, and a caret stands below what is meant."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from fundsim.scenario import ScenarioError, load, load_text
from fundsim.scenario.nodes import Block, Listing, Scalar, inline, plain
from fundsim.scenario.problems import Mark, Problem, Problems, dotted
from fundsim.scenario.quantities import quantity, same
from fundsim.scenario.reader import read_tree, source_of
from fundsim.scenario.text import aligned, blank, width
from fundsim.scenario.ways import drop, find, mark_of, parse_way, put
from fundsim.scenario.wrappers import remarks, unwrap
from fundsim.terms import KEY

GOOD = Path(__file__).parent / "bad" / "good" / "base.yaml"


def tree(text: str) -> Block:
    source = source_of(text, "a.yaml")
    problems = Problems(source)
    root = read_tree(text, source, problems)
    problems.raise_if_any()
    assert root is not None
    return root


def told(text: str) -> list[Problem]:
    with pytest.raises(ScenarioError) as error:
        tree(text)
    return list(error.value.problems)


# -- scalars stay text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["no", "yes", "1:30", "012", "1e3", "null", "~", "2017-01-01", "0x10", ".5", "6,000 yuan"]
)
def test_a_scalar_is_the_text_that_was_written(word: str) -> None:
    assert plain(tree(f"a: {word}\n")) == {"a": word}


def test_quotes_and_folded_lines_are_read_as_yaml_reads_them() -> None:
    assert plain(tree("a: 'x: y'\nb: >\n  one\n  two\n")) == {"a": "x: y", "b": "one two\n"}


def test_an_empty_text_may_be_written_in_quotes() -> None:
    assert plain(tree("a: ''\n")) == {"a": ""}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_bytes(
        b"\xef\xbb\xbf" + GOOD.read_text(encoding="utf-8").replace("6000 yuan", "6000").encode().replace(b"\n", b"\r\n")
    )
    with pytest.raises(ScenarioError) as error:
        load(file)
    (problem,) = error.value.problems
    assert (problem.line, problem.column, problem.text) == (12, 17, "    deductible: 6000")


# -- places ---------------------------------------------------------------------------------------------------------


def test_every_node_knows_its_place() -> None:
    root = tree("a: 1\nb:\n  - {c: 2, d: [3, 4]}\n")
    places = {
        way: (mark.line, mark.column, mark.length)
        for way in [("a",), ("b", 0, "c"), ("b", 0, "d", 1)]
        for mark in [mark_of(root, way)]
    }
    assert places == {("a",): (1, 4, 1), ("b", 0, "c"): (3, 9, 1), ("b", 0, "d", 1): (3, 19, 1)}


def test_a_block_is_pointed_at_by_its_key_and_so_is_a_key_that_is_meant() -> None:
    root = tree("a:\n  bcd: {e: 1}\n")
    assert mark_of(root, ("a", "bcd")).column == 3
    assert mark_of(root, ("a", "bcd")).length == 3
    assert mark_of(root, ("a", "bcd", "e")).column == 12
    assert mark_of(root, ("a", "bcd", "e", KEY)).column == 9


def test_a_way_beyond_the_tree_points_at_the_last_thing_that_exists() -> None:
    assert mark_of(tree("a:\n  b: 1\n"), ("a", "x", "y")).line == 1


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("a", ("a",)),
        ("payers.cii.bands[1].to", ("payers", "cii", "bands", 1, "to")),
        ("a[0][12].b-c_d", ("a", 0, 12, "b-c_d")),
        ("payers.大病.pay", ("payers", "大病", "pay")),
    ],
)
def test_ways_are_written_and_read(text: str, way: tuple[str | int, ...]) -> None:
    assert parse_way(text) == way
    assert dotted(way) == text


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", "[0]", "a[x]", "a[1", "a[-1]", "a]b"])
def test_what_is_no_way_is_not_read_as_one(text: str) -> None:
    assert parse_way(text) is None


def test_the_tree_is_changed_without_touching_the_old_one() -> None:
    root = tree("a: {b: [1, 2, 3]}\n")
    new = Scalar("9", Mark(root.mark.source, 5, 5))
    assert plain(put(root, ("a", "b", 1), new, new.mark)) == {"a": {"b": ["1", "9", "3"]}}
    assert plain(put(root, ("a", "c"), new, new.mark)) == {"a": {"b": ["1", "2", "3"], "c": "9"}}
    assert plain(drop(root, ("a", "b", 0))) == {"a": {"b": ["2", "3"]}}
    assert plain(drop(root, ("a",))) == {}
    assert plain(root) == {"a": {"b": ["1", "2", "3"]}}
    assert find(root, ("a", "b", 3)) is None
    assert find(root, ("a", "b", "c")) is None


# -- problems -------------------------------------------------------------------------------------------------------


def test_a_problem_prints_its_place_the_line_a_caret_and_what_to_write() -> None:
    problem = Problem("s.yaml", 3, 8, "payers.cii.pay", "'50' has no unit", "write 50%", "  pay: 50", 2)
    assert str(problem) == (
        "s.yaml:3:8: error: payers.cii.pay: '50' has no unit\n  pay: 50\n       ^^\n  instead: write 50%"
    )


@pytest.mark.parametrize(
    ("line", "column", "length", "caret"),
    [
        ("a: 50", 4, 2, "   ^^"),
        ("大病: 50", 5, 2, "      ^^"),
        ("note: 大病保险", 7, 4, "      ^^^^^^^^"),
        ("\ta: 50", 5, 2, "\t   ^^"),
        ("e\u0301a: 50", 6, 2, "    ^^"),
        ("ａ: 5", 4, 1, "    ^"),
        ("a: 5", 5, 1, "    ^"),
    ],
)
def test_the_caret_stands_below_what_is_meant_in_a_terminal(line: str, column: int, length: int, caret: str) -> None:
    assert str(Problem("f", 1, column, "", "w", "i", line, length)).split("\n")[2] == caret


def test_a_problem_with_a_whole_file_has_no_line() -> None:
    with pytest.raises(ScenarioError) as error:
        load("no-such-scheme.yaml")
    assert str(error.value).split("\n")[0] == "no-such-scheme.yaml: error: there is no such file"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="this is a folder"):
        load(tmp_path)


def test_a_scenario_error_travels_between_processes() -> None:
    error = ScenarioError([Problem("f", 1, 2, "p", "w", "i", "line", 1)])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.problems == error.problems
    assert str(copy) == str(error)


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    text = "a: 1\na: 2\nb: &x 3\nc: *x\nd:\n"
    assert [(problem.line, problem.path) for problem in told(text)] == [(2, "a"), (3, "b"), (4, "c"), (5, "d")]


def test_a_spoilt_part_is_not_complained_of_again() -> None:
    source = source_of("a: 1\n", "a.yaml")
    problems = Problems(source)
    problems.spoil(("claims",))
    problems.add(Mark(source, 1, 1), ("claims", "care"), "why", "instead")
    assert not problems


def test_a_control_character_is_found_after_windows_line_ends() -> None:
    (problem,) = told("a: 1\r\nb: \x01\r\n")
    assert (problem.line, problem.column) == (2, 4)


def test_an_unknown_complaint_of_yaml_is_still_placed() -> None:
    (problem,) = told("%YAML 9.9\n---\na: 1\n")
    assert problem.line == 1
    assert problem.why.startswith("this is not YAML")


# -- assumptions and bids -------------------------------------------------------------------------------------------


def unwrapped(text: str) -> tuple[Block, Problems]:
    root = tree(text)
    problems = Problems(root.mark.source)
    node = unwrap(root, problems)
    assert isinstance(node, Block)
    return node, problems


def test_a_wrapped_value_is_taken_out_and_its_remark_kept() -> None:
    root, problems = unwrapped("a: {b: {assume: 500 yuan, why: 未公布, source: 访谈}}\n")
    assert not problems
    assert plain(root) == {"a": {"b": "500 yuan"}}
    (assumption,), bids = remarks(root)
    assert str(assumption) == "a.b = 500 yuan — 未公布 (访谈)"
    assert assumption.mark == "a.yaml:1"
    assert bids == ()


def test_lists_and_mappings_may_be_assumed_and_hold_more_assumptions() -> None:
    root, _ = unwrapped("a: {assume: {b: {assume: 1%, why: x}, c: [1, 2]}, why: y}\n")
    assert plain(root) == {"a": {"b": "1%", "c": ["1", "2"]}}
    assert [assumption.path for assumption in remarks(root)[0]] == ["a", "a.b"]
    assert remarks(root)[0][0].text == "{b: 1%, c: [1, 2]}"


def test_a_bid_keeps_its_limits() -> None:
    root, problems = unwrapped("a: [{bid: 60%, within: [50 %, 75%], why: tender}]\n")
    assert not problems
    (bid,) = remarks(root)[1]
    assert (bid.path, bid.value, bid.low, bid.high, bid.why) == ("a[0]", "60%", "50 %", "75%", "tender")
    assert str(bid) == "a[0] = 60%, open from 50 % to 75% — tender"


def test_a_bid_may_be_assumed() -> None:
    root, _ = unwrapped("a: {assume: {bid: 60%, within: [50%, 75%]}, why: x}\n")
    assumptions, bids = remarks(root)
    assert [assumptions[0].text, bids[0].value] == ["60%", "60%"]


@pytest.mark.parametrize(
    "text",
    [
        "a: {assume: 1, why: [x]}",
        "a: {bid: 60%, within: 50%}",
        "a: {bid: 60%, within: [50%]}",
        "a: {bid: 60%, within: [50%, 75 yuan]}",
        "a: {bid: 60%, within: [low, high]}",
        "a: {bid: [60%], within: [50%, 75%]}",
        "a: {bid: 60%, within: [50%, 75%], note: x}",
    ],
)
def test_a_faulty_wrapper_is_told_once(text: str) -> None:
    _, problems = unwrapped(f"{text}\n")
    assert len(problems.sorted) == 1


# -- quantities -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6000 yuan", "6,000  yuan"),
        ("6000 yuan", "0.6 万元"),
        ("500000 yuan/year", "50万元"),
        ("50%", "50.0 %"),
        ("500‰", "50%"),
        ("-5pp", "-5 个百分点"),
        ("33 yuan/person", "33元/人"),
        ("x1.5", "× 1.50"),
        ("160 per 1000 persons", "0.16 per person"),
        ("3300000 persons", "330万人"),
        ("-2000000 yuan", "-200 万元"),
        ("两个 字", "两个  字"),
    ],
)
def test_the_same_amount_in_two_notations_is_the_same(one: str, other: str) -> None:
    mark = Mark(source_of("", "a"), 1, 1)
    assert same(Scalar(one, mark), Scalar(other, mark))


@pytest.mark.parametrize(
    ("one", "other"),
    [("50%", "50pp"), ("33 yuan", "33 yuan/person"), ("6000 yuan", "6000 persons"), ("a", "b"), ("50%", "50.0001%")],
)
def test_different_amounts_are_different(one: str, other: str) -> None:
    mark = Mark(source_of("", "a"), 1, 1)
    assert not same(Scalar(one, mark), Scalar(other, mark))


def test_structures_are_compared_part_by_part() -> None:
    root = tree(
        "a: {x: 1 yuan, y: [1, 2]}\nb: {y: [1, 2], x: 1元}\nc: {x: 1 yuan, y: [2, 1]}\nd: [1 yuan]\ne: {x: 1 yuan}\n"
    )
    a, b, c, d, e = (entry.value for entry in root.entries)
    assert same(a, b)
    assert not same(a, c)
    assert not same(a, d)
    assert not same(a, e)
    assert not same(e, a)


def test_a_word_is_no_quantity() -> None:
    assert quantity("guangzhou") is None


# -- printing -------------------------------------------------------------------------------------------------------


def test_width_counts_chinese_characters_twice() -> None:
    assert width("大病a") == 5
    assert blank("大a\t") == "   \t"


def test_columns_line_up_with_chinese_text() -> None:
    assert aligned([("大病", "x"), ("a", "y")], indent="") == ["大病  x", "a     y"]


def test_long_values_are_shortened_on_one_line() -> None:
    node = Listing(
        tuple(Scalar("x" * 30, Mark(source_of("", "a"), 1, 1)) for _ in range(5)), Mark(source_of("", "a"), 1, 1)
    )
    assert len(inline(node)) == 60
    assert inline(node).endswith("…")


def test_a_text_without_a_file_looks_beside_its_name() -> None:
    text = "fundsim: 1\nid: child\nextends: base\nchange: {payers.cii.deductible: {from: 6000 yuan, to: 8000 yuan}}\n"
    scenario = load_text(text, str(GOOD.with_name("child.yaml")))
    assert scenario.plan.payer("cii").classes[0].deductible == 800_000
    assert scenario.path is None
