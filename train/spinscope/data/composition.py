"""What a labelled corpus is made of, as Markdown tables for its datasheet, and how they get into that page.

The tables count what the metadata of `data/core` holds: domain, register, event, and the roles of named sides.
A word is what white space separates.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spinscope.data.splits import SPLITS
from spinscope.errors import UserError
from spinscope.records import Sentence, Span, VoiceName

VOICES: tuple[VoiceName, ...] = ("author", "quoted", "reported")
OPPOSED = (
    (("Republicans",), "Democrats"), (("the left",), "the right"), (("Labour",), "Conservatives"),
    (("China", "Iran"), "United States"), (("India",), "Pakistan"), (("Russia",), "Ukraine"),
    (("Israel",), "Palestinians"), (("European Union",), "United Kingdom"), (("Greece",), "Turkey"),
    (("immigrants",), "native-born"), (("Muslims",), "Christians"), (("believers",), "secular people"),
    (("town",), "country"), (("the young",), "the old"), (("drivers",), "cyclists"), (("men",), "women"),
)  # fmt: skip
"""The real sides of `data/core`: those of the first member, taken together, and the side that answers them."""

_REGION = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
_SHORT_WORDS, _LONG_WORDS = 3, 60
_FURTHER_KINDS = ("any of them", "two or more", "none")

Rows = Iterable[Sequence[object]]


@dataclass(slots=True)
class RoleCounts:
    """How often a side has a role in a technique.

    Attributes:
        by: it uses the technique against a named side.
        at: the technique is used against it.
        alone: it uses the technique against nobody named (praise of its own, mostly).
    """

    by: int = 0
    at: int = 0
    alone: int = 0

    @property
    def mentions(self) -> int:
        """In any role."""
        return self.by + self.at + self.alone


def composition_tables(sentences: Iterable[Sentence]) -> dict[str, str]:
    """Markdown tables by name: sizes, techniques, domains, registers, voices, lengths, sides.

    Args:
        sentences: in any order; articles without a split count in the totals alone.
    """
    held = sorted(sentences, key=lambda one: (one.article, one.index))
    return {
        "sizes": _sizes(held),
        "techniques": _techniques(held),
        "domains": _by_metadata(held, "domain"),
        "registers": _by_metadata(held, "register"),
        "voices": _voices(held),
        "lengths": _lengths(held),
        "sides": _sides(held),
    }


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """The page with each table between its marks, `<!-- table: NAME -->` and `<!-- end of table -->`.

    Raises:
        UserError: a table without a place, a place without a table, or a place that stands twice.
    """
    names = [match[2] for match in _REGION.finditer(page)]
    if sorted(names) != sorted(tables):
        raise UserError(
            f"places for the tables {', '.join(sorted(names)) or '(none)'}", where="datasheet",
            expected=f"one each for {', '.join(sorted(tables))}", remedy="add or remove '<!-- table: NAME -->'.",
        )  # fmt: skip
    return _REGION.sub(lambda match: f"{match[1]}{tables[match[2]]}{match[3]}", page)


def side_roles(sentences: Iterable[Sentence]) -> dict[str, dict[str, RoleCounts]]:
    """For each named side and technique, how often it uses the technique and is its target (`metadata["roles"]`)."""
    sides: dict[str, dict[str, RoleCounts]] = defaultdict(lambda: defaultdict(RoleCounts))
    for sentence in sentences:
        for role in sentence.metadata.get("roles", ()):
            by, at, technique = role["by"], role["at"], role["technique"]
            if by and at:
                sides[by][technique].by += 1
            elif by:
                sides[by][technique].alone += 1
            if at:
                sides[at][technique].at += 1
    return {side: dict(counts) for side, counts in sides.items()}


def voice_of_span(sentence: Sentence, span: Span) -> VoiceName:
    """The voice that holds most of a span's characters; the author's where none holds more."""
    extent = Counter[VoiceName]({"author": span.end - span.start})
    for voice in sentence.voices:
        shared = max(0, min(span.end, voice.end) - max(span.start, voice.start))
        extent[voice.voice] += shared
        extent["author"] -= shared
    return max(VOICES, key=lambda name: extent[name])


def voices_in(sentence: Sentence) -> tuple[VoiceName, ...]:
    """The voices other than the author's alone that a sentence holds, or ("author",) where it holds none."""
    return tuple(name for name in VOICES if any(voice.voice == name for voice in sentence.voices)) or ("author",)


def _sizes(sentences: list[Sentence]) -> str:
    events: dict[str, set[str]] = defaultdict(set)
    for one in sentences:
        if one.metadata.get("event"):
            events[one.metadata["event"]].add(one.article)
    answered = {article for articles in events.values() if len(articles) > 1 for article in articles}
    counts: dict[str, Callable[[list[Sentence]], int]] = {
        "articles": lambda part: len({one.article for one in part}),
        "articles with a counter-article on the same event": lambda part: len({one.article for one in part} & answered),
        "sentences": len,
        "of these headlines": lambda part: sum(one.part == "title" for one in part),
        "words": lambda part: sum(map(_n_words, part)),
        "marked names": lambda part: sum(len(one.metadata.get("entities", ())) for one in part),
    }
    parts = [[one for one in sentences if one.split == split] for split in SPLITS]
    rows = [(name, *(_n(count(part)) for part in [*parts, sentences])) for name, count in counts.items()]
    return _table(("", *SPLITS, "all"), rows)


