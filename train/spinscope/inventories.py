"""Techniques and inventories as records, and their reading from YAML; `taxonomy` is the door to them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from spinscope.errors import UserError, did_you_mean
from spinscope.files import parse_yaml, sha256_of_text

_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Technique:
    """One concept of the catalogue. An id means the same concept in every inventory.

    `parts` are the ids that a merged label lumps together; `note` is what a reader must know of its limits.
    """

    id: str
    title: str
    definition: str
    example: str = ""
    near_miss: str = ""
    parts: tuple[str, ...] = ()
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Every field, empty ones too, so that a catalogue that grows later fills nothing in on reading."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"parts": list(self.parts)}


@dataclass(frozen=True)
class Inventory:
    """The techniques that a corpus annotates, in their one order.

    `aliases` maps each corpus spelling to an id. `groups` maps each group, or inner node of a hierarchy, to the
    techniques anywhere below it; `parents` maps each technique and inner node to the nodes directly above it (several,
    in a hierarchy that is no tree; none, for what stands at the top).
    """

    name: str
    title: str
    techniques: tuple[Technique, ...]
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids in the one order that label matrices, thresholds, metrics and outputs follow."""
        return tuple(technique.id for technique in self.techniques)

    @cached_property
    def hash(self) -> str:
        """Hex sha256 over the ordered ids and their parts: two inventories with one hash have one label matrix.

        Name, titles, definitions and aliases do not enter: rewording changes nothing that was learned or measured.
        """
        return sha256_of_text(json.dumps([[technique.id, *technique.parts] for technique in self.techniques]))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        spellings = {_folded(alias): technique for alias, technique in self.aliases.items()}
        return spellings | {id_: id_ for id_ in self.ids}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {id_: position for position, id_ in enumerate(self.ids)}

    def resolve(self, label: str) -> str | None:
        """The id that `label` stands for: an id or an alias, in any case, otherwise letter for letter; else None.

        An id wins over an alias that reads the same.
        """
        return self._spellings.get(_folded(label))

    def index(self, id: str) -> int:
        """Position of the id in the one order, from 0. Raises KeyError where the inventory does not have it."""
        return self._positions[id]

    def technique(self, id: str) -> Technique:
        """The technique with this id. Raises KeyError where the inventory does not have it."""
        return self.techniques[self._positions[id]]

    def to_dict(self) -> dict[str, Any]:
        """The whole inventory, definitions included, in the form that `from_dict` and inventory files share."""
        spellings: dict[str, list[str]] = {}
        for alias, id_ in self.aliases.items():
            spellings.setdefault(id_, []).append(alias)
        techniques = [
            technique.to_dict() | ({"aliases": spellings[technique.id]} if technique.id in spellings else {})
            for technique in self.techniques
        ]
        values: dict[str, Any] = {"name": self.name, "title": self.title, "hash": self.hash, "techniques": techniques}
        if self.groups:
            nodes = (*self.groups, *self.ids)
            values["groups"] = {
                group: [node for node in nodes if group in self.parents.get(node, ())] for group in self.groups
            }
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, where: str = "taxonomy") -> Inventory:
        """Reads what `to_dict` gives, or an inventory file.

        A technique is an id of the catalogue, or a mapping with `id`, optional `aliases`, and whatever differs from the
        catalogue; for an id outside the catalogue, `title` and `definition` must stand there.

        Raises:
            UserError: something missing, misspelt, or given twice; or a hash that does not fit the techniques.
        """
        return _inventory(values, where)


