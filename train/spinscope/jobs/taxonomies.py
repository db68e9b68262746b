"""The verb `taxonomy`: list the inventories, show one of them or one technique, map one inventory onto another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spinscope.crosswalks import Relation, relate, without_equal
from spinscope.errors import DONE, UserError, did_you_mean
from spinscope.files import dump_json
from spinscope.taxonomy import Inventory, Technique, catalogue, crosswalk, inventories, inventory

if TYPE_CHECKING:
    from rich.console import Console

_READS: Mapping[Relation, tuple[str, str]] = {
    "exact": ("positive", "negative"),
    "narrower": ("positive", "unknown"),
    "broader": ("unknown", "negative"),
    "near": ("unknown", "unknown"),
}


def list_taxonomies(*, as_json: bool = False, console: Console | None = None) -> int:
    """Prints the package's inventories, each with its size and hash. Returns the exit code."""
    records: list[dict[str, Any]] = [
        {
            "name": item.name,
            "title": item.title,
            "n_techniques": len(item.ids),
            "n_groups": len(item.groups),
            "hash": item.hash,
        }
        for item in map(inventory, inventories())
    ]
    if as_json:
        return _print_json({"inventories": records}, console)
    rows = [
        (
            record["name"],
            str(record["n_techniques"]),
            str(record["n_groups"] or ""),
            record["title"],
            record["hash"][:12],
        )
        for record in records
    ]
    _print_table("Inventories", ("name", "techniques", "groups", "title", "hash"), rows, console)
    return DONE


def show_taxonomy(name: str, *, as_json: bool = False, console: Console | None = None) -> int:
    """Prints an inventory (a name, names joined by `+`, or a .yaml file), or a technique by its id.

    Returns the exit code.

    Raises:
        UserError: neither an inventory nor a technique.
    """
    if name in catalogue():
        return _show_technique(catalogue()[name], as_json, console)
    if name not in inventories() and "+" not in name and not name.endswith(".yaml"):
        raise UserError(
            f"unknown inventory or technique '{name}'",
            expected="an inventory, a technique id, or a .yaml file",
            remedy=did_you_mean(name, (*inventories(), *catalogue())),
        )
    return _show_inventory(inventory(name), as_json, console)


def map_taxonomies(source: str, target: str, *, as_json: bool = False, console: Console | None = None) -> int:
    """Prints how labels of `source` read in `target`: each pair, what is lost, what stays unknown.

    Returns the exit code.

    Raises:
        UserError: an unknown inventory.
    """
    record = mapping_record(inventory(source), inventory(target))
    if as_json:
        return _print_json(record, console)
    keys = ("source", "relation", "target", "positive_reads", "negative_reads")
    rows = [[pair[key] for key in keys] for pair in record["pairs"]]
    names = record["source"]["name"], record["target"]["name"]
    columns = (names[0], "relation", names[1], "if positive", "if negative")
    _print_table(f"{names[0]} read as {names[1]}", columns, rows, console)
    for pair in record["pairs"]:
        if pair["reason"]:
            _print_text(f"{pair['source']} to {pair['target']}: {pair['reason']}\n", console)
    for key, title in (
        ("without_target", f"No counterpart in {record['target']['name']}: what is labelled so is lost"),
        ("not_annotated", f"Not annotated by {record['source']['name']}: unknown, never negative"),
    ):
        if record[key]:
            _print_text(title, console)
            for row in record[key]:
                reason = f": {row['reason']}" if row["reason"] else ""
                _print_text(f"  {row['technique']}{reason}", console)
            _print_text("", console)
    return DONE


