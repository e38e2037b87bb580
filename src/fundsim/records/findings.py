"""What is striking in records that are used (提示): nothing of it is corrected or dropped, all of it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.bills.texts import Bools, Int64s
from fundsim.money import format_yuan
from fundsim.records.enrolment import Exposure
from fundsim.records.names import ADMISSION, AMOUNTS, COUNTY, FUNDS, PARTS, PATIENT, SETTLED, SETTLEMENT, TOTAL
from fundsim.records.privacy import SmallCells
from fundsim.records.reading import Int8s, Raw
from fundsim.records.reasons import KEPT, NUMBER
from fundsim.records.same import combinations, different, repeated
from fundsim.records.screening import everything, summed

SHOWN: Final = 10
"""So many strata are named; of the others only the number."""
_ENOUGH: Final = 20
"""Records of which a median says something."""
_EXPECTED: Final = 10.0
"""Where so many records are expected and none is found (a chance below 5e-5 under a Poisson law), they are missing."""
_FEN_FILE, _TEN_THOUSAND_FILE = 200_000_00, 5_00
"""A median bill in fen: above the first the file seems to be in fen, below the second in 万元."""
_FEN_RATIO, _TEN_THOUSAND_RATIO = 20.0, 1 / 1000
"""A median against that of the other strata: fen for yuan makes it 100, 万元 for yuan a ten-thousandth."""
_COLUMN_RATIO: Final = 5.0
_RARELY_WHOLE, _SURPLUS = 0.01, 3.0
"""Share of ordinary bills of which all amounts are whole yuan, and how many times as many large ones there must be."""


@dataclass(frozen=True)
class Finding:
    """One thing that is striking."""

    name: str
    en: str
    zh: str
    count: int | None = None
    """Records concerned; None where it is not about records."""
    persons: int | None = None
    """Persons concerned; None where it is not known."""
    strata: tuple[str, ...] = ()
    """Where."""

    def text(self, lang: str, small: SmallCells) -> str:
        """The finding in words."""
        words = self.zh if lang == "zh" else self.en
        if self.count is not None:
            words = words.replace("{n}", small.count(self.count, self.persons, lang))
        if not self.strata:
            return words
        more = len(self.strata) - SHOWN
        colon, comma, rest = ("：", "、", f"等，另有{more}处") if lang == "zh" else (": ", ", ", f" and {more} more")
        return f"{words}{colon}{comma.join(self.strata[:SHOWN])}{rest if more > 0 else ''}"


def findings(raw: Raw, reason: Int8s, year: Int64s, discharged: Int64s) -> Iterator[Finding]:
    """What is striking, apart from who is insured."""
    kept = reason == KEPT
    yield from _ids(raw)
    yield from _names(raw)
    yield from _sums(raw, kept)
    yield from _settlements(raw, kept, discharged)
    yield from _units_of_columns(raw, reason)
    yield from _units(raw, reason, year)
    yield from _all_zero(raw, reason, year)


def _about(raw: Raw, chosen: Bools, name: str, en: str, zh: str) -> Iterator[Finding]:
    if chosen.any():
        yield Finding(name, en, zh, int(chosen.sum()), different(raw.person[chosen]))


def _ids(raw: Raw) -> Iterator[Finding]:
    if 2 * raw.rounded_ids > len(raw):
        en = "{n} ids of 18 digits end in 000: a spreadsheet keeps 15 digits, so persons may be mixed up"
        zh = "{n}个18位编号以000结尾：电子表格只保留15位，人员可能混淆"
        yield Finding("ids-rounded", en, zh, raw.rounded_ids)


def _names(raw: Raw) -> Iterator[Finding]:
    for field, names in raw.unnamed.items():
        if names:
            en = f"the column map names {field}, but not these texts, which are used as they stand"
            zh = f"列名对照为{field}列出了取值，但未列出以下文本，按原文使用"
            yield Finding("names-not-mapped", en, zh, strata=names)


def _sums(raw: Raw, kept: Bools) -> Iterator[Finding]:
    total = raw.amounts[TOTAL]
    if all(name in raw.amounts for name in PARTS):
        wrong = kept & (summed(raw.amounts, PARTS) != total)
        en = "{n} records kept whose parts do not add up to the cost in all; the cost in all is used"
        yield from _about(raw, wrong, "parts-differ", en, "{n}条采用记录的分项之和不等于费用总额，以总额为准")
    if PATIENT in raw.amounts and any(name in raw.amounts for name in FUNDS):
        wrong = kept & (summed(raw.amounts, (*FUNDS, PATIENT)) != total)
        en = "{n} records kept in which funds and patient together do not pay the cost in all"
        yield from _about(raw, wrong, "payments-differ", en, "{n}条采用记录的基金支付与个人负担之和不等于费用总额")


def _settlements(raw: Raw, kept: Bools, discharged: Int64s) -> Iterator[Finding]:
    if SETTLED in raw.days:
        settled = raw.days[SETTLED]
        en = "{n} records kept that were settled before the discharge"
        early = kept & (settled > 0) & (settled < discharged)
        yield from _about(raw, early, "settled-before-discharge", en, "{n}条采用记录的结算早于出院")
    rest = np.flatnonzero(kept)
    if ADMISSION in raw.texts:
        again = np.zeros(len(raw), dtype=np.bool_)
        again[rest] = repeated([raw.person[rest], raw.texts[ADMISSION][rest]])
        en = "{n} records kept are a further settlement of an admission; each counts as an admission"
        zh = "{n}条采用记录为同一就诊的再次结算，按单独就诊计"
        yield from _about(raw, again, "several-settlements", en, zh)
    if SETTLEMENT in raw.texts:
        again = np.zeros(len(raw), dtype=np.bool_)
        again[rest] = repeated(everything(raw, rest, ids=False))
        en = "{n} records kept are like another in all but their ids"
        yield from _about(raw, again, "alike-but-ids", en, "{n}条采用记录除编号外与另一记录完全相同")


# -- units ----------------------------------------------------------------------------------------------------------


def _billed(raw: Raw, reason: Int8s) -> Int64s:
    """Rows with a cost, those among them whose parts or payments are too large: another unit makes them so."""
    named = [KEPT, NUMBER["parts-exceed-total"], NUMBER["funds-exceed-total"]]
    return np.flatnonzero(np.isin(reason, named) & (raw.amounts[TOTAL] > 0))


def _units_of_columns(raw: Raw, reason: Int8s) -> Iterator[Finding]:
    rows = _billed(raw, reason)
    total = raw.amounts[TOTAL][rows]
    for name in AMOUNTS:
        if name == TOTAL or name not in raw.amounts:
            continue
        part = raw.amounts[name][rows]
        stated = part > 0
        ratio = float(np.median(part[stated] / total[stated])) if stated.sum() >= _ENOUGH else 0.0
        if ratio > _COLUMN_RATIO:
            en = f"{name} is about {ratio:,.0f} times {TOTAL}: the two columns seem to be in different units"
            zh = f"{name}约为{TOTAL}的{ratio:,.0f}倍：两列的单位似乎不同"
            yield Finding("units-of-column", f"{en}; state 'unit' in the column map", f"{zh}，请在列名对照中注明单位")


def _units(raw: Raw, reason: Int8s, year: Int64s) -> Iterator[Finding]:
    rows = _billed(raw, reason)
    if len(rows) < _ENOUGH:
        return
    middle = int(np.median(raw.amounts[TOTAL][rows]))
    for wrong, unit in ((middle >= _FEN_FILE, "fen"), (middle <= _TEN_THOUSAND_FILE, "万元")):
        if wrong:
            en = f"the median bill is {format_yuan(middle)} yuan: the file seems to be in {unit}"
            zh = f"费用总额的中位数为{format_yuan(middle)}元：文件似以{'分' if unit == 'fen' else unit}为单位"
            yield Finding("units-of-file", f"{en}; state 'unit: {unit}' in the column map", f"{zh}，请在列名对照中注明")
    yield from _units_of_strata(raw, rows, year)
    yield from _units_of_rows(raw, rows, middle)


def _units_of_strata(raw: Raw, rows: Int64s, year: Int64s) -> Iterator[Finding]:
    labels, names = _strata(raw, rows, year)
    order = np.argsort(labels, kind="stable")
    parts = np.split(raw.amounts[TOTAL][rows][order], np.searchsorted(labels[order], np.arange(1, len(names))))
    medians = {place: float(np.median(part)) for place, part in enumerate(parts) if len(part) >= _ENOUGH}
    if len(medians) < 2:
        return
    usual = float(np.median(list(medians.values())))
    ratios = {place: median / usual for place, median in medians.items()}
    in_fen = tuple(names[place] for place, ratio in ratios.items() if ratio >= _FEN_RATIO)
    in_ten_thousands = tuple(names[place] for place, ratio in ratios.items() if ratio <= _TEN_THOUSAND_RATIO)
    for unit, words, found in (("fen", "分", in_fen), ("万元", "万元", in_ten_thousands)):
        if found:
            en = f"the median bill of these is so far from that of the others that they seem to be in {unit}"
            yield Finding("units-of-stratum", en, f"以下各层费用中位数与其他相差悬殊，似以{words}为单位", strata=found)


def _units_of_rows(raw: Raw, rows: Int64s, usual: float) -> Iterator[Finding]:
    """Single bills in fen: far above the usual, every amount a whole number of yuan, which is rare elsewhere."""
    whole = np.all([amount[rows] % 100 == 0 for amount in raw.amounts.values()], axis=0)
    far = raw.amounts[TOTAL][rows] >= _FEN_RATIO * usual
    among_others = float(whole[~far].mean()) if (~far).any() else 1.0
    suspect = whole & far
    if among_others < _RARELY_WHOLE and suspect.sum() > _SURPLUS * max(among_others * far.sum(), 1.0):
        chosen = np.zeros(len(raw), dtype=np.bool_)
        chosen[rows[suspect]] = True
        en = "{n} bills are large and all their amounts whole yuan, as fen read for yuan would be"
        yield from _about(raw, chosen, "units-of-rows", en, "{n}条记录金额很大且各项均为整数元，似将分当作元")


def _strata(raw: Raw, rows: Int64s, year: Int64s) -> tuple[Int64s, list[str]]:
    """The stratum of each row (year and, where told, county), and their names."""
    if COUNTY not in raw.categories:
        keys, place = combinations([year[rows]])
        return place, [str(each) for (each,) in keys.tolist()]
    keys, place = combinations([year[rows], raw.categories[COUNTY][rows]])
    return place, [f"{each} {raw.names[COUNTY][county]}" for each, county in keys.tolist()]


def _all_zero(raw: Raw, reason: Int8s, year: Int64s) -> Iterator[Finding]:
    """Strata in which nothing was billed at all."""
    rows = np.flatnonzero((reason == KEPT) | (reason == NUMBER["zero"]))
    if not len(rows):
        return
    labels, names = _strata(raw, rows, year)
    billed = np.bincount(labels, weights=(reason[rows] == KEPT), minlength=len(names))
    empty = tuple(names[place] for place in np.flatnonzero(billed == 0))
    if empty:
        en = "all amounts of these are zero, so they tell nothing"
        yield Finding("all-zero-stratum", en, "以下各层金额全部为零，不能使用", strata=empty)


# -- who is insured -------------------------------------------------------------------------------------------------


def believable(exposure: Exposure, stratum: Int64s) -> Bools:
    """(k,) strata whose records are there: some were found, or so few were expected that there may be none.

    A year without any record is judged as a whole, however finely its strata are cut.

    Args:
        exposure: k strata.
        stratum: (n,) of each record.
    """
    found = np.bincount(stratum, minlength=len(exposure))
    exposed = exposure.persons[found > 0].sum()
    frequency = found.sum() / exposed if exposed else 0.0
    _, year = np.unique(exposure.year, return_inverse=True)
    of_year = np.bincount(year, exposure.persons)[year]
    alone = np.where(np.bincount(year, found)[year] > 0, exposure.persons, of_year)
    missing: Bools = (found == 0) & (alone * frequency >= _EXPECTED)
    return ~missing & (exposure.persons > 0)


def enrolment_findings(
    exposure: Exposure, unused_axes: Sequence[str], stratum: Int64s, person: Int64s
) -> Iterator[Finding]:
    """What does not fit between records that are kept (stratum and person of each) and who is insured."""
    for axis in unused_axes:
        en = f"the enrolment tells persons by {axis}, the records do not; it is added up over {axis}"
        words = {"county": "地区", "group": "人群"}[axis]
        yield Finding("enrolment-added-up", en, f"参保人数按{words}列出而记录未列，已合并")
    patients = np.bincount(stratum[~repeated([stratum, person])], minlength=len(exposure))
    many = np.flatnonzero(patients > exposure.persons)
    if len(many):
        en = "more persons with records than insured"
        names = tuple(exposure.name(place) for place in many.tolist())
        yield Finding("more-patients-than-insured", en, "有记录的人数多于参保人数", strata=names)
    yield from _missing_records(exposure, stratum)


def _missing_records(exposure: Exposure, stratum: Int64s) -> Iterator[Finding]:
    missing = np.flatnonzero(~believable(exposure, stratum) & (exposure.persons > 0))
    with_records = set(exposure.year[np.unique(stratum)].tolist())
    empty_years = sorted(set(exposure.year[missing].tolist()) - with_records)
    if empty_years:
        en = "persons are insured, but there is no claim; the year is left out of the exposure"
        names = tuple(str(year) for year in empty_years)
        yield Finding("year-without-claims", en, "有参保人数而全年无记录，该年不计入风险暴露", strata=names)
    rest = tuple(exposure.name(place) for place in missing.tolist() if exposure.year[place] in with_records)
    if rest:
        en = "too many persons are insured for there to be no claim; these are left out of the exposure"
        yield Finding("stratum-without-claims", en, "参保人数较多而无记录，不计入风险暴露", strata=rest)


def years_without_claims(years: Sequence[int]) -> Iterator[Finding]:
    """Years that were asked for, or lie between others, without a record that is used."""
    if years:
        en = "no record of this year is used"
        yield Finding("year-without-claims", en, "该年度没有可采用的记录", strata=tuple(map(str, years)))
