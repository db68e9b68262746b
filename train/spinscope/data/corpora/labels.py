"""From the label a corpus writes to a technique id; a label outside the inventory is refused or collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spinscope.errors import UserError, nearest
from spinscope.taxonomy import Inventory


@dataclass(frozen=True, slots=True)
class UnknownLabel:
    """A label outside the source's inventory: as written, where it stands, and the most similar technique."""

    label: str
    where: str
    nearest: str | None


class LabelReader:
    """Resolves the labels of one source.

    Args:
        inventory: the source's own.
        unknown: where given, unknown labels are collected here; otherwise the first one raises UserError.
    """

    def __init__(self, inventory: Inventory, unknown: list[UnknownLabel] | None = None) -> None:
        self.inventory = inventory
        self.unknown = unknown
        self._known: dict[str, str | None] = {}

    def resolve(self, label: str, *, where: str) -> str | None:
        """The technique id of a label or alias, or None where it is unknown and collected.

        Raises:
            UserError: the label is unknown and nothing collects it.
        """
        if label not in self._known:
            self._known[label] = self.inventory.resolve(label)
        technique = self._known[label]
        if technique is None:
            self._refuse_or_collect(label, where)
        return technique

    def techniques(self, labels: Iterable[str], *, where: str) -> tuple[tuple[str, ...], bool]:
        """The distinct technique ids of `labels` in the inventory's order, and whether all labels were known."""
        found = {self.resolve(label, where=where) for label in labels}
        return self.ordered(technique for technique in found if technique), None not in found

    def annotated(self, positives: Iterable[str], *, all_known: bool) -> tuple[str, ...]:
        """What is annotated on a sentence of a corpus that annotates its whole inventory.

        What an unknown label meant is not known, so its sentence is no true negative of anything: only its positives
        are annotated.
        """
        return self.inventory.ids if all_known else self.ordered(positives)

    def ordered(self, techniques: Iterable[str]) -> tuple[str, ...]:
        """Distinct techniques in the inventory's order."""
        return tuple(sorted(set(techniques), key=self.inventory.index))

    def _refuse_or_collect(self, label: str, where: str) -> None:
        inventory = self.inventory
        match = nearest(label, [*inventory.ids, *inventory.aliases]) or nearest(_as_id(label), inventory.ids)
        match = inventory.resolve(match) if match else None
        if self.unknown is not None:
            self.unknown.append(UnknownLabel(label, where, match))
            return
        hint = f"did you mean '{match}'?" if match else f"choose one of: {', '.join(inventory.ids)}."
        raise UserError(
            f"label '{label}' is not in the inventory '{inventory.name}'",
            where=where,
            expected="a technique of the inventory, or one of its aliases",
            remedy=f"{hint} If the source was annotated with another inventory, name it in data.inventory.",
        )


def _as_id(label: str) -> str:
    return "_".join(label.casefold().replace("-", " ").replace("/", " ").split())
