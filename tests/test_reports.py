"""Reports: the same numbers in every format and language, the same bytes for the same run, nothing drawn as boxes."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import fundsim as fs
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT, DONE
from fundsim.report import writers
from fundsim.report.document import LANGUAGES, Document, Lang, measurement_report
from fundsim.report.document.model import Column, Number, Table
from fundsim.report.document.words import Words
from fundsim.report.publish import publish, report
from fundsim.report.sections.cash import tail_mean
from fundsim.report.typeface import MissingCharacters

QINZHOU = Path(__file__).parent.parent / "scenarios" / "qinzhou-2017.yaml"
TERM = Path(__file__).parent.parent / "scenarios" / "qinzhou-2017-term.yaml"
FORMATS = ("html", "pdf", "xlsx", "docx")


@pytest.fixture(scope="module")
def results() -> tuple[fs.Results, ...]:
    scheme = fs.load(QINZHOU)
    return fs.simulate_designs([scheme, *(design for _, design in scheme.designs)], n=40, seed=3)


@pytest.fixture(scope="module")
def document(results: tuple[fs.Results, ...]) -> Document:
    return measurement_report(results)


@pytest.fixture(scope="module")
def written(document: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = publish(document, tmp_path_factory.mktemp("reports"), LANGUAGES, FORMATS)
    return {path.name.removeprefix("qinzhou-2017-"): path for path in paths}


def plain(text: str) -> str:
    """A text without what formats differ in: spaces, breaks, and how a minus is printed."""
    return re.sub(r"[\s\u200b\u200c]+", "", text).replace("−", "-").replace("\u2010", "-")


def read_html(path: Path) -> str:
    import html

    return html.unescape(re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8")))


def read_pdf(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def read_docx(path: Path) -> str:
    word = docx.Document(str(path))
    cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])


READ = {"html": read_html, "pdf": read_pdf, "docx": read_docx}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", READ)
def test_every_number_stands_in_every_format(
    document: Document, written: dict[str, Path], form: str, lang: Lang
) -> None:
    text = plain(READ[form](written[f"{lang}.{form}"]))
    for table in document.in_language(lang).tables():
        for row in table.rows:
            for cell in row:
                if isinstance(cell, Number):
                    assert plain(cell.text) in text, (table.id, cell)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_the_values_under_the_digits_of_the_report(
    document: Document, written: dict[str, Path], lang: Lang
) -> None:
    book = openpyxl.load_workbook(written[f"{lang}.xlsx"], data_only=True)
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    figures = [value for value in values if isinstance(value, (int, float))]
    for table in document.in_language(lang).tables():
        for row in table.rows:
            for cell in row:
                if isinstance(cell, Number) and cell.value is not None:
                    assert any(abs(value - cell.value) <= 1e-12 * abs(cell.value) for value in figures), table.id


def test_the_workbook_carries_percentiles_groups_and_replications(
    results: tuple[fs.Results, ...], written: dict[str, Path]
) -> None:
    import numpy as np

    book = openpyxl.load_workbook(written["en.xlsx"], data_only=True)
    sheet = book["Totals of each replication"]
    heads = [cell.value for cell in sheet[2]]
    claims = [row[heads.index("claims paid (yuan)")].value for row in sheet.iter_rows(min_row=3)]
    assert np.array_equal(np.rint(100 * np.array(claims)).astype(int), results[0].totals["claims_paid"])
    ratio = next(row for row in book["Percentiles of every measure"].iter_rows() if row[0].value == "loss ratio")
    values = results[0].values("loss_ratio")
    assert values is not None
    assert ratio[2].value == pytest.approx(100 * np.percentile(values, 5))
    assert "poor" in [cell.value for cell in book["Results by group"][2]]


def test_sums_are_formulas_that_come_to_the_same(document: Document, written: dict[str, Path]) -> None:
    formulas = openpyxl.load_workbook(written["zh.xlsx"])
    found = [cell for sheet in formulas for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert [cell.value for cell in found] == [f"=SUM({found[0].value[5:-1]})"]
    (table,) = [table for table in document.tables() if table.summed]
    parts = [row[1].value for row in table.rows if isinstance(row[1], Number) and row[1].value is not None]
    assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=1e-9)


def test_what_begins_like_a_formula_stays_text(results: tuple[fs.Results, ...], tmp_path: Path) -> None:
    from dataclasses import replace

    named = replace(results[0], scenario=results[0].scenario.replace({"title": {"zh": "=方案1", "en": "=1+1"}}))
    (path,) = report(named, tmp_path, ("en",), ("xlsx",))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=1+1", "s")


def test_the_same_run_gives_the_same_bytes(
    results: tuple[fs.Results, ...], written: dict[str, Path], tmp_path: Path
) -> None:
    for path in report(results, tmp_path, LANGUAGES, FORMATS):
        assert path.read_bytes() == written[path.name.removeprefix("qinzhou-2017-")].read_bytes(), path.name


def test_html_is_one_file_that_asks_for_nothing(written: dict[str, Path]) -> None:
    for lang in LANGUAGES:
        page = written[f"{lang}.html"].read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)
        assert "http" not in re.sub(r"data:image/png;base64,[^\"]+", "", page)
        assert page.count("<img") == len(re.findall(r'<img src="data:image/png;base64,[^"]+" alt="[^"]{10,}"', page))


def test_the_pdf_is_tagged_and_has_contents_and_pages(document: Document, written: dict[str, Path]) -> None:
    for lang in LANGUAGES:
        reader = PdfReader(written[f"{lang}.pdf"])
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
        assert root["/Lang"].startswith(lang)
        assert len(list(outline(reader.outline))) >= len(document.sections)
        assert f"1 / {len(reader.pages)}" in reader.pages[0].extract_text()
        fonts = {str(font["/BaseFont"]) for page in reader.pages for font in fonts_of(page)}
        assert fonts
        assert all("FundsimSansSC" in name for name in fonts)


def outline(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        yield from outline(node) if isinstance(node, list) else (node,)


def fonts_of(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_word_is_made_of_real_styles(document: Document, written: dict[str, Path]) -> None:
    word = docx.Document(str(written["zh.docx"]))
    headings = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [f"{number} {section.title.zh}" for number, section in enumerate(document.sections, start=1)]
    assert len(word.inline_shapes) == len(list(document.pictures()))


def test_texts_of_ours_are_in_the_language_of_the_report(document: Document) -> None:
    for section in document.sections:
        assert not re.search(r"[\u4e00-\u9fff]", section.title.en)
        assert re.search(r"[\u4e00-\u9fff]", section.title.zh)
    for table in document.tables():
        for column in table.columns:
            assert not re.search(r"[\u4e00-\u9fff]", column.head.en), column


@pytest.mark.filterwarnings("error")
def test_figures_are_drawn_without_a_missing_glyph(document: Document) -> None:
    for picture in document.pictures():
        for lang in LANGUAGES:
            figure = picture.draw(lang)
            figure.canvas.draw()
            texts = " ".join(text.get_text() for ax in figure.axes for text in [ax.xaxis.label, ax.yaxis.label])
            chinese = bool(re.search(r"[\u4e00-\u9fff]", texts))
            assert chinese == (lang == "zh"), (picture.id, texts)


def test_the_report_says_when_a_surplus_is_a_loss_after_real_cost() -> None:
    base = fs.simulate(fs.load(QINZHOU).replace({"contract.premium": "34.6 yuan/person"}), n=40, seed=3)
    earns, loses = base.estimate("contract_result").mean, base.estimate("insurer_result").mean
    assert earns is not None
    assert loses is not None
    said = " ".join(measurement_report(base).texts("zh"))
    assert ("账面有结余，公司实际亏损" in said) == (earns > 0 > loses)
    assert earns > 0 > loses  # so that this test sees the sentence


def test_designs_that_do_not_differ_are_said_not_to(results: tuple[fs.Results, ...]) -> None:
    alike = [results[0], results[0]]
    assert "不能据此区分优劣" in " ".join(measurement_report(alike).texts("zh"))
    assert "不能据此区分优劣" not in " ".join(measurement_report([results[0], results[1]]).texts("zh"))


def test_a_term_has_its_section_and_its_fan(tmp_path: Path) -> None:
    scheme = fs.load(TERM)
    document = measurement_report(fs.simulate(scheme, n=6, seed=1))
    ids = [section.id for section in document.sections]
    assert "term" in ids
    assert "term" in {picture.id for picture in document.pictures()}
    publish(document, tmp_path, ("zh",), ("html",))


def test_rare_characters_are_warned_of_by_name(results: tuple[fs.Results, ...], tmp_path: Path) -> None:
    from dataclasses import replace

    rare = replace(results[0], scenario=results[0].scenario.replace({"title": {"zh": "\U00030edd县", "en": "x"}}))
    with pytest.warns(MissingCharacters, match=r"U\+30EDD"):
        report(rare, tmp_path, ("zh",), ("html",))


@pytest.mark.parametrize(("form", "package"), [("pdf", "typst"), ("docx", "docx")])
def test_a_missing_extra_gives_the_line_that_installs_it(
    form: str, package: str, results: tuple[fs.Results, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named '{package}'", name=package)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, f"fundsim.report.writers.{form}", raising=False)
    with pytest.raises(writers.ReportError, match=rf"pip install 'fundsim\[{form}\]'"):
        report(results[0], tmp_path / "new", ("zh",), ("html", form))
    assert not (tmp_path / "new").exists()


def test_a_row_that_does_not_fit_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="not as many cells"):
        Table("t", Words("表", "t"), (Column(Words("一", "one")),), ((Number(1.0, "1"), Number(2.0, "2")),))


def test_the_mean_of_a_tail_is_that_of_a_known_law() -> None:
    """Of an exponential law the mean beyond the quantile q is q + 1; over 200 samples errors cover as they say."""
    import numpy as np

    generator, level = np.random.default_rng(7), 0.9
    true = -np.log(1 - level) + 1
    found = [tail_mean(generator.exponential(size=2_000), level) for _ in range(200)]
    scores = np.array([(mean - true) / se for mean, se in found if mean is not None and se is not None])
    assert abs(scores.mean()) < 3 / np.sqrt(200) + 0.1  # the tail mean has a small bias of order 1/n
    assert 0.90 <= (np.abs(scores) < 1.96).mean() <= 0.99
    assert tail_mean(np.ones(5), 0.99) == (None, None)


def test_the_command_writes_a_run_and_refuses_what_is_no_run(tmp_path: Path) -> None:
    runner = CliRunner()
    scheme = fs.load(QINZHOU)
    fs.simulate(scheme, n=5, seed=1, out=tmp_path / "run")
    done = runner.invoke(main, ["report", str(tmp_path / "run"), "--to", "html", "--out", str(tmp_path / "out")])
    assert done.exit_code == DONE, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "qinzhou-2017-en.html",
        "qinzhou-2017-zh.html",
    ]
    (tmp_path / "empty").mkdir()
    for refused, words in (
        (["report", str(tmp_path / "empty")], "not a run folder"),
        (["report", str(tmp_path / "run"), "--lang", "fr"], "'fr' is not one of them"),
        (["report", str(tmp_path / "run"), "--to", "odt"], "'odt' is not one of them"),
    ):
        answer = runner.invoke(main, refused)
        assert answer.exit_code == BAD_INPUT
        assert words in answer.output
    (tmp_path / "run" / "replications.npz").write_bytes(b"PK damaged")
    answer = runner.invoke(main, ["report", str(tmp_path / "run")])
    assert answer.exit_code == BAD_INPUT
    assert "damaged (it is cut short, or no npz file)" in answer.output
