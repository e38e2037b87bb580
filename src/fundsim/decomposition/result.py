"""The decomposition of a scheme's risk: what it says, as tables, as JSON and as a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fundsim.decomposition.shares import UNDEFINED, Parts, Share
from fundsim.decomposition.sources import Source, Thirds
from fundsim.estimates import Probability
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fundsim.language import Lang

FIGURES: Final[dict[str, tuple[str, str]]] = {
    "claims_paid": ("赔付支出", "claims"),
    "insurer_result": ("公司净损益", "insurer's result"),
    "loss_ratio": ("赔付率", "loss ratio"),
    "insurer_loss": ("公司是否亏损", "whether it loses"),
}
"""The figures whose variance is parted, with their names in Chinese and English; the last is 1 where the insurer's
result after real cost is below zero, else 0."""

PROCESS: Final = ("process", "个体偶然性", "luck of patients")
INTERACTION: Final = ("interaction", "交互作用", "interaction")


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Where the risk of a scheme comes from."""

    scenario: Scenario
    seed: int
    years: int
    replications: int
    """In each of two independent samples, and in each sample with one source frozen."""
    settled: int
    """Replications that were settled for it."""
    sources: tuple[Source, ...]
    figures: Mapping[str, Parts]
    """By :data:`FIGURES`."""
    thirds: tuple[Thirds, ...]
    """Of every input and event."""
    loss: Probability
    """The probability of a loss to the insurer, over both samples."""

    def frame(self) -> pd.DataFrame:
        """Return one row per source, then ``process`` and ``interaction``; shares of variance as fractions.

        For every figure: ``FIGURE`` (first-order share), ``FIGURE_se``, ``FIGURE_total``, ``FIGURE_total_se``. The
        first-order shares of a figure, process and interaction with them, add up to 1. ``p_loss_low`` and
        ``p_loss_high``, with the ends of their 95% intervals, are the probabilities of a loss where a source of one
        input was drawn low and high; for every input see :meth:`levels`.
        """
        import pandas as pd

        return pd.DataFrame(list(self._rows())).set_index("source")

    def _rows(self) -> Iterator[dict[str, object]]:
        thirds = {each.source: each for each in self.thirds if sum(t.source == each.source for t in self.thirds) == 1}
        for source in self.sources:
            row: dict[str, object] = {"source": source.name, "zh": source.zh, "en": source.en}
            for name, parts in self.figures.items():
                shares = parts.sources[source.name]
                row |= _named(name, shares.first) | _named(f"{name}_total", shares.total)
            yield row | _low_and_high(thirds.get(source.name))
        for (name, zh, en), of, total in (
            (PROCESS, {name: parts.process for name, parts in self.figures.items()}, True),
            (INTERACTION, {name: parts.interaction for name, parts in self.figures.items()}, False),
        ):
            row = {"source": name, "zh": zh, "en": en}
            for figure, share in of.items():
                row |= _named(figure, share) | _named(f"{figure}_total", share if total else UNDEFINED)
            yield row | _low_and_high(None)

    def levels(self) -> pd.DataFrame:
        """Return one row per input and event: P(loss) in the lowest and highest third of its level, 95% intervals."""
        import pandas as pd

        rows = [
            {
                "input": each.member.name,
                "source": each.source,
                "zh": each.member.zh,
                "en": each.member.en,
                "low_share": each.low_share,
                "high_share": each.high_share,
                **_low_and_high(each),
            }
            for each in self.thirds
        ]
        columns = ["input", "source", "zh", "en", "low_share", "high_share", *_low_and_high(None)]
        return pd.DataFrame(rows, columns=columns).set_index("input")

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim risk --json`` prints; money in yuan, shares as fractions."""
        return {
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "seed": self.seed,
            "years": self.years,
            "replications": self.replications,
            "settled": self.settled,
            "p_loss": self.loss.as_dict(),
            "sources": {
                source.name: {"zh": source.zh, "en": source.en, "members": [member.name for member in source.members]}
                for source in self.sources
            },
            "figures": {name: _figure(parts) for name, parts in self.figures.items()},
            "levels": {
                each.member.name: {
                    "source": each.source,
                    "low": {"of_replications": each.low_share, **each.low.as_dict()},
                    "high": {"of_replications": each.high_share, **each.high.as_dict()},
                }
                for each in self.thirds
            },
        }

    def plot(self, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
        """Plot the shares of variance of each source as bars; returns the axes."""
        from fundsim.report.risk import plot_risk

        return plot_risk(self, ax, lang)

    def __repr__(self) -> str:
        parts = self.figures["insurer_result"]
        process, lead = parts.process, parts.lead
        told = "nothing varies" if process.share is None else f"process {process.share:.1%} of the insurer's result"
        most = "" if lead is None else f", most of the rest from {lead.source}"
        return (
            f"<Decomposition {self.scenario.label}: {self.replications:,} replications, seed {self.seed}; {told}{most}>"
        )

    def _repr_html_(self) -> str:
        from fundsim.report.risk import risk_html

        return risk_html(self)


def _named(name: str, share: Share) -> dict[str, object]:
    return {name: share.share, f"{name}_se": share.se}


def _low_and_high(thirds: Thirds | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for end in ("low", "high"):
        of = None if thirds is None else getattr(thirds, end).as_dict()
        found |= {f"p_loss_{end}{suffix}": of and of[key] for suffix, key in (("", "p"), ("_lo", "lo"), ("_hi", "hi"))}
    return found


def _figure(parts: Parts) -> dict[str, Any]:
    return {
        "mean": parts.mean,
        "sd": parts.sd,
        "sources": {
            name: {"first": shares.first.as_dict(), "total": shares.total.as_dict()}
            for name, shares in parts.sources.items()
        },
        "process": parts.process.as_dict(),
        "interaction": parts.interaction.as_dict(),
        "lead": parts.lead and {"source": parts.lead.source, "next": parts.lead.next, "by": parts.lead.by.as_dict()},
    }
