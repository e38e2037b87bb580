"""The key points of a report (要点): what a reader takes away who reads the first page only."""

from __future__ import annotations

from fundsim.report.break_even import PremiumNeeded
from fundsim.report.document.phrases import capital, fund_bears, insurer_loses, plain, short, span, told, within_error
from fundsim.report.document.subject import Subject, chance, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.sections.conclusions import gravest_reservation
from fundsim.report.sections.designs import design_sentences
from fundsim.report.sections.premium import against_present
from fundsim.report.sections.summary import real_loss


def highlights(subject: Subject) -> tuple[Words, ...]:
    """Four to seven sentences: premium, the insurer, the fund, who is helped, other designs, the main reservation."""
    designs = design_sentences(subject)
    found = [_premium(subject), _insurer(subject), _fund(subject), _helped(subject)]
    found += [] if not designs else [designs[0]]
    found.append(gravest_reservation(subject))
    return tuple(found)


def _premium(subject: Subject) -> Words:
    pure, se = told(with_its_error(subject.base.estimate("pure_premium")))
    needed = PremiumNeeded.of(subject.base)
    start = Words(
        f"人均纯保费{pure}元（标准误{se}元）；",
        f"The pure premium is {pure} yuan a head (s.e. {se}).",
    )
    return start + against_present(needed) if needed.known else Words(start.zh.replace("；", "。"), start.en)


def _insurer(subject: Subject) -> Words:
    loss = real_loss(subject)
    chance_of = insurer_loses(subject)
    if loss is not None:
        return loss + Words(f"{chance_of.zh}。", f"{capital(chance_of).en}.")
    result, money, years = subject.base.estimate("insurer_result"), subject.money, span(subject)
    mean, se = told(with_its_error(result, 1 / money.yuan))
    gains = Words("盈利", "gains") if (result.mean or 0.0) > 0 else Words("亏损", "loses")
    if not subject.base.totals["insurer_result"].any():
        return Words("公司不承担盈亏。", "The insurer neither gains nor loses: it bears nothing.")
    even = Words("，与零之差未超出误差", ", within its error of zero") if within_error(result) else Words("", "")
    return Words(
        f"公司扣除实际运营成本后{years.zh}{gains.zh}{plain(mean)}{money.zh}（标准误{se}）{even.zh}；{chance_of.zh}。",
        f"After its real running cost the insurer {gains.en} {plain(mean)} {money.en} {years.en} (s.e. {se})"
        f"{even.en}; {chance_of.en}.",
    )


def _fund(subject: Subject) -> Words:
    base, money, years = subject.base, subject.money, span(subject)
    back = base.estimate("surplus_return")
    borne = fund_bears(subject)
    parts = []
    if back.mean:
        amount, p = short(with_its_error(back, 1 / money.yuan)[0]), short(chance(base.probability("return"))[0], 1)
        parts.append(
            Words(
                f"{years.zh}返还基金{amount}{money.zh}（返还概率{p}%）",
                f"{amount} {money.en} go back to the fund {years.en} (with probability {p}%)",
            )
        )
    if borne is not None:
        parts.append(
            Words(f"基金{years.zh}分担亏损{borne}{money.zh}", f"the fund bears {borne} {money.en} of losses {years.en}")
        )
    if not parts:
        return Words("结余不返还基金，基金也不分担亏损。", "Nothing goes back to the fund, and it bears no loss.")
    said = Words("；".join(part.zh for part in parts) + "。", "; ".join(part.en for part in parts) + ".")
    return capital(said)


def _helped(subject: Subject) -> Words:
    base = subject.base
    helped = short(with_its_error(base.estimate("beneficiaries"), 1, 0)[0], 0)
    a_thousand = short(with_its_error(base.estimate("beneficiaries_per_1000"))[0])
    paid, ratio = short(with_its_error(base.estimate("avg_payout"))[0], 0), base.estimate("actual_reimbursement_ratio")
    years = Words("每年", "a year") if base.n_years > 1 else Words("当年", "in the year")
    start = Words(
        f"{years.zh}受益{helped}人（每千人{a_thousand}人），人均赔付{paid}元",
        f"{helped} persons are helped {years.en} ({a_thousand} per 1,000), with {paid} yuan each on average",
    )
    if ratio.mean is None:
        return Words(f"{start.zh}。", f"{start.en}.")
    share = short(with_its_error(ratio, 100)[0], 1)
    return Words(
        f"{start.zh}；各方支付后，受益人实际报销比例为{share}%。",
        f"{start.en}; all payers together reimburse {share}% of their cost.",
    )
