"""A calibration as a claims file (医疗费用模型文件): what a scheme uses by ``claims: {use: …}``, and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from fundsim import runs
from fundsim.calibration.carried import Carried, CarriedInput
from fundsim.calibration.errors import CalibrationError
from fundsim.money import PPM, format_rate, format_yuan
from fundsim.records.privacy import HIDDEN
from fundsim.scenario.checking import check_text
from fundsim.severity import SeverityFamily, Spliced

if TYPE_CHECKING:
    from fundsim.calibration.care import Care
    from fundsim.calibration.grouped_result import GroupedCalibration
    from fundsim.calibration.result import Calibration

ASSUMED_CATALOGUE: Final = "{assume: {A: 40%, B: 45%, C: 10%, excluded: 5%}, why: 记录未列目录内外金额，按常见构成取值}"


def claims_file(calibration: Calibration, name: str) -> str:
    """The text of a claims file.

    Args:
        calibration: what was found.
        name: the file's id; other signs than small letters, digits and hyphens are replaced.
    """
    remarks = [*calibration.remarks("zh"), *_groups(calibration), *_thin(calibration)]
    head = _head(remarks, calibration.source, name)
    return "\n".join([*head, *_claims(calibration), *_uncertainty(calibration.carried)]) + "\n"


def grouped_file(calibration: GroupedCalibration, name: str) -> str:
    """The text of a claims file of amounts a year, from a grouped table; arguments as of :func:`claims_file`.

    Raises:
        CalibrationError: the table does not say how many were insured.
    """
    share = calibration.share
    if share is None:
        raise CalibrationError(
            "the table does not say how many persons were insured, so nobody knows how frequent these amounts are; "
            "add a column 'insured' with all insured of the year"
        )
    head = _head(calibration.remarks("zh"), calibration.source, name)
    claims = [
        "claims:",
        "  basis: in-policy-left",
        f"  year: {calibration.bands.years[-1]}",
        f"  persons: {{family: at-most-one, mean: {share * 1000:.6g} per 1000 persons}}",
        f"  amount: {severity_text(calibration.best.fit.severity)}",
    ]
    return "\n".join([*head, *claims, *_uncertainty(calibration.carried)]) + "\n"


def write_text(text: str, path: str | Path) -> Path:
    """Write a claims file once it has been read back and found in order; whole, or not at all.

    Raises:
        ScenarioError: the file would not be in order.
    """
    target = Path(path)
    check_text(text, target.name)
    runs.write_text(target, text)
    return target


def _id(name: str) -> str:
    cleaned = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    return cleaned or "calibrated"


def _head(remarks: Sequence[str], source: str, name: str) -> Iterator[str]:
    yield "# 由数据校准的医疗费用模型 · Claims model calibrated to data"
    yield "# 各参数为极大似然估计；uncertainty 为参数的抽样误差，方案以 uncertainty: {use: 本文件} 一并采用。"
    yield "# Parameters are maximum likelihood estimates; a scheme draws their errors by uncertainty: {use: this file}."
    yield from (f"# {line}" for line in remarks)
    yield "fundsim: 1"
    yield f"id: {_id(name)}"
    yield "title: {zh: 由数据校准的医疗费用模型, en: Claims model calibrated to data}"
    yield f"source: {_quoted(source)}"


def _claims(calibration: Calibration) -> Iterator[str]:
    yield "claims:"
    yield "  basis: admissions"
    yield f"  year: {calibration.year}"
    yield f"  admissions: {_frequency(calibration)}"
    yield "  care:"
    shares = parts(np.array([level.share for level in calibration.levels]))
    for level, share in zip(calibration.levels, shares, strict=True):
        yield f"    {_quoted(level.name)}:"
        yield f"      share: {format_rate(share)}"
        yield f"      cost: {severity_text(level.chosen.fit.severity)}"
        yield f"      catalogue: {_catalogue(level, calibration.split_assumed)}"
        yield f"      note: {_quoted(level.why_zh)}"
    if calibration.season is not None:
        yield f"  season: [{', '.join(format_rate(month) for month in parts(calibration.season))}]"


def _groups(calibration: Calibration) -> Iterator[str]:
    """Multipliers of groups, which stand with the insured of a scheme, not in a claims file; small ones are hidden."""
    experience, found = calibration.experience, calibration.frequency
    if len(experience.groups) < 2:
        return
    yield "各人群住院频率倍数，写入方案的 population.groups："
    for place, group in enumerate(experience.groups):
        persons = experience.persons_of(experience.group == place)
        if persons and not calibration.small.is_small(persons):
            value, se = found.multipliers[place], found.multipliers_se[place]
            yield f"  {group}: {{admissions: x{value:.3f}}}   # 标准误{se:.3f}"


def _thin(calibration: Calibration) -> Iterator[str]:
    """Credibility estimates by county; those of groups stand with the multipliers' errors in the report alone."""
    for each in calibration.thin:
        if each.axis != "county" or each.found is None:
            continue
        unit = 1000.0 if each.what == "frequency" else 1.0
        yield "各县区每千人住院次数的信度估计：" if each.what == "frequency" else "各县区次均费用（元）的信度估计："
        for name, row in each.frame(calibration.small, "zh").iterrows():
            if row["z"] != HIDDEN and row["weight"] > 0:
                yield f"  {name}: {row['premium'] * unit:,.1f}   # 本地{row['own'] * unit:,.1f}，信度{row['z']:.3f}"


