"""`spinscope summarize`: from scored sentences to answers: how common each technique is, where, when, in whose voice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.article_counts import ArticleCounts
from spinscope.data.groups import Group, Grouping, grouping
from spinscope.data.score_reading import manifest_path, read_scores, score_manifest
from spinscope.data.strongest import Strongest
from spinscope.data.summaries import ANY
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import write_text
from spinscope.jobs.progress import progress_bar, show
from spinscope.jobs.summary_figures import Rules, doubted, is_ranked, level_figures, levels_of, rankings, unlike_dev
from spinscope.jobs.summary_output import check_table_ending, print_summary, write_tables
from spinscope.jobs.summary_page import ArticleReport, render_summary
from spinscope.jobs.summary_result import Columns, Ranking, Row, Summary, Unlike
from spinscope.jobs.tables import result_console
from spinscope.measure.article_draws import FEW_ARTICLES
from spinscope.measure.prevalence import ErrorRates, error_rates
from spinscope.measure.score_shift import score_edges

if TYPE_CHECKING:
    from rich.console import Console

N_EXAMPLES = 5
_LINES_PER_TICK = 2048


def summarize(
    scores: Path | str, *, by: str = "", out: Path | None = None, html_file: Path | None = None,
    article_report: Path | None = None, confidence: float = 0.95, n_resamples: int = 2000, seed: int = 13,
    n_examples: int = N_EXAMPLES, console: Console | None = None,
) -> int:  # fmt: skip
    """Says of each technique in how many sentences it stands, by groups of articles and by voice, with intervals.

    Args:
        scores: file or folder that `spinscope score` wrote; its manifest must lie with it.
        by: columns that make groups, separated by commas: source, year, month, week, day, language, article, part, or
            a further column of the input. Rows are told of all articles, of each column, and of all columns together.
        out: table of all rows, .csv, .parquet or .json; CSV and Parquet come with `<stem>.ranking` beside them.
        html_file: page with charts and the strongest sentences; it opens offline.
        article_report: report of the articles that `spinscope score --report` wrote, to which the page then links.
        confidence: of the intervals, 0 to 1.
        n_resamples: of the articles, for the intervals.
        seed: of the resamples.
        n_examples: strongest sentences for each technique and voice.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where scores are distributed unlike dev, else 0.

    Raises:
        UserError: no scores or manifest, scores of several checkpoints, no such column, an unknown ending.
    """
    groups = grouping(by)
    _check_outputs(Path(scores), out, html_file, article_report)
    manifest = score_manifest(scores)
    report = ArticleReport.read(article_report, beside=html_file) if article_report and html_file else None
    rules = Rules(confidence, n_resamples, seed)
    summary = summary_of(
        read_scores(scores), manifest, groups=groups, rules=rules, n_examples=n_examples, where=str(scores)
    )
    print_summary(summary, console or result_console())
    for path in write_tables(summary, out) if out is not None else ():
        show(f"written: {path}")
    if html_file is not None:
        write_text(html_file, render_summary(summary, report))
        show(f"written: {html_file}")
    return DONE_WITH_FINDINGS if summary.unlike else DONE


def summary_of(
    lines: Iterable[Mapping[str, Any]], manifest: Mapping[str, Any], *, groups: Grouping, rules: Rules | None = None,
    n_examples: int = N_EXAMPLES, where: str = "scores",
) -> Summary:  # fmt: skip
    """The summary that `summarize` prints, of score lines in any order.

    Args:
        lines: score lines, as `read_scores` yields them.
        manifest: of the scores, as `score_manifest` gives it.
        groups: see `data.groups.grouping`.
        rules: of the intervals.
        n_examples: strongest sentences for each technique and voice.
        where: name of the scores, for messages.
    """
    rules = rules or Rules()
    techniques = tuple(manifest["techniques"])
    edges = _edges(manifest, techniques)
    counts = ArticleCounts(techniques, grouping=groups, edges=edges)
    strongest, undecided = Strongest(n_examples), Counter[str]()
    _read(lines, counts, strongest, undecided, manifest, where)
    groups.check()
    rates = _rates(manifest, rules)
    rows: list[Row] = []
    ranked: list[Ranking] = []
    unlike: list[Unlike] = []
    for by in levels_of(groups.columns):
        figures = {}
        for group, counted, one in level_figures(counts, by, rates=rates, rules=rules):
            odd = []
            if rates is not None and len(by) <= 1:
                odd = list(unlike_dev(by, group, counted, techniques, edges, manifest["dev"]))
            rows += doubted(one.rows, odd)
            unlike += odd
            if is_ranked(by):
                figures[group] = one
        if figures:
            ranked += rankings(by[0], figures, techniques, rules=rules)
    return Summary(
        groups.columns, levels_of(groups.columns), (*techniques, ANY), tuple(rows), tuple(ranked), tuple(unlike),
        {technique: strongest.of(technique) for technique in techniques}, _rates_told(rates, techniques),
        (*groups.notes(), *_few_articles(rows), *_notes(rates, techniques), *_undecided(undecided, manifest)),
        _origin(manifest, rules) | ({"n_abstained": _by_technique(undecided, techniques)} if manifest.get("bands") else {}),
    )  # fmt: skip


def _check_outputs(scores: Path, out: Path | None, html_file: Path | None, article_report: Path | None) -> None:
    """Refuses an ending that says no format, and outputs that would replace an input or each other. Raises UserError."""
    if out is not None:
        check_table_ending(out)
    if article_report is not None and html_file is None:
        raise UserError(
            "--article-report without --html", where="command line", remedy="name the page that shall link to it."
        )
    read = {path.resolve() for path in (scores, manifest_path(scores), article_report) if path is not None}
    written = [path.resolve() for path in (out, html_file) if path is not None]
    for path in written:
        if path in read:
            raise UserError("an output that is also an input", where=str(path), remedy="write elsewhere.")
    if len(set(written)) < len(written):
        raise UserError("two outputs with one name", where=str(out), remedy="give one of them another name.")


def _edges(manifest: Mapping[str, Any], techniques: Sequence[str]) -> list[list[float]]:
    dev = manifest.get("dev")
    if not dev:
        return [[] for _ in techniques]
    known = [dev[technique] for technique in techniques]
    return [
        score_edges(one["score_deciles_positive"], one["score_deciles_negative"], one["n_positive"]) for one in known
    ]


def _read(
    lines: Iterable[Mapping[str, Any]],
    counts: ArticleCounts,
    strongest: Strongest,
    undecided: Counter[str],
    manifest: Mapping[str, Any],
    where: str,
) -> None:
    """Counts all lines, and the techniques that lie within the band of doubt.

    Raises:
        UserError: a line of another checkpoint than the manifest's, or fewer or more lines than the manifest counts.
    """
    expected = manifest.get("counts", {}).get("n_sentences")
    checkpoint, n_lines = manifest["checkpoint_sha256"], 0
    with progress_bar() as bar:
        task = bar.add_task("counting sentences", total=expected, note="")
        for line in lines:
            if line["checkpoint_sha256"] != checkpoint:
                raise UserError(
                    f"a sentence scored by checkpoint {line['checkpoint']} {line['checkpoint_sha256'][:12]}", where=where,
                    expected=f"scores of {manifest['checkpoint']} {checkpoint[:12]} alone, as the manifest says",
                    remedy="summarise the scores of each checkpoint by themselves.",
                )  # fmt: skip
            try:
                strongest.add(line, counts.add(line))
                undecided.update(line.get("abstained") or ())
            except KeyError as error:
                raise UserError(
                    f"not a score line of this manifest: {error} is missing or unknown", where=where,
                    expected="lines as `spinscope score` writes them, with the techniques that the manifest names",
                ) from None  # fmt: skip
            n_lines += 1
            if n_lines % _LINES_PER_TICK == 0:
                bar.advance(task, _LINES_PER_TICK)
        bar.update(task, completed=n_lines)
    if expected is not None and n_lines != expected:
        raise UserError(
            f"{n_lines:,} sentences where the manifest counts {expected:,}", where=where,
            remedy="the file was cut or changed: restore it, or score again.",
        )  # fmt: skip
    if not n_lines:
        raise UserError("no sentence", where=where, expected="at least one scored sentence")


def _rates(manifest: Mapping[str, Any], rules: Rules) -> ErrorRates | None:
    if not manifest.get("dev") or not manifest.get("dev_articles"):
        return None
    return error_rates(
        manifest["dev_articles"], n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed
    )


def _rates_told(rates: ErrorRates | None, techniques: Sequence[str]) -> dict[str, dict[str, Any]]:
    if rates is None:
        return {}
    return {
        technique: {
            "true_positive_rate": _known(rates.true_positive[t]), "true_positive_rate_low": _known(rates.intervals[0, t]),
            "true_positive_rate_high": _known(rates.intervals[1, t]),
            "false_positive_rate": _known(rates.false_positive[t]), "false_positive_rate_low": _known(rates.intervals[2, t]),
            "false_positive_rate_high": _known(rates.intervals[3, t]), "n_positive": int(rates.n_positive[t]),
            "n_negative": int(rates.n_negative[t]), "n_articles": rates.n_articles, "why_not_corrected": rates.why_not[t],
        }
        for t, technique in enumerate(techniques)
    }  # fmt: skip


def _known(value: float) -> float | None:
    return None if value != value else round(float(value), 6)  # NaN is the one number that is not itself


def _few_articles(rows: Sequence[Row]) -> Iterator[str]:
    """How many groups have so few articles that their intervals are not to be relied on."""
    sizes: dict[Columns, dict[Group, int]] = {}
    for row in rows:
        sizes.setdefault(row.by, {})[row.group] = row.n_articles
    for by, groups in sizes.items():
        few = sum(n_articles < FEW_ARTICLES for n_articles in groups.values())
        which = f"{few:,} of {len(groups):,} groups by {' and '.join(by)} have" if by else "all scores together have"
        if few:
            yield f"{which} fewer than {FEW_ARTICLES} articles: too few for intervals to be relied on, and for a ranking"


def _by_technique(counts: Mapping[str, int], techniques: Sequence[str]) -> dict[str, int]:
    return {technique: counts.get(technique, 0) for technique in techniques}


def _undecided(counts: Mapping[str, int], manifest: Mapping[str, Any]) -> Iterator[str]:
    """How much lies within the band of doubt, where one was drawn; shares count it by its threshold."""
    if not manifest.get("bands"):
        return
    told = [f"{name} {n:,}" for name, n in _by_technique(counts, manifest["techniques"]).items() if n]
    yield (
        f"decisions left to a person, of {manifest['counts']['n_sentences']:,} sentences: {', '.join(told) or 'none'}; "
        "shares count them as their thresholds decide them"
    )


def _notes(rates: ErrorRates | None, techniques: Sequence[str]) -> list[str]:
    """What is to be kept in mind of the correction."""
    if rates is None:
        return [
            "no corrected shares: the checkpoint keeps no predictions on dev, so that its error rates are not known"
        ]
    notes = [f"no corrected share of {t}: {why}" for t, why in zip(techniques, rates.why_not, strict=True) if why]
    if rates.n_articles < 20:
        notes.append(f"error rates come from {rates.n_articles} dev articles only: corrected shares are rough")
    return notes


def _origin(manifest: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    names = ("checkpoint", "checkpoint_sha256", "taxonomy", "thresholds", "engine", "engine_on_dev")
    return {
        **{name: manifest.get(name) for name in names}, "confidence": rules.confidence,
        "n_resamples": rules.n_resamples, "seed": rules.seed,
    }  # fmt: skip
