"""附录: how to make the figures again, and how sure they are."""

from __future__ import annotations

from fundsim.report.document.model import Column, Paragraph, Section, Table
from fundsim.report.document.origin import moment_of, origin_of
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same
from fundsim.report.pictures import convergence_picture


def appendix(subject: Subject) -> Section:
    """Seed, fingerprint, versions, the command, and what the errors mean."""
    origin = origin_of(subject)
    rows = [
        (Words("方案指纹", "fingerprint"), same(origin.fingerprint)),
        (Words("随机种子", "seed"), same(str(origin.seed))),
        (Words("模拟次数", "replications"), same(f"{origin.replications:,}")),
        (Words("完成时间", "finished"), moment_of(origin.made)),
        (Words("复现命令", "command"), same(origin.command)),
        *((Words(f"版本：{name}", f"version of {name}"), same(version)) for name, version in origin.versions.items()),
    ]
    columns = (Column(Words("项目", "item"), numeric=False), Column(Words("内容", "content"), numeric=False))
    errors = Words(
        "标准误为模拟次数有限所致的误差：均值为标准差除以次数的平方根；比率按分子、分母合计之比，用delta法；概率给出Wilson区间；"
        "分位数区间由次序统计量给出。数字只写到误差支持的位数。",
        "Standard errors come from the finite number of replications: of means, the standard deviation over the root "
        "of their "
        "number; of ratios of totals, by the delta method; probabilities have Wilson's interval; quantiles one by "
        "order "
        "statistics. No figure has more digits than its error supports.",
    )
    return Section(
        "appendix",
        Words("附录：复现与误差", "Appendix: origin and errors"),
        (
            Table("origin", Words("复现信息", "How to make these figures again"), columns, tuple(rows)),
            Paragraph(errors),
            convergence_picture(subject),
        ),
    )
