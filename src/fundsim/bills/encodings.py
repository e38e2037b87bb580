"""Which encoding a file of bills is in: UTF-8 or GB18030 (国标), found out by reading all of it once."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fundsim.bills.problems import WHOLE, BillProblems

_BLOCK: Final = 1 << 20
_NOT_TEXT: Final = {
    b"PK\x03\x04": ("this is an Excel workbook", "save it as 'CSV UTF-8 (逗号分隔)'"),
    b"\xd0\xcf\x11\xe0": ("this is an Excel workbook", "save it as 'CSV UTF-8 (逗号分隔)'"),
    b"\xff\xfe": ("the file is UTF-16 text ('Unicode 文本')", "save it as 'CSV UTF-8 (逗号分隔)'"),
    b"\xfe\xff": ("the file is UTF-16 text ('Unicode 文本')", "save it as 'CSV UTF-8 (逗号分隔)'"),
}


@dataclass(frozen=True)
class Encoding:
    """How a file is to be decoded."""

    codec: str
    signature: bool = False
    """Whether it begins with the UTF-8 signature (BOM) by which Excel knows UTF-8."""


def encoding_of(path: Path, problems: BillProblems) -> Encoding:
    """Find out a file's encoding; where it has none, that is complained of."""
    try:
        with path.open("rb") as file:
            if path.is_file():
                return _by_start(path, file.read(4), problems)
        problems.add(WHOLE, None, "this is not a file that can be read twice", "save the bills in a file first")
    except FileNotFoundError:
        problems.add(WHOLE, None, "there is no such file", "check the name")
    except IsADirectoryError:
        problems.add(WHOLE, None, "this is a folder", "name a file in it")
    except OSError as error:
        problems.add(WHOLE, None, f"the file cannot be read: {error.strerror}", "check who may read it")
    return Encoding("utf-8")


def _by_start(path: Path, start: bytes, problems: BillProblems) -> Encoding:
    for magic, (why, instead) in _NOT_TEXT.items():
        if start.startswith(magic):
            problems.add(WHOLE, None, why, instead)
            return Encoding("utf-8")
    signature = start.startswith(codecs.BOM_UTF8)
    candidates = ("utf-8-sig",) if signature else ("utf-8", "gb18030")
    ends = list[tuple[int, int, int]]()
    for codec in candidates:
        end = _undecodable(path, codec)
        if end is None:
            return Encoding(codec, signature)
        ends.append(end)
    _, line, byte = max(ends)
    names = "UTF-8" if signature else "UTF-8 or GB18030 (国标)"
    why = f"the file is not {names} text: the byte 0x{byte:02X} here does not fit"
    problems.add(line, None, why, "save the file as UTF-8")
    return Encoding("utf-8", signature)


def _undecodable(path: Path, codec: str) -> tuple[int, int, int] | None:
    """Offset, line and value of the first byte that cannot be decoded; None where all can."""
    decoder = codecs.getincrementaldecoder(codec)()
    offset, lines = 0, 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                held = len(error.object) - len(block)
                return offset - held + error.start, lines + before.count(b"\n"), error.object[error.start]
            if not block:
                return None
            offset += len(block)
            lines += block.count(b"\n")
