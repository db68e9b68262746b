"""Training side by side, the same weights, data, seeds and cores: `python tests/benchmarks/training.py`.

Three sides learn from the same articles and are measured on the same held-out ones:

- *spinscope*: the config as it stands; batches of similar length, bf16 where the processor declares it.
- *padded*: the same classifier, rates, epochs and seeds, in fp32, shuffled batches padded to `model.max_tokens`.
- *stock*: `AutoModelForSequenceClassification` with what transformers' example script run_classification.py sets where
  one sets nothing: rate 5e-5 without warm-up or decay, 3 epochs, batches of 8 padded to 128 tokens, fp32, the last
  weights, decisions at probability 0.5.

Dev is checked four times an epoch, on all sides alike; the clock stands still meanwhile. Printed are the seconds of
training (wall and processor, from texts to weights), when the dev figure of each side, mean over seeds, reaches the
padded side's last one, and macro average precision and micro F1 on held-out articles with paired intervals over
articles and seeds. Where something else runs on the cores, the processor's seconds are the ones to go by.

    python tests/benchmarks/training.py [configs/quickstart.yaml] [key=value ...] [--epochs 3] [--share 1] [--seeds 3]
    python tests/benchmarks/training.py configs/quickstart.yaml training.length_grouped=false training.tokens_at_once=512
    python tests/benchmarks/training.py configs/ptc.yaml data.path=FOLDER --share 0.34 --seeds 2
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "train"))

from transformers import DataCollatorWithPadding, PreTrainedTokenizerBase, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from spinscope.config import RunConfig, read_config
from spinscope.data.encoding import PaddingCollator, article_codes, label_matrix
from spinscope.jobs.fitting import fit
from spinscope.jobs.progress import show
from spinscope.jobs.recording import Prepared
from spinscope.jobs.training import prepare
from spinscope.measure.metrics import point_metrics
from spinscope.measure.sides import Answers, Side
from spinscope.measure.statistics import compare_sides
from spinscope.model import fitting
from spinscope.model.architecture import quiet_transformers
from spinscope.model.building import find_base, load_tokenizer
from spinscope.model.prediction import sigmoid
from spinscope.records import Sentence

SPINSCOPE, PADDED, STOCK = "spinscope", "padded", "stock"
DEV = "macro_average_precision"
HELD_OUT = ("macro_average_precision", "micro_f1")
CHECKS = 4
"""Dev checks in an epoch."""

STOCK_TOKENS = 128


@dataclass(frozen=True)
class Check:
    """One dev check: after `step` steps and so many seconds of training, wall and processor."""

    step: int
    seconds: float
    processor: float
    figure: float


@dataclass(frozen=True)
class Trained:
    """One fit: its dev checks, and (n, k) probabilities and decisions on the held-out articles."""

    checks: list[Check]
    answers: Answers


class Stopwatch(TrainerCallback):
    """Has dev checked within epochs too, and stands still meanwhile."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.begin = self.step_end = now()
        self.paused = np.zeros(2)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Asks for a check where one is due; the last of an epoch is made anyway."""
        per_epoch = round(state.max_steps / args.num_train_epochs)
        due = {round(per_epoch * part / CHECKS) for part in range(1, CHECKS)} - {0, per_epoch}
        control.should_evaluate = control.should_evaluate or state.global_step % per_epoch in due
        self.step_end = now()

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Notes the time that training took, and starts the clock again."""
        spent = self.step_end - self.begin - self.paused
        self.checks.append(Check(state.global_step, *map(float, spent), float(metrics[f"eval_{DEV}"])))
        self.paused = self.paused + now() - self.step_end


def now() -> np.ndarray:
    """(2,) wall and processor seconds; those of all threads of this process."""
    return np.array([time.perf_counter(), time.process_time()])


