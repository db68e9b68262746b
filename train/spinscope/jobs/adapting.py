"""`spinscope adapt`: the base encoder read into the texts of a domain before anything is labelled for it.

Only articles of the training part are read, and of further files none that shares sentences with dev, test or a fold's
held-out part: an encoder that has guessed at their words would flatter every figure measured on them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.articles import read_articles
from spinscope.data.corpora import load_sentences
from spinscope.data.inputs import Skipped
from spinscope.data.sentences import split_sentences
from spinscope.errors import UserError
from spinscope.files import atomic_directory, dump_json, read_json, sha256_of_text, write_json
from spinscope.jobs.exposure import hash_lines, seen_articles
from spinscope.jobs.fit_settings import check_settings
from spinscope.jobs.folds import FOLD, divide
from spinscope.jobs.progress import TrainingProgress, show
from spinscope.jobs.training import RUN, prepare, state_dir_of
from spinscope.records import Article, Sentence
from spinscope.taxonomy import inventory

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from spinscope.model.adapting import Adaptation, Adapted

FACTS = "adaptation.json"
ASIDE = 0.05
"""Share of the articles that the loss is measured on, and not learned from."""
MOST_ASIDE = 200


@dataclass(frozen=True, slots=True)
class Texts:
    """What is read: articles of the sources, articles of further files, and how many of those were left out."""

    own: list[str]
    further: list[str]
    n_held_out: int


def adapt(
    config: RunConfig,
    *,
    out: str,
    texts: Sequence[str] = (),
    only_texts: bool = False,
    n_folds: int | None = None,
    epochs: float = 3.0,
    learning_rate: float = 5e-5,
    masked_fraction: float = 0.15,
    overwrite: bool = False,
) -> list[Path]:
    """Masked-language training of `model.base`; writes a folder that `model.base` can name, or one for each fold.

    An interrupted run of the same settings and texts goes on from its last epoch.

    Args:
        config: names base, data and division; seed, batch size and precision are its `training`'s, windows have
            `model.max_tokens` tokens.
        out: the folder; with `n_folds` it holds `{fold}`, and `model.base` of a cross-validation may then name it so.
        texts: further unlabelled articles, as `score` reads them.
        only_texts: leaves the sources' own articles out.
        n_folds: one encoder for each fold of `cross-validate` with so many, from that fold's training part.
        epochs: passes over the texts.
        learning_rate: peak rate of the encoder.
        masked_fraction: share of the tokens that are to be guessed.
        overwrite: replace a folder that stands there.

    Returns:
        the folders.

    Raises:
        UserError: a config without an encoder, faulty data, nothing to read, or a folder of other texts or settings.
    """
    from spinscope.model.adapting import Adaptation
    from spinscope.model.fitting import declared_precision

    _require_sense(config, out, texts, only_texts=only_texts, n_folds=n_folds)
    check_settings(config)
    settings = Adaptation(
        epochs=epochs, learning_rate=learning_rate, masked_fraction=masked_fraction, max_tokens=config.model.max_tokens,
        batch_size=config.training.batch_size, seed=config.training.seed,
        precision=declared_precision(config.training.precision),
    )  # fmt: skip
    everything = load_sentences(config.data, target=inventory(config.data.taxonomy))
    targets = []
    for fold, train in _training_parts(config, n_folds):
        target = Path(out.replace(FOLD, str(fold)))
        read = _texts(train, everything, texts, only_texts=only_texts)
        _adapt_one(config, read, settings, target=target, overwrite=overwrite)
        targets.append(target)
    return targets


def _require_sense(
    config: RunConfig, out: str, texts: Sequence[str], *, only_texts: bool, n_folds: int | None
) -> None:
    if config.model.kind == "tfidf":
        raise UserError("model.kind is tfidf", where="model.kind", expected="a model with an encoder, to be adapted")
    if only_texts and not texts:
        raise UserError("--only-texts without --texts", where="command line", expected="files to read")
    if (FOLD in out) != (n_folds is not None):
        raise UserError(
            f"--out {out}" + (f" with --folds {n_folds}" if n_folds else " without --folds"), where="command line",
            expected=f"--folds and {FOLD} in --out, both or neither",
            remedy=f"each fold has an encoder of its own, such as models/adapted-{FOLD}.",
        )  # fmt: skip


def _training_parts(config: RunConfig, n_folds: int | None) -> Iterator[tuple[int, list[Sentence]]]:
    if n_folds is None:
        yield 0, prepare(config).part("train")
        return
    folds = divide(config, n_folds=n_folds, seed=config.data.split_by.seed)
    for fold in range(n_folds):
        yield fold, folds.parts(fold, dev_fraction=config.data.split_by.dev_fraction)[0]


def _texts(
    train: Sequence[Sentence], everything: Sequence[Sentence], files: Sequence[str], *, only_texts: bool
) -> Texts:
    articles: dict[str, list[Sentence]] = {}
    for sentence in sorted(train, key=lambda one: (one.article, one.index)):
        articles.setdefault(sentence.article, []).append(sentence)
    own = [" ".join(sentence.text for sentence in some) for some in articles.values()]
    held = {*hash_lines([one for one in everything if one.article not in articles]).split()}
    further, n_held_out = [], 0
    for item in read_articles(list(files)) if files else ():
        if isinstance(item, Skipped):
            show(f"skipped: {item.path} ({item.reason})")
        elif seen_articles(_sentences(item), held):
            n_held_out += 1
        else:
            further.append(item.text)
    return Texts([] if only_texts else own, further, n_held_out)


def _sentences(article: Article) -> list[Sentence]:
    bounds = split_sentences(article.text, title_end=article.title_end)
    return [Sentence(article.id, index, *ends, article.text[slice(*ends)]) for index, ends in enumerate(bounds)]


def _adapt_one(config: RunConfig, read: Texts, settings: Adaptation, *, target: Path, overwrite: bool) -> None:
    from spinscope.model.adapting import adapt_encoder
    from spinscope.model.architecture import quiet_transformers
    from spinscope.model.building import load_tokenizer

    texts = [*read.own, *read.further]
    if not texts:
        raise UserError("no article to read", where="data", expected="articles in the training part, or --texts with some")
    facts = {
        **asdict(settings), "base": config.model.base, "revision": config.model.revision,
        "texts": sha256_of_text("\n".join(map(sha256_of_text, texts))), "n_articles": len(read.own),
        "n_further_articles": len(read.further), "n_left_out": read.n_held_out,
    }  # fmt: skip
    if _is_finished(target, facts, overwrite=overwrite):
        show(f"{target} is finished already.")
        return
    left_out = f", {read.n_held_out:,} left out: they share sentences with held-out ones" if read.n_held_out else ""
    show(f": {len(read.own):,} articles of the training part, {len(read.further):,} further ones{left_out}", bold=target.name)
    tokenizer = load_tokenizer(config.model)
    train, aside = _windows(tokenizer, texts, settings)
    state_dir = state_dir_of(target)
    if not (state_dir / RUN).is_file() or read_json(state_dir / RUN) != facts:
        shutil.rmtree(state_dir, ignore_errors=True)
        write_json(state_dir / RUN, facts)
    with TrainingProgress() as progress:
        adapted = adapt_encoder(
            config.model, tokenizer, train=train, aside=aside, settings=settings, state_dir=state_dir, resume=True,
            callbacks=[progress.bar("loss")],
        )  # fmt: skip
    told = _told(adapted, train, aside, n_words=len(tokenizer))
    with atomic_directory(target) as folder, quiet_transformers():
        adapted.model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / FACTS).write_text(dump_json({**facts, **told}, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(state_dir, ignore_errors=True)
    show(f"encoder written: {target} (model.base={target})")


def _is_finished(target: Path, facts: dict[str, Any], *, overwrite: bool) -> bool:
    if overwrite or not target.exists():
        return False
    before = read_json(target / FACTS) if (target / FACTS).is_file() else {}
    changed = [name for name, value in facts.items() if before.get(name) != value]
    if changed:
        raise UserError(
            f"something else stands here already (other {', '.join(changed)})" if before else "something stands here already",
            where=str(target), expected="a free name", remedy="choose another --out, or pass --overwrite.",
        )  # fmt: skip
    return True


def _windows(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], settings: Adaptation
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Windows to learn from and windows to measure on, of different articles."""
    from spinscope.model.adapting import text_windows

    order = np.random.default_rng(settings.seed).permutation(len(texts)).tolist()
    n_aside = round(ASIDE * len(texts))
    aside, train = (
        text_windows(tokenizer, [texts[number] for number in some], max_tokens=settings.max_tokens)
        for some in (order[:n_aside], sorted(order[n_aside:]))
    )
    return train, aside[:MOST_ASIDE]


