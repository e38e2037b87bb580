"""Texts of a report in both languages (中英文): written side by side, so that neither can be forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fundsim.language import LANGUAGES, Lang

__all__ = ["LANGUAGES", "Lang", "Words", "joined", "same"]

BETWEEN: Final = {"，": ", ", "、": ", ", "；": "; ", " + ": " + ", " · ": " · ", " → ": " → ", "": " "}
"""Marks between texts in Chinese, and in English."""


@dataclass(frozen=True)
class Words:
    """One text, in Chinese and in English."""

    zh: str
    en: str

    def told(self, lang: Lang) -> str:
        """The text in a language."""
        return self.zh if lang == "zh" else self.en

    def __add__(self, other: Words) -> Words:
        """Both texts after each other; English sentences with a space between them."""
        gap = " " if self.en and other.en else ""
        return Words(self.zh + other.zh, f"{self.en}{gap}{other.en}")


def joined(parts: Iterable[Words], zh: str = "，", en: str | None = None) -> Words:
    """Several texts after each other, with a mark of Chinese between the Chinese ones and its like in English."""
    every = list(parts)
    between = BETWEEN[zh] if en is None else en
    return Words(zh.join(part.zh for part in every), between.join(part.en for part in every))


def same(text: str) -> Words:
    """What is written alike in both languages: an id, a number, a name from the file."""
    return Words(text, text)
