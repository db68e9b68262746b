"""The table of a study: for the terminal, as JSON, and as CSV to be kept in git (figures only)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.files import write_text
from spinscope.jobs.tables import TITLES, estimate_text, plain_table
from spinscope.measure.resampling import Estimate
from spinscope.measure.studies import STUDIED

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = ("micro_f1", "macro_average_precision", "any_f1")


@dataclass(frozen=True, slots=True)
class Line:
    """One run: its settings, the seeds it has, figures, differences to the reference, deviation over seeds, cost."""

    name: str
    settings: Mapping[str, Any]
    seeds: tuple[int, ...]
    figures: Mapping[str, Estimate]
    differences: Mapping[str, Estimate]
    deviations: Mapping[str, float | None]
    seconds: float


@dataclass(frozen=True, slots=True)
class StudyTable:
    """All finished lines and what they were measured on; `n_runs` counts the unfinished ones too."""

    name: str
    reference: str
    lines: tuple[Line, ...]
    n_runs: int
    n_articles: int
    n_sentences: int
    n_folds: int
    articles_fraction: float
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "study": self.name, "reference": self.reference, "n_runs": self.n_runs, "n_articles": self.n_articles,
            "n_sentences": self.n_sentences, "n_folds": self.n_folds, "articles_fraction": self.articles_fraction,
            "confidence": self.confidence, "hours": round(sum(line.seconds for line in self.lines) / 3600, 3),
            "runs": [
                {
                    "run": line.name, "settings": dict(line.settings), "seeds": list(line.seeds),
                    "seconds": round(line.seconds, 1), "seed_deviation": dict(line.deviations),
                    "figures": {name: estimate.to_dict() for name, estimate in line.figures.items()},
                    "differences": {name: estimate.to_dict() for name, estimate in line.differences.items()},
                }
                for line in self.lines
            ],
        }  # fmt: skip


def print_table(table: StudyTable, console: Console) -> None:
    """The chief figures of each run, and their differences to the reference; the rest is in the JSON."""
    part = "" if table.articles_fraction == 1 else f", trained on {table.articles_fraction:.0%} of the articles"
    title = (
        f"{table.name}: {table.n_sentences:,} held-out sentences of {table.n_articles:,} articles, "
        f"{table.n_folds} fold{'s' if table.n_folds > 1 else ''}{part}"
    )
    console.print(title, style="bold")
    for name in _SHOWN:
        shown = plain_table(TITLES[name], "run", "value", "difference", "interval", "over seeds", "seeds", "minutes")
        for line in table.lines:
            deviation = line.deviations[name]
            shown.add_row(
                line.name, estimate_text(line.figures[name], interval=False), *_difference(line.differences.get(name)),
                "" if deviation is None else f"±{deviation:.3f}", str(len(line.seeds)), f"{line.seconds / 60:.1f}",
            )  # fmt: skip
        console.print(shown)
    console.print(
        f"Differences to {table.reference}, {table.confidence:.0%} intervals over articles and seeds; * excludes 0."
    )
    if len(table.lines) < table.n_runs:
        console.print(f"{table.n_runs - len(table.lines)} of {table.n_runs} runs are not finished with any seed.")


def write_csv(table: StudyTable, path: Path) -> None:
    """One row per run; differences are empty for the reference."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    figures = [f"{name}{part}" for name in STUDIED for part in ("", "_difference", "_low", "_high", "_seed_deviation")]
    writer.writerow(["run", "settings", "n_seeds", "n_folds", "articles_fraction", "minutes", *figures])
    for line in table.lines:
        settings = "; ".join(f"{key}={value}" for key, value in line.settings.items())
        row = [line.name, settings, len(line.seeds), table.n_folds, table.articles_fraction, f"{line.seconds / 60:.1f}"]
        for name in STUDIED:
            difference = line.differences.get(name)
            low, high = (difference.low, difference.high) if difference else (None, None)
            shift = difference.value if difference else None
            row += [_cell(value) for value in (line.figures[name].value, shift, low, high, line.deviations[name])]
        writer.writerow(row)
    write_text(path, out.getvalue())


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _difference(estimate: Estimate | None) -> tuple[str, str]:
    """The difference and its interval, with a star where that excludes 0."""
    if estimate is None or estimate.value is None:
        return "", ""
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:+.3f}", ""
    star = "*" if estimate.low > 0 or estimate.high < 0 else " "
    return f"{estimate.value:+.3f}", f"{estimate.low:+.3f} {estimate.high:+.3f}{star}"
