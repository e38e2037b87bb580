"""The pictures of docs/concepts.md, drawn as the report draws them: writes docs/pictures/."""

from __future__ import annotations

from pathlib import Path

import fundsim as fs
from fundsim.report.document.subject import Subject
from fundsim.report.pictures import flow_picture, margin_picture
from fundsim.report.pictures.patient import patient_picture

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
DPI = 100


def main() -> None:
    scheme = fs.load(ROOT / "scenarios" / "luan-jinan-2016.yaml")
    subject = Subject.of(fs.simulate(scheme, n=1000))
    found = (
        patient_picture(fs.load(ROOT / "scenarios" / "qinzhou-2017.yaml")),
        margin_picture(subject),
        flow_picture(subject),
    )
    PICTURES.mkdir(exist_ok=True)
    for picture in found:
        assert picture is not None
        path = PICTURES / f"{picture.id}.png"
        picture.draw("en").savefig(path, dpi=DPI, format="png", metadata={"Software": None})
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
