"""How a summary is shown and kept: tables for the terminal, files for further work."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.groups import PERIODS
from spinscope.data.score_files import safe_cell
from spinscope.data.summaries import ANY
from spinscope.errors import UserError
from spinscope.files import atomic_file, write_json
from spinscope.jobs.summary_result import (
    ALL,
    RANKED_VOICES,
    VOICES_TOLD,
    WHAT_UNLIKE_MEANS,
    Columns,
    Ranking,
    Row,
    Summary,
    technique_name,
)
from spinscope.jobs.tables import plain_table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from spinscope.measure.resampling import Estimate

TABLE_ENDINGS = (".csv", ".parquet", ".json")
GROUPS_SHOWN = 20
PERIODS_SHOWN = 36
TECHNIQUES_SHOWN = 5
_PAIRS_TOLD = 12


def check_table_ending(path: Path) -> None:
    """Refuses a name whose ending says no format. Raises UserError."""
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise UserError(
            f"ending '{path.suffix}'", where=str(path), expected=f"a name that ends in {', '.join(TABLE_ENDINGS)}"
        )


def write_tables(summary: Summary, path: Path) -> list[Path]:
    """Writes all rows, and the ranked pairs beside them; as JSON everything in one file. Returns what was written."""
    check_table_ending(path)
    if path.suffix.lower() == ".json":
        write_json(path, summary.to_dict())
        return [path]
    beside = path.with_name(f"{path.stem}.ranking{path.suffix}")
    write = _write_csv if path.suffix.lower() == ".csv" else _write_parquet
    write(path, [row.flat(summary.columns) for row in summary.rows])
    if not summary.rankings:
        return [path]
    write(beside, [row for ranking in summary.rankings for row in _ranking_rows(ranking)])
    return [path, beside]


def print_summary(summary: Summary, console: Console) -> None:
    """Prints a table for each level and technique, the rankings in words, and what is to be kept in mind."""
    from rich.markup import escape

    for by in summary.levels:
        for table in _tables(summary, by):
            console.print(table)
    for told in _rankings_told(summary):
        console.print(escape(told))
    for note in summary.notes:
        console.print(f"Note: {escape(note)}.")
    for told in summary.unlike_told():
        console.print(f"[bold yellow]Scores unlike dev's:[/bold yellow] {escape(told)}.")
    if summary.unlike:
        console.print(WHAT_UNLIKE_MEANS)
    origin = summary.origin
    console.print(
        f"Shares of sentences; all groups by all columns are in --out and --html. Intervals: {origin['confidence']:.0%}, {origin['n_resamples']:,} resamples of articles, seed {origin['seed']}. "
        f"Corrected: for the error rates of {escape(str(origin['checkpoint']))} on dev."
    )


def ranking_words(ranking: Ranking, *, limit: int = _PAIRS_TOLD, head: bool = True) -> Iterator[str]:
    """A ranking as sentences: who is above whom, and of whom it cannot be said.

    Args:
        ranking: the groups compared.
        limit: most groups and pairs named.
        head: whether each sentence begins with technique and voice.
    """
    whose = "in the author's own sentences" if ranking.voice == "author" else "in all sentences"
    name = f"{technique_name(ranking.technique)}, {whose}: " if head else ""
    cannot = "cannot tell" if head else "Cannot tell"
    if len(ranking.shares) < 2:
        why = _listed([f"{group}: {reason}" for group, reason in ranking.left_out.items()], limit)
        yield f"{name}{'no' if head else 'No'} ranking by {ranking.by}, too few groups of enough articles ({why})."
        return
    above = [(group, below) for group in ranking.shares if (below := ranking.below(group))]
    for group, below in above[:limit]:
        pairs = [f"{p.second} (by {points(p.difference)}, {100 * p.low:.1f} to {100 * p.high:.1f})" for p in below]
        yield f"{name}{group} ({percent(ranking.shares[group])}) is above {_listed(pairs, limit)}."
    open_pairs = [f"{pair.first} and {pair.second}" for pair in ranking.pairs if pair.verdict != "above"]
    if not above:
        yield f"{name}{cannot} any two of {len(ranking.shares)} groups by {ranking.by} apart."
    elif open_pairs:
        yield f"{name}{cannot} apart: {_listed(open_pairs, limit, between='; ')}."
    if ranking.left_out and not head:
        yield f"Not ranked: {_listed([f'{group} ({reason})' for group, reason in ranking.left_out.items()], limit)}."


def _listed(names: Sequence[str], limit: int, *, between: str = ", ") -> str:
    more = f"{between}and {len(names) - limit:,} more" if len(names) > limit else ""
    return between.join(names[:limit]) + more


def percent(value: float) -> str:
    """`4.2 %`."""
    return f"{100 * value:.1f} %"


def points(value: float) -> str:
    """A difference of shares in percentage points: `4.2 points`."""
    return f"{100 * value:.1f} points"


def estimate_percent(estimate: Estimate) -> str:
    """`4.2 (3.1–5.5)`, in percent; `-` where there is none."""
    return _with_interval(estimate, 100)


def estimate_text(estimate: Estimate) -> str:
    """`4.2 (3.1–5.5)`; `-` where there is none."""
    return _with_interval(estimate, 1)


def _with_interval(estimate: Estimate, factor: float) -> str:
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{factor * estimate.value:.1f}"
    return f"{factor * estimate.value:.1f} ({factor * estimate.low:.1f}–{factor * estimate.high:.1f})"


def _tables(summary: Summary, by: Columns) -> Iterator[Table]:
    """All articles: a table of all techniques; a period: one over time; another column: one for each technique."""
    most = sorted(summary.of(by=(), voice=ALL), key=lambda row: -row.n_marked)
    techniques = [row.technique for row in most if row.technique != ANY][:TECHNIQUES_SHOWN]
    techniques = [technique for technique in summary.techniques if technique in techniques]
    if not by:
        voices = VOICES_TOLD if len(summary.techniques) <= TECHNIQUES_SHOWN + 1 else RANKED_VOICES
        yield _table(
            "All articles",
            "technique",
            [(technique_name(row.technique), row) for row in summary.of(by=by) if row.voice in voices],
        )
    elif len(by) == 1 and by[0] in PERIODS:
        yield _over_time(summary, by, techniques)
    elif len(by) == 1:
        for technique in (*techniques, ANY):
            rows = [row for row in summary.of(by=by, technique=technique) if row.voice in RANKED_VOICES]
            largest = sorted({(-row.n_articles, row.group[0]) for row in rows})
            kept = {group for _, group in largest[:GROUPS_SHOWN]}
            more = f" (the {GROUPS_SHOWN} largest of {len(largest):,})" if len(largest) > GROUPS_SHOWN else ""
            yield _table(
                f"{technique_name(technique)} by {by[0]}{more}",
                by[0],
                [(row.group[0], row) for row in rows if row.group[0] in kept],
            )


def _over_time(summary: Summary, by: Columns, techniques: Sequence[str]) -> Table:
    from rich.markup import escape

    rows = {(row.technique, row.group[0]): row for row in summary.of(by=by, voice="author")}
    periods = list(dict.fromkeys(group for _, group in rows))
    shown = periods[-PERIODS_SHOWN:]
    more = f", the last {PERIODS_SHOWN} of {len(periods):,}" if len(periods) > PERIODS_SHOWN else ""
    names = [escape(technique_name(technique)) for technique in techniques]
    table = plain_table(f"author's own sentences by {by[0]}{more}: share, %", by[0], "articles", "sentences", *names)
    for period in shown:
        row = rows[ANY, period]
        cells = [estimate_percent(rows[technique, period].share) for technique in techniques]
        table.add_row(period, f"{row.n_articles:,}", f"{row.n_sentences:,}", *cells)
    return table


def _rankings_told(summary: Summary) -> Iterator[str]:
    """Rankings in words, those that tell nothing in one sentence; all of them are in the files."""
    silent: dict[tuple[str, str, int], list[str]] = {}
    for ranking in summary.rankings:
        if len(ranking.shares) < 2:
            if ranking.technique == summary.techniques[0]:  # the same groups are too small in every technique
                yield from ranking_words(ranking)
        elif any(pair.verdict == "above" for pair in ranking.pairs):
            yield from ranking_words(ranking)
        else:
            place = (ranking.by, ranking.voice, len(ranking.shares))
            silent.setdefault(place, []).append(technique_name(ranking.technique))
    for (by, voice, n_groups), techniques in silent.items():
        whose = "the author's own sentences" if voice == "author" else "all sentences"
        yield f"In {whose}: cannot tell any two of {n_groups} groups by {by} apart in {', '.join(techniques)}."


def _table(title: str, first: str, rows: Sequence[tuple[str, Row]]) -> Table:
    from rich.markup import escape

    columns = ("voice", "articles", "sentences", "per 1,000 words", "share, %", "corrected, %")
    table = plain_table(escape(title), escape(first), *columns)
    before = None
    for name, row in rows:
        head = (escape(name), f"{row.n_articles:,}") if name != before else ("", "")
        before = name
        table.add_row(
            head[0], row.voice, head[1], f"{row.n_sentences:,}", estimate_text(row.per_1000_words),
            estimate_percent(row.share), estimate_percent(row.corrected_share),
        )  # fmt: skip
    return table


def _ranking_rows(ranking: Ranking) -> Iterator[dict[str, Any]]:
    for pair in ranking.pairs:
        yield {
            "by": ranking.by, "technique": ranking.technique, "voice": ranking.voice, "first": pair.first,
            "second": pair.second, "share_first": ranking.shares[pair.first], "share_second": ranking.shares[pair.second],
            "difference": pair.difference, "difference_low": pair.low, "difference_high": pair.high,
            "verdict": pair.verdict,
        }  # fmt: skip


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with atomic_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([safe_cell(name) for name in rows[0]] if rows else [])
        writer.writerows([safe_cell(value) for value in row.values()] for row in rows)


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {int: pa.int64(), float: pa.float64()}
    names = list(rows[0]) if rows else []
    types = {name: {type(row[name]) for row in rows} - {type(None)} for name in names}
    figures = ("share", "corrected_share", "per_1000_words", "difference")
    schema = pa.schema(
        [
            (name, kinds.get(next(iter(types[name]), float if name.startswith(figures) else str), pa.string()))
            for name in names
        ]
    )
    with atomic_file(path) as partial:
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), partial, compression="zstd")
