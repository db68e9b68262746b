"""Whether the quotation marks of a tab-separated table quote, or are text as in most such files."""

from __future__ import annotations

import csv
from collections.abc import Iterable

NO_LINE_END_IN_TSV = "in TSV a quoted cell must end on its own line; write the table as CSV if a cell holds line ends."


def quotes_cells(lines: Iterable[str]) -> bool:
    """Whether every quoted cell closes on its own line, and quoting leaves each row the cells of the header.

    Where one does not, a quotation mark that merely begins a cell would swallow cells or lines: all of them are text.

    Args:
        lines: with or without their line ends, the header first.
    """
    width = 0
    for line in lines:
        if width and '"' not in line:
            continue
        try:
            cells = next(csv.reader([line], delimiter="\t", strict=True), [])
        except csv.Error:
            return False
        width = width or len(cells)
        if len(cells) not in (0, width) and line.count("\t") + 1 == width:
            return False
    return True
