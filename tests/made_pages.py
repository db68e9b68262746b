"""Made-up reports of all three kinds, rendered from records: no model is needed to look at a page.

Not a test file: `import made_pages` in a test.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import made_audit
import made_scores

from spinscope.data.groups import grouping
from spinscope.data.inputs import Skipped
from spinscope.data.sentences import article_sentences
from spinscope.data.summaries import Tally, tally
from spinscope.files import write_text
from spinscope.jobs.audit_page import render_audit
from spinscope.jobs.comparison_page import render_comparison
from spinscope.jobs.comparison_result import Change, ComparisonResult, Curves, Outcome, Pair
from spinscope.jobs.summarizing import summary_of
from spinscope.jobs.summary_figures import Rules
from spinscope.jobs.summary_page import ArticleReport, render_summary
from spinscope.measure.statistics import Comparison, Difference
from spinscope.records import Article, ScoredSentence
from spinscope.report.articles import ReportedArticle, render_articles
from spinscope.taxonomy import inventory

THRESHOLD = 0.5
HOSTILE = "<script>document.title = 'ran'</script><img src=http://127.0.0.1:9/x onerror=\"document.title='ran'\">"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3

_TALE = f"""The vote on the river bridge

They have never cared for us, and they never will. The council met on Monday to discuss a new budget.
"Pay now, or else the whole town will drown in debt," said Ann Lee. She accused the mayor of a vile betrayal.\r
The mayor's disgraceful plan
runs over  two spaces and a line break. {HOSTILE} stands here as text.

It was raining. The library is open from nine to five. {LONG_WORD} is one word. A family \U0001f468‍\U0001f469‍\U0001f467 went home \U0001f600.
"We shall not yield," he said, "and they shall pay." Nobody knows why."""

_RIGHT_TO_LEFT = """العنوان الأول

