"""Crosswalks: what a label of one inventory says about the techniques of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, get_args

from spinscope.errors import UserError, did_you_mean
from spinscope.files import parse_yaml
from spinscope.inventories import Inventory, Technique, taxonomy_files

Relation = Literal["exact", "narrower", "broader", "near"]
REVERSE: Mapping[str, Relation] = {"exact": "exact", "narrower": "broader", "broader": "narrower", "near": "near"}


@dataclass(frozen=True)
class Pair:
    """`relation` is read from source to target: `narrower` says that the source is narrower than the target."""

    source: str
    target: str
    relation: Relation
    reason: str = ""


@dataclass(frozen=True)
class CrosswalkFile:
    """One file of `taxonomies/crosswalks`: pairs of ids, and ids without an equal on the other side, each with why."""

    name: str
    title: str
    between: tuple[tuple[str, ...], tuple[str, ...]]
    pairs: tuple[Pair, ...]
    without_equal: Mapping[str, str]


@dataclass(frozen=True)
class Crosswalk:
    """How annotations made with `source` read in `target`; `pairs` stand in source order, then target order."""

    source: Inventory
    target: Inventory
    pairs: tuple[Pair, ...]

    @cached_property
    def unreached(self) -> tuple[str, ...]:
        """Target ids that no pair reaches: never annotated by the source."""
        reached = {pair.target for pair in self.pairs}
        return tuple(id_ for id_ in self.target.ids if id_ not in reached)

    @cached_property
    def unmapped(self) -> tuple[str, ...]:
        """Source ids that no pair leaves: what they say is lost."""
        mapped = {pair.source for pair in self.pairs}
        return tuple(id_ for id_ in self.source.ids if id_ not in mapped)

    def carried(self, technique: str) -> tuple[str, ...]:
        """Target ids, in target order, that are positive where the source technique is (exact and narrower pairs)."""
        carrying = {p.target for p in self.pairs if p.source == technique and p.relation in ("exact", "narrower")}
        return tuple(id_ for id_ in self.target.ids if id_ in carrying)

    def translate(self, positives: Iterable[str], annotated: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Positive and annotated techniques of one sentence in target ids and target order.

        exact: positive and negative carry over. narrower: a positive carries, a negative says nothing. broader: a
        negative carries, a positive masks. near: nothing carries. Where pairs disagree, exact wins, else the target is
        unknown. A merged target is positive with any part positive and negative with every part negative.

        Args:
            positives: source ids that the sentence has; each counts as annotated.
            annotated: source ids that are known for the sentence.

        Raises:
            UserError: an id that the source inventory does not have.
        """
        key = (frozenset(positives), frozenset(annotated))
        if key not in self._translated:
            for id_ in sorted(key[0] | key[1]):
                if id_ not in self.source.ids:
                    raise UserError(
                        f"technique '{id_}' is not in the inventory '{self.source.name}'",
                        remedy=did_you_mean(id_, self.source.ids),
                    )
            states = {t.id: self._state(t, key[0], key[0] | key[1]) for t in self.target.techniques}
            known = tuple(id_ for id_, state in states.items() if state is not None)
            self._translated[key] = (tuple(id_ for id_ in known if states[id_]), known)
        return self._translated[key]

    @cached_property
    def _translated(self) -> dict[tuple[frozenset[str], frozenset[str]], tuple[tuple[str, ...], tuple[str, ...]]]:
        # Corpora repeat a few combinations of labels thousands of times.
        return {}

    def _state(self, target: Technique, positives: frozenset[str], annotated: frozenset[str]) -> bool | None:
        """True (positive), False (negative) or None (unknown) of one target technique."""
        evidence: set[bool] = set()
        for source in self.source.techniques:
            if source.id not in annotated:
                continue
            relation = relate(source, target)[0]
            positive = source.id in positives
            if relation == "exact":
                return positive
            if (relation == "narrower" and positive) or (relation == "broader" and not positive):
                evidence.add(positive)
        if target.parts:
            parts = [self._state(Technique(part, "", ""), positives, annotated) for part in target.parts]
            if True in parts:
                evidence.add(True)
            elif None not in parts:
                evidence.add(False)
        return evidence.pop() if len(evidence) == 1 else None


