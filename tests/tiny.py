"""Tiny stand-ins for tests: a two-layer BERT that fits on a stamp, and made-up articles whose labels can be learned.

Not a test file: `import tiny` in a test; the fixture `tiny_base` of `conftest.py` writes the BERT once for all tests.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from spinscope.config import RunConfig, parse_config
from spinscope.files import write_jsonl
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CUES = {
    "loaded_language": ("disgraceful", "vile", "shameless", "rotten"),
    "us_vs_them": ("they", "outsiders", "our", "traitors"),
    "appeal_to_threat": ("doom", "collapse", "danger", "unless"),
}
"""Words that stand in sentences of a technique, and only rarely elsewhere."""

_NEUTRAL = (
    "the council met on monday to discuss a new bus route near river market school library budget report members "
    "public garden street plan bridge water office hour week morning budget office record number town meeting agreed"
)
NEUTRAL = _NEUTRAL.split()


def write_tiny_base(folder: Path, *, hidden_size: int = 32, n_layers: int = 2, seed: int = 0) -> Path:
    """Writes a random BERT (hidden 32, 2 layers) with a lower-casing WordPiece tokenizer, and returns its folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    words = sorted({*NEUTRAL, *(word for cues in CUES.values() for word in cues)})
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?'\"-"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *words]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(folder)
    torch.manual_seed(seed)
    BertModel(
        BertConfig(
            vocab_size=len(pieces), hidden_size=hidden_size, num_hidden_layers=n_layers, num_attention_heads=2,
            intermediate_size=2 * hidden_size, max_position_embeddings=64,
        ),
        add_pooling_layer=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def write_tiny_encoder(kind: str, folder: Path) -> Path:
    """A random encoder (hidden 32, 2 layers) of an architecture with the tiny BERT's tokenizer, in a folder."""
    import torch
    import transformers

    n_words = len((write_tiny_base(folder) / "vocab.txt").read_text(encoding="utf-8").splitlines())
    names: dict[str, tuple[str, dict[str, Any]]] = {
        "bert": ("Bert", {}),
        "roberta": ("Roberta", {"pad_token_id": 0, "max_position_embeddings": 66}),
        "xlm-roberta": ("XLMRoberta", {"pad_token_id": 0, "max_position_embeddings": 66}),
        "deberta-v3": ("DebertaV2", {
            "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 16, "norm_rel_ebd": "layer_norm",
            "share_att_key": True, "position_biased_input": False, "max_relative_positions": -1, "type_vocab_size": 0,
        }),
        "modernbert": ("ModernBert", {
            "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3,
            "global_attn_every_n_layers": 2, "local_attention": 8,
        }),
    }  # fmt: skip
    name, settings = names[kind]
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(1)
    config = getattr(transformers, f"{name}Config")(vocab_size=n_words, **{**small, **settings})
    getattr(transformers, f"{name}Model")(config).save_pretrained(folder)
    return folder


def tiny_sentences(*, n_articles: int = 24, n_each: int = 8, seed: int = 0, prefix: str = "a") -> list[Sentence]:
    """Labelled sentences of made-up articles in the inventory `core`; about four of ten carry a technique.

    Cue words decide the labels, with one label in ten wrong, so that figures are neither 0 nor 1.
    """
    chance = random.Random(seed)
    ids = inventory("core").ids
    sentences = []
    for number in range(n_articles):
        place = 0
        for index in range(n_each):
            words = chance.choices(NEUTRAL, k=chance.randint(6, 12))
            found = [technique for technique in ids if chance.random() < 0.18]
            for technique in found:
                words.insert(chance.randrange(len(words)), chance.choice(CUES[technique]))
            labels = [technique for technique in ids if (technique in found) != (chance.random() < 0.04)]
            text = f"{' '.join(words).capitalize()} {number} {index}."
            sentences.append(
                Sentence(
                    f"{prefix}{number:03d}", index, place, place + len(text), text, techniques=tuple(labels), annotated=ids
                )
            )
            place += len(text) + 1
    return sentences


def write_native(path: Path, sentences: list[Sentence]) -> Path:
    """Writes sentences as native JSONL."""
    write_jsonl(
        path,
        (
            {
                "article": s.article, "index": s.index, "start": s.start, "end": s.end, "text": s.text,
                "spans": [{"start": p.start, "end": p.end, "technique": p.technique} for p in s.spans],
                "techniques": list(s.techniques), "annotated": list(s.annotated),
            }
            for s in sentences
        ),
    )  # fmt: skip
    return path


def tiny_run(
    tmp_path: Path, corpus: Path, *, kind: str = "tfidf", base: Path | None = None, **blocks: dict
) -> RunConfig:
    """A config that runs in a second: `kind` on the native file `corpus`, checkpoints in `tmp_path`/models."""
    values: dict[str, dict] = {
        "data": {"path": str(corpus), "format": "native", "taxonomy": "core"},
        "model": {"kind": kind, "max_tokens": 48},
        "training": {"epochs": 1.0, "batch_size": 16, "learning_rate": 1e-3, "precision": "fp32", "l2": 1.0},
        "evaluation": {"n_resamples": 100},
        "tracking": {"output_dir": str(tmp_path / "models")},
    }
    if base is not None:
        values["model"]["base"] = str(base)
    for name, block in blocks.items():
        values[name] |= block
    return parse_config(values)
