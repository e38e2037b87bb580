"""The scenario (方案): a scheme that was read, checked and compiled, and the doors by which one is loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from fundsim.benefits.schedule import Plan, Traits, compile_plan
from fundsim.claims import AdmissionClaims
from fundsim.language import language
from fundsim.population import Population
from fundsim.scenario.applying import lay_over, named_after
from fundsim.scenario.base_rules import with_base_rules, with_rules_of_a_design
from fundsim.scenario.change_files import read_change_file
from fundsim.scenario.changes import apply_change, no_such_step, read_changes, set_value
from fundsim.scenario.checks import CHECKS, run_checks
from fundsim.scenario.contract_text import contract_assumptions
from fundsim.scenario.events import after_events
from fundsim.scenario.examples import examples_can_be_settled
from fundsim.scenario.files import NOT_INHERITED, Document, Stage, assemble
from fundsim.scenario.fingerprint import effect, fingerprint
from fundsim.scenario.fund_checks import FUNDS_SEE_ONE_YEAR
from fundsim.scenario.nodes import Block, Plain, inline, plain
from fundsim.scenario.problems import Mark, Problems, Source
from fundsim.scenario.reader import read_source, source_of
from fundsim.scenario.sections import validate
from fundsim.scenario.terms import ScenarioTerms
from fundsim.scenario.traits import person_traits
from fundsim.scenario.uses import Use, names_of
from fundsim.scenario.ways import child, find, parse_way, put
from fundsim.scenario.wrappers import Assumption, OpenBid, remarks
from fundsim.scenario.writer import node_of, to_yaml
from fundsim.uncertainty import BATCH

_OF_ITS_TEXT: Final = tuple(key for key in NOT_INHERITED if key not in ("fundsim", "id"))
"""Keys that a changed scheme does not keep."""


@dataclass(frozen=True, repr=False, eq=False)
class Scenario:
    """A scheme, its people and its contract: frozen, checked, and compiled."""

    terms: ScenarioTerms
    plan: Plan
    """The payers, compiled for every class of case."""
    population: Population
    root: Block
    """The effective text tree, with the place of every value."""
    path: Path | None = None
    """The file it was loaded from."""
    design: str | None = None
    """The name of the variant, where this is a design of another scheme."""
    designs: tuple[tuple[str, Scenario], ...] = field(default=())
    """Variants of this scheme that the file states, by name."""

    @property
    def id(self) -> str:
        """The scheme's id; its designs share it."""
        return self.terms.id

    @property
    def label(self) -> str:
        """The id, and the design's name after a slash."""
        return self.id if self.design is None else f"{self.id}/{self.design}"

    def title(self, lang: str = "zh") -> str:
        """The title in a language, or in the other one, or the id."""
        titles: Mapping[Any, str] = self.terms.title or {}
        return titles.get(lang) or next(iter(titles.values()), self.id)

    @property
    def document(self) -> Plain:
        """The effective document as plain texts, lists and dicts: everything laid in, nothing parsed."""
        return plain(self.root)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Values that the public text does not give: those the file marks, then those of the contract's preset."""
        return remarks(self.root)[0] + contract_assumptions(self.terms.contract, self.root)

    @property
    def bids(self) -> tuple[OpenBid, ...]:
        """Values that are open to tender."""
        return remarks(self.root)[1]

    @property
    def batch(self) -> int | None:
        """How many replications are stratified together; None where they are independent."""
        uncertainty = self.terms.uncertainty
        return BATCH if uncertainty is not None and uncertainty.stratified else None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of everything that changes results, and of nothing else."""
        return fingerprint(self.terms)

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """Return this scheme with other values at some paths.

        Args:
            changes: new values as they would stand in a file, by path: ``{"payers.cii.deductible": "8000 yuan"}``.

        Raises:
            ScenarioError: a path that leads nowhere, or a scheme that would not be valid.
        """
        lines = tuple(
            f"{path}: {inline(node_of(value, Mark(Source('change'), 0, 0)))}" for path, value in changes.items()
        )
        source = Source("change", lines)
        problems = Problems(source)
        root = _to_be_changed(self.root)
        for line, (path, value) in enumerate(changes.items(), start=1):
            root = _replaced(root, path, value, Mark(source, line, 1, len(path)), problems)
        scenario = _build(root, problems, self.path, self.design)
        _check_events(root, scenario, problems)
        problems.raise_if_any()
        assert scenario is not None
        return scenario

    def with_events(self, names: Collection[str]) -> Scenario:
        """Return this scheme as it is when some of its events have happened, and nothing is left to happen.

        Changes are made in the order of the file, and each set of events is built once. Plan and population are this
        scheme's own objects where no event changes them.

        Raises:
            KeyError: an event that the scheme does not have.
            ScenarioError: changes that do not make a valid scheme together.
        """
        unknown = [name for name in names if name not in self.terms.events]
        if unknown:
            raise KeyError(f"no event '{unknown[0]}'; events: {', '.join(self.terms.events) or 'none'}")
        wanted = frozenset(names)
        if wanted and wanted not in self._after_events:
            self._after_events[wanted] = self._built_after(wanted)
        return self._after_events[wanted] if wanted else self

    @cached_property
    def _after_events(self) -> dict[frozenset[str], Scenario]:
        """The schemes that events have made of this one, so far as they were asked for."""
        return {}

    def _built_after(self, names: frozenset[str]) -> Scenario:
        problems = Problems(self.root.mark.source)
        changed = after_events(_to_be_changed(self.root), names, problems, self.label)
        scenario = _build(changed, problems, self.path, self.design)
        problems.raise_if_any()
        assert scenario is not None
        plan = self.plan if scenario.plan == self.plan else scenario.plan
        population = self.population if scenario.population == self.population else scenario.population
        return replace(scenario, plan=plan, population=population)

    def check_years(self, years: int) -> None:
        """Refuse a number of years over which the scheme cannot be followed.

        Raises:
            ScenarioError: several years of a scheme with funds, whose accounts are kept for one.
        """
        funds = self.root.entry("funds")
        if years > 1 and self.terms.funds and funds is not None:
            problems = Problems(self.root.mark.source)
            instead = f"simulate one year instead of {years}, or leave 'funds' out to see the contract over its term"
            problems.add(funds.mark, ("funds",), FUNDS_SEE_ONE_YEAR, instead)
            problems.raise_if_any()

    @cached_property
    def under_base_rules(self) -> Scenario:
        """The same people under the rules to which behaviour refers (基准方案); this scheme, where it states none."""
        rules = None if self.terms.behaviour is None else self.terms.behaviour.rules
        if rules is None:
            return self
        claims = self.terms.claims
        if isinstance(claims, AdmissionClaims):
            shares = {name: rules.catalogue.get(name, level.catalogue) for name, level in claims.care.items()}
            care = {name: level.model_copy(update={"catalogue": shares[name]}) for name, level in claims.care.items()}
            claims = claims.model_copy(update={"care": care})
        contract = self.terms.contract.model_copy(update={"covers": tuple(rules.covers)})
        stated = {name: getattr(rules, name) for name in ("waterfall", "payers", "rounding")}
        terms = self.terms.model_copy(update={**stated, "claims": claims, "contract": contract})
        plan, _ = compile_plan(
            rules.waterfall,
            rules.payers,
            self.plan.traits,
            covers=tuple(rules.covers),
            cumulative_rounding=rules.rounding == "cumulative",
        )
        return replace(self, terms=terms, plan=plan)

    @property
    def may_change_behaviour(self) -> bool:
        """Whether anybody may use more or less care than under the base rules, now or after an event."""
        behaviour, base = self.terms.behaviour, self.under_base_rules
        if behaviour is None or behaviour.elasticity == 0:
            return False
        return bool(self.terms.events) or (base.plan, base.terms.claims) != (self.plan, self.terms.claims)

    @property
    def without_behaviour(self) -> Scenario:
        """The same scheme where nobody answers to what patients pay."""
        terms = self.terms.model_copy(update={"behaviour": None})
        return replace(self, terms=terms, root=self.root.without("behaviour"))

    def apply(self, path: str | Path, people: Mapping[str, Any] | None = None) -> Scenario:
        """Return this scheme with a change file laid over it, as id and title tell; ``terms.applied`` is the record.

        Worked examples, designs and readings are left behind: they belong to the scheme as it was.

        Args:
            path: the change file.
            people: whom the people of the change file are in this scheme, where it cannot be told:
                ``{"poor": {"hardship": ["registered", "other"]}}``.

        Raises:
            ScenarioError: the change file has problems, does not fit this scheme, or has no effect on it.
        """
        source, text = read_source(Path(path))
        problems = Problems(source)
        file = read_change_file(text, source, problems)
        problems.raise_if_any()
        assert file is not None
        start = file.root.mark
        stated = names_of(node_of(people or {}, start), ("people",), problems)
        problems.raise_if_any()
        use = Use(str(path), start, stated or {})
        root = lay_over(_to_be_changed(self.root), file, use, self.label, problems)
        scenario = None if root is None else _build(named_after(root, file), problems, self.path, self.design)
        if root is not None:
            _complain_without_effect(self, scenario, Stage(self.root, start, "apply"), problems)
            _check_events(root, scenario, problems)
        problems.raise_if_any()
        assert scenario is not None
        return scenario

    def to_yaml(self) -> str:
        """The effective document as a scenario file of its own."""
        return to_yaml(self.root)

    def __repr__(self) -> str:
        classes, insured = self.plan.traits.n_classes, self.population.insured
        payers = " → ".join(self.plan.names)
        return f"<Scenario {self.label}: {payers}, {classes} classes, {insured:,} insured, {self.fingerprint[:12]}>"

    def _repr_html_(self) -> str:
        lang = language()
        if lang is not None:
            from fundsim.report.document.notebook import scenario_html

            return scenario_html(self, lang)
        from fundsim.scenario.show import to_html

        return to_html(self)


def load(path: str | Path, changes: Iterable[str | Path] = ()) -> Scenario:
    """Load a scheme from its file, and lay change files over it, one after another.

    Raises:
        ScenarioError: the file, or one it refers to, has problems; all of them are told.
    """
    source, text = read_source(Path(path))
    scenario = _load(text, source, Path(path))
    for each in changes:
        scenario = scenario.apply(each)
    return scenario


def load_text(text: str, name: str = "scenario.yaml") -> Scenario:
    """Load a scheme from text; files it refers to are looked for beside ``name``.

    Raises:
        ScenarioError: the text has problems; all of them are told.
    """
    return _load(text, source_of(text, name), None)


def _load(text: str, source: Source, path: Path | None) -> Scenario:
    problems = Problems(source)
    document = assemble(text, source, problems, path)
    scenario = None
    if document is not None and document.holds_claims_only:
        why = "this file holds a claims model for schemes to use, not a scheme"
        problems.add(document.root.mark, (), why, "load a scheme that says 'claims: {use: ...}'")
    elif document is not None and document.holds_changes_only:
        why = "this file holds changes for any scheme, not a scheme"
        instead = f"lay it over one: 'apply: [{Path(source.name).stem}]' in its file, or --apply {source.name}"
        problems.add(document.root.mark, (), why, instead)
    elif document is not None:
        scenario = build(document, problems, path)
    problems.raise_if_any()
    assert scenario is not None
    return scenario


def build(document: Document, problems: Problems, path: Path | None) -> Scenario | None:
    """Check and compile a document and its designs; None where there are problems."""
    root = with_rules_of_a_design(document.root)
    scenario = _build(root, problems, path)
    _check_events(root, scenario, problems)
    designs = tuple(_designs(root, scenario, document.source.name, problems, path))
    if scenario is None or problems:
        return None
    after: Scenario | None = scenario
    for stage in reversed(document.stages):
        before = _build(with_rules_of_a_design(stage.before), Problems(document.source), path)
        _complain_without_effect(before, after, stage, problems)
        after = before
    return replace(scenario, designs=designs)


def _to_be_changed(root: Block) -> Block:
    """The tree from which something else is made: without what is of its text only, its base kept."""
    return with_base_rules(root).without(*_OF_ITS_TEXT)


def _build(root: Block, problems: Problems, path: Path | None, design: str | None = None) -> Scenario | None:
    terms, sections = validate(root, problems)
    run_checks(sections, problems, (*CHECKS, examples_can_be_settled))
    if terms is None or problems:
        return None
    traits = Traits({name: tuple(values) for name, values in terms.traits.items()})
    plan, _ = compile_plan(
        terms.waterfall,
        terms.payers,
        traits,
        covers=terms.contract.covers,
        cumulative_rounding=terms.rounding == "cumulative",
    )
    owned = person_traits(terms.population)
    population = Population.build(terms.population, {t: v for t, v in traits.values.items() if t in owned})
    return Scenario(terms, plan, population, root, path, design)


def _designs(root: Block, scheme: Scenario | None, name: str, problems: Problems, path: Path | None) -> Any:
    """The designs that a file states, by name; those with problems are left out."""
    stated = root.get("designs")
    tree = _to_be_changed(root)
    for entry in stated.entries if isinstance(stated, Block) else ():
        change = entry.value.entry("change") if isinstance(entry.value, Block) else None
        if change is None:
            continue
        changed: Any = tree
        for each in read_changes(change, ("designs", entry.key, "change"), problems):
            changed = apply_change(changed, each, problems, name)
        title = child(entry.value, "title")
        changed = changed if title is None else put(changed, ("title",), title, entry.mark)
        design = _build(changed, problems, path, entry.key)
        if design is not None and scheme is not None:
            _complain_without_effect(scheme, design, Stage(root, change.mark, "change"), problems)
            _check_events(changed, design, problems)
            yield entry.key, design


def _check_events(root: Block, scheme: Scenario | None, problems: Problems) -> None:
    """Make the changes of every event alone, of every two, and of all together; complain of what does not fit."""
    tree, stated = _to_be_changed(root), root.get("events")
    events = {entry.key: entry.value for entry in stated.entries} if isinstance(stated, Block) else {}
    for name, event in events.items():
        change = event.entry("change") if isinstance(event, Block) else None
        after = _build(after_events(tree, [name], problems, "the scheme"), problems, None)
        if scheme is not None and change is not None:
            quiet = replace(scheme, terms=scheme.terms.model_copy(update={"events": {}}))
            _complain_without_effect(quiet, after, Stage(root, change.mark, "change"), problems)
    if scheme is None or problems:
        return
    for names in (*combinations(events, 2), *([tuple(events)] if len(events) > 2 else [])):
        if not problems:
            _complain_of_events(tree, names, problems)


def _complain_of_events(tree: Block, names: tuple[str, ...], problems: Problems) -> None:
    """Where events that fit alone do not fit together, say so at the last of them."""
    found = Problems(tree.mark.source)
    _build(after_events(tree, names, found, "the scheme"), found, None)
    if not found:
        return
    stated = tree.get("events")
    assert isinstance(stated, Block)
    entry = [entry for entry in stated.entries if entry.key in names][-1]
    first = found.sorted[0]
    why = f"where {' and '.join(names)} have happened: {first.path}: {first.why}"
    problems.add(entry.mark, ("events", entry.key), why, first.instead)


def _complain_without_effect(base: Scenario | None, changed: Scenario | None, stage: Stage, problems: Problems) -> None:
    if base is None or changed is None or effect(base.terms, base.plan) != effect(changed.terms, changed.plan):
        return
    what = "the changes have" if stage.key == "change" else "the change file has"
    why = f"{what} no effect: the scheme that comes out is the same"
    problems.add(stage.mark, (stage.key,), why, f"change a value that matters, or leave '{stage.key}' out")


def _replaced(root: Block, path: str, value: Any, mark: Mark, problems: Problems) -> Block:
    """The tree with a new value at a path, which may be a key that was not stated so far."""
    way = parse_way(path)
    if way is None:
        problems.add(mark, (), f"'{path}' is not a path", "write a path such as payers.cii.bands[1].pay")
        return root
    for place, step in enumerate(way):
        parent = find(root, way[:place])
        assert parent is not None
        last_key = place == len(way) - 1 and isinstance(parent, Block) and isinstance(step, str)
        if child(parent, step) is None and not last_key:
            why, instead = no_such_step(way[:place], parent, step)
            problems.add(mark, way, why, instead)
            return root
    text = Mark(mark.source, mark.line, len(path) + 3, max(len(mark.text) - len(path) - 2, 1))
    node = set_value(node_of(value, text), find(root, way), problems, way)
    changed = put(root, way, node, mark)
    assert isinstance(changed, Block)
    return changed
