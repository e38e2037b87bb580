"""Names of a scheme's traits, groups and terms in both languages (词汇): what reports call the ids that files use.

Ids that are not listed are printed as they are written in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fundsim.report.document.words import Words, joined, same

NAMES: Final = {
    # traits
    "hardship": Words("困难身份", "hardship"),
    "place": Words("就医地", "place of care"),
    "care": Words("就医级别", "level of care"),
    "household": Words("参保身份", "household"),
    "disease": Words("病种", "disease"),
    "enrolled": Words("连续参保年限", "years of enrolment"),
    "member": Words("参保类别", "member"),
    "insurance": Words("参保险种", "insurance"),
    "union": Words("工会互助", "union mutual aid"),
    "office": Words("公务员补助", "civil servants' subsidy"),
    "entitlement": Words("抚恤优待", "entitlement"),
    "aid": Words("医疗救助", "medical aid"),
    "commercial": Words("商业保险", "commercial insurance"),
    "referral": Words("转诊", "referral"),
    # who
    "none": Words("无", "none"),
    "other": Words("其他", "other"),
    "ordinary": Words("普通参保人", "ordinary"),
    "poor": Words("贫困人口", "poor"),
    "urban-poor": Words("城市困难居民", "urban poor"),
    "registered": Words("建档低收入人口", "registered low income"),
    "aid-recipient": Words("医疗救助对象", "recipient of medical aid"),
    "recipient": Words("救助对象", "recipient"),
    "rural-aid": Words("农村医疗救助对象", "rural recipient of medical aid"),
    "resident-aid": Words("居民中的医疗救助对象", "residents who receive medical aid"),
    "resident-entitled": Words("居民中的优抚对象", "entitled residents"),
    "resident-commercial": Words("另有商业保险的居民", "residents with commercial insurance"),
    "entitled": Words("优抚对象", "entitled"),
    "insured": Words("已投保", "insured"),
    "rural": Words("农村居民", "rural"),
    "urban": Words("城镇居民", "urban"),
    "employee": Words("职工", "employee"),
    "employee-union": Words("参加工会互助的职工", "employees in the union's mutual aid"),
    "employee-union-commercial": Words(
        "参加工会互助并有商业保险的职工", "employees with mutual aid and commercial insurance"
    ),
    "civil-servant": Words("公务员", "civil servant"),
    "all-seven": Words("七层保障齐备者", "covered by all seven layers"),
    "resident": Words("居民", "resident"),
    "other-resident": Words("其他居民", "other residents"),
    "adult": Words("成年居民", "adult"),
    "active": Words("在职职工", "active employees"),
    "retired": Words("退休人员", "retired"),
    "pupil-or-infant": Words("中小学生和婴幼儿", "pupils and infants"),
    "pupil-or-student": Words("大中小学生", "pupils and students"),
    "student-or-child": Words("学生儿童", "students and children"),
    "university-student": Words("大学生", "university students"),
    "new": Words("新参保人", "newly enrolled"),
    "some-years": Words("连续参保2至5年者", "enrolled for 2 to 5 years"),
    "many-years": Words("连续参保5年以上者", "enrolled for 5 years or more"),
    "under-2-years": Words("不满2年", "under 2 years"),
    "2-to-5-years": Words("2至5年", "2 to 5 years"),
    "5-years-or-more": Words("5年以上", "5 years or more"),
    # where
    "local": Words("市内", "local"),
    "province-referred": Words("省内转诊", "in the province, referred"),
    "province-unreferred": Words("省内未转诊", "in the province, not referred"),
    "outside-referred": Words("省外转诊", "outside the province, referred"),
    "outside-unreferred": Words("省外未转诊", "outside the province, not referred"),
    "outside": Words("县外就医", "outside the county"),
    "referred": Words("经转诊", "referred"),
    "not-referred": Words("未经转诊", "not referred"),
    "township": Words("乡镇卫生院", "township"),
    "county": Words("县级医院", "county hospital"),
    "primary": Words("一级医院", "primary hospital"),
    "secondary": Words("二级医院", "secondary hospital"),
    "tertiary": Words("三级医院", "tertiary hospital"),
    "first": Words("一级医院", "first-class hospital"),
    "second": Words("二级医院", "second-class hospital"),
    "third": Words("三级医院", "third-class hospital"),
    "level-1": Words("一级医院", "level 1 hospital"),
    "level-2": Words("二级医院", "level 2 hospital"),
    "level-2-implants": Words("二级医院（高值耗材）", "level 2 hospital, implants"),
    "level-3": Words("三级医院", "level 3 hospital"),
    "major": Words("重大疾病住院", "major illness"),
    "chronic": Words("门诊慢特病", "chronic outpatient"),
    "outpatient": Words("普通门诊", "outpatient"),
    "outpatient-special": Words("门诊特殊病", "special outpatient"),
    "special-outpatient": Words("门诊特殊病", "special outpatient"),
    "listed": Words("列名重大疾病", "listed disease"),
    "dialysis": Words("透析", "dialysis"),
    "transplant": Words("器官移植", "transplant"),
    "cancer": Words("恶性肿瘤", "cancer"),
    "psychosis": Words("精神病", "psychosis"),
    "haemophilia": Words("血友病", "haemophilia"),
    "aplastic-anaemia": Words("再生障碍性贫血", "aplastic anaemia"),
    # parts of the catalogue
    "A": Words("甲类", "class A"),
    "B": Words("乙类", "class B"),
    "C": Words("丙类", "class C"),
    "excluded": Words("目录外", "excluded"),
    # distributions
    "lognormal": Words("对数正态", "lognormal"),
    "normal": Words("正态", "normal"),
    "gamma": Words("伽马", "gamma"),
    "beta": Words("贝塔", "beta"),
    "uniform": Words("均匀", "uniform"),
    "triangular": Words("三角", "triangular"),
    "discrete": Words("离散", "discrete"),
    "table": Words("分位数表", "table of quantiles"),
    "poisson": Words("泊松", "Poisson"),
    "negative-binomial": Words("负二项", "negative binomial"),
    "weibull": Words("威布尔", "Weibull"),
    "log-logistic": Words("对数逻辑斯谛", "log-logistic"),
    "burr-xii": Words("布尔XII型", "Burr XII"),
    "inverse-gaussian": Words("逆高斯", "inverse Gaussian"),
    "pareto": Words("帕累托", "Pareto"),
    "spliced": Words("拼接（主体与厚尾）", "spliced body and tail"),
    "generalised-pareto": Words("广义帕累托", "generalised Pareto"),
}


def named(text: str) -> Words:
    """An id, or several with commas between them, in both languages."""
    return joined((NAMES.get(part, same(part)) for part in text.split(", ")), "、")


def case_in_words(case: Mapping[str, str | list[str]]) -> Words:
    """A condition by its values: ``三级医院、重大疾病住院，贫困人口``; a trait is named where its value is none."""
    return joined((_stated(trait, value) for trait, value in case.items()), "，")


def _stated(trait: str, value: str | list[str]) -> Words:
    values = [value] if isinstance(value, str) else value
    told = joined(map(named, values), "、", " or ")
    if not {"none", "other"} & set(values):
        return told
    name = named(trait)
    return Words(f"{name.zh}：{told.zh}", f"{name.en}: {told.en}")