def crosswalk(source: Inventory, target: Inventory) -> Crosswalk:
    """The crosswalk from `source` to `target`: stated pairs, shared ids (exact), and merged labels with their parts.

    Relations hold between ids, whatever inventory lists them, so unions and inventories of a user's own are served too.
    """
    return Crosswalk(source, target, _pairs(source.techniques, target.techniques))


def without_equal(technique: str, other: Inventory) -> str:
    """Why the technique has no equal in `other`, where a crosswalk file states it; else ''."""
    for file in crosswalk_files():
        if technique in file.without_equal and set(other.name.split("+")) <= {
            name for side in file.between for name in side
        }:
            return file.without_equal[technique]
    return ""


@cache
def crosswalk_files() -> tuple[CrosswalkFile, ...]:
    """The package's crosswalk files, read once.

    Raises:
        UserError: a relation that does not exist.
    """
    return tuple(_crosswalk_file(name, file.read_text(encoding="utf-8")) for name, file in taxonomy_files("crosswalks"))


def relate(source: Technique, target: Technique) -> tuple[Relation | None, str]:
    """Relation of two techniques, read from source to target, and its reason; (None, '') where there is none."""
    if source.id == target.id:
        return "exact", ""
    stated = _stated().get((source.id, target.id))
    if stated:
        return stated.relation, stated.reason
    ours, theirs = set(source.parts or (source.id,)), set(target.parts or (target.id,))
    if len(ours) == 1 and len(theirs) == 1:
        return None, ""
    if ours <= theirs:
        return "narrower", "A part of the merged label."
    if theirs <= ours:
        return "broader", "The merged label contains it."
    return _relate_parts(ours, theirs)


def _relate_parts(ours: set[str], theirs: set[str]) -> tuple[Relation | None, str]:
    # A whole contains all that a part contains; whatever else a part says of the other side is at most near.
    relations = {
        (a, b): "exact" if a == b else _stated()[a, b].relation
        for a in ours
        for b in theirs
        if a == b or (a, b) in _stated()
    }
    if not relations:
        return None, ""
    if all(any(relations.get((a, b)) in ("exact", "narrower") for b in theirs) for a in ours):
        return "narrower", "Each of its concepts lies within the target."
    if all(any(relations.get((a, b)) in ("exact", "broader") for a in ours) for b in theirs):
        return "broader", "It contains each concept of the target."
    return "near", "One of its concepts touches the target."


@cache
def _stated() -> Mapping[tuple[str, str], Pair]:
    """Every stated pair in both directions."""
    stated: dict[tuple[str, str], Pair] = {}
    for file in crosswalk_files():
        for pair in file.pairs:
            reverse = Pair(pair.target, pair.source, REVERSE[pair.relation], pair.reason)
            for item in (pair, reverse):
                known = stated.setdefault((item.source, item.target), item)
                if known.relation != item.relation:
                    raise UserError(
                        f"{item.source} -> {item.target} is '{known.relation}' and '{item.relation}'", where=file.name
                    )
    return stated


@cache
def _pairs(sources: tuple[Technique, ...], targets: tuple[Technique, ...]) -> tuple[Pair, ...]:
    pairs = []
    for source in sources:
        for target in targets:
            relation, reason = relate(source, target)
            if relation is not None:
                pairs.append(Pair(source.id, target.id, relation, reason))
    return tuple(pairs)


def _crosswalk_file(name: str, text: str) -> CrosswalkFile:
    values = parse_yaml(text, where=name)
    left, right = values["between"]
    pairs = tuple(Pair(p["source"], p["target"], p["relation"], p.get("reason", "")) for p in values["pairs"])
    for pair in pairs:
        if pair.relation not in get_args(Relation):
            raise UserError(
                f"relation '{pair.relation}'", where=name, remedy=did_you_mean(pair.relation, get_args(Relation))
            )
    return CrosswalkFile(
        name, values["title"], (tuple(left), tuple(right)), pairs, dict(values.get("without_equal") or {})
    )