class FullLengthCollator(PaddingCollator):
    """Pads every batch to the longest that a text may be."""

    max_tokens = STOCK_TOKENS

    def __call__(self, batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """As its parent's, (n, max_tokens)."""
        short = self.max_tokens - len(batch[0]["input_ids"])
        longest = {name: self._longer(name, value, short) for name, value in batch[0].items()}
        return super().__call__([longest, *batch[1:]])

    def _longer(self, name: str, value: Any, short: int) -> Any:
        fill = {"input_ids": self.tokenizer.pad_token_id, "token_type_ids": 0, "attention_mask": 0}
        return [*value, *[fill[name]] * short] if name in fill else value


def own(config: RunConfig, prepared: Prepared, parts: Mapping[str, list[Sentence]], seed: int) -> Trained:
    """Spinscope's training, thresholds and calibration from dev."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        run = fit(
            config, inventory=prepared.inventory, train=parts["train"], dev=parts["dev"], seed=seed,
            state_dir=Path(folder), callbacks=[watch],
        )  # fmt: skip
    probabilities = run.classifier.probabilities(parts["test"]).probabilities
    return Trained(watch.checks, (probabilities, run.classifier.decide(probabilities)))


def padded(config: RunConfig, prepared: Prepared, parts: Mapping[str, list[Sentence]], seed: int) -> Trained:
    """The same without what makes it fast."""
    training = config.training.model_copy(update={"length_grouped": False, "tokens_at_once": None, "precision": "fp32"})
    collator = type("Collator", (FullLengthCollator,), {"max_tokens": config.model.max_tokens})
    with mock.patch.object(fitting, "PaddingCollator", collator), mock.patch.object(Trainer, "get_eval_dataloader", unpadded):
        return own(config.model_copy(update={"training": training}), prepared, parts, seed)


def unpadded(trainer: Trainer, dataset: Any = None, *, of_trainer: Callable[..., Any] = Trainer.get_eval_dataloader) -> Any:
    """Batches of dev as spinscope has them: they are not timed, and their figure is the same."""
    assert isinstance(trainer.processing_class, PreTrainedTokenizerBase)
    with mock.patch.object(trainer, "data_collator", PaddingCollator(trainer.processing_class)):
        return of_trainer(trainer, dataset)


def stock(config: RunConfig, prepared: Prepared, parts: Mapping[str, list[Sentence]], seed: int) -> Trained:
    """What the example script makes of the same base; a label that is not annotated is a negative one to it."""
    import torch
    from transformers import AutoModelForSequenceClassification, set_seed

    watch, ids = Stopwatch(), prepared.inventory.ids
    gold, mask = label_matrix(parts["dev"], prepared.inventory)

    def dev_figure(prediction: Any) -> dict[str, float]:
        logits = np.asarray(prediction.predictions)
        return {DEV: point_metrics(gold, mask, sigmoid(logits), logits > 0)[DEV]}

    set_seed(seed)
    tokenizer = load_tokenizer(config.model)
    place, revision = find_base(config.model)
    with tempfile.TemporaryDirectory() as folder, quiet_transformers():
        model = AutoModelForSequenceClassification.from_pretrained(
            place, revision=revision, num_labels=len(ids), problem_type="multi_label_classification",
            dtype=torch.float32,
        )  # fmt: skip
        arguments = TrainingArguments(
            output_dir=folder, num_train_epochs=config.training.epochs, eval_strategy="epoch", save_strategy="no",
            seed=seed, use_cpu=not torch.cuda.is_available(), dataloader_pin_memory=torch.cuda.is_available(),
            disable_tqdm=True, report_to="none", logging_strategy="no",
        )  # fmt: skip
        n_tokens = min(STOCK_TOKENS, config.model.max_tokens)
        data = {
            name: rows(tokenizer, part, prepared, n_tokens, padding="max_length" if name == "train" else False)
            for name, part in parts.items()
        }
        trainer = Trainer(
            model=model, args=arguments, train_dataset=data["train"], eval_dataset=data["dev"],
            compute_metrics=dev_figure, data_collator=DataCollatorWithPadding(tokenizer), callbacks=[watch],
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        trainer.compute_metrics = None  # it knows dev's labels
        logits = np.asarray(trainer.predict(data["test"]).predictions)
    return Trained(watch.checks, (sigmoid(logits), logits > 0))


def rows(
    tokenizer: Any, part: Sequence[Sentence], prepared: Prepared, n_tokens: int, *, padding: str | bool
) -> list[dict[str, Any]]:
    """Sentences as the example script prepares them; what is only scored need not be padded, nobody times it."""
    labels = label_matrix(part, prepared.inventory)[0].astype(np.float32)
    tokens = tokenizer([one.text for one in part], padding=padding, max_length=n_tokens, truncation=True)
    return [
        {**{name: tokens[name][number] for name in tokens}, "labels": labels[number].tolist()}
        for number in range(len(part))
    ]


SIDES: dict[str, Callable[[RunConfig, Prepared, Mapping[str, list[Sentence]], int], Trained]] = {
    SPINSCOPE: own, PADDED: padded, STOCK: stock
}  # fmt: skip


def parts_of(prepared: Prepared, share: float) -> dict[str, list[Sentence]]:
    """Train, dev and test; of the first `share` of its articles."""
    parts = {name: prepared.part(name) for name in ("train", "dev", "test")}
    articles = sorted({sentence.article for sentence in parts["train"]})
    drawn = np.random.default_rng(13).permutation(len(articles))[: max(1, round(share * len(articles)))]
    kept = {articles[index] for index in drawn}
    return {**parts, "train": [sentence for sentence in parts["train"] if sentence.article in kept]}


def mean_checks(fits: Sequence[Trained]) -> list[Check]:
    """The checks, means over seeds."""
    by_step = zip(*(one.checks for one in fits), strict=True)
    return [Check(found[0].step, *np.mean([list(asdict(one).values())[1:] for one in found], axis=0)) for found in by_step]


def first_at(checks: Sequence[Check], figure: float) -> Check | None:
    """The first check with this figure or more."""
    return next((check for check in checks if check.figure >= figure), None)


def measured(
    config: RunConfig, prepared: Prepared, parts: Mapping[str, list[Sentence]], seeds: Sequence[int], sides: Sequence[str]
) -> dict[str, Any]:
    """All sides with all seeds, one after the other; which comes first changes from seed to seed."""
    fits: dict[str, list[Trained]] = {name: [] for name in sides}
    for turn, seed in enumerate(seeds):
        for name in [*sides[turn % len(sides) :], *sides[: turn % len(sides)]]:
            fits[name].append(SIDES[name](config, prepared, parts, seed))
            last = fits[name][-1].checks[-1]
            show(f"{name}, seed {seed}: {last.seconds:.1f} s, {last.processor:.1f} s of processor, dev {last.figure:.3f}")
    gold, mask = label_matrix(parts["test"], prepared.inventory)
    rules = config.evaluation
    held = {
        name: Side.of(
            gold, mask, [one.answers for one in some], articles=article_codes(parts["test"]),
            n_resamples=rules.n_resamples, seed=rules.seed,
        )
        for name, some in fits.items()
    }  # fmt: skip
    checks = {name: mean_checks(some) for name, some in fits.items()}
    last, found = checks[PADDED][-1], {}
    for name in sides:
        reached = first_at(checks[name], last.figure)
        comparison = compare_sides(held[name], held[SPINSCOPE], techniques=prepared.inventory.ids)
        found[name] = {
            "checks": [asdict(check) for check in checks[name]],
            "reached": asdict(reached) if reached else None,
            "held_out": {figure: comparison.overall[figure].value_a for figure in HELD_OUT},
            "spinscope_minus": {figure: asdict(comparison.overall[figure]) for figure in HELD_OUT},
            "times": [asdict(one.checks[-1]) for one in fits[name]],
        }
    return {"padded_last": asdict(last), "sides": found}


def lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """The figures as tables."""
    target, sides = facts["padded_last"], facts["sides"]
    yield f"{'mean over seeds':<12}{'whole training: s':>18}{'x':>6}{'processor s':>13}{'x':>6}{'last dev':>10}"
    for name, side in sides.items():
        last = side["checks"][-1]
        yield f"{name:<12}{times(last, target, 18)}{last['figure']:>10.3f}"
    yield f"\nuntil dev {DEV.replace('_', ' ')} reaches {target['figure']:.3f}, the padded side's last"
    for name, side in sides.items():
        check = side["reached"]
        if check is None:
            yield f"{name:<12}   never; its best check is {max(one['figure'] for one in side['checks']):.3f}"
        else:
            yield f"{name:<12}{times(check, target, 18)}   step {check['step']} of {side['checks'][-1]['step']}"
    yield f"\n{'held out':<12}" + "".join(f"{figure.replace('_', ' '):>28}" for figure in HELD_OUT)
    for name, side in sides.items():
        yield f"{name:<12}" + "".join(f"{side['held_out'][figure]:>28.3f}" for figure in HELD_OUT)
    for name in [name for name in sides if name != SPINSCOPE]:
        gaps = (sides[name]["spinscope_minus"][figure] for figure in HELD_OUT)
        told = (f"{gap['difference']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})" for gap in gaps)
        yield f"{f'minus {name}':<12}" + "".join(f"{text:>28}" for text in told)


def times(check: Mapping[str, Any], target: Mapping[str, Any], width: int) -> str:
    """Seconds and how many times faster than the padded side's whole training."""
    ratios = (target["seconds"] / check["seconds"], target["processor"] / check["processor"])
    return f"{check['seconds']:>{width}.1f}{ratios[0]:>6.1f}{check['processor']:>13.1f}{ratios[1]:>6.1f}"


def main() -> None:
    """Trains and prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("config", nargs="?", default="configs/quickstart.yaml")
    options.add_argument("overrides", nargs="*", help="key=value on top of the config")
    options.add_argument("--data", help="data.path")
    options.add_argument("--epochs", type=float, default=3.0, help="of all sides")
    options.add_argument("--share", type=float, default=1.0, help="of the articles to train on")
    options.add_argument("--seeds", type=int, default=1, help="how many")
    options.add_argument("--sides", default=",".join(SIDES), help="which, with commas; the first two are needed")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--json", action="store_true", help="print JSON")
    chosen = options.parse_intermixed_args()
    import torch

    torch.set_num_threads(chosen.threads)
    given = [f"data.path={chosen.data}"] if chosen.data else []
    config = read_config(chosen.config, [*given, *chosen.overrides, f"training.epochs={chosen.epochs}"])
    prepared = prepare(config)
    parts = parts_of(prepared, chosen.share)
    seeds = range(config.training.seed, config.training.seed + chosen.seeds)
    facts = {
        "config": chosen.config, "torch": torch.__version__, "threads": chosen.threads, "seeds": list(seeds),
        "epochs": chosen.epochs, "precision": fitting.declared_precision(config.training.precision),
        "n_sentences": {name: len(part) for name, part in parts.items()},
    }  # fmt: skip
    show(", ".join(f"{name} {value}" for name, value in facts.items()))
    facts |= measured(config, prepared, parts, seeds, chosen.sides.split(","))
    print(json.dumps(facts, indent=2) if chosen.json else "\n".join(lines(facts)))


if __name__ == "__main__":
    main()
