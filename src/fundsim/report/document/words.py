"""Texts of a report in both languages (中英文): written side by side, so that neither can be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.language import LANGUAGES, Lang

__all__ = ["LANGUAGES", "Lang", "Words", "same"]


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


def same(text: str) -> Words:
    """What is written alike in both languages: an id, a number, a name from the file."""
    return Words(text, text)