def _frequency(calibration: Calibration) -> str:
    found = calibration.frequency
    mean = f"{found.mean * 1000:.6g} per 1000 persons"
    if found.family == "negative-binomial":
        return f"{{family: negative-binomial, mean: {mean}, cv: {found.cv:.5g}, mixing: person}}"
    return f"{{family: {found.family}, mean: {mean}}}"


def _catalogue(level: Care, why: str | None) -> str:
    if level.catalogue is None:
        return ASSUMED_CATALOGUE
    names = zip(("A", "B", "C", "excluded"), parts(level.catalogue), strict=True)
    text = "{" + ", ".join(f"{name}: {format_rate(share)}" for name, share in names) + "}"
    return text if why is None else f"{{assume: {text}, why: {_quoted(why)}}}"


def severity_text(severity: SeverityFamily) -> str:
    """A cost family on one line, as a file states it."""
    if isinstance(severity, Spliced):
        tail = severity.tail
        stated = [f"above: {_yuan(tail.above)}", f"index: {tail.index:.6g}"]
        stated += [] if tail.weight is None else [f"weight: {format_rate(tail.weight)}"]
        stated += [] if tail.scale is None else [f"scale: {_yuan(tail.scale)}"]
        return f"{{family: spliced, body: {severity_text(severity.body)}, tail: {{{', '.join(stated)}}}}}"
    given = []
    for name, field in type(severity).model_fields.items():
        value = getattr(severity, name)
        if name in ("family", "clause", "source", "note") or value is None:
            continue
        given.append(f"{field.alias or name}: {_yuan(value) if isinstance(value, int) else format(value, '.6g')}")
    return f"{{family: {severity.family}, {', '.join(given)}}}"


def _uncertainty(carried: Carried) -> Iterator[str]:
    if not carried.inputs:
        return
    yield "uncertainty:"
    yield "  inputs:"
    yield from (f"    {_quoted(each.name)}: {_input(each)}" for each in carried.inputs)
    if carried.correlations:
        yield "  correlation:"
        for one, other, rho in carried.correlations:
            yield f"    - {{between: [{_quoted(one)}, {_quoted(other)}], rho: {rho:.4f}}}"


def _input(each: CarriedInput) -> str:
    where = "" if each.care is None else f", care: [{_quoted(each.care)}]"
    if each.of == "tail-index":
        assert each.within is not None
        low, high = each.within
        spread = f"{{family: normal, mean: {each.mean:.5f}, sd: {each.spread:.5f}}}"
        return f"{{of: tail-index{where}, distribution: {spread}, within: [{low:.5f}, {high:.5f}]}}"
    spread = f"{{family: lognormal, cv: {each.spread:.5f}}}"
    if each.of == "mix":
        where = f", trait: care, values: [{_quoted(each.care or '')}]"
    return f"{{of: {each.of}{where}, distribution: {spread}}}"


def parts(shares: npt.NDArray[np.float64]) -> Sequence[int]:
    """Shares in ppm that add up to 100% exactly, by largest remainder."""
    exact = shares / shares.sum() * PPM
    whole = np.floor(exact).astype(np.int64)
    missing = int(PPM - whole.sum())
    for place in np.argsort(whole - exact, kind="stable")[:missing]:
        whole[place] += 1
    return [int(share) for share in whole]


def _yuan(fen: int) -> str:
    text = format_yuan(fen, separator="")
    return f"{text.removesuffix('.00')} yuan"


def _quoted(text: str) -> str:
    """A text as a YAML scalar within a flow mapping: quoted where a sign of the grammar stands in it."""
    plain = re.fullmatch(r"[\w一-鿿（），。；：、%.·–-]+(?: [\w一-鿿（），。；：、%.·–-]+)*", text)
    if plain and not text.startswith("-") and not text.endswith(":"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
