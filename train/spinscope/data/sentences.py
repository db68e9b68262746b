"""The only sentence splitter: the library `sentencex`, with fixes of ours for quotations, lines and headlines.

How it works. A text is cut at line and paragraph ends into segments (a line end inside hard-wrapped prose is a
space). In each segment, every run of `.`, `?`, `!` or an ellipsis that white space follows is a candidate; closing
quotation marks and brackets belong to the sentence before. The library, which sees the segment without quotation
marks, says which candidates end a sentence; the rules of `boundaries` overrule it where it is known to err.

The library is called on windows of bounded length, in ASCII of the same length: it is quadratic in its input, and
it aborts on some characters beyond ASCII.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator

from spinscope.data import boundaries
from spinscope.data.voice import voices_of
from spinscope.records import Article, Sentence

_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●○–—·]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s|#\d)")
_ENDED = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*$")
_VISIBLE = re.compile(r"\S")
_MOST_CHARACTERS = 10_000
_WINDOW_CHARACTERS = 4000
_WRAP_CHARACTERS = (40, 120)
_LEAST_BROKEN_LINE = 30


def article_sentences(article: Article) -> list[Sentence]:
    """The article's sentences in order, with voices and part (title or body); nothing is annotated."""
    bounds = split_sentences(article.text, title_end=article.title_end)
    voices = voices_of(article.text, bounds)
    return [
        Sentence(
            article=article.id,
            index=index,
            start=start,
            end=end,
            text=article.text[start:end],
            voices=voices[index],
            part="title" if end <= article.title_end else "body",
            metadata=article.metadata,
        )
        for index, (start, end) in enumerate(bounds)
    ]


def split_sentences(text: str, *, title_end: int = 0) -> list[tuple[int, int]]:
    """Half-open offsets of the sentences of `text`, in order.

    `text[start:end]` has no white space around it, and every character that is not white space lies in exactly one
    sentence. What has no end for 10,000 characters is no sentence: it is cut there, between words where it has any.
    Time is linear in the text's length.

    Args:
        text: any text; its line ends may be of any kind.
        title_end: the first so many characters are the headline; each line of it is one sentence.
    """
    bounds = [piece for line in _stripped(text, 0, title_end, _LINE_END) for piece in _pieces(text, *line)]
    for segment in _segments(text, title_end):
        for sentence in _split_segment(text, *segment):
            bounds += _pieces(text, *sentence)
    return bounds


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentence; or pieces of it where it is too long, so that what works on sentences has bounded work."""
    pieces = []
    while end - start > _MOST_CHARACTERS:
        window = text[start : start + _MOST_CHARACTERS]
        words = window.rsplit(None, 1)
        stop, following = start + len(window), start + len(window)
        if len(words) == 2 and len(words[0]) >= _MOST_CHARACTERS // 2:
            stop, following = start + len(words[0]), start + len(window.rstrip()) - len(words[1])
        pieces.append((start, stop))
        visible = _VISIBLE.search(text, following, end)
        start = visible.start() if visible else end
    return [*pieces, (start, end)] if start < end else pieces


def _stripped(text: str, start: int, end: int, separator: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The pieces of text[start:end] between separators, without white space around them, empty ones left out."""
    position = start
    while position < end:
        match = separator.search(text, position, end)
        stop = match.start() if match else end
        piece = text[position:stop]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if left < right:
            yield position + left, position + right
        position = match.end() if match else end


def _segments(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Stretches of text that no sentence crosses: lines, or paragraphs where the lines are hard-wrapped."""
    lines = list(_stripped(text, start, len(text), _LINE_END))
    width = _wrap_width(text, lines)
    segment: tuple[int, int] | None = None
    previous = (start, start)
    for line in lines:
        if segment is None:
            segment = line
        elif _continues(text, previous, line, width):
            segment = (segment[0], line[1])
        else:
            yield segment
            segment = line
        previous = line
    if segment is not None:
        yield segment


def _wrap_width(text: str, lines: list[tuple[int, int]]) -> int | None:
    """The column at which the text is hard-wrapped, or None where its lines are paragraphs or sentences.

    Hard-wrapped: within paragraphs of several lines, nearly every line is too full for the next line's first word.
    """
    pairs = [(a, b) for a, b in itertools.pairwise(lines) if not _blank_between(text, a, b)]
    if len(pairs) < 2:
        return None
    width = max(end - start for pair in pairs for start, end in pair)
    if not _WRAP_CHARACTERS[0] <= width <= _WRAP_CHARACTERS[1]:
        return None
    full = sum(_is_full(text, a, b, width) for a, b in pairs)
    return width if full >= 0.8 * len(pairs) else None


def _is_full(text: str, line: tuple[int, int], following: tuple[int, int], width: int) -> bool:
    word = text[following[0] : following[1]].split(None, 1)[0]
    return line[1] - line[0] + 1 + len(word) > width


def _blank_between(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    return len(_LINE_END.findall(text, line[1], following[0])) > 1


def _continues(text: str, previous: tuple[int, int], line: tuple[int, int], width: int | None) -> bool:
    """Whether `line` goes on where the line before it ends, so that the line end between them is a space."""
    if _blank_between(text, previous, line) or _LIST_ITEM.match(text, line[0], line[1]):
        return False
    if width is not None:
        return _is_full(text, previous, line, width)
    ended = _ENDED.search(text, max(previous[0], previous[1] - 6), previous[1])
    return ended is None and text[line[0]].islower() and previous[1] - previous[0] >= _LEAST_BROKEN_LINE


def _split_segment(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    segment = text[start:end]
    library = _Library(segment)
    begin = 0
    for candidate in boundaries.candidates(segment):
        if boundaries.ends_sentence(segment, begin, candidate, library=library.sees_end):
            yield start + begin, start + candidate.end
            begin = candidate.next_start
    if start + begin < end:
        yield start + begin, end


class _Library:
    """Where, by the library, the sentences of a segment start. It is called when it is asked, window by window."""

    def __init__(self, segment: str) -> None:
        self._segment = segment
        self._plain: str | None = None
        self._position = 0
        self._starts: list[int] = []

    def sees_end(self, candidate: boundaries.Candidate) -> bool:
        """Whether a sentence ends at the candidate. Candidates are asked about in order."""
        if self._plain is None:
            self._plain = boundaries.plain_ascii(self._segment)
        while self._position <= candidate.word_start and self._position < len(self._plain):
            self._read_window(self._plain, candidate.mark_end)
        at = bisect.bisect_left(self._starts, candidate.mark_end)
        return at < len(self._starts) and self._starts[at] <= candidate.word_start

    def _read_window(self, plain: str, first: int) -> None:
        from sentencex import get_sentence_boundaries

        window = plain[self._position : self._position + _WINDOW_CHARACTERS]
        found = [self._position + item["start_index"] for item in get_sentence_boundaries("en", window)[1:]]
        self._starts = [*(start for start in self._starts if start >= first), *found]
        if self._position + len(window) >= len(plain):
            self._position = len(plain)
            return
        # The window's last sentence may be cut short: go on from its start, or from a space where it fills the window.
        space = window.rfind(" ", len(window) // 2)
        self._position = found[-1] if found else self._position + (space + 1 if space > 0 else len(window))