def taxonomy_files(folder: str) -> Iterator[tuple[str, Traversable]]:
    """Yields (name, file) for each YAML file of a folder of the package's `taxonomies`, sorted by name."""
    for file in sorted(package_files("spinscope").joinpath("taxonomies", folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            yield file.name.removesuffix(".yaml"), file


@cache
def catalogue() -> Mapping[str, Technique]:
    """Every technique of the package by id, in the catalogue's order; read once."""
    file = package_files("spinscope").joinpath("taxonomies", "catalogue.yaml")
    entries = parse_yaml(file.read_text(encoding="utf-8"), where=str(file))["techniques"]
    return MappingProxyType({entry["id"]: _technique(entry, {}, f"{file}") for entry in entries})


def _folded(label: str) -> str:
    return unicodedata.normalize("NFC", label).casefold()


def _inventory(values: Mapping[str, Any], where: str) -> Inventory:
    if not isinstance(values, Mapping):
        raise UserError(
            f"a YAML {type(values).__name__}", where=where, expected="a mapping with name, title, techniques"
        )
    known = ("name", "title", "hash", "techniques", "groups")
    _refuse_unknown(values, known, where)
    for name in ("name", "techniques"):
        if not values.get(name):
            raise UserError(f"no '{name}'", where=where, expected="name, title and techniques", remedy=f"add '{name}'.")
    if not isinstance(values["techniques"], list):
        raise UserError("'techniques' is not a list", where=where, expected="a list of ids or of mappings with 'id'")
    techniques, aliases = _techniques(values["techniques"], where)
    children = values.get("groups") or {}
    if not isinstance(children, Mapping) or not all(_is_list_of_texts(nodes) for nodes in children.values()):
        raise UserError("'groups' is no mapping of lists", where=where, expected="group: [technique or group, ...]")
    groups, parents = _hierarchy(children, [technique.id for technique in techniques], where)
    inventory = Inventory(
        str(values["name"]), str(values.get("title", values["name"])), techniques, aliases, groups, parents
    )
    if values.get("hash", inventory.hash) != inventory.hash:
        raise UserError(
            f"the hash {values['hash']} does not fit the techniques",
            where=where,
            expected=inventory.hash,
            remedy="the file was altered; restore it.",
        )
    return inventory


def _techniques(entries: Sequence[Any], where: str) -> tuple[tuple[Technique, ...], dict[str, str]]:
    techniques: dict[str, Technique] = {}
    aliases: dict[str, str] = {}
    folded: dict[str, str] = {}
    for entry in entries:
        entry = {"id": entry} if isinstance(entry, str) else entry
        technique = _technique(entry, catalogue(), where)
        if technique.id in techniques:
            raise UserError(f"technique '{technique.id}' stands twice", where=where, expected="each id once")
        techniques[technique.id] = technique
        for alias in entry.get("aliases", ()):
            other = folded.setdefault(_folded(alias), technique.id)
            if other != technique.id:
                raise UserError(f"'{alias}' is an alias of '{other}' and of '{technique.id}'", where=where)
            aliases[alias] = technique.id
    for alias, id_ in aliases.items():
        if _folded(alias) in techniques and _folded(alias) != id_:
            raise UserError(f"'{alias}' is an alias of '{id_}' and itself an id", where=where)
    return tuple(techniques.values()), aliases


def _technique(entry: Any, known: Mapping[str, Technique], where: str) -> Technique:
    names = [item.name for item in fields(Technique)]
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise UserError(f"technique {entry!r}", where=where, expected="an id, or a mapping with 'id'")
    _refuse_unknown(entry, (*names, "aliases"), f"{where}: {entry['id']}")
    given = {name: entry[name] for name in names if name in entry}
    for name, value in entry.items():
        if not (_is_list_of_texts(value) if name in ("parts", "aliases") else isinstance(value, str)):
            expected = "a list of texts" if name in ("parts", "aliases") else "a text"
            raise UserError(f"{name} is {value!r}", where=f"{where}: {entry['id']}", expected=expected)
    if "parts" in given:
        given["parts"] = tuple(given["parts"])
    if entry["id"] in known:
        return replace(known[entry["id"]], **given)
    if not _ID.fullmatch(entry["id"]):
        raise UserError(
            f"technique id '{entry['id']}'", where=where, expected="snake_case: a-z, 0-9 and single underscores"
        )
    if not given.get("title") or not given.get("definition"):
        raise UserError(
            f"technique '{entry['id']}' is not in the catalogue",
            where=where,
            expected="an id of the catalogue, or a title and a definition beside the id",
            remedy=did_you_mean(entry["id"], catalogue()) if known else "",
        )
    return Technique(**given)


def _hierarchy(
    children: Mapping[str, Sequence[str]], ids: Sequence[str], where: str
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """From direct children to (group -> techniques below it, node -> parents)."""
    parents: dict[str, tuple[str, ...]] = {node: () for node in (*children, *ids)} if children else {}
    for group, nodes in children.items():
        if group in ids:
            raise UserError(f"group '{group}' has the name of a technique", where=where)
        for node in nodes:
            if node not in parents:
                raise UserError(f"'{node}' in group '{group}'", where=where, remedy=did_you_mean(node, parents))
            parents[node] = (*parents[node], group)

    def below(node: str, path: tuple[str, ...] = ()) -> set[str]:
        if node in path:
            raise UserError(f"group '{node}' contains itself", where=where, expected="a hierarchy without circles")
        found = [below(child, (*path, node)) for child in children[node] if child in children]
        return set().union(*found, (child for child in children[node] if child not in children))

    groups = {group: tuple(id_ for id_ in ids if id_ in below(group)) for group in children}
    return groups, parents


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _refuse_unknown(values: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in values:
        if key not in known:
            raise UserError(f"unknown key '{key}'", where=where, remedy=did_you_mean(str(key), known))
