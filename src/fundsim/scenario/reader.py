"""From YAML text to the text tree: every scalar stays text, and what YAML would do silently is refused.

Plain YAML reads ``no`` as False and ``1:30`` as 90, lets the second of two equal keys win and pastes one block into
another by alias; a file about money should say what it means.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from fundsim.scenario.nodes import Block, Entry, Listing, Node, Scalar
from fundsim.scenario.problems import Mark, Problems, ScenarioError, Source, Steps
from fundsim.scenario.syntax import in_our_words

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WRITE_IT_OUT = "write the value out where it is meant"


def read_source(path: Path) -> tuple[Source, str]:
    """Read a file's text.

    Raises:
        ScenarioError: there is no such file, or it is not UTF-8.
    """
    name = os.path.normpath(path)
    source = Source(name, folder=path.parent)
    problems = Problems(source)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        problems.file(name, "there is no such file", "check the name, or start a scheme with 'fundsim init'")
    except IsADirectoryError:
        problems.file(name, "this is a folder", "name a file in it")
    except OSError as error:
        problems.file(name, f"the file cannot be read: {error.strerror}", "check who may read it")
    problems.raise_if_any()
    text = _decoded(data, source)
    return replace(source, lines=_lines(text)), text


def source_of(text: str, name: str) -> Source:
    """Return a source for a text that stands in no file; what it refers to is looked for beside ``name``."""
    return Source(name, _lines(text), Path(name).parent)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(_LINE_BREAK.split(text))


def _decoded(data: bytes, source: Source) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").split("\n")
        source = replace(source, lines=_lines(data.decode("utf-8", errors="replace")))
        mark = Mark(source, len(before), len(before[-1]) + 1)
        why = f"the file is not UTF-8 text (byte 0x{data[error.start]:02X})"
        problems = Problems(source)
        problems.add(mark, (), f"{why}{_other_encoding(data)}", "save the file as UTF-8")
        raise ScenarioError(problems.sorted) from None


def _other_encoding(data: bytes) -> str:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; it reads as GB18030 (国标)"


def read_tree(text: str, source: Source, problems: Problems) -> Block | None:
    """Parse YAML into the tree; None where there is none to go on with."""
    tabs = [number for number, line in enumerate(source.lines, start=1) if "\t" in line[: _indentation(line)]]
    if tabs:
        more = f" (and {len(tabs) - 1} more lines)" if len(tabs) > 1 else ""
        column = source.lines[tabs[0] - 1].index("\t") + 1
        why = f"the line is indented with a tab{more}"
        problems.add(Mark(source, tabs[0], column), (), why, "indent with spaces")
        return None
    builder = _Builder(text, source, problems)
    try:
        return builder.document()
    except yaml.YAMLError as error:
        mark, why, instead = in_our_words(error, source)
        problems.add(mark, (), why, instead)
        return None


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


class _Builder:
    """Builds the tree from YAML's events, and complains of what is refused on the way."""

    def __init__(self, text: str, source: Source, problems: Problems) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.BaseLoader)
        self._source = source
        self._problems = problems

    def document(self) -> Block | None:
        root, second = None, None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    second = second or event
                    continue
                root = self._node(next(self._events), ())
        if second is not None:
            why = "a second document begins here; a file holds one scheme"
            self._problems.add(self._mark(second), (), why, "put it in a file of its own")
        if root is None:
            self._problems.add(Mark(self._source, 1, 1), (), "the file is empty", "start with 'fundsim init'")
            return None
        if not isinstance(root, Block):
            why = "the file is not a mapping of keys and values"
            self._problems.add(root.mark, (), why, "begin with 'fundsim: 1' and 'id: ...', each on a line of its own")
            return None
        return root

    def _node(self, event: yaml.Event, way: Steps) -> Node:
        mark = self._mark(event)
        if isinstance(event, yaml.AliasEvent):
            self._problems.add(mark, way, f"the alias '*{event.anchor}' stands for a value elsewhere", _WRITE_IT_OUT)
            return Scalar("", mark)
        self._refuse_anchor_and_tag(event, mark, way)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self._items(way)), mark)
        if isinstance(event, yaml.MappingStartEvent):
            return Block(tuple(self._entries(way, in_brackets=bool(event.flow_style))), mark)
        assert isinstance(event, yaml.ScalarEvent)
        return Scalar(event.value, mark)

    def _refuse_anchor_and_tag(self, event: yaml.Event, mark: Mark, way: Steps) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            why = f"the anchor '&{anchor}' names a value to be repeated elsewhere"
            self._problems.add(mark, way, why, f"delete '&{anchor}', and {_WRITE_IT_OUT}")
        elif tag is not None:
            why = f"the tag '{str(tag).replace('tag:yaml.org,2002:', '!!')}' sets a type; every value here is text"
            self._problems.add(mark, way, why, "delete the tag")

    def _items(self, way: Steps) -> Iterator[Node]:
        for place, event in enumerate(self._events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            item = self._node(event, (*way, place))
            if _is_empty(event):
                self._problems.add(item.mark, (*way, place), "the item is empty", "write its value, or delete it")
            yield item

    def _entries(self, way: Steps, *, in_brackets: bool) -> Iterator[Entry]:
        seen: dict[str, Mark] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key_mark = self._mark(event)
            key = self._key(event, key_mark, way)
            value_event = next(self._events)
            value = self._node(value_event, (*way, key or ""))
            if key is None:
                continue
            if _is_empty(value_event):
                value = Scalar("", key_mark)
                instead = "put a text that contains a comma in quotes" if in_brackets else "delete the line"
                self._problems.add(key_mark, (*way, key), f"'{key}' has no value", f"write a value, or {instead}")
            if key in seen:
                why = f"'{key}' stands twice in this block; first on line {seen[key].line}"
                self._problems.add(key_mark, (*way, key), why, "keep one of the two")
                continue
            seen[key] = key_mark
            yield Entry(key, key_mark, value)

    def _key(self, event: yaml.Event, mark: Mark, way: Steps) -> str | None:
        """The key as text; None where it is refused."""
        if not isinstance(event, yaml.ScalarEvent):
            self._problems.add(mark, way, "this key is a list or a mapping", "write a word, as in 'key: value'")
            self._problems.spoil(way)
            self._node(event, way)
            return None
        if event.value == "<<":
            why = "the merge key '<<' pastes another block in"
            self._problems.add(mark, way, why, "write the keys out, or use 'extends' and 'change'")
            self._problems.spoil(way)
            return None
        self._refuse_anchor_and_tag(event, mark, way)
        return event.value

    def _mark(self, event: yaml.Event) -> Mark:
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        column = start.column + 1
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            return Mark(self._source, start.line + 1, column)
        line = self._source.lines[start.line] if start.line < len(self._source.lines) else ""
        length = (end.column if end.line == start.line else len(line)) - start.column
        return Mark(self._source, start.line + 1, column, max(length, 1))


def _is_empty(event: yaml.Event) -> bool:
    """Whether nothing at all was written: not even quotes."""
    return isinstance(event, yaml.ScalarEvent) and event.value == "" and event.style is None
