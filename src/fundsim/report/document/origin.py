"""Where a report's figures come from: read off the run's manifest, and told below the title."""

from __future__ import annotations

from datetime import datetime

from fundsim.report.document.model import Origin
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words, same

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""Not by the machine's locale, so that a report has the same bytes everywhere."""


def origin_of(subject: Subject) -> Origin:
    """The origin of the scheme's results."""
    base, manifest = subject.base, subject.base.manifest
    file = manifest.get("path") or "FILE"
    years = f" --years {base.n_years}" if base.years else ""
    return Origin(
        scenario=subject.scenario.label,
        fingerprint=subject.scenario.fingerprint,
        seed=base.seed,
        replications=base.replications,
        made=str(manifest.get("finished") or ""),
        command=f"fundsim run {file} -n {base.replications}{years} --seed {base.seed}",
        versions=dict(manifest["versions"]),
    )


def origin_line(origin: Origin, lang: Lang) -> str:
    """The line below the title: which scheme, seed, number of replications, fingerprint, day and version."""
    n, fingerprint, version = f"{origin.replications:,}", origin.fingerprint[:12], origin.versions.get("fundsim", "")
    parts = [
        Words(f"方案编号 {origin.scenario}", f"scheme {origin.scenario}"),
        Words(f"随机种子 {origin.seed}", f"seed {origin.seed}"),
        Words(f"模拟{n}次", f"{n} replications"),
        Words(f"方案指纹 {fingerprint}", f"fingerprint {fingerprint}"),
        *((day_of(origin.made),) if origin.made else ()),
        *((same(f"fundsim {version}"),) if version else ()),
    ]
    return " · ".join(part.told(lang) for part in parts)


def day_of(made: str) -> Words:
    """The day on which a run was finished, with the time zone of its manifest."""
    return _moment(made, clock=False)


def moment_of(made: str) -> Words:
    """The same with the time of day; a dash where the report is of no finished run."""
    return _moment(made, clock=True) if made else same("–")


def _moment(made: str, *, clock: bool) -> Words:
    at = datetime.fromisoformat(made)
    time, zone = f"{at:%H:%M:%S}" if clock else "", at.tzname()
    zh, en = (
        f"{at.year}年{at.month}月{at.day}日{time}",
        f"{at.day} {MONTHS[at.month - 1]} {at.year}{time and ', '}{time}",
    )
    return Words(f"{zh}（{zone}）", f"{en} ({zone})") if zone else Words(zh, en)
