"""What moves together (相关性): correlations and joint distributions, as a Gaussian copula of the inputs.

A correlation is that of the normal scores: the value is ppf(Φ(z)). Among correlated inputs, z = L·e with L the lower
triangular Cholesky factor in the order of the file: the first of them is drawn as if it stood alone, each next one
follows those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from fundsim.terms import Number, Terms, problem

Floats = npt.NDArray[np.float64]

LEAST_EIGENVALUE: Final = 1e-9
"""Of a correlation matrix that counts as positive definite."""


def _rho(value: float) -> float:
    if not -1 < value < 1:
        why = f"a correlation of {value:g} would make the two inputs one"
        raise problem("correlation", why, "write a number between -1 and 1, such as 0.3; or delete one of the two")
    return value


class CorrelationTerms(Terms):
    """The correlation of two inputs: ``{between: [cost-level, admission-level], rho: 0.3}``."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    rho: Annotated[Number, AfterValidator(_rho)]
    """Correlation of the normal scores; for two normal or two lognormal inputs that of (the logs of) the values."""


class JointTerms(Terms):
    """Inputs that are jointly normal, as a calibration hands them over: ``scale: log`` of factors, ``identity`` else.

    Mean and covariance are plain numbers, in the order of ``names``: of the log of a factor, of a factor or index, or
    of an error of growth as a fraction (0.02 is 2 points).
    """

    names: Annotated[list[str], Field(min_length=1)]
    scale: Literal["log", "identity"]
    mean: list[Number]
    covariance: list[list[Number]]

    @model_validator(mode="after")
    def _a_covariance(self) -> Self:
        n = len(self.names)
        if len(self.mean) != n:
            raise problem("joint", f"{n} inputs have {len(self.mean)} means", "write one mean for each name", ("mean",))
        if len(self.covariance) != n or any(len(row) != n for row in self.covariance):
            why = f"the covariance of {n} inputs is not {n} rows of {n} numbers"
            raise problem("joint", why, "write one row for each name", ("covariance",))
        for i in range(n):
            if not self.covariance[i][i] > 0:
                why = f"the variance of '{self.names[i]}' is {self.covariance[i][i]:g}"
                instead = "write a variance above zero, or leave an input out that is known"
                raise problem("joint", why, instead, ("covariance", i, i))
            for j in range(i):
                self._symmetric(i, j)
        return self

    def _symmetric(self, i: int, j: int) -> None:
        one, other = self.covariance[i][j], self.covariance[j][i]
        largest = (self.covariance[i][i] * self.covariance[j][j]) ** 0.5
        if abs(one - other) > 1e-9 * largest:
            why = f"the covariance of '{self.names[i]}' and '{self.names[j]}' is {one:g} here and {other:g} there"
            raise problem("joint", why, "write a symmetric matrix", ("covariance", i, j))

    def correlations(self) -> dict[tuple[str, str], float]:
        """Correlations of the normal scores by pair, in the order of ``names``, those that are not zero."""
        matrix = np.array(self.covariance)
        sd = np.sqrt(np.diag(matrix))
        return {
            (self.names[j], self.names[i]): float(matrix[i, j] / (sd[i] * sd[j]))
            for i in range(len(self.names))
            for j in range(i)
            if matrix[i, j] != 0
        }


@dataclass(frozen=True)
class Correlated:
    """Inputs that move together, in the order of the file."""

    names: tuple[str, ...]
    matrix: Floats
    """(n, n) correlations of their normal scores; 1 on the diagonal."""

    def contradiction(self) -> tuple[tuple[str, str], ...]:
        """The pairs whose correlations cannot hold together; none where the matrix is positive definite.

        Those of the inputs that carry the direction in which the variance would not be above zero.
        """
        values, vectors = np.linalg.eigh(self.matrix)
        if values[0] > LEAST_EIGENVALUE:
            return ()
        weight = np.abs(vectors[:, 0])
        heavy = [i for i in range(len(self.names)) if weight[i] > 0.1 * weight.max()]
        return tuple((self.names[i], self.names[j]) for i in heavy for j in heavy if i < j and self.matrix[i, j] != 0)

    def root(self) -> Floats:
        """The lower triangular Cholesky factor.

        Raises:
            numpy.linalg.LinAlgError: the correlations contradict each other.
        """
        return np.asarray(np.linalg.cholesky(self.matrix), dtype=np.float64)


def correlated(names: Iterable[str], pairs: Mapping[tuple[str, str], float]) -> tuple[Correlated, ...]:
    """Sort inputs that move together, directly or through others, into blocks; those that move alone are left out.

    Args:
        names: all inputs, in the order of the file.
        pairs: correlations by pair of names.
    """
    order = list(names)
    block = {name: {name} for name in order}
    for one, other in pairs:
        together = block[one] | block[other]
        block.update(dict.fromkeys(together, together))
    found = {tuple(name for name in order if name in members) for members in block.values() if len(members) > 1}
    return tuple(
        Correlated(members, _matrix(members, pairs)) for members in sorted(found, key=lambda m: order.index(m[0]))
    )


def _matrix(names: tuple[str, ...], pairs: Mapping[tuple[str, str], float]) -> Floats:
    matrix = np.eye(len(names))
    for (one, other), rho in pairs.items():
        if one in names:
            i, j = names.index(one), names.index(other)
            matrix[i, j] = matrix[j, i] = rho
    return matrix
