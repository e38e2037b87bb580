"""Make the fonts of reports: Noto Sans SC in two weights, cut down to the characters that reports can have.

    python scripts/make_fonts.py 'NotoSansSC[wght].ttf' OFL.txt

The variable font comes from https://fonts.google.com/noto/specimen/Noto+Sans+SC (SIL Open Font License 1.1, whose text
goes with it). Kept are the characters of GB 2312, Latin with its accents, the symbols of formulas and tables, and
whatever else the shipped schemes contain. The same source gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copyfile

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "fundsim" / "report" / "fonts"
FAMILY = "Fundsim Sans SC"
WEIGHTS = {"Regular": 400, "Bold": 700}
SYMBOLS = "–—−‘’“”…·•‰′″€™←↑→↓⇒∈∏∑√∞∫≈≠≡≤≥△▲▼◆●○■□★☆①②③④⑤⑥⑦⑧⑨⑩²³ᵃᵇ×÷±"
GREEK = "".join(map(chr, range(0x391, 0x3CA)))


def characters() -> set[int]:
    """Code points that reports can have."""
    chinese = bytes(b for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF) for b in (high, low))
    texts = [chinese.decode("gb2312", errors="ignore"), SYMBOLS, GREEK]
    texts += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "scenarios").rglob("*.yaml"))]
    return {*range(0x20, 0x7F), *range(0xA0, 0x180), *(ord(each) for text in texts for each in text if each >= " ")}


def rename(font: TTFont, style: str) -> None:
    """Give the cut-down font a name of its own, so that a whole Noto Sans SC on the machine is not taken for it."""
    names = {1: FAMILY, 2: style, 4: f"{FAMILY} {style}", 6: f"{FAMILY.replace(' ', '')}-{style}"}
    for record in list(font["name"].names):
        if record.nameID in (16, 17, 25) or (record.nameID in names and record.langID != 0x409):
            font["name"].removeNames(record.nameID, record.platformID, record.platEncID, record.langID)
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)


def make(source: Path, licence: Path) -> None:
    TARGET.mkdir(exist_ok=True)
    for name, weight in WEIGHTS.items():
        font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), {"wght": weight}, updateFontNames=True)
        options = Options(layout_features=["*"], hinting=False, recalc_timestamp=False, name_IDs=["*"])
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters())
        subsetter.subset(font)
        rename(font, name)
        font.save(TARGET / f"{FAMILY.replace(' ', '')}-{name}.ttf")
    copyfile(licence, TARGET / "OFL.txt")


if __name__ == "__main__":
    make(*map(Path, sys.argv[1:]))
