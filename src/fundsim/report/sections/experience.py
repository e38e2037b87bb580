"""经验分析: the claims model that stands for experience: how often, where, how dear."""

from __future__ import annotations

from fundsim.claims import AdmissionClaims
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Column, Number, Paragraph, Section, Table
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words

LEAST = 0.01
"""Per cent below which a share is told as less than that."""


def experience(subject: Subject) -> Section:
    """How often people are admitted, and what an admission costs at each level, in the prices of the data."""
    claims = subject.scenario.terms.claims
    frequency = claims.admissions if isinstance(claims, AdmissionClaims) else claims.persons
    per_1000 = f"{1000 * frequency.mean():,.4g}"
    what = (
        Words("人均住院（含门诊慢特病）", "admissions (chronic outpatient cases included)")
        if isinstance(claims, AdmissionClaims)
        else Words("有合规自付费用者", "persons with such an amount")
    )
    text = Words(
        f"费用模型以{claims.year}年为基年：每千人每年{what.zh}{per_1000}人次。"
        if isinstance(claims, AdmissionClaims)
        else f"费用模型以{claims.year}年为基年：每千人每年{what.zh}{per_1000}人。",
        f"The claims model has the level of {claims.year}: {per_1000} {what.en} per 1,000 persons and year.",
    )
    return Section("experience", Words("经验分析", "Experience"), (Paragraph(text), _levels(subject), *_trend(subject)))


def _levels(subject: Subject) -> Table:
    claims = subject.scenario.terms.claims
    columns = (
        Column(Words("就医级别", "level of care"), numeric=False), Column(Words("占人次%", "share %")),
        Column(Words("次均费用（元）", "mean cost (yuan)")), Column(Words("费用分布", "family"), numeric=False),
        Column(Words("超过5万元的概率%", "above 50,000 yuan %")), Column(Words("甲类%", "A %")),
        Column(Words("乙类%", "B %")), Column(Words("丙类%", "C %")), Column(Words("目录外%", "excluded %")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    if isinstance(claims, AdmissionClaims):
        for name, level in claims.care.items():
            parts = level.catalogue
            rows.append(
                (
                    named(name),
                    _rate(level.share),
                    *_cost(level.cost),
                    *(_rate(part) for part in (parts.A, parts.B, parts.C, parts.excluded)),
                )
            )
    else:
        blank = Number(None, "–")
        rows.append(
            (Words("年度合规自付费用", "yearly amount"), blank, *_cost(claims.amount), blank, blank, blank, blank)
        )
    return Table("levels", Words("各级就医的费用", "Cost by level of care"), columns, tuple(rows))


def _rate(ppm: int) -> Number:
    return Number(ppm / 10_000, _in_per_cent(ppm / 10_000))


def _in_per_cent(value: float) -> str:
    """A share for a meeting: two decimals at most, and no power of ten."""
    if 0 < value < LEAST:
        return f"<{LEAST:g}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _cost(severity: object) -> tuple[Number, Words, Number]:
    from fundsim.severity import SeverityFamily

    assert isinstance(severity, SeverityFamily)
    mean, above = severity.mean(), 100 * float(1 - severity.cdf(50_000.0))
    return Number(mean, f"{mean:,.0f}"), named(severity.family), Number(above, _in_per_cent(above))


def _trend(subject: Subject) -> tuple[Paragraph, ...]:
    claims = subject.scenario.terms.claims
    if claims.trend is None:
        return ()
    cost, admissions = (f"{rate / 10_000:g}%" for rate in (claims.trend.cost, claims.trend.admissions))
    factor = claims.trend.factors(claims.year)[0]
    grows = (
        Words(
            f"次均费用年增长{cost}，住院率年增长{admissions}",
            f"Cost grows by {cost} and admissions by {admissions} a year",
        )
        if claims.trend.admissions
        else Words(f"次均费用年增长{cost}，住院率不变", f"Cost grows by {cost} a year, admissions stay as they are,")
    )
    return (
        Paragraph(
            Words(
                f"{grows.zh}，推算至{claims.trend.to}年，次均费用为基年的{factor:.3f}倍。"
                "增长作用于每笔账单，先于起付线。",
                f"{grows.en} up to {claims.trend.to}: a bill is then "
                f"{factor:.3f} times that of the base year, before any deductible.",
            )
        ),
    )
