"""The data-quality report (数据质量报告): what was read, what is left out and why, what is missing, what is striking.

Rows and money balance to the last: rows = rows kept + rows left out by reason, and so does the money, to the fen. The
object holds exact numbers; what it prints hides small cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from fundsim.money import format_yuan
from fundsim.records.findings import Finding
from fundsim.records.names import FIELDS
from fundsim.records.privacy import HIDDEN, SUPPRESS, SmallCells
from fundsim.records.reasons import REASONS, Reason
from fundsim.scenario.text import width

if TYPE_CHECKING:
    import pandas as pd

Lang = Literal["en", "zh"]


@dataclass(frozen=True)
class Excluded:
    """The rows that are left out for one reason."""

    reason: str
    rows: int
    persons: int
    """Persons they speak of; each row without a readable person counts as one."""
    money: int
    """Their cost in all, fen, as it stands: of reversed pairs it comes to nothing."""
    affected: int
    """The same without signs."""
    first_rows: tuple[int, ...]
    """Where the first of them stand."""


@dataclass(frozen=True)
class YearOfRecords:
    """The records of one year that are used."""

    year: int
    rows: int
    persons: int
    money: int
    """Cost in all, fen."""
    insured: int | None
    """None where no enrolment was given."""


@dataclass(frozen=True)
class FieldOfRecords:
    """One field of the file."""

    name: str
    column: str
    empty: int
    unreadable: int


@dataclass(frozen=True, repr=False)
class QualityReport:
    """What a file of records is worth."""

    source: str
    """The file, without its folder."""
    how: str
    """What it is written in."""
    rows: int
    kept: int
    persons: int
    """Persons with records that are used."""
    money: int
    """Cost in all of all rows in which it can be read, fen, as it stands."""
    kept_money: int
    affected: int
    """The money of all rows without signs: what per cents are taken of."""
    unknown_money: int
    """Rows in which the cost in all cannot be read."""
    excluded: tuple[Excluded, ...]
    """By reason, those alone that occur."""
    years: tuple[YearOfRecords, ...]
    fields: tuple[FieldOfRecords, ...]
    missing_fields: tuple[str, ...]
    """Fields that the file does not have."""
    unused_columns: tuple[str, ...]
    """Columns of the file that are no field, and are not looked at."""
    warnings: tuple[Finding, ...]

    def rows_for(self, reason: str) -> int:
        """Rows that are left out for a reason."""
        return sum(each.rows for each in self.excluded if each.reason == reason)

    def __repr__(self) -> str:
        return f"QualityReport({self.source}: {self.rows:,} rows, {self.kept:,} used, {len(self.warnings)} warnings)"

    # -- tables ---------------------------------------------------------------------------------------------------

    def frame(self, lang: Lang = "en", small: SmallCells = SUPPRESS) -> pd.DataFrame:
        """Rows and money, kept and by reason; yuan and per cent."""
        import pandas as pd

        return pd.DataFrame([_shown(line, lang) for line in self._lines(lang, small)])

    def year_frame(self, lang: Lang = "en", small: SmallCells = SUPPRESS) -> pd.DataFrame:
        """The years."""
        import pandas as pd

        return pd.DataFrame([_shown(line, lang) for line in self._year_lines(lang, small)])

    def field_frame(self, lang: Lang = "en", small: SmallCells = SUPPRESS) -> pd.DataFrame:
        """The fields of the file, with empty and unreadable cells."""
        import pandas as pd

        return pd.DataFrame([_shown(line, lang) for line in self._field_lines(lang, small)])

    def _lines(self, lang: Lang, small: SmallCells) -> list[dict[str, str]]:
        read_hidden, hidden, kept_hidden = self._hidden(small)
        read = self._line("rows", _TEXTS[lang]["rows read"], self.rows, self.money, self.affected)
        lines = [read | _NOTHING_SHOWN if read_hidden else read]
        for each, hide in zip(self.excluded, hidden, strict=True):
            named = _reason(each.reason)
            line = self._line(each.reason, named.zh if lang == "zh" else named.en, each.rows, each.money, each.affected)
            fewer = {"rows": small.fewer(lang)} if small.is_small(each.persons) else {}
            lines.append(line | _NOTHING_SHOWN | fewer if hide else line)
        kept = self._line("kept", _TEXTS[lang]["kept"], self.kept, self.kept_money, self.kept_money)
        return [*lines, kept | _NOTHING_SHOWN | {"rows": small.fewer(lang)} if kept_hidden else kept]

    def _hidden(self, small: SmallCells) -> tuple[bool, list[bool], bool]:
        """Whether what was read, each reason and what is kept are hidden.

        What was read less what is kept is what is left out: where that is of few persons, it is hidden, too.
        """
        persons = np.array([each.persons for each in self.excluded], dtype=np.int64)
        hidden, kept = small.hidden(persons), small.is_small(self.persons)
        told = hidden.any() and (hidden.sum() == 1 or small.is_small(int(persons[hidden].sum())))
        return bool(kept or told), hidden.tolist(), kept

    def _line(self, name: str, words: str, rows: int, money: int, affected: int) -> dict[str, str]:
        return {
            "what": name,
            "meaning": words,
            "rows": f"{rows:,}",
            "rows %": _per_cent(rows, self.rows),
            "yuan": format_yuan(money),
            "money %": _per_cent(affected, self.affected),
        }

    def _year_lines(self, lang: Lang, small: SmallCells) -> list[dict[str, str]]:
        hidden = small.hidden([year.persons for year in self.years]).tolist()
        lines = []
        for year, hide in zip(self.years, hidden, strict=True):
            numbers = {"rows": f"{year.rows:,}", "persons": f"{year.persons:,}", "yuan": format_yuan(year.money)}
            if hide:
                numbers = dict.fromkeys(numbers, HIDDEN)
                numbers["persons"] = small.fewer(lang) if small.is_small(year.persons) else HIDDEN
            insured = {} if year.insured is None else {"insured": f"{year.insured:,}"}
            lines.append({"year": str(year.year), **numbers, **insured})
        return lines

    def _field_lines(self, lang: Lang, small: SmallCells) -> list[dict[str, str]]:
        return [
            {
                "field": field.name,
                "meaning": FIELDS[field.name].zh if lang == "zh" else FIELDS[field.name].en,
                "column": field.column,
                "empty": small.count(field.empty, lang=lang),
                "unreadable": small.count(field.unreadable, lang=lang),
            }
            for field in self.fields
        ]

    # -- printing -------------------------------------------------------------------------------------------------

    def text(self, lang: Lang = "en", small: SmallCells = SUPPRESS) -> str:
        """The report in words and tables."""
        words = _TEXTS[lang]
        head = words["head"].format(
            source=self.source, how=self.how, persons=small.count(self.persons, lang=lang),
            unknown=small.count(self.unknown_money, lang=lang),
        )  # fmt: skip
        blocks = [
            head,
            _table([_shown(line, lang) for line in self._lines(lang, small)]),
            _table([_shown(line, lang) for line in self._year_lines(lang, small)]),
            _table([_shown(line, lang) for line in self._field_lines(lang, small)]),
        ]
        if self.missing_fields:
            blocks.append(f"{words['absent']}{words['comma'].join(self.missing_fields)}")
        if self.unused_columns:
            blocks.append(f"{words['unused']}{words['comma'].join(self.unused_columns)}")
        noted = [f"- {finding.name}{words['colon']}{finding.text(lang, small)}" for finding in self.warnings]
        blocks.append("\n".join([words["warnings"], *noted]) if noted else words["no warnings"])
        return "\n\n".join(blocks)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from html import escape

        tables = [frame.to_html(index=False, escape=True) for frame in (self.frame(), self.year_frame())]
        noted = "".join(f"<li><b>{each.name}</b>: {escape(each.text('en', SUPPRESS))}</li>" for each in self.warnings)
        return f"<p>{escape(self.source)} ({escape(self.how)})</p>{''.join(tables)}<ul>{noted}</ul>"

    def to_dict(self, small: SmallCells = SUPPRESS) -> dict[str, Any]:
        """Plain data for JSON; amounts in yuan as texts, what is hidden is None."""
        read_hidden, hidden, kept_hidden = self._hidden(small)
        thin = small.hidden([year.persons for year in self.years]).tolist()
        return {
            "source": self.source,
            "format": self.how,
            **_hidden_if(read_hidden, {"rows": self.rows, "yuan": format_yuan(self.money, separator="")}),
            **_hidden_if(
                kept_hidden,
                {"kept": self.kept, "persons": self.persons, "kept_yuan": format_yuan(self.kept_money, separator="")},
            ),
            "rows_of_unknown_cost": _number(self.unknown_money, small),
            "excluded": {
                each.reason: _hidden_if(
                    hide,
                    {
                        "rows": each.rows,
                        "yuan": format_yuan(each.money, separator=""),
                        "share_of_money": each.affected / self.affected if self.affected else 0.0,
                    },
                )
                for each, hide in zip(self.excluded, hidden, strict=True)
            },
            "years": {
                str(year.year): _hidden_if(
                    hide,
                    {"rows": year.rows, "persons": year.persons, "yuan": format_yuan(year.money, separator="")},
                )
                | {"insured": year.insured}
                for year, hide in zip(self.years, thin, strict=True)
            },
            "fields": {
                field.name: {
                    "column": field.column,
                    "empty": _number(field.empty, small),
                    "unreadable": _number(field.unreadable, small),
                }
                for field in self.fields
            },
            "missing_fields": list(self.missing_fields),
            "unused_columns": list(self.unused_columns),
            "warnings": [
                {"name": each.name, "en": each.text("en", small), "zh": each.text("zh", small)}
                for each in self.warnings
            ],
        }


_TEXTS: Final = {
    "en": {
        "head": "Data quality of {source} ({how}): {persons} persons; {unknown} rows whose cost cannot be read",
        "rows read": "rows read",
        "kept": "used",
        "absent": "Fields that the file does not have: ",
        "unused": "Columns that are not used: ",
        "comma": ", ",
        "colon": ": ",
        "warnings": "Warnings",
        "no warnings": "No warnings",
    },
    "zh": {
        "head": "数据质量报告：{source}（{how}），有记录者{persons}人，费用总额无法识别的记录{unknown}条",
        "rows read": "读入",
        "kept": "采用",
        "absent": "文件中没有的字段：",
        "unused": "未使用的列：",
        "comma": "、",
        "colon": "：",
        "warnings": "提示",
        "no warnings": "无提示",
    },
}
_HEADS: Final = {
    "what": "项目", "meaning": "含义", "rows": "行数", "rows %": "占行数", "yuan": "金额（元）", "money %": "占金额",
    "year": "年度", "persons": "人数", "insured": "参保人数", "field": "字段", "column": "列名", "empty": "空缺",
    "unreadable": "无法识别",
}  # fmt: skip
_NOTHING_SHOWN: Final = dict.fromkeys(("rows", "rows %", "yuan", "money %"), HIDDEN)
_LEFT: Final = {"what", "meaning", "field", "column", "year", "项目", "含义", "字段", "列名", "年度"}


def _reason(name: str) -> Reason:
    return next(reason for reason in REASONS if reason.name == name)


def _shown(line: dict[str, str], lang: Lang) -> dict[str, str]:
    return {_HEADS[name]: value for name, value in line.items()} if lang == "zh" else line


def _per_cent(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else HIDDEN


def _number(count: int, small: SmallCells) -> int | None:
    return None if small.is_small(count) else count


def _hidden_if(hide: bool, values: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values) if hide else values


def _table(lines: Sequence[dict[str, str]]) -> str:
    """Columns side by side, texts to the left and numbers to the right; a Chinese character is two wide."""
    if not lines:
        return ""
    heads = list(lines[0])
    rows = [heads, *([line[head] for head in heads] for line in lines)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(heads))]
    return "\n".join(
        "  ".join(
            f"{cell}{' ' * (most - width(cell))}" if head in _LEFT else f"{' ' * (most - width(cell))}{cell}"
            for cell, most, head in zip(row, widths, heads, strict=True)
        ).rstrip()
        for row in rows
    )
