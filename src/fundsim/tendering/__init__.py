"""Tender mode (招标评标): bids on the same people, for the bidder, the fund and the patients."""

from __future__ import annotations

from fundsim.tendering.evaluating import tender
from fundsim.tendering.reading import Bid, Tender, read_tender
from fundsim.tendering.result import BidResult, Figure, NoPrice, Pair, TenderResult

__all__ = ["Bid", "BidResult", "Figure", "NoPrice", "Pair", "Tender", "TenderResult", "read_tender", "tender"]
