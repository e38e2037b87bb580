"""A value of a scenario file in words (条款取值): amounts, rates, distributions, choices; whole, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from fundsim import units
from fundsim.contracts.tiers import Tier
from fundsim.money import format_yuan
from fundsim.report.document.contract import tiers_in_words
from fundsim.report.document.glossary import NAMES, named
from fundsim.report.document.terms import KEYS, VALUES
from fundsim.report.document.words import Words, joined, same
from fundsim.scenario.nodes import Block, Listing, Node, Scalar, plain
from fundsim.scenario.problems import Steps
from fundsim.scenario.ways import find

OF_A_PAYER: Final = {
    "paid by": Words("{}已支付的金额", "what {} has paid"),
    "deductible of": Words("{}的起付线", "the deductible of {}"),
    "cut by cap of": Words("{}超过封顶线的部分", "what the cap of {} has cut"),
}
PHRASES: Final = {
    ("month", "share"): Words("{}月拨付{}", "{1} in month {0}"),
    ("from", "release"): Words("{}分以上返还{}", "{1} from {0} points"),
    ("to", "hospitals"): Words("超支不超过{}的部分，医院承担{}", "of an overspend up to {} hospitals bear {}"),
    ("hospitals",): Words("其余部分，医院承担{}", "of the rest {}"),
}
"""Parts of lists that are told as a phrase, by their keys."""
TIERS: Final = ("tiers", "policy_tiers", "other_tiers")
_OF = re.compile(rf"({'|'.join(OF_A_PAYER)}) (\S+)")
_FREQUENCY = re.compile(r"([\d.,]+)\s*per\s+(?:([\d,]+)\s+)?persons?")
_YEARS = re.compile(r"\d+\s*(?:years?|年)")
_POINTS = re.compile(r"([+-]?)([\d.]+)\s*(?:pp|个百分点)")


def title_of(root: Block, way: Steps) -> Words | None:
    """The title that a part of a scheme states; None where it states none."""
    title = find(root, (*way, "title"))
    texts = [entry.value.text for entry in title.entries if isinstance(entry.value, Scalar)] if isinstance(
        title, Block
    ) else []  # fmt: skip
    return Words(texts[0], texts[-1]) if texts else None


def value_in_words(node: Node, key: str, root: Block) -> Words:
    """A value with all its parts.

    Args:
        node: the value as written.
        key: the key that it is a value of; the same word means different things under different keys.
        root: the scheme, for the titles of its payers.
    """
    if isinstance(node, Scalar):
        return word_in_words(node.text, key, root)
    if isinstance(node, Block):
        return _distribution(node, root) if "family" in node else _parts(node, root)
    if key in TIERS:
        return tiers_in_words(tuple(Tier.model_validate(plain(item)) for item in node.items))
    items = [value_in_words(item, key, root) for item in node.items]
    if key == "within" and len(items) == 2:
        return Words(f"{items[0].zh}至{items[1].zh}", f"{items[0].en} to {items[1].en}")
    return joined(items, "；" if any(isinstance(item, Block) for item in node.items) else "、")


def _distribution(block: Block, root: Block) -> Words:
    """A distribution with its parameters: ``负二项分布，均值每千人134次，变异系数0.7``."""
    family = block.get("family")
    assert isinstance(family, Scalar)
    name = named(family.text)
    kind = name if family.text in ("spliced", "table") else Words(f"{name.zh}分布", name.en)
    rest = block.without("family")
    return joined([kind, *_pairs(rest, root)], _mark(rest))


def _parts(block: Block, root: Block) -> Words:
    """Parts with their values: ``甲类100%、乙类85%``; those of a list as a phrase of their own: ``4月25%``."""
    phrase = PHRASES.get(tuple(entry.key for entry in block.entries))
    if phrase is not None:
        told = [value_in_words(entry.value, entry.key, root) for entry in block.entries]
        return Words(phrase.zh.format(*(each.zh for each in told)), phrase.en.format(*(each.en for each in told)))
    named_ones = all(entry.key in NAMES for entry in block.entries)
    pairs = _pairs(block, root)
    en = "; " if any("," in pair.en for pair in pairs) else None  # names such as "in the province, referred"
    return joined(pairs, "、" if named_ones else _mark(block), en)


def _mark(block: Block) -> str:
    """What stands between parts: more than a comma, where a part has parts of its own."""
    return "，" if all(isinstance(entry.value, Scalar) for entry in block.entries) else "；"


def _pairs(block: Block, root: Block) -> list[Words]:
    """Each part by its name and its value."""
    found = []
    for entry in block.entries:
        name, told = NAMES.get(entry.key) or KEYS.get(entry.key) or same(entry.key), value_in_words(
            entry.value, entry.key, root
        )  # fmt: skip
        gap = "：" if isinstance(entry.value, Listing) else ""
        found.append(Words(f"{name.zh}{gap}{told.zh}", f"{name.en} {told.en}"))
    return found


def word_in_words(text: str, key: str, root: Block) -> Words:
    """One word or quantity; what has no other words stays as it is written."""
    known = VALUES.get(f"{key}: {text}") or VALUES.get(text)
    if known is not None:
        return known
    of = _OF.fullmatch(text)
    if of is not None:
        payer, words = title_of(root, ("payers", of[2])) or named(of[2]), OF_A_PAYER[of[1]]
        return Words(words.zh.format(payer.zh), words.en.format(payer.en))
    points = _points(text, directed=key == "pay")
    if points is not None:
        return points
    return next((told for read in _QUANTITIES if (told := read(text)) is not None), named(text))


def _factor(text: str) -> Words | None:
    if not units.is_factor(text):
        return None
    number = text.strip().lstrip("x×").strip()
    return Words(f"{number}倍", f"×{number}")


def _frequency(text: str) -> Words | None:
    match = _FREQUENCY.fullmatch(text.strip())
    if match is None:
        return None
    base = "每千人" if match[2] in ("1000", "1,000") else f"每{match[2]}人" if match[2] else "每人"
    return Words(f"{base}{match[1]}次", text)


def _points(text: str, *, directed: bool) -> Words | None:
    """A change of a rate in points; where it has a direction, that is said."""
    match = _POINTS.fullmatch(text.strip())
    if match is None:
        return None
    if not (directed and match[1]):
        return Words(f"{match[1]}{match[2]}个百分点", f"{match[1]}{match[2]} points")
    more = match[1] == "+"
    return Words(f"{'提高' if more else '降低'}{match[2]}个百分点", f"{match[2]} points {'more' if more else 'less'}")


def _yearly(text: str) -> Words | None:
    if "%" not in text or "/" not in text:
        return None
    rate = text.partition("/")[0].strip()
    return Words(f"每年{rate}", f"{rate} a year")


def _heads(text: str) -> Words | None:
    if not text.rstrip().endswith(("person", "persons", "people", "人")) or "/" in text:
        return None
    n = units.count(text)
    return Words(f"{n:,}人", f"{n:,} persons")


def _years(text: str) -> Words | None:
    if _YEARS.fullmatch(text.strip()) is None:
        return None
    n = units.years(text)
    return Words(f"{n}年", f"{n} years" if n > 1 else "1 year")


def _money(text: str) -> Words | None:
    """An amount in yuan, to the fen where it has any; a year's or a head's."""
    for parse, zh, en in (
        (units.money_per_person, "/人", " a head"),
        (units.balance, "/年" if "/" in text else "", " a year" if "/" in text else ""),
    ):
        try:
            amount = format_yuan(parse(text)).removesuffix(".00")
        except units.UnitError:
            continue
        return Words(f"{amount}元{zh}", f"{amount} yuan{en}")
    return None


_QUANTITIES: Final[tuple[Callable[[str], Words | None], ...]] = (
    _factor, _frequency, _yearly, _heads, _years, _money,
)  # fmt: skip
