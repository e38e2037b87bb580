"""What a fit to published figures has come to: figures, parameters, and the claims model as a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from fundsim.calibration.targets.figures import Compared
from fundsim.calibration.targets.fitting import Fit
from fundsim.calibration.targets.moving import Parameter, labelled
from fundsim.calibration.targets.reading import Figures
from fundsim.calibration.targets.scales import DIGITS
from fundsim.calibration.targets.uncertainty import Carried, carried
from fundsim.scenario.files import CLAIMS_FILE
from fundsim.scenario.nodes import Block, Entry
from fundsim.scenario.writer import node_of, to_yaml

if TYPE_CHECKING:
    import pandas as pd

Told = Literal["identified", "partly", "prior"]
IDENTIFIED: Final = 0.5
"""A parameter counts as told by the figures where they at least halve the spread of its prior (spread to spread)."""
AT_PRIOR: Final = 0.9
"""It counts as left at its prior where they take less than a tenth of the spread."""
IN_CHINESE: Final[dict[Told, str]] = {
    "identified": "由公布数据确定",
    "partly": "由公布数据与先验共同确定",
    "prior": "公布数据不足以确定，基本取自先验",
}


@dataclass(frozen=True)
class Fitted:
    """One parameter after the fit."""

    parameter: Parameter
    value: float
    """In its unit: yuan, a share, per person, or a number."""
    spread: float
    """Posterior standard deviation on the parameter's scale."""

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def prior(self) -> str | None:
        """The prior value as a file writes it; None without one."""
        scale = self.parameter.scale
        return None if scale.spread is None else scale.text(scale.value(scale.first), DIGITS)

    @property
    def written(self) -> str:
        """The fitted value as the file writes it."""
        return self.parameter.scale.text(self.value, DIGITS)

    @property
    def shrinkage(self) -> float | None:
        """Posterior over prior spread; None without a prior."""
        prior = self.parameter.scale.spread
        return None if prior is None else self.spread / prior

    @property
    def told(self) -> Told:
        """Whether the figures told the parameter, or it stayed at its prior."""
        if self.shrinkage is None or self.shrinkage <= IDENTIFIED:
            return "identified"
        return "partly" if self.shrinkage <= AT_PRIOR else "prior"

    @property
    def interval(self) -> tuple[float, float]:
        """Where the value lies with 95% by the posterior."""
        scale = self.parameter.scale
        at = scale.at(self.value)
        return scale.value(at - 1.96 * self.spread), scale.value(at + 1.96 * self.spread)

    @property
    def spread_in_words(self) -> str:
        """The posterior spread as a file would write it: a factor, or points, or an amount."""
        scale = self.parameter.scale
        if scale.log:
            return f"x{exp(self.spread):.3g}"
        return f"{self.spread * 100:.3g}pp" if scale.kind == "rate" else scale.text(self.spread, 3)