def mapping_record(source: Inventory, target: Inventory) -> dict[str, Any]:
    """The crosswalk as plain values: `pairs`, source techniques `without_target`, target techniques `not_annotated`."""
    walk = crosswalk(source, target)
    # A merged technique whose parts the source annotates one by one is absent where all of them are.
    merged = {technique.id for technique in target.techniques if technique.parts} - set(source.ids)
    from_all_parts = merged & set(walk.translate((), source.ids)[1])
    pairs = [
        {
            "source": pair.source,
            "relation": pair.relation,
            "target": pair.target,
            "positive_reads": _READS[pair.relation][0],
            "negative_reads": _READS[pair.relation][1]
            if pair.target not in from_all_parts
            else "negative with all parts",
            "reason": pair.reason,
        }
        for pair in walk.pairs
    ]
    return {
        "source": {"name": source.name, "hash": source.hash},
        "target": {"name": target.name, "hash": target.hash},
        "pairs": pairs,
        "without_target": [{"technique": id_, "reason": without_equal(id_, target)} for id_ in walk.unmapped],
        "not_annotated": [{"technique": id_, "reason": without_equal(id_, source)} for id_ in walk.unreached],
    }


def technique_record(technique: Technique) -> dict[str, Any]:
    """A technique with the inventories that list it, and the techniques it is related to."""
    listed = {item.name: item for item in map(inventory, inventories()) if technique.id in item.ids}
    related = [(other.id, *relate(technique, other)) for other in catalogue().values() if other.id != technique.id]
    return technique.to_dict() | {
        "inventories": {
            name: {
                "title": item.technique(technique.id).title,
                "aliases": [alias for alias, id_ in item.aliases.items() if id_ == technique.id],
                "parents": list(item.parents.get(technique.id, ())),
            }
            for name, item in listed.items()
        },
        "related": [
            {"technique": id_, "relation": relation, "reason": reason} for id_, relation, reason in related if relation
        ],
    }


def _show_inventory(item: Inventory, as_json: bool, console: Console | None) -> int:
    if as_json:
        return _print_json(item.to_dict(), console)
    aliases = {id_: [alias for alias, other in item.aliases.items() if other == id_] for id_ in item.ids}
    rows = [
        (
            str(position),
            technique.id,
            technique.title,
            technique.definition,
            "\n".join(aliases[technique.id]),
            *(["\n".join(item.parents.get(technique.id, ()))] if item.groups else []),
        )
        for position, technique in enumerate(item.techniques)
    ]
    columns = ("", "id", "title", "definition", "in the corpus", *(["under"] if item.groups else []))
    _print_table(f"{item.name}: {item.title}", columns, rows, console)
    _print_text(f"hash {item.hash}", console)
    return DONE


def _show_technique(technique: Technique, as_json: bool, console: Console | None) -> int:
    record = technique_record(technique)
    if as_json:
        return _print_json(record, console)
    rows = [
        (label, text)
        for label, text in (
            ("title", technique.title),
            ("definition", technique.definition),
            ("example", technique.example),
            ("near miss", technique.near_miss),
            ("merges", ", ".join(technique.parts)),
            ("note", technique.note),
            *((f"in {name}", _spelled(entry)) for name, entry in record["inventories"].items()),
            *((f"{row['relation']}", f"{row['technique']}. {row['reason']}") for row in record["related"]),
        )
        if text
    ]
    _print_table(technique.id, ("", ""), rows, console)
    return DONE


def _spelled(entry: Mapping[str, Any]) -> str:
    parents = f" (under {', '.join(entry['parents'])})" if entry["parents"] else ""
    return (", ".join(entry["aliases"]) or entry["title"]) + parents


def _print_json(record: Mapping[str, Any], console: Console | None) -> int:
    _console(console).out(dump_json(record, indent=2), highlight=False)
    return DONE


def _print_text(text: str, console: Console | None) -> None:
    _console(console).out(text, highlight=False)


def _print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console | None) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    # Text, not str: square brackets in a user's taxonomy are no markup.
    table = Table(title=Text(title), box=box.SIMPLE, show_header=any(columns), title_justify="left", padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console(console).print(table)


def _console(console: Console | None) -> Console:
    if console is not None:
        return console
    from rich.console import Console

    return Console()
