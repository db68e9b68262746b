"""The taxonomy: one catalogue of techniques, inventories in their one order, and crosswalks between them.

Label order has its home here: label matrix, `id2label`, thresholds, metrics and outputs all take `Inventory.ids`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from spinscope.crosswalks import Crosswalk, Pair, crosswalk
from spinscope.errors import UserError, did_you_mean
from spinscope.files import parse_yaml, read_yaml
from spinscope.inventories import Inventory, Technique, catalogue, taxonomy_files

__all__ = [
    "Crosswalk",
    "Inventory",
    "Pair",
    "Technique",
    "catalogue",
    "crosswalk",
    "inventories",
    "inventory",
    "nodes_above",
]

HIERARCHY = "semeval-2024"
"""The inventory whose inner nodes serve where one has none of its own."""


@cache
def inventories() -> tuple[str, ...]:
    """Names of the package's inventories: core first, then by name."""
    names = [name for name, _ in taxonomy_files("inventories")]
    return tuple(sorted(names, key=lambda name: (name != "core", name)))


def inventory(name: str | Sequence[str]) -> Inventory:
    """The inventory of that name, the one in a `.yaml` file, or the union of several.

    Args:
        name: a name, a path that ends in `.yaml`, a list of these, or names joined by `+`. A union keeps the order of
            first appearance and, where two inventories word a technique differently, the first wording; it has no
            groups, and its name is "a+b".

    Raises:
        UserError: no such inventory (with the nearest name), or a file that is not one.
    """
    names = [name] if isinstance(name, str) else list(name)
    names = [part for item in names for part in (item.split("+") if not item.endswith(".yaml") else [item])]
    if not names:
        raise UserError(
            "an empty list of inventories", expected="at least one name", remedy=did_you_mean("", inventories())
        )
    members = list(dict.fromkeys(names))
    found = [_from_file(item) if item.endswith(".yaml") else _from_package(item) for item in members]
    return found[0] if len(found) == 1 else _union(found)


def nodes_above(target: Inventory) -> dict[str, tuple[int, ...]]:
    """The inner nodes of a hierarchy over the techniques of `target`: node -> columns of the techniques below it.

    The hierarchy is its own, or SemEval-2024's. A technique that merges several stands below a node where all its parts
    do. Left out are nodes above fewer than two techniques or above all of them, and one of two above the same.
    """
    groups = target.groups or _from_package(HIERARCHY).groups
    found: dict[tuple[int, ...], str] = {}
    for node, below in groups.items():
        columns = tuple(
            column
            for column, technique in enumerate(target.techniques)
            if set(technique.parts or [technique.id]) <= set(below) or technique.id in below
        )
        if 2 <= len(columns) < len(target.ids):
            found.setdefault(columns, node)
    return {node: columns for columns, node in found.items()}


@cache
def _from_package(name: str) -> Inventory:
    if name not in inventories():
        raise UserError(
            f"unknown inventory '{name}'",
            expected="an inventory or a .yaml file",
            remedy=did_you_mean(name, inventories()),
        )
    file = dict(taxonomy_files("inventories"))[name]
    return Inventory.from_dict(parse_yaml(file.read_text(encoding="utf-8"), where=str(file)), where=str(file))


def _from_file(path: str) -> Inventory:
    return Inventory.from_dict(read_yaml(Path(path)), where=path)


def _union(members: Sequence[Inventory]) -> Inventory:
    techniques: dict[str, Technique] = {}
    spellings: dict[str, set[str]] = {}
    aliases: dict[str, str] = {}
    for member in members:
        for technique in member.techniques:
            techniques.setdefault(technique.id, technique)
            spellings.setdefault(technique.id, set()).add(technique.id)
        for alias, id_ in member.aliases.items():
            spellings.setdefault(alias.casefold(), set()).add(id_)
            aliases.setdefault(alias, id_)
    # A spelling that the members use for different techniques stands for none of them.
    clear = {alias: id_ for alias, id_ in aliases.items() if len(spellings[alias.casefold()]) == 1}
    return Inventory(
        "+".join(member.name for member in members),
        "; ".join(member.title for member in members),
        tuple(techniques.values()),
        clear,
    )
