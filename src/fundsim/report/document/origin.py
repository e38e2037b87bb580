"""Where a report's figures come from: read off the run's manifest."""

from __future__ import annotations

from fundsim.report.document.model import Origin
from fundsim.report.document.subject import Subject


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
