"""`spinscope quickstart`: the main job on the project's own sentences, from check to report."""

from __future__ import annotations

import os
from pathlib import Path

import spinscope
from spinscope.config import config_name, read_config
from spinscope.errors import DONE, UserError
from spinscope.jobs.checking import check
from spinscope.jobs.evaluation import evaluate
from spinscope.jobs.progress import show
from spinscope.jobs.scoring import score
from spinscope.jobs.training import train

CONFIG = Path("configs/quickstart.yaml")
EXAMPLES = Path("data/examples")


def quickstart(*, out: Path) -> int:
    """Checks, trains, evaluates, scores `data/examples` and writes an HTML report; returns the exit code.

    Run again, it goes on with an interrupted run, and keeps a finished checkpoint of the same config and data.

    Args:
        out: folder for scores and report, relative to the working directory; the checkpoint lands in the checkout.

    Raises:
        UserError: run from an installed wheel, which carries neither configs nor data.
    """
    out = out.resolve()  # before the working directory changes
    os.chdir(checkout())
    config = read_config(CONFIG)
    target = Path(config.tracking.output_dir) / config_name(CONFIG, config)
    show("", bold="1/4 check")
    check(config)
    show("", bold="\n2/4 train")
    train(config, name=target.name, resume=True, overwrite=True)
    show("", bold="\n3/4 evaluate")
    evaluate(target, json_file=out / "evaluation.json")
    show("", bold="\n4/4 score")
    report = out / "report.html"
    score([str(EXAMPLES)], checkpoint=target, out=out / "scores.jsonl", report=report, overwrite=True)
    show(
        f" Checkpoint and model card: {target.resolve()}\nScores: {out / 'scores.jsonl'}\nReport: {report.as_uri()}",
        bold="\nDone.",
    )
    return DONE


def checkout() -> Path:
    """The checkout's root: the working directory, or the folder that holds the package's source root.

    Raises:
        UserError: neither has `configs/quickstart.yaml`.
    """
    for root in (Path.cwd(), Path(spinscope.__file__).resolve().parents[2]):
        if (root / CONFIG).is_file() and (root / EXAMPLES).is_dir():
            return root
    raise UserError(
        f"no {CONFIG} here: the quick start needs a checkout, and this spinscope was installed as a package",
        where=str(Path.cwd()), expected="a checkout of the repository as working directory",
        remedy="clone the repository, `cd` into it and run `spinscope quickstart` there.",
    )  # fmt: skip