هذه جملة أولى عن المجلس. قال الوزير: «لن نستسلم أبدا». The word BBC stands in it. وهذه جملة أخيرة!"""


@dataclass(frozen=True)
class Pages:
    """Where the pages lie, and what the article report shows."""

    articles: Path
    comparison: Path
    summary: Path
    audit: Path
    shown: list[ReportedArticle]

    def path(self, name: str) -> Path:
        found: Path = getattr(self, name)
        return found


def write_pages(folder: Path) -> Pages:
    """Writes an article report, a comparison page, an audit, and a summary page that links to the article report."""
    names = ("articles", "comparison", "summary", "audit")
    articles, comparison, summary, audit = (folder / f"{name}.html" for name in names)
    shown = made_articles()
    write_text(articles, articles_page(shown))
    write_text(comparison, render_comparison(made_comparison()))
    write_text(summary, summary_page(shown, ArticleReport.read(articles, beside=summary)))
    write_text(audit, render_audit(made_audit.made_audit(HOSTILE)))
    return Pages(articles, comparison, summary, audit, shown)


def scored_article(article: Article, *, names: str = "core", seed: int = 0, share: float = 0.35) -> ReportedArticle:
    """Every sentence with a probability of each technique; about `share` of them decided."""
    ids, chance, sentences = inventory(names).ids, random.Random(f"{seed} {article.id}"), []
    for one in article_sentences(article):
        scores = {
            technique: round(chance.uniform(0.51, 0.98) if chance.random() < share else chance.uniform(0.01, 0.49), 3)
            for technique in ids
        }
        decided = tuple(technique for technique in ids if scores[technique] >= THRESHOLD)
        sentences.append(
            ScoredSentence(one.article, one.index, one.start, one.end, one.text, one.voices, scores, decided)
        )
    return ReportedArticle(article, tuple(sentences), tally(sentences, techniques=ids))


def made_articles(*, names: str = "core") -> list[ReportedArticle]:
    """A tale with quotations, hostile text, a long word and emoji; a right-to-left one; a third to have an index."""
    made = [
        Article("tale.txt", _TALE, _TALE.index("\n\n"), {"source": "Ledger", "date": "2024-05-06"}),
        Article("rtl.txt", _RIGHT_TO_LEFT, _RIGHT_TO_LEFT.index("\n\n"), {"source": "صحيفة"}),
        Article("folder/third.txt", "One calm sentence. " * 3 + "They will come for our children. " * 3, 0, {"source": HOSTILE}),
    ]  # fmt: skip
    return [scored_article(article, names=names) for article in made]


def articles_page(shown: list[ReportedArticle], *, names: str = "core") -> str:
    """The article report."""
    target = inventory(names)
    total = Tally(target.ids)
    for one in shown:
        total.merge(one.tally)
    return render_articles(
        shown, inventory=target, thresholds=(THRESHOLD,) * len(target.ids), checkpoint="core-small", identity="ab" * 32,
        total=total, n_articles=len(shown), skipped=[Skipped(f"bad/{HOSTILE}.pdf", "not a format that is read")],
    )  # fmt: skip


def summary_page(shown: list[ReportedArticle], report: ArticleReport | None = None, *, by: str = "source,month") -> str:
    """The summary of two sources and of the tale, whose sentences are the strongest."""
    tale = [
        made_scores.line(
            one.article, one.index, one.text, start=one.start, techniques=("us_vs_them",), source="Ledger",
            scores={"us_vs_them": 0.999, "loaded_language": 0.01},
        )
        for one in shown[0].sentences[:3]
    ]  # fmt: skip
    lines = made_scores.made_lines({"Ledger": 0.2, "The Post of the East": 0.05}, n_articles=25, n_sentences=10) + tale
    found = summary_of(iter(lines), made_scores.manifest(lines), groups=grouping(by), rules=Rules(n_resamples=200))
    return render_summary(found, report)


def made_comparison() -> ComparisonResult:
    """Two checkpoints, one of two seeds, three techniques: better, worse, equivalent, and what cannot be told."""
    better = Difference(
        0.41, 0.52, 0.11, 0.04, 0.18, 0.002, 0.01, "better", margin=0.02, deviation_b=0.01, interval_b=(0.48, 0.56)
    )
    worse = Difference(0.52, 0.44, -0.08, -0.14, -0.02, 0.004, 0.02, "worse", margin=0.02)
    unsure = Difference(
        0.5, 0.51, 0.01, -0.05, 0.07, 0.6, 1.0, margin=0.02, n_articles_to_settle=1234, note="12 articles carry it"
    )
    equal = Difference(0.5, 0.501, 0.001, -0.01, 0.012, 0.8, 1.0, "equivalent", margin=0.02, p_equivalent=0.001)
    undefined = Difference(None, None, None)
    per_technique = {
        technique: {"f1": one, "average_precision": one}
        for technique, one in zip(inventory("core").ids, (better, worse, undefined), strict=True)
    }
    comparison = Comparison(
        {"macro_f1": better, "micro_f1": unsure, "brier_loss": worse, "exact_match_score": equal}, per_technique, 900, 40,
        2000, 0.95, 13, n_seeds_b=2,
    )  # fmt: skip
    changes = [
        Change("tale.txt", number, f"{HOSTILE} number {number}.", technique, kind, number % 3 == 0, 0.2, 0.9)
        for number, (technique, kind) in enumerate([("us_vs_them", "gained"), ("loaded_language", "lost")] * 30)
    ]
    facts = {
        "identity": "cd" * 32, "kind": "fine_tuned", "thresholds": "f1", "calibration": "temperature", "n_seeds": 1,
        "n_training_sentences": 12000, "training_seconds": 312.5, "training_precision": "fp32", "weights_bytes": 90_000_000,
        "sentences_per_second": 480.2, "calibration_error": 0.031,
    }  # fmt: skip
    names = ("core-small", "a-checkpoint-with-a-rather-long-name-2024")
    differences = [
        "training.epochs: 5 instead of 3 (Passes over the training part)",
        f"taxonomy {HOSTILE} instead of core",
    ]
    return ComparisonResult(
        dict(zip(names, (facts, facts | {"n_seeds": 2, "training_seconds": 900.0, "sentences_per_second": 90.5}), strict=True)),
        {"n_sentences": 900, "n_articles": 40, "split": "test", "sha256": "ef" * 32}, inventory("core").ids, {},
        [Pair(*names, comparison, changes, differences)], ["40 articles are few"], made_curves(names),
        [
            Outcome("F1 of us_vs_them not worse by more than 0.02", "gate.yaml:3", names[1], "broken", "worse by 0.080"),
            Outcome("micro F1 at least 0.4", "gate.yaml:5", names[1], "kept", "0.510"),
        ],
    )  # fmt: skip


def made_curves(names: Sequence[str]) -> dict[str, Curves]:
    """Curves of one seed for the first system and of two for the others."""
    found = {}
    for number, name in enumerate(names):
        lines = [
            [(x / 10, 1 - (0.5 - 0.1 * number) * x / 10 - 0.05 * seed) for x in range(1, 11)]
            for seed in range(1 + number)
        ]
        rows = [
            {
                "mean_probability": p,
                "positive_fraction": p * (0.8 + 0.1 * number),
                "n": 50,
                "n_positives": round(50 * p),
            }
            for p in (0.05, 0.3, 0.6, 0.9)
        ]
        ids = inventory("core").ids
        found[name] = Curves(
            dict.fromkeys(ids, lines),
            {technique: [line[5] for line in lines] for technique in ids},
            dict.fromkeys(("", *ids), rows),
        )
    return found
