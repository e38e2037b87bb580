"""What a tender comes to: each bid by itself, and each pair of bids on the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fundsim.estimates import Estimate, Probability
from fundsim.pricing import Price
from fundsim.results import Results
from fundsim.tendering.reading import Bid, Tender

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["material", "not material", "undecided"]


@dataclass(frozen=True)
class Figure:
    """A figure of the whole term with its two errors apart."""

    value: float
    se: float | None
    """Of the simulation."""
    inputs: float | None
    """Standard deviation of the expected figure over what is uncertain; None where it is not told."""

    def as_dict(self) -> dict[str, float | None]:
        return {"value": self.value, "se": self.se, "inputs_sd": self.inputs}


@dataclass(frozen=True)
class NoPrice:
    """Why no premium does what a bidder asks of it."""

    en: str
    zh: str


@dataclass(frozen=True, eq=False)
class BidResult:
    """One bid, for bidder, fund and patients."""

    bid: Bid
    results: Results
    contract_sum: int
    """Premium of the stated heads over the whole term (合同总价), fen."""
    scores: Mapping[str, int]
    """By criterion, hundredths of a point."""
    score: int | None
    """None where nothing is scored."""
    rank: int | None
    result: Figure
    """The insurer's result after real cost over the term, yuan."""
    loss: Probability
    """P(loss) of the insurer over the term."""
    cash_short: Probability | None
    """Of the insurer's cash below zero in some month, where the tender states instalments; None otherwise."""
    capital: Figure
    """VaR or TVaR of the insurer's loss, yuan."""
    fund: Figure
    """The fund's result over the term, yuan."""
    pure: Estimate
    """Claims per insured and year, yuan."""
    premium: float
    """Per insured and year, yuan."""
    break_even: Price | NoPrice
    """The premium at which the bidder breaks even on average, or why there is none."""
    walk_away: Price | NoPrice
    """The lowest premium at which what the bidder asks still holds."""
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two bids on the same people: the first less the second."""

    first: str
    second: str
    result: Figure
    """Difference of the insurer's results over the term, yuan."""
    loss: Figure
    """Difference of P(loss), as a share."""
    half_width: float
    """Half of the 95% interval of the difference of P(loss); never below three replications' worth."""
    threshold: float
    """Of the tender, a share."""

    @property
    def verdict(self) -> Verdict:
        """``material`` where the whole interval lies beyond the threshold, ``not material`` where it lies within."""
        if abs(self.loss.value) - self.half_width > self.threshold:
            return "material"
        return "not material" if abs(self.loss.value) + self.half_width <= self.threshold else "undecided"


@dataclass(frozen=True, eq=False)
class TenderResult:
    """A tender, evaluated on common people."""

    tender: Tender
    seed: int
    replications: int
    bids: tuple[BidResult, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per bid; money in yuan over the whole term, the patients' a year's average."""
        import pandas as pd

        return pd.DataFrame([_row(each) for each in self.bids]).set_index("bid")

    def pair_frame(self) -> pd.DataFrame:
        """Return one row per pair of bids."""
        import pandas as pd

        rows = [
            {
                "first": pair.first, "second": pair.second, "result_difference": pair.result.value,
                "result_se": pair.result.se, "result_inputs_sd": pair.result.inputs,
                "p_loss_difference": pair.loss.value, "p_loss_se": pair.loss.se,
                "p_loss_inputs_sd": pair.loss.inputs, "threshold": pair.threshold, "verdict": pair.verdict,
            }
            for pair in self.pairs
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim tender --json`` prints: money in yuan over the whole term."""
        return {
            "tender": self.tender.terms.id,
            "scheme": self.tender.scheme.id,
            "years": self.tender.years,
            "seed": self.seed,
            "replications": self.replications,
            "bids": {each.bid.name: _bid_dict(each) for each in self.bids},
            "pairs": [
                {
                    "first": pair.first,
                    "second": pair.second,
                    "insurer_result": pair.result.as_dict(),
                    "p_loss": pair.loss.as_dict() | {"half_width": pair.half_width},
                    "threshold": pair.threshold,
                    "verdict": pair.verdict,
                }
                for pair in self.pairs
            ],
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        return f"<TenderResult {self.tender.terms.id}: {len(self.bids)} bids, {self.replications:,} replications>"

    def _repr_html_(self) -> str:
        from fundsim.report.tender import tender_html

        return tender_html(self)


PATIENTS = ("beneficiaries", "avg_payout", "patient_burden", "actual_reimbursement_ratio")
"""What is told of patients, averages of a year."""


def _row(each: BidResult) -> dict[str, object]:
    return {
        "bid": each.bid.name,
        **each.bid.terms.offer,
        "contract_sum": each.contract_sum / 100,
        "score": None if each.score is None else each.score / 100,
        "rank": each.rank,
        "insurer_result": each.result.value,
        "insurer_result_se": each.result.se,
        "insurer_result_inputs_sd": each.result.inputs,
        "p_loss": each.loss.p,
        "p_loss_lo": each.loss.lo,
        "p_loss_hi": each.loss.hi,
        "p_cash_short": None if each.cash_short is None else each.cash_short.p,
        "capital": each.capital.value,
        "capital_se": each.capital.se,
        "fund_result": each.fund.value,
        "fund_result_se": each.fund.se,
        **{name: each.results.estimate(name).mean for name in PATIENTS},
        "pure_premium": each.pure.mean,
        "pure_premium_se": each.pure.se,
        "break_even": each.break_even.value if isinstance(each.break_even, Price) else None,
        "walk_away": each.walk_away.value if isinstance(each.walk_away, Price) else None,
    }


def _bid_dict(each: BidResult) -> dict[str, Any]:
    return {
        "offer": dict(each.bid.terms.offer),
        "contract_sum": each.contract_sum / 100,
        "scores": {name: score / 100 for name, score in each.scores.items()},
        "score": None if each.score is None else each.score / 100,
        "rank": each.rank,
        "insurer_result": each.result.as_dict(),
        "p_loss": each.loss.as_dict(),
        "p_cash_short": None if each.cash_short is None else each.cash_short.as_dict(),
        "capital": each.capital.as_dict(),
        "fund_result": each.fund.as_dict(),
        "patients": {name: each.results.estimate(name).mean for name in PATIENTS},
        "pure_premium": {"mean": each.pure.mean, "se": each.pure.se},
        "break_even": _price(each.break_even),
        "walk_away": _price(each.walk_away),
        "warnings": list(each.warnings),
    }


def _price(found: Price | NoPrice) -> dict[str, Any]:
    return found.to_dict() if isinstance(found, Price) else {"none": found.en}
