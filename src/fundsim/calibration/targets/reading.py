"""Reading a file of published figures: with the scheme then in force, all problems told at once and at their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from fundsim.calibration.targets.figures import Cover
from fundsim.calibration.targets.moving import Parameter, whole_of
from fundsim.calibration.targets.scales import Kind, Scale, ScaleError, kind_of
from fundsim.calibration.targets.terms import ParameterTerms, TargetsFile, TargetTerms
from fundsim.claims import AdmissionClaims
from fundsim.scenario import Scenario, ScenarioError, load
from fundsim.scenario.explain import explain
from fundsim.scenario.files import Document, with_claims
from fundsim.scenario.nodes import Block, Node, Scalar, plain
from fundsim.scenario.problems import Mark, Problems, Source, Steps, dotted
from fundsim.scenario.reader import read_source, read_tree
from fundsim.scenario.scenario import build
from fundsim.scenario.ways import child, find, mark_of, parse_way
from fundsim.scenario.wrappers import unwrap
from fundsim.terms import nearest

_LEFT_ASIDE = ("behaviour", "events", "uncertainty", "designs", "examples", "readings", "funds", "applied", "locality")
"""What the figures do not need of a scheme: they tell the use of care as it was, and nothing in them is uncertain."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Published figures, read and checked."""

    terms: TargetsFile
    root: Block
    """The text tree of the file, its claims model laid in."""
    scheme: Scenario
    """The rules that were in force, with the claims model to start from."""
    parameters: tuple[Parameter, ...]
    source: Source

    @property
    def targets(self) -> tuple[tuple[str, TargetTerms], ...]:
        """The figures by name, in the order of the file."""
        return tuple(self.terms.targets.items())

    @property
    def cover(self) -> Cover:
        """Whom the figures cover."""
        cover, groups = self.terms.cover, self.scheme.population.groups
        contract, insured = self.scheme.terms.contract, self.scheme.population.insured
        rates = [contract.premium_per_head(group.traits) for group in groups]
        premium = sum(rate * group.persons for rate, group in zip(rates, groups, strict=True)) / 100 / insured
        return Cover(cover.persons, cover.person_years, premium)

    def mark(self, *way: str) -> Mark:
        """Where something stands in the file."""
        return mark_of(self.root, way)


def read_figures(path: str | Path) -> Figures:
    """Read a file of published figures and the scheme that it names.

    Raises:
        ScenarioError: the file or its scheme has problems; all of them are told.
    """
    source, text = read_source(Path(path))
    problems = Problems(source)
    tree = read_tree(text, source, problems)
    root = None if tree is None else unwrap(tree, problems)
    figures = _checked(with_claims(root, problems), source, problems) if isinstance(root, Block) else None
    problems.raise_if_any()
    assert figures is not None
    return figures


def _checked(root: Block, source: Source, problems: Problems) -> Figures | None:
    try:
        terms = TargetsFile.model_validate(plain(root))
    except ValidationError as error:
        explain(error, TargetsFile, root, problems)
        return None
    scheme = _scheme(root, source, problems)
    parameters = tuple(
        parameter
        for name, each in terms.parameters.items()
        if (parameter := _parameter(name, each, root, problems)) is not None
    )
    _check_places(parameters, root, problems)
    _check_number(terms, root, problems)
    if scheme is None or problems:
        return None
    figures = Figures(terms, root, scheme, parameters, source)
    _check_targets(figures, problems)
    return figures


def _scheme(root: Block, source: Source, problems: Problems) -> Scenario | None:
    """The named scheme with this file's claims model in place of its own."""
    named, claims = root.get("scheme"), root.entry("claims")
    assert isinstance(named, Scalar)
    assert claims is not None
    path = source.folder / named.text
    path = path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")
    try:
        scheme = load(path)
    except ScenarioError as error:
        first = error.problems[0]
        place = f"{first.file}:{first.line}:{first.column}: " if first.line else f"{first.file}: "
        problems.add(named.mark, ("scheme",), f"{place}{first.why}", first.instead)
        return None
    tree = scheme.root.without(*_LEFT_ASIDE).with_entry(claims)
    return build(Document(tree, source), problems, path)