def _told(
    adapted: Adapted, train: list[dict[str, Any]], aside: list[dict[str, Any]], *, n_words: int
) -> dict[str, Any]:
    """Says what came of it, and returns the figures."""
    from spinscope.model.adapting import HEAD_FIRST, frequency_loss

    if adapted.has_fresh_head:
        show(
            f"The base came without the head that guesses masked words: a fresh one learned alone for {HEAD_FIRST:.0%} of the "
            f"{adapted.steps:,} steps. With few steps most of what is learned is the head's, which is not used afterwards."
        )
    chance = frequency_loss(train, aside, n_words=n_words)
    if adapted.loss_after is not None and adapted.loss_before is not None and chance is not None:
        show(
            f"Masked words of {len(aside):,} windows kept aside: loss {adapted.loss_before:.3f} before, "
            f"{adapted.loss_after:.3f} after; {chance:.3f} for guesses by the frequency of words."
        )
        if adapted.loss_after >= chance:
            show("The head has not learned more than frequencies: the encoder has learned little. Train longer, on more text.")
    return {
        "has_fresh_head": adapted.has_fresh_head, "steps": adapted.steps, "n_windows": len(train),
        "loss_before": adapted.loss_before, "loss_after": adapted.loss_after, "frequency_loss": chance,
    }  # fmt: skip
