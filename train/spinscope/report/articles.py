"""The article report: marked sentences of scored articles as one HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spinscope.data.inputs import Skipped
from spinscope.data.summaries import ANY, VOICES, Tally, strongest
from spinscope.data.voice import main_voice
from spinscope.records import Article, ScoredSentence, Voice
from spinscope.report.anchors import article_anchor
from spinscope.report.evidence import strongest_words, word_pieces
from spinscope.report.pages import render
from spinscope.report.palette import codes, hues
from spinscope.taxonomy import Inventory

_SKIPS_SHOWN = 100
_BAR_WIDTH = 100
_WORDS_TOLD = 4


@dataclass(frozen=True, slots=True)
class ReportedArticle:
    """An article with its scored sentences and their tally."""

    article: Article
    sentences: tuple[ScoredSentence, ...]
    tally: Tally


def render_articles(
    articles: Sequence[ReportedArticle], *, inventory: Inventory, thresholds: Sequence[float], checkpoint: str,
    identity: str, total: Tally, n_articles: int, skipped: Sequence[Skipped],
    evidence: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]] | None = None, engine: str = "",
) -> str:  # fmt: skip
    """The report as one self-contained page.

    Args:
        articles: those to show, in order.
        inventory: the techniques, in order.
        thresholds: (n_techniques,) cut-offs, 0 to 1.
        checkpoint: name of the checkpoint.
        identity: hex sha256 of the checkpoint.
        total: tally of all scored articles, those not shown included.
        n_articles: number of all scored articles.
        skipped: inputs that were not scored.
        evidence: article id and sentence number -> which words carry the scores, as `Evidence.to_dict` gives it.
        engine: what computed the scores, in words.
    """
    techniques = _techniques(inventory, thresholds, total)
    return render(
        "article.html",
        articles=[_article(one, inventory, evidence or {}) for one in articles],
        evidence_method=next((several[0]["method"] for several in (evidence or {}).values() if several), None),
        n_evidence=len(evidence or {}),
        techniques=techniques,
        hues=hues(len(techniques)),
        voices=VOICES,
        checkpoint=checkpoint,
        identity=identity,
        engine=engine,
        total=total.to_dict(),
        n_articles=n_articles,
        skipped=list(skipped[:_SKIPS_SHOWN]),
        n_skipped=len(skipped),
        any_technique=ANY,
    )


def _techniques(inventory: Inventory, thresholds: Sequence[float], total: Tally) -> list[dict[str, Any]]:
    letters = codes([technique.title for technique in inventory.techniques])
    rates = total.to_dict()["techniques"]
    return [
        {
            "id": technique.id, "title": technique.title, "definition": technique.definition, "code": code,
            "threshold": float(threshold), "rates": rates[technique.id],
        }
        for technique, code, threshold in zip(inventory.techniques, letters, thresholds, strict=True)
    ]  # fmt: skip


def _article(
    reported: ReportedArticle, inventory: Inventory, evidence: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    article, counts = reported.article, reported.tally.to_dict()
    known = {index: several for (name, index), several in evidence.items() if name == article.id}
    title_end = article.title_end
    body = [sentence for sentence in reported.sentences if sentence.end > title_end]
    title = [sentence for sentence in reported.sentences if sentence.end <= title_end]
    return {
        "anchor": article_anchor(article.id),
        "id": article.id,
        "name": " ".join(sentence.text for sentence in title).strip("\ufeff") or article.id,
        "metadata": [(name, value) for name, value in article.metadata.items() if isinstance(value, str | int | float)],
        "title": [_sentence(sentence, inventory, known.get(sentence.index, ())) for sentence in title],
        "paragraphs": [
            [_sentence(sentence, inventory, known.get(sentence.index, ())) for sentence in paragraph]
            for paragraph in _paragraphs(article.text, body)
        ],
        "counts": counts,
        "bar": _bar(reported.tally),
        "strongest": strongest(reported.sentences),
    }


def _paragraphs(text: str, sentences: Sequence[ScoredSentence]) -> list[list[ScoredSentence]]:
    paragraphs: list[list[ScoredSentence]] = []
    for before, sentence in zip([None, *sentences], sentences, strict=False):
        if before is None or re.search(r"[\n\r\x0b\x0c\x85\u2028\u2029]", text[before.end : sentence.start]):
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    return paragraphs


def _sentence(
    sentence: ScoredSentence, inventory: Inventory, evidence: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    order = {technique: number for number, technique in enumerate(inventory.ids)}
    marks = sorted(
        ((order[name], float(sentence.probabilities[name])) for name in sentence.techniques), key=lambda mark: -mark[1]
    )
    return {
        "index": sentence.index,
        "start": sentence.start,
        "end": sentence.end,
        "marks": [{"technique": number, "score": score} for number, score in marks],
        "scores": " ".join(f"{sentence.probabilities[name]:.3f}" for name in inventory.ids),
        "voice": main_voice(len(sentence.text), sentence.voices),
        "pieces": [{**piece, "parts": parts} for piece, parts in _with_words(sentence, marks, inventory, evidence)],
        "carried": "; ".join(_carried(sentence, inventory, one) for one in evidence),
        "n_windows": sentence.n_windows,
    }


def _with_words(
    sentence: ScoredSentence, marks: Sequence[tuple[int, float]], inventory: Inventory,
    evidence: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:  # fmt: skip
    """The pieces of a sentence, each cut at the words that carry the highest score."""
    top = inventory.ids[marks[0][0]] if marks else ""
    words: Sequence[Mapping[str, Any]] = next((one["words"] for one in evidence if one["technique"] == top), ())
    levels = [0] * len(sentence.text)
    position = 0
    for part in word_pieces(sentence.text, words):
        end = position + len(part["text"])
        levels[position:end] = [max(part["level"], 0)] * len(part["text"])
        position = end
    position = 0
    for piece in _pieces(sentence.text, sentence.voices):
        parts: list[dict[str, Any]] = []
        for character, level in zip(piece["text"], levels[position : position + len(piece["text"])], strict=True):
            if not parts or parts[-1]["level"] != level:
                parts.append({"text": "", "level": level})
            parts[-1]["text"] += character
        position += len(piece["text"])
        yield piece, parts


def _carried(sentence: ScoredSentence, inventory: Inventory, evidence: Mapping[str, Any]) -> str:
    title = inventory.techniques[inventory.index(evidence["technique"])].title
    words = strongest_words(sentence.text, evidence["words"], n=_WORDS_TOLD)
    return f"{title}: " + (", ".join(f"{word} {weight:+.1f}" for word, weight in words) or "no single word")


def _pieces(text: str, voices: Sequence[Voice]) -> list[dict[str, Any]]:
    """The sentence cut where its voice changes."""
    pieces: list[dict[str, Any]] = []
    position = 0
    for voice in voices:
        if voice.start > position:
            pieces.append({"text": text[position : voice.start], "voice": "author", "speaker": None})
        pieces.append({"text": text[voice.start : voice.end], "voice": voice.voice, "speaker": voice.speaker})
        position = voice.end
    if position < len(text):
        pieces.append({"text": text[position:], "voice": "author", "speaker": None})
    return pieces


def _bar(counts: Tally) -> list[dict[str, Any]]:
    """Widths of a bar of 100: the share of sentences with each technique, side by side, cut at the end."""
    n_sentences = max(1, sum(counts.n_sentences.values()))
    bar, x = [], 0.0
    for number, technique in enumerate(counts.techniques):
        width = _BAR_WIDTH * sum(counts.n_marked[technique].values()) / n_sentences
        bar.append({"technique": number, "x": round(x, 2), "width": round(min(width, _BAR_WIDTH - x), 2)})
        x = min(_BAR_WIDTH, x + width)
    return [piece for piece in bar if piece["width"] > 0]
