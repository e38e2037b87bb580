"""One contract year from actual totals (合同年度结算): what ``fundsim account`` answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from fundsim import units
from fundsim.contracts import account
from fundsim.measures import MEASURES
from fundsim.money import PPM, format_rate, format_yuan, parse_yuan
from fundsim.scenario import Scenario
from fundsim.scenario.text import padded

SHOWN: Final = tuple(
    name
    for name in MEASURES
    if name == "loss_ratio"
    or (MEASURES[name].over is None and name not in ("beneficiaries", "max_payout", "n_at_cap", "patient_burden"))
)
"""Measures that a contract year has without looking at patients."""

Figures = Mapping[str, int | float | None]


def settle_account(
    scenario: Scenario,
    *,
    premium: str,
    claims: str,
    expense: str | None = None,
    policy_share: str | None = None,
    carried: str | None = None,
    score: str | None = None,
) -> dict[str, int | float | None]:
    """Settle one year of a scenario's contract from totals written as ``100000000``, ``1 亿元`` or ``-200 万元``.

    Returns:
        Every figure by its measure's id, in fen; ``loss_ratio`` as a number.

    Raises:
        UnitError: an amount or a share cannot be read.
        ContractError: the contract does not ask for what is given.
    """
    return account(
        scenario.terms.contract,
        premium=amount(premium),
        claims=amount(claims),
        expense=None if expense is None else amount(expense),
        policy_share=None if policy_share is None else part(policy_share),
        carried=None if carried is None else amount(carried, signed=True),
        insured=scenario.population.insured,
        score=None if score is None else units.score(score),
        last_year=True,
    )


def amount(text: str, *, signed: bool = False) -> int:
    """Read a sum of money, a plain number being yuan; fen."""
    try:
        fen = parse_yuan(text.replace(",", ""))
    except ValueError:
        return units.balance(text) if signed else units.total(text)
    if fen < 0 and not signed:
        raise units.UnitError(f"'{text}' is negative", "write an amount of zero or more")
    return fen


def part(text: str) -> int:
    """Read a share, written ``30%`` or ``0.3``; ppm."""
    if text.strip().endswith(("%", "‰")):
        return units.rate(text)
    value = units.number(text)
    if not 0 <= value <= 1:
        raise units.UnitError(f"'{text}' is not a share", "write a share such as 30% or 0.3")
    return round(value * PPM)


def as_json(figures: Figures) -> str:
    """Return the figures as plain numbers in yuan, under the ids of a run."""
    plain = {name: _yuan(name, figures[name]) for name in SHOWN if name in figures}
    return json.dumps(plain, ensure_ascii=False, indent=2)


def _yuan(name: str, figure: int | float | None) -> int | float | None:
    return figure if figure is None or name == "loss_ratio" else figure / 100


def as_text(scenario: Scenario, figures: Figures) -> str:
    """Return the figures as an aligned table, in yuan to the fen."""
    rows = [(MEASURES[name].zh, name, _written(name, figures[name])) for name in SHOWN if name in figures]
    widest = max(len(text) for _, _, text in rows)
    lines = [f"{padded(zh, 34)} {name:<22} {text:>{widest}}" for zh, name, text in rows]
    return "\n".join([f"{scenario.title()} · {scenario.id}   yuan", *lines]) + "\n"


def _written(name: str, figure: int | float | None) -> str:
    if figure is None:
        return "–"
    return format_rate(round(figure * PPM)) if name == "loss_ratio" else format_yuan(int(figure))
