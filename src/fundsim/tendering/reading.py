"""Reading a tender file and its bids: every problem at once, each at its place, before anything is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from fundsim.scenario import Assumption, Scenario, ScenarioError, load
from fundsim.scenario.explain import explain
from fundsim.scenario.nodes import Block, plain
from fundsim.scenario.problems import Problem, Problems, Steps
from fundsim.scenario.quantities import quantity
from fundsim.scenario.reader import read_source, read_tree
from fundsim.scenario.ways import mark_of
from fundsim.scenario.wrappers import remarks, unwrap
from fundsim.tendering.terms import PRICE, WHOLE, BidFileTerms, BidTerms, Criterion, OpenItem, TenderTerms
from fundsim.terms import Terms, nearest

AnyTerms = TypeVar("AnyTerms", bound=Terms)


@dataclass(frozen=True, eq=False)
class Bid:
    """One bid, with the scheme as it would be under it."""

    name: str
    terms: BidTerms
    scenario: Scenario
    below_floor: tuple[str, ...]
    """Paths of offers below a floor that is only noted."""


@dataclass(frozen=True, eq=False)
class Tender:
    """A tender that was read and checked."""

    terms: TenderTerms
    scheme: Scenario
    """With everything that is fixed."""
    bids: tuple[Bid, ...]
    assumptions: tuple[Assumption, ...]
    """Of the tender file itself."""
    files: tuple[str, ...]
    """Names of the tender file and of those with bids."""

    @property
    def years(self) -> int:
        return self.scheme.terms.simulation.years if self.terms.term is None else self.terms.term

    def title(self, lang: str = "zh") -> str:
        """The title in a language, or in the other one, or the id."""
        titles: Mapping[str, str] = self.terms.title or {}
        return titles.get(lang) or next(iter(titles.values()), self.terms.id)


@dataclass(frozen=True, eq=False)
class _Stated:
    """A bid as it is written, and where."""

    name: str
    terms: BidTerms
    root: Block
    way: Steps


def read_tender(path: str | Path, bids: Sequence[str | Path] = ()) -> Tender:
    """Read a tender file, and bids that stand in files of their own.

    Raises:
        ScenarioError: the files have problems; all of them are told.
    """
    source, text = read_source(Path(path))
    problems = Problems(source)
    root = _tree(text, source, problems)
    terms = None if root is None else _validated(TenderTerms, root, problems)
    stated = [] if terms is None or root is None else [*_own(terms, root), *_from_files(bids, problems)]
    if terms is None or root is None:
        problems.raise_if_any()
        raise AssertionError("a tender without terms has a problem")
    _check_scoring(terms, root, problems)
    _check_bids(terms, stated, root, problems)
    scheme = _scheme(terms, root, source.folder, problems)
    _check_open(terms, root, scheme, problems)
    made = [] if scheme is None else list(_bids(terms, scheme, stated, problems))
    problems.raise_if_any()
    assert scheme is not None
    files = tuple(Path(each).name for each in (path, *bids))
    return Tender(terms, scheme, tuple(made), remarks(root)[0], files)


def _tree(text: str, source: Any, problems: Problems) -> Block | None:
    tree = read_tree(text, source, problems)
    root = None if tree is None else unwrap(tree, problems)
    return root if isinstance(root, Block) else None


def _validated(model: type[AnyTerms], root: Block, problems: Problems) -> AnyTerms | None:
    try:
        return model.model_validate(plain(root))
    except ValidationError as error:
        explain(error, model, root, problems)
        return None


def _own(terms: TenderTerms, root: Block) -> Iterator[_Stated]:
    for name, bid in terms.bids.items():
        yield _Stated(name, bid, root, ("bids", name))


def _from_files(paths: Sequence[str | Path], problems: Problems) -> Iterator[_Stated]:
    for path in paths:
        try:
            source, text = read_source(Path(path))
        except ScenarioError as error:
            problems.take(error.problems)
            continue
        root = _tree(text, source, problems)
        terms = None if root is None else _validated(BidFileTerms, root, problems)
        if terms is not None and root is not None:
            yield _Stated(terms.bidder, terms, root, ())


# --- what must agree ------------------------------------------------------------------------------------------


def _check_scoring(terms: TenderTerms, root: Block, problems: Problems) -> None:
    whole = sum(criterion.points for criterion in terms.scoring.values())
    if terms.scoring and whole != WHOLE:
        way = ("scoring",)
        why = f"the points of all criteria add up to {whole / 100:g}"
        problems.add(mark_of(root, way), way, why, "let them add up to 100")
    for name, criterion in terms.scoring.items():
        _check_criterion(terms, name, criterion, root, problems)


def _check_criterion(terms: TenderTerms, name: str, criterion: Criterion, root: Block, problems: Problems) -> None:
    way: Steps = ("scoring", name)
    if (criterion.of is None) != (criterion.rule is None):
        why = f"'{name}' states only one of 'of' and 'rule'"
        instead = f"write both, such as {{points: 20, of: {PRICE}, rule: lowest}}, or neither for the jury's own score"
        problems.add(mark_of(root, way), way, why, instead)
    elif criterion.of is not None and criterion.of not in terms.open:
        why = f"'{criterion.of}' is not open to bid{nearest(criterion.of, terms.open)}"
        problems.add(mark_of(root, (*way, "of")), (*way, "of"), why, f"name one of: {', '.join(terms.open)}")


def _check_bids(terms: TenderTerms, stated: Sequence[_Stated], root: Block, problems: Problems) -> None:
    if not stated:
        problems.add(mark_of(root, ()), ("bids",), "there is no bid", "add 'bids:', or name files with bids")
    seen: set[str] = set()
    for bid in stated:
        if bid.name in seen:
            why = f"there are two bids of '{bid.name}'"
            problems.add(mark_of(bid.root, bid.way), bid.way, why, "let each bidder bid once")
        seen.add(bid.name)
        _check_offers(terms, bid, problems)
        _check_scores(terms, bid, problems)


def _check_offers(terms: TenderTerms, bid: _Stated, problems: Problems) -> None:
    way = (*bid.way, "offer")
    for path in terms.open:
        if path not in bid.terms.offer:
            why = f"'{bid.name}' offers no {path}, which is open to bid"
            problems.add(mark_of(bid.root, way), way, why, f"add '{path}: VALUE'")
    for path, text in bid.terms.offer.items():
        here = (*way, path)
        if path not in terms.open:
            why = f"'{path}' is not open to bid{nearest(path, terms.open)}"
            problems.add(mark_of(bid.root, here), here, why, f"offer only: {', '.join(terms.open)}")
            continue
        misfit = _misfit(terms.open[path], text)
        if misfit is not None:
            problems.add(mark_of(bid.root, here), here, *misfit)


def _misfit(item: OpenItem, text: str) -> tuple[str, str] | None:
    """Why an offer is invalid, and what to write instead."""
    ceiling, floor = item.ceiling, None if item.below_floor == "noted" else item.floor
    for limit, word, sign in ((ceiling, "above the ceiling", 1), (floor, "below the floor", -1)):
        beyond = 0.0 if limit is None else _beyond(text, limit)
        if beyond is None:
            return f"{text} cannot be compared with {limit}", f"write a value such as {limit}"
        if sign * beyond > 0:
            return f"the offer of {text} lies {word} of {limit}", f"write {limit} or {'less' if sign > 0 else 'more'}"
    return None


def _beyond(text: str, limit: str) -> float | None:
    """How far a value lies above another; None where they are not of one kind."""
    value, other = quantity(text), quantity(limit)
    if value is None or other is None or value.kind != other.kind:
        return None
    return value.value - other.value


def _check_scores(terms: TenderTerms, bid: _Stated, problems: Problems) -> None:
    judged = {name: criterion for name, criterion in terms.scoring.items() if criterion.of is None}
    way = (*bid.way, "scores")
    for name in judged:
        if name not in bid.terms.scores:
            why = f"'{bid.name}' has no score for {name}"
            problems.add(mark_of(bid.root, way), way, why, f"add '{name}: POINTS' under scores")
    for name, score in bid.terms.scores.items():
        here = (*way, name)
        if name not in judged:
            known = ", ".join(judged) or "none"
            why = f"'{name}' is no criterion that the jury scores{nearest(name, judged)}"
            problems.add(mark_of(bid.root, here), here, why, f"the jury scores: {known}")
        elif score > judged[name].points:
            most = judged[name].points / 100
            why = f"{score / 100:g} is more than the {most:g} points that {name} has"
            problems.add(mark_of(bid.root, here), here, why, f"write at most {most:g}")


def _check_open(terms: TenderTerms, root: Block, scheme: Scenario | None, problems: Problems) -> None:
    for path, item in terms.open.items():
        way: Steps = ("open", path)
        span = None if item.floor is None or item.ceiling is None else _beyond(item.floor, item.ceiling)
        if item.floor is not None and item.ceiling is not None and (span is None or span > 0):
            why = f"{item.floor} to {item.ceiling} is no range"
            problems.add(mark_of(root, way), way, why, "write two values of one kind, the floor below the ceiling")
        limit = item.ceiling or item.floor
        if scheme is not None and limit is not None:
            _changed(scheme, {path: limit}, {path: way}, root, problems)


# --- the schemes ----------------------------------------------------------------------------------------------


def _scheme(terms: TenderTerms, root: Block, folder: Path, problems: Problems) -> Scenario | None:
    """The scheme with what the tender fixes."""
    path = folder / terms.scheme
    path = path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")
    try:
        scheme = load(path)
    except ScenarioError as error:
        first = error.problems[0]
        if first.line:
            problems.take(error.problems)
        else:
            problems.add(mark_of(root, ("scheme",)), ("scheme",), f"{first.why}: {path}", first.instead)
        return None
    changes: dict[str, Any] = {}
    ways: dict[str, Steps] = {}
    for section in ("fixed", "assumptions"):
        stated = getattr(terms, section)
        changes |= stated
        ways |= {name: (section, name) for name in stated}
    if terms.instalments is not None:
        changes["contract.instalments"], ways["contract.instalments"] = terms.instalments, ("instalments",)
    if terms.title is not None:
        scheme = scheme.replace({"title": terms.title})  # tables and figures of its bids are the tender's
    return _changed(scheme, changes, ways, root, problems) if changes else scheme


def _changed(
    scheme: Scenario, changes: Mapping[str, Any], ways: Mapping[str, Steps], root: Block, problems: Problems
) -> Scenario | None:
    """The scheme with other values; what does not fit is told where the values are written."""
    try:
        return scheme.replace(changes)
    except ScenarioError as error:
        for each in error.problems:
            _place(each, list(changes), ways, root, problems)
        return None


def _place(found: Problem, paths: Sequence[str], ways: Mapping[str, Steps], root: Block, problems: Problems) -> None:
    own = found.file == "change" and 0 < found.line <= len(paths)
    path = paths[found.line - 1] if own else paths[0]
    where = f"{found.path}: " if found.path and found.path != path else ""
    problems.add(mark_of(root, ways[path]), ways[path], f"{where}{found.why}", found.instead)


def _bids(terms: TenderTerms, scheme: Scenario, stated: Sequence[_Stated], problems: Problems) -> Iterator[Bid]:
    for bid in stated:
        changes: dict[str, Any] = {path: text for path, text in bid.terms.offer.items() if path in terms.open}
        ways: dict[str, Steps] = {path: (*bid.way, "offer", path) for path in changes}
        if bid.terms.expense is not None:
            changes["contract.expense"] = bid.terms.expense
            ways["contract.expense"] = (*bid.way, "expense")
        scenario = _changed(scheme, changes, ways, bid.root, problems) if changes else scheme
        if scenario is not None:
            yield Bid(bid.name, bid.terms, scenario, tuple(_below_floor(terms, bid.terms)))


def _below_floor(terms: TenderTerms, bid: BidTerms) -> Iterator[str]:
    for path, item in terms.open.items():
        if item.floor is not None and item.below_floor == "noted" and (_beyond(bid.offer[path], item.floor) or 0) < 0:
            yield path
