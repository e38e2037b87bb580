"""Words and amounts that all lines of a trace share."""

from __future__ import annotations

from fundsim.benefits.payer import Match
from fundsim.money import PPM
from fundsim.scenario.text import width


def condition_in_words(match: Match) -> str:
    """A condition on traits: ``insurance=employee, care=level-3/major``."""
    return ", ".join(
        f"{trait}={value if isinstance(value, str) else '/'.join(value)}" for trait, value in match.items()
    )


def named(title: str, name: str) -> str:
    """A payer's title with its id; the id alone where there is no other title."""
    return name if title == name else f"{title} ({name})"


def joined(first: str, chinese: str) -> str:
    """Chinese words after a name, with a blank only where the name is not Chinese."""
    return f"{first}{'' if width(first[-1]) == 2 else ' '}{chinese}"


def in_yuan(due: int) -> str:
    """Fen x ppm as yuan, with all its decimals."""
    yuan, rest = divmod(due, 100 * PPM)
    decimals = f"{rest:08d}".rstrip("0").ljust(2, "0")
    return f"{yuan:,}.{decimals}"
