"""The report as data (报告模型): sections of paragraphs, tables and figures, before any format.

Writers turn it into HTML, PDF, Excel and Word and decide nothing about its contents, so the same numbers stand in all
of them: a :class:`Number` carries its printed text beside its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from fundsim.report.document.words import Lang, Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Number:
    """A figure: its value, and how it is written with the digits that its error supports."""

    value: float | None
    text: str

    @property
    def decimals(self) -> int:
        """Decimals of the text, for formats that keep the value."""
        return len(self.text.rpartition(".")[2]) if "." in self.text else 0


Cell = Words | Number
"""What stands in a table."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    head: Words
    numeric: bool = True
    """Whether it is set flush right, and sorted by value."""


@dataclass(frozen=True)
class Table:
    """A table (表)."""

    id: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Words, ...] = ()
    summed: bool = False
    """Whether the last row adds up the others, which a spreadsheet shows as formulas."""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of table '{self.id}' has not as many cells as there are columns")


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure (图), drawn in the language of the report."""

    id: str
    title: Words
    alt: Words
    """What it shows, for those who cannot see it."""
    draw: Callable[[Lang], Figure]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a ``finding`` is what the meeting should remember, a ``warning`` what it must not overlook."""

    words: Words
    kind: Literal["text", "finding", "warning"] = "text"


@dataclass(frozen=True)
class Listing:
    """A list of points."""

    items: tuple[Words, ...]


@dataclass(frozen=True)
class Signatures:
    """Lines to be signed (签署栏): who signs, and as what."""

    lines: tuple[Words, ...]


Block = Paragraph | Listing | Table | Picture | Signatures


@dataclass(frozen=True, eq=False)
class Section:
    """One section (章): numbered in the order of the document."""

    id: str
    title: Words
    blocks: tuple[Block, ...]


KEY_POINTS: Final = Words("要点", "Key points")
"""The head above the highlights of a report."""


@dataclass(frozen=True)
class Origin:
    """Where the figures come from: enough to make them again to the bit."""

    scenario: str
    fingerprint: str
    seed: int
    replications: int
    made: str
    """When the run was finished (ISO 8601); the only date of the report, so that the same run gives the same bytes."""
    command: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Document:
    """A report: what is written, whatever the format.

    Its texts stand in both languages, its amounts of money in the unit of one: 万元 for readers of Chinese, million
    yuan for readers of English. :meth:`in_language` gives the same report for the others.
    """

    id: str
    title: Words
    subtitle: Words
    origin: Origin
    sections: tuple[Section, ...]
    attachments: tuple[Table, ...] = ()
    """Data that only a workbook carries."""
    highlights: tuple[Words, ...] = ()
    """Key points (要点), for those who read the first page only."""
    lang: Lang = "zh"
    """The language whose unit of money the figures have."""
    remade: Callable[[Lang], Document] | None = None
    """Makes the same report in another language's units; None where no figure depends on the language."""

    def in_language(self, lang: Lang) -> Document:
        """The same report as readers of a language expect it."""
        return self if lang == self.lang or self.remade is None else self.remade(lang)

    def points(self, lang: Lang) -> list[str]:
        """The key points in a language."""
        return [point.told(lang) for point in self.highlights]

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of the report."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Table))

    def pictures(self) -> Iterator[Picture]:
        """All figures, in the order of the report."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Picture))

    def texts(self, lang: Lang) -> Iterator[str]:
        """Every text of the report in a language, without the figures' own."""
        yield from (self.title.told(lang), self.subtitle.told(lang))
        yield from self.points(lang)
        for section in self.sections:
            yield section.title.told(lang)
            for block in section.blocks:
                yield from _texts(block, lang)


def _texts(block: Block, lang: Lang) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.words.told(lang)
    elif isinstance(block, Listing):
        yield from (item.told(lang) for item in block.items)
    elif isinstance(block, Table):
        yield block.title.told(lang)
        yield from (column.head.told(lang) for column in block.columns)
        yield from (cell.text if isinstance(cell, Number) else cell.told(lang) for row in block.rows for cell in row)
        yield from (note.told(lang) for note in block.notes)
    elif isinstance(block, Picture):
        yield from (block.title.told(lang), block.alt.told(lang))
    else:
        yield from (line.told(lang) for line in block.lines)
