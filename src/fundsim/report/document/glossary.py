"""Names of a scheme's traits and groups in both languages (词汇): what reports call the ids that files use.

Ids that are not listed are printed as they are written in the file.
"""

from __future__ import annotations

from typing import Final

from fundsim.report.document.words import Words

NAMES: Final = {
    "hardship": Words("困难身份", "hardship"),
    "place": Words("就医地", "place of care"),
    "care": Words("就医级别", "level of care"),
    "household": Words("参保身份", "household"),
    "none": Words("无", "none"),
    "ordinary": Words("普通参保人", "ordinary"),
    "poor": Words("贫困人口", "poor"),
    "urban-poor": Words("城市困难居民", "urban poor"),
    "local": Words("市内", "local"),
    "province-referred": Words("省内转诊", "in the province, referred"),
    "province-unreferred": Words("省内未转诊", "in the province, not referred"),
    "outside-referred": Words("省外转诊", "outside the province, referred"),
    "outside-unreferred": Words("省外未转诊", "outside the province, not referred"),
    "township": Words("乡镇卫生院", "township"),
    "county": Words("县级医院", "county"),
    "tertiary": Words("三级医院", "tertiary"),
    "major": Words("重大疾病住院", "major illness"),
    "chronic": Words("门诊慢特病", "chronic outpatient"),
    "lognormal": Words("对数正态", "lognormal"),
    "gamma": Words("伽马", "gamma"),
    "weibull": Words("威布尔", "Weibull"),
    "log-logistic": Words("对数逻辑斯谛", "log-logistic"),
    "spliced": Words("拼接（主体与厚尾）", "spliced body and tail"),
    "generalised-pareto": Words("广义帕累托", "generalised Pareto"),
    "table": Words("费用分段表", "table of bands"),
}


def named(text: str) -> Words:
    """An id, or several with commas between them, in both languages."""
    parts = [NAMES.get(part, Words(part, part)) for part in text.split(", ")]
    return Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