@dataclass(frozen=True, eq=False)
class TargetsFit:
    """A claims model fitted to published figures, with how well it reproduces them and what they told."""

    figures: Figures
    fit: Fit

    @property
    def targets(self) -> tuple[Compared, ...]:
        """Every published figure beside the model's."""
        return self.fit.compared

    @cached_property
    def parameters(self) -> tuple[Fitted, ...]:
        """Every parameter that might move."""
        spreads = np.sqrt(np.diag(self.fit.covariance))
        return tuple(
            Fitted(parameter, self.fit.values[parameter.name], float(spread))
            for parameter, spread in zip(self.figures.parameters, spreads, strict=True)
        )

    @property
    def holds(self) -> bool:
        """Whether the model reproduces all figures within what was published."""
        return all(each.holds for each in self.targets)

    @cached_property
    def uncertainty(self) -> Carried:
        """The posterior as uncertain inputs."""
        return carried(self.figures.parameters, self.fit.values, self.fit.covariance, self.fit.root)

    @property
    def directions(self) -> int:
        """How many combinations of parameters the figures tell better than the priors do.

        Singular values above 1 of the slopes, each parameter measured by its prior spread (its log where it has none).
        """
        units = np.array([parameter.scale.spread or 1.0 for parameter in self.figures.parameters])
        return int((np.linalg.svd(self.fit.slopes * units, compute_uv=False) > 1.0).sum())

    def frame(self) -> pd.DataFrame:
        """The figures as a table; index target."""
        import pandas as pd

        return pd.DataFrame(_rows_of_targets(self)).set_index("target")

    def parameters_frame(self) -> pd.DataFrame:
        """The parameters as a table; index parameter."""
        import pandas as pd

        return pd.DataFrame(_rows_of_parameters(self)).set_index("parameter")

    def covariance_frame(self) -> pd.DataFrame:
        """Posterior covariance of the parameters on their scales (log, or the value itself)."""
        import pandas as pd

        names = [each.name for each in self.parameters]
        return pd.DataFrame(self.fit.covariance, index=names, columns=names)

    def to_dict(self) -> dict[str, Any]:
        """The fit as plain values for JSON, amounts in yuan."""
        return {
            "id": self.figures.terms.id,
            "holds": self.holds,
            "targets": _rows_of_targets(self),
            "parameters": _rows_of_parameters(self),
            "covariance": self.fit.covariance.tolist(),
            "not_carried": list(self.uncertainty.left_out),
        }

    def text(self, lang: str = "zh") -> str:
        """The fit as tables for a terminal."""
        from fundsim.calibration.targets.telling import in_text

        return in_text(self, lang)

    def to_yaml(self, path: str | Path = "claims.yaml") -> str:
        """The fitted claims model as a file: values under ``assume`` with their reasons, and ``uncertainty``.

        The head says by which command the file at ``path`` was made.
        """
        root = self.fit.root
        for each in self.parameters:
            for way in each.parameter.ways:
                root = labelled(root, way, _reason(each))
        whole = _uncertain(root.without("note"), self.uncertainty)
        kept = whole.without(*(key for key in whole.keys if key not in CLAIMS_FILE))
        return _header(self, Path(path)) + to_yaml(kept, compact=True)

    def write(self, path: str | Path) -> Path:
        """Write the claims model, whole or not at all."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.part")
        beside.write_text(self.to_yaml(path), encoding="utf-8")
        beside.replace(path)
        return path

    def _repr_html_(self) -> str:
        return f"{self.frame().to_html()}{self.parameters_frame().to_html()}"


def _rows_of_targets(fit: TargetsFit) -> list[dict[str, Any]]:
    counted = {name: target.count for name, target in fit.figures.targets}
    return [
        {
            "target": each.name,
            "count": counted[each.name],
            "published": each.published,
            "low": each.low,
            "high": each.high,
            "fitted": each.fitted,
            "difference_se": each.difference,
            "se": each.error if each.score is None else None,
            "simulation_se": each.simulation,
            "holds": each.holds,
        }
        for each in fit.targets
    ]


def _rows_of_parameters(fit: TargetsFit) -> list[dict[str, Any]]:
    return [
        {
            "parameter": each.name,
            "prior": each.prior,
            "fitted": each.written,
            "low": each.interval[0],
            "high": each.interval[1],
            "posterior_over_prior": each.shrinkage,
            "told": each.told,
        }
        for each in fit.parameters
    ]


def _reason(fitted: Fitted) -> str:
    """Why the value is assumed, for whoever reads the claims file."""
    own = f"{fitted.parameter.why}；" if fitted.parameter.why else ""
    scale = fitted.parameter.scale
    prior = ""
    if scale.spread is not None:
        at = scale.in_chinese(scale.value(scale.first), DIGITS)
        prior = f"先验{at}（离散{_in_chinese(fitted, scale.spread)}），"
    multiplied = f"乘以{fitted.written.removeprefix('x')}，" if fitted.parameter.multiplies else ""
    spread = _in_chinese(fitted, fitted.spread)
    return f"{own}按公布数据校准：{prior}{multiplied}校准后离散{spread}，{IN_CHINESE[fitted.told]}"


def _in_chinese(fitted: Fitted, spread: float) -> str:
    """A spread on the parameter's scale: so many times up or down, points, or an amount."""
    scale = fitted.parameter.scale
    if scale.log:
        return f"为{exp(spread):.3g}倍"
    return f"{spread * 100:.3g}个百分点" if scale.kind == "rate" else scale.in_chinese(spread, 3)


def _uncertain(root: Block, uncertainty: Carried) -> Block:
    if not uncertainty.block:
        return root.without("uncertainty")
    return root.with_entry(Entry("uncertainty", root.mark, node_of(uncertainty.block, root.mark)))


def _header(fit: TargetsFit, path: Path) -> str:
    from fundsim.calibration.targets.telling import as_comment

    return as_comment(fit, path)
