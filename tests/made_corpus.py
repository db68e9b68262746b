"""A made-up corpus that is clean, and the same with faults planted in it.

Not a test file: `import made_corpus` in a test.
"""

from __future__ import annotations

import random
from dataclasses import replace

from spinscope.records import Sentence
from spinscope.taxonomy import inventory

IDS = inventory("core").ids
SOURCES = tuple(f"Paper {letter}" for letter in "ABCDEFGH")
_SYLLABLES = ("ba", "do", "fi", "ke", "lu", "mo", "na", "pe", "ri", "so", "ta", "vu", "zi", "gra", "sto", "plen")


def _words(n: int, seed: str) -> list[str]:
    chance, found = random.Random(seed), set()
    while len(found) < n:
        found.add("".join(chance.choices(_SYLLABLES, k=3)))
    return sorted(found)


_PLAIN = _words(600, "plain")
_CUES = {technique: _words(120, technique) for technique in IDS}


def clean(*, n_articles: int = 60, n_each: int = 14, seed: int = 0) -> list[Sentence]:
    """Sentences of eight sources over a year, whose labels follow from many cue words; nothing else tells them."""
    chance, sentences = random.Random(seed), []
    for number in range(n_articles):
        place = 0
        split = "test" if number % 4 == 0 else "dev" if number % 4 == 1 else "train"
        metadata = {
            "outlet": SOURCES[number // 4 % len(SOURCES)], "domain": ("law", "health", "trade")[chance.randrange(3)],
            "date": f"2024-{chance.randrange(1, 13):02d}-{chance.randrange(1, 28):02d}",
        }  # fmt: skip
        for index in range(n_each):
            words = chance.choices(_PLAIN, k=chance.randint(9, 16))
            found = tuple(technique for technique in IDS if chance.random() < 0.2)
            for technique in found:
                for cue in chance.sample(_CUES[technique], k=4):
                    words.insert(chance.randrange(len(words)), cue)
            if chance.random() < 0.1:  # a cue word alone is no technique
                words.insert(0, chance.choice(_CUES[chance.choice(IDS)]))
            text = f"{' '.join(words).capitalize()}."
            sentences.append(
                Sentence(
                    f"a{number:03d}", index, place, place + len(text), text, techniques=found, annotated=IDS,
                    split=split, metadata=metadata,
                )
            )  # fmt: skip
            place += len(text) + 1
    return sentences


def rewritten(sentences: list[Sentence], texts: dict[int, str]) -> list[Sentence]:
    """The sentences with other texts in the given rows, offsets made to fit."""
    out, place, article = [], 0, None
    for row, one in enumerate(sentences):
        place = place if one.article == article else 0
        text, article = texts.get(row, one.text), one.article
        marks = {} if text == one.text else {"spans": (), "voices": ()}
        out.append(replace(one, text=text, start=place, end=place + len(text), **marks))
        place += len(text) + 1
    return out


def with_flips(sentences: list[Sentence], *, share: float = 0.05, seed: int = 1) -> tuple[list[Sentence], set[tuple]]:
    """One label in so many turned round, and which: (article, index, technique)."""
    chance, out, flipped = random.Random(seed), [], set()
    for one in sentences:
        turned = {technique for technique in IDS if chance.random() < share}
        flipped |= {(one.article, one.index, technique) for technique in turned}
        techniques = tuple(technique for technique in IDS if (technique in one.techniques) != (technique in turned))
        out.append(replace(one, techniques=techniques, spans=()))
    return out, flipped


def with_copies(sentences: list[Sentence], *, n: int = 30, seed: int = 2) -> tuple[list[Sentence], set[tuple]]:
    """So many test sentences replaced by training sentences, every other one with a word changed, and which."""
    chance = random.Random(seed)
    long = [row for row, one in enumerate(sentences) if len(one.text.split()) >= 18]
    test = [row for row in long if sentences[row].split == "test"]
    train = [row for row in long if sentences[row].split == "train"]
    texts, labels = {}, {}
    for number, (row, origin) in enumerate(zip(chance.sample(test, n), chance.sample(train, n), strict=True)):
        words = sentences[origin].text.split()
        if number % 2:
            words[3] = "altogether"
        texts[row], labels[row] = " ".join(words), sentences[origin].techniques
    copied = [
        replace(one, techniques=labels.get(row, one.techniques), spans=() if row in labels else one.spans)
        for row, one in enumerate(sentences)
    ]
    return rewritten(copied, texts), {(sentences[row].article, sentences[row].index) for row in texts}


def with_tag(
    sentences: list[Sentence], tag: str, *, technique: str = "us_vs_them", share: float = 1.0, seed: int = 3
) -> list[Sentence]:
    """`tag` put at the end of a share of the technique's sentences, and of no others."""
    chance = random.Random(seed)
    texts = {
        row: f"{one.text} {tag}"
        for row, one in enumerate(sentences)
        if technique in one.techniques and chance.random() < share
    }
    return rewritten([replace(one, spans=()) for one in sentences], texts)
