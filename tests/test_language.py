"""The language of notebooks: tables in one language where one is set, codes the same in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fundsim as fs
from fundsim.language import Lang

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def results() -> fs.Results:
    return fs.simulate(fs.load(Path(__file__).parents[1] / "scenarios" / "qinzhou-2017.yaml"), n=20, seed=2)


@pytest.fixture
def both() -> Iterator[None]:
    yield
    fs.set_language(None)


def captions(page: str) -> list[str]:
    return re.findall(r"<caption[^>]*>(.*?)</caption>", page)


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize(("lang", "chinese"), [("zh", True), ("en", False)])
def test_notebooks_show_one_language(results: fs.Results, lang: Lang, chinese: bool) -> None:
    fs.set_language(lang)
    page, scheme = results._repr_html_(), results.scenario._repr_html_()
    assert len(captions(page)) > 4
    assert all(bool(CHINESE.search(each)) == chinese for each in captions(page))
    assert all(
        bool(CHINESE.search(each)) == chinese for each in captions(scheme) if "basic" not in each and "cii" not in each
    )
    assert ("起付线" in scheme) == chinese


def test_both_stand_side_by_side_where_none_is_set(results: fs.Results) -> None:
    page = results._repr_html_()
    assert any(CHINESE.search(each) and re.search("[a-z]", each) for each in captions(page))


@pytest.mark.usefixtures("both")
def test_chinese_labels_on_request_and_codes_stable(results: fs.Results) -> None:
    plain, chinese = results.summary(), results.summary("zh")
    assert list(plain.index) == list(chinese.index)
    assert chinese.loc["claims_paid", "均值"] == plain.loc["claims_paid", "mean"]
    assert not [column for column in chinese if not CHINESE.search(str(column))]
    fs.set_language("zh")
    assert list(results.summary().columns) == list(chinese.columns)
    assert list(results.saved_summary().columns)[:2] == ["zh", "unit"]  # files keep their codes


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="zh, en, or None"):
        fs.set_language("fr")  # type: ignore[arg-type]