def _parameter(name: str, terms: ParameterTerms, root: Block, problems: Problems) -> Parameter | None:
    here: Steps = ("parameters", name)
    found = [_place(text, (*here, "moves", i), root, problems) for i, text in enumerate(terms.moves)]
    ways = tuple(way for way, _ in filter(None, found))
    kinds = [kind for _, kind in filter(None, found)]
    if len(ways) < len(terms.moves):
        return None
    kind: Kind = "factor" if len(ways) > 1 else kinds[0]
    try:
        return Parameter(name, ways, Scale.of(kind, terms.first, terms.spread), terms.why)
    except ScaleError as error:
        place = (*here, "spread" if error.of_spread else "prior" if terms.prior else "start")
        problems.add(mark_of(root, place), place, error.why, error.instead)
        return None


def _place(text: str, here: Steps, root: Block, problems: Problems) -> tuple[Steps, Kind] | None:
    """The way to what a path names in the claims model, and what stands there; complaints where it leads nowhere."""
    mark, below = mark_of(root, here), parse_way(text)
    if below is None:
        problems.add(mark, here, f"'{text}' is not a path", "write a path such as care.county.cost.mean")
        return None
    way = ("claims", *(below[1:] if below[0] == "claims" else below))
    node = find(root, way)
    if node is None:
        problems.add(mark, here, *_dead_end(root, way))
        return None
    kind = kind_of(node.text) if isinstance(node, Scalar) else None
    if kind is None:
        why = f"'{text}' is not a frequency, an amount, a share or a number"
        problems.add(mark, here, why, "name one value, such as care.county.cost.mean")
        return None
    return way, kind


def _dead_end(root: Block, way: Steps) -> tuple[str, str]:
    node: Node = root
    for place, step in enumerate(way):
        below = child(node, step)
        if below is None:
            keys = node.keys if isinstance(node, Block) else []
            where = dotted(way[:place])
            return f"'{where}' has no '{step}'{nearest(str(step), keys)}", f"keys there: {', '.join(keys) or 'none'}"
        node = below
    raise AssertionError("the path leads somewhere")


def _check_places(parameters: tuple[Parameter, ...], root: Block, problems: Problems) -> None:
    """No place is moved twice, and of a whole one part at least stays to take the rest."""
    seen: dict[Steps, str] = {}
    for parameter in parameters:
        for place, way in enumerate(parameter.ways):
            here: Steps = ("parameters", parameter.name, "moves", place)
            if way in seen:
                why = f"{dotted(way)} is moved by '{seen[way]}' already"
                problems.add(mark_of(root, here), here, why, "let one parameter move it")
            elif _leaves_nothing(root, way, [*seen, *parameter.ways]):
                why = f"all parts beside {dotted(way)} move, and together they are 100%"
                problems.add(mark_of(root, here), here, why, "leave one part out; it takes the rest")
            seen.setdefault(way, parameter.name)


def _leaves_nothing(root: Block, way: Steps, moving: list[Steps]) -> bool:
    whole = whole_of(way)
    block = None if whole is None else find(root, whole[0])
    if whole is None or not isinstance(block, Block):
        return False
    return all(((*whole[0], key) if whole[1] is None else (*whole[0], key, whole[1])) in moving for key in block.keys)


def _check_number(terms: TargetsFile, root: Block, problems: Problems) -> None:
    """Free parameters are at most as many as there are figures; those with a prior are carried by it."""
    free = [name for name, each in terms.parameters.items() if each.prior is None]
    if len(free) > len(terms.targets):
        here: Steps = ("parameters", free[len(terms.targets)])
        why = f"{len(free)} parameters without a prior, and {len(terms.targets)} published figures to tell them"
        problems.add(mark_of(root, here), here, why, "give it a 'prior' with its 'spread', or let it stay as it is")


def _check_targets(figures: Figures, problems: Problems) -> None:
    for name, target in figures.targets:
        for way, why, instead in _not_to_be_had(figures, target):
            here = ("targets", name, *way)
            problems.add(mark_of(figures.root, here), here, why, instead)


def _not_to_be_had(figures: Figures, target: TargetTerms) -> Iterator[tuple[Steps, str, str]]:
    """What of a target the scheme cannot tell."""
    claims = figures.terms.claims
    admissions = isinstance(claims, AdmissionClaims)
    if target.of == "reimbursement" and not admissions:
        why = "annual amounts left after basic insurance do not tell the whole bill"
        yield ("of",), why, "use a claims model on the basis of admissions, or leave the figure out"
    if target.count == "person-times" and not admissions:
        yield ("count",), "there is one annual amount per person, and no person-times", "write 'count: persons'"
    levels = list(claims.care) if isinstance(claims, AdmissionClaims) else []
    for place, level in enumerate(target.care or ()):
        if admissions and level not in levels:
            why = f"there is no care level '{level}'{nearest(level, levels)}"
            yield ("care", place), why, f"levels: {', '.join(levels)}"
