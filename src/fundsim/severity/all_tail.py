"""Families of bills that all lie above a threshold (超阈值分布): nothing but a closed tail of weight one."""

from __future__ import annotations

from abc import abstractmethod

from fundsim.severity.base import ClosedTail, Floats, SeverityFamily


class AllTail(SeverityFamily):
    """A family whose every figure is that of its tail; a subclass says which tail."""

    @property
    @abstractmethod
    def natural(self) -> ClosedTail:
        """The whole distribution as a tail of weight one, in yuan."""

    def lowest(self) -> float:
        return self.natural.threshold

    def mean(self) -> float:
        return self.natural.threshold + self.natural.mean_excess()

    def variance(self) -> float:
        return self.natural.second_moment_of_excess() - self.natural.mean_excess() ** 2

    def closed_tail(self) -> ClosedTail:
        return self.natural

    def _pdf(self, x: Floats) -> Floats:
        return self.natural.pdf(x)

    def _cdf(self, x: Floats) -> Floats:
        return self.natural.share_below(x)

    def _survival(self, x: Floats) -> Floats:
        return self.natural.survival(x)

    def _quantile(self, u: Floats) -> Floats:
        return self.natural.quantile_within(u)

    def _quantile_upper(self, v: Floats) -> Floats:
        return self.natural.quantile_upper(v)

    def _limited_mean(self, d: Floats) -> Floats:
        return self.natural.threshold + self.natural.limited_excess(d)

    def _stop_loss(self, d: Floats) -> Floats:
        return self.natural.stop_loss(d)
