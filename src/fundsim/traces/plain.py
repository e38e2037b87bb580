"""A trace as plain data for JSON: amounts are texts in yuan."""

from __future__ import annotations

from typing import Any, Final

from fundsim.benefits.payer import CATEGORIES
from fundsim.money import format_rate, format_yuan
from fundsim.traces.bills import Step, TracedBill
from fundsim.traces.payers import base_in_words, not_covered
from fundsim.traces.phrases import in_yuan

FORMAT: Final = 1
"""Version of the JSON that is printed, its key ``fundsim``."""


def _yuan(fen: int) -> str:
    return format_yuan(fen, separator="")


def bill_dict(bill: TracedBill) -> dict[str, Any]:
    """One bill, with what each payer did."""
    stated = bill.statement.bill
    costs = {f"cost_{name.lower()}": _yuan(cost) for name, cost in zip(CATEGORIES, stated.cost, strict=True)}
    amounts = (
        {"in_policy_left": _yuan(stated.payable)} if bill.annual else costs | {"cost_excluded": _yuan(stated.excluded)}
    )
    return {
        "row": bill.row,
        "discharge_date": bill.date.isoformat(),
        "insurance_year": bill.year,
        "insurance_year_from": bill.period[0].isoformat(),
        "insurance_year_to": bill.period[1].isoformat(),
        "admission_id": bill.admission,
        "traits": dict(bill.case),
        **amounts,
        "gross": _yuan(bill.gross),
        "excluded": _yuan(stated.excluded),
        "payers": [_step_dict(step) for step in bill.steps()],
        "patient_pays": _yuan(bill.statement.patient_pays),
    }


def _step_dict(step: Step) -> dict[str, Any]:
    line, payer, terms = step.line, step.payer, step.terms
    return {
        "payer": line.payer,
        "title": payer.title,
        "clause": step.schedule.clause,
        "variants": [f"{each.number} {each.clause or ''}".strip() for each in payer.variants],
        "conditions": [{"when": dict(each.when), "clause": each.clause} for each in payer.variants],
        "covered": step.covered,
        "given": step.given,
        "left_before": _yuan(step.left),
        "base": _yuan(line.base),
        "how": base_in_words(step) if step.covered else not_covered(step),
        "accumulated_before": _yuan(line.before),
        "accumulated_after": _yuan(line.after),
        "deductible": _yuan(line.deductible),
        "deductible_of_class": _yuan(terms.deductible),
        "slices": [
            {
                "from": _yuan(piece.start),
                "to": _yuan(piece.end),
                "rate": format_rate(piece.rate),
                "amount": in_yuan(piece.due).replace(",", ""),
            }
            for piece in line.slices
        ],
        "rounding": "cumulative" if step.bill.cumulative else "per-bill",
        "due": _yuan(line.due),
        "topped": _yuan(line.topped),
        "cut_by_cap": _yuan(line.cut),
        "cap": None if terms.cap is None else _yuan(terms.cap),
        "paid_before": _yuan(line.used),
        "limit": line.limit,
        "paid": _yuan(line.paid),
        "left": _yuan(line.left),
    }
