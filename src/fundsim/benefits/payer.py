"""Terms of one payer in the waterfall: what counts for it, when it pays, by which rules, for which classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from fundsim.benefits import RULES
from fundsim.terms import Rate, Terms, problem

CATEGORIES = ("A", "B", "C")
"""Catalogue classes of cost: 甲类, 乙类, 丙类 (off catalogue). What is excluded never counts for any payer."""

Match = dict[str, str | list[str]]
"""A condition on traits: every trait named has the value, or one of the values."""

_PART = re.compile(r"(?P<what>paid by|deductible of|cut by cap of) (?P<payer>\S+)")

What = Literal["paid by", "deductible of", "cut by cap of"]


def _readable(parts: list[str]) -> list[str]:
    for place, part in enumerate(parts):
        if _PART.fullmatch(part) is None:
            why = f"'{part}' is not a part of what an earlier payer did with the bill"
            instead = "write 'paid by PAYER', 'deductible of PAYER' or 'cut by cap of PAYER'"
            raise problem("part", why, instead, (place,))
    return parts


Parts = Annotated[list[str], AfterValidator(_readable), Field(default_factory=list)]
"""What earlier payers did with the bill: ``paid by basic``, what its deductible absorbed (``deductible of basic``), or
what it would have paid but for its cap (``cut by cap of basic``)."""


@dataclass(frozen=True)
class Part:
    """What an earlier payer did with a bill, added to a base or taken off it."""

    what: What
    payer: str
    sign: Literal[-1, 1]


class Base(Terms):
    """What of a bill counts for a payer (纳入支付范围的费用)."""

    counts: Annotated[dict[Literal["A", "B", "C"], Rate], Field(default_factory=dict)]
    """Share of each catalogue class that counts, ppm; a class not named does not count."""
    adds: Parts
    """What is added, such as ``cut by cap of basic``: cost above the cap of basic insurance (封顶线以上费用)."""
    less: Parts
    """What is taken off, such as ``paid by basic`` or ``deductible of basic``."""

    def parts(self) -> tuple[Part, ...]:
        """Return what is added and taken off."""
        stated = [(text, 1) for text in self.adds] + [(text, -1) for text in self.less]
        found = ((_PART.fullmatch(text), sign) for text, sign in stated)
        return tuple(Part(match["what"], match["payer"], sign) for match, sign in found if match)  # type: ignore[arg-type]


class VariantTerms(Terms):
    """A change of a payer's rules for the classes of case that match ``when``."""

    when: Match
    overrides: Literal["earlier"] | None = None
    """Says that this variant means to replace what an earlier one set for the same class."""

    def changes(self) -> dict[str, Any]:
        """Return the rule fields that this variant states, in the order in which rules apply."""
        return {field: getattr(self, field) for field in RULES if field in self.model_fields_set}


class PayerTerms(Terms):
    """One payer of the waterfall, such as basic insurance (基本医保) or critical illness insurance (大病保险)."""

    title: dict[str, str] | str | None = None
    base: Base
    only: Annotated[list[Match], Field(default_factory=list)]
    """The payer covers a bill whose class meets one of these conditions; empty: every bill."""
    accumulate: Literal["year", "admission"] = "year"
    """Whether deductible and bands run over the year's accumulated base or start anew with each bill."""
    tops_up: Annotated[list[str], Field(default_factory=list)]
    """Earlier payers whose payments on the bill are taken off what is due: this payer brings them up to its own rates
    (托底保障、补足到规定比例)."""
    cap_shared_with: Annotated[list[str], Field(default_factory=list)]
    """Payers whose payments of the year use up this payer's cap too (合并计算年度最高支付限额)."""
    variants: Annotated[list[VariantTerms], Field(default_factory=list)]

    def values(self) -> dict[str, Any]:
        """Return the value of every rule field, before variants."""
        return {field: getattr(self, field) for field in RULES}


def _with_rules() -> tuple[type[VariantTerms], type[PayerTerms]]:
    """Give both models one optional field for each registered rule."""
    varied: dict[str, Any] = {field: (rule.varied, Field(default=None)) for field, rule in RULES.items()}
    variant = create_model("Variant", __base__=VariantTerms, __doc__=VariantTerms.__doc__, **varied)
    written: dict[str, Any] = {field: (rule.written, Field(default=rule.default)) for field, rule in RULES.items()}
    written["variants"] = (list[variant], Field(default_factory=list))
    return variant, create_model("Payer", __base__=PayerTerms, __doc__=PayerTerms.__doc__, **written)


Variant, Payer = _with_rules()
"""The terms as scenario files may state them: with the fields of all registered rules."""
