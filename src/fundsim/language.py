"""The language of what notebooks show (显示语言): Chinese, English, or both side by side where none is set."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final, Literal

Lang = Literal["zh", "en"]
LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")
_current: ContextVar[Lang | None] = ContextVar("language", default=None)


def set_language(lang: Lang | None) -> None:
    """Show tables and labels in a language from now on: ``zh``, ``en``, or None for both side by side.

    Ids, such as ``claims_paid``, stay what they are in every language.

    Raises:
        ValueError: another language.
    """
    if lang is not None and lang not in LANGUAGES:
        raise ValueError(f"there is no language '{lang}'; languages are: {', '.join(LANGUAGES)}, or None for both")
    _current.set(lang)


def language() -> Lang | None:
    """The language that was set; None where both are shown."""
    return _current.get()