def _techniques(sentences: list[Sentence]) -> str:
    n_spans = Counter(span.technique for one in sentences for span in one.spans)
    parts = [*([one for one in sentences if one.split == split] for split in SPLITS), sentences]
    counts = [Counter(kind for one in part for kind in _kinds(one)) for part in parts]
    rows = []
    for kind in [*_names(sentences), *_FURTHER_KINDS]:
        cells = (_n_of(count[kind], len(part)) for count, part in zip(counts, parts, strict=True))
        is_technique = kind not in _FURTHER_KINDS
        rows.append((f"`{kind}`" if is_technique else kind, *cells, _n(n_spans[kind]) if is_technique else ""))
    return _table(("sentences with", *SPLITS, "all", "spans"), rows)


def _kinds(sentence: Sentence) -> list[str]:
    """The rows of the table of techniques in which a sentence counts."""
    n = len(sentence.techniques)
    holds = zip(_FURTHER_KINDS, (n > 0, n > 1, n == 0), strict=True)
    return [*sentence.techniques, *(kind for kind, is_so in holds if is_so)]


def _by_metadata(sentences: list[Sentence], key: str) -> str:
    groups: dict[str, list[Sentence]] = defaultdict(list)
    for one in sentences:
        groups[str(one.metadata.get(key))].append(one)
    names = _names(sentences)
    rows = []
    for value, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        articles = {one.article: one.split for one in group}
        splits = "/".join(str(sum(split == given for given in articles.values())) for split in SPLITS)
        positives = (_n(sum(name in one.techniques for one in group)) for name in names)
        share = _share(sum(bool(one.techniques) for one in group), len(group))
        rows.append((value, _n(len(articles)), splits, _n(len(group)), *positives, share))
    header = (key, "articles", "/".join(SPLITS), "sentences", *(f"`{name}`" for name in names), "with any")
    return _table(header, rows)


def _voices(sentences: list[Sentence]) -> str:
    names = _names(sentences)
    characters, holding = Counter[str](), Counter[str]()
    spans: Counter[tuple[str, str]] = Counter()
    for one in sentences:
        extent = dict.fromkeys(VOICES, 0)
        for voice in one.voices:
            extent[voice.voice] += voice.end - voice.start
        extent["author"] = len(one.text) - sum(extent.values())
        characters.update(extent)
        holding.update(voice for voice in VOICES if extent[voice] > 0)
        spans.update((voice_of_span(one, span), span.technique) for span in one.spans)
    rows = []
    for name in VOICES:
        share = _share(characters[name], characters.total())
        rows.append((name, _n(holding[name]), share, *(_n(spans[name, technique]) for technique in names)))
    header = ("voice", "sentences that hold it", "share of characters", *(f"spans of `{name}`" for name in names))
    return _table(header, rows)


def _lengths(sentences: list[Sentence]) -> str:
    chosen = {"all": sentences, "without a technique": [one for one in sentences if not one.techniques]}
    chosen |= {f"with `{name}`": [one for one in sentences if name in one.techniques] for name in _names(sentences)}
    rows = []
    for name, group in chosen.items():
        words = sorted(map(_n_words, group))
        if words:
            tenths = [words[len(words) * tenth // 10] for tenth in (1, 9)]
            few, many = sum(n <= _SHORT_WORDS for n in words), sum(n > _LONG_WORDS for n in words)
            rows.append((name, f"{statistics.median(words):g}", *tenths, _n(few), _n(many), words[-1]))
    limits = (f"{_SHORT_WORDS} words or fewer", f"over {_LONG_WORDS} words")
    return _table(("sentences", "median words", "10 %", "90 %", *limits, "longest"), rows)


def _sides(sentences: list[Sentence]) -> str:
    roles, names = side_roles(sentences), _names(sentences)
    paired = [side for firsts, second in OPPOSED for side in (*firsts, second) if side in roles]
    rows = []
    for side in [*paired, *sorted(roles.keys() - set(paired))]:
        counts = [roles[side].get(name, RoleCounts()) for name in names]
        total = RoleCounts(*(sum(getattr(one, role) for one in counts) for role in ("by", "at", "alone")))
        cells = (f"{one.by} / {one.at} / {one.alone}" for one in [*counts, total])
        rows.append((side, *cells, f"{total.by / total.at:.2f}" if total.at else "", _n(total.mentions)))
    header = ("side", *(f"`{name}`" for name in names), "all three", "by : at", "mentions")
    return _table(header, rows)


def _names(sentences: Iterable[Sentence]) -> list[str]:
    """Techniques in the order in which the records list what is annotated."""
    return list(dict.fromkeys(name for one in sentences for name in one.annotated))


def _n_words(sentence: Sentence) -> int:
    return len(sentence.text.split())


def _n(count: int) -> str:
    return f"{count:,}"


def _share(count: int, total: int) -> str:
    return f"{count / total:.0%}".replace("%", " %") if total else ""


def _n_of(count: int, total: int) -> str:
    return f"{count:,} ({_share(count, total)})" if total else "0"


def _table(header: Sequence[str], rows: Rows) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
