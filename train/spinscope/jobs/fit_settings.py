"""What settings cannot be, that only the libraries or the whole config can judge: asked before anything is read."""

from __future__ import annotations

import os

from spinscope.config import RunConfig, Training
from spinscope.errors import UserError
from spinscope.jobs.recurring import repeated_technique
from spinscope.taxonomy import inventory, nodes_above

_NEEDS_EPOCHS = {
    "soft_labels": "soft labels", "sampling": "sampling over corpora", "negatives_share": "a share of negatives",
    "source_heads": "heads by source", "averaged_folds": "averaged folds", "distilled_folds": "distilled folds",
}  # fmt: skip


def check_settings(config: RunConfig) -> None:
    """Refuses settings that only the libraries can judge, before any data is read or model loaded.

    Raises:
        UserError: a base without a pinned revision; an argument of `training.trainer` that cannot be; a tracker that is
            not known or not installed; a technique for recurring wording that the taxonomy does not have; a hierarchy without a node.
    """
    for name, what in _NEEDS_EPOCHS.items():
        if getattr(config.training, name) != Training.model_fields[name].default and config.model.kind != "finetuned":
            raise UserError(
                f"{what} for a model of kind '{config.model.kind}'", where=f"training.{name}", expected="model.kind: finetuned",
                remedy=f"remove training.{name}, or change model.kind.",
            )  # fmt: skip
    of_several = {"sampling": f"sampling '{config.training.sampling}'", "source_heads": "a head for each"}
    for name, what in of_several.items():
        if getattr(config.training, name) != Training.model_fields[name].default and len(config.data.all_sources()) < 2:
            raise UserError(
                f"{what} of one source", where=f"training.{name}", expected="several under data.sources",
                remedy=f"remove training.{name}.",
            )  # fmt: skip
    if (config.training.averaged_folds or config.training.distilled_folds) and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UserError(
            "folds within the training part on several processes", where="training", expected="one process",
            remedy="leave torchrun out, or use `spinscope cross-validate` and training.soft_labels.",
        )  # fmt: skip
    if config.training.hierarchy_weight and not nodes_above(inventory(config.data.taxonomy)):
        raise UserError(
            "no two of the techniques, and not all, stand below one node", where="training.hierarchy_weight",
            expected="an inventory with a hierarchy, or one that shares techniques with SemEval-2024's",
            remedy="remove training.hierarchy_weight.",
        )  # fmt: skip
    if config.model.repetition:
        repeated_technique(config, inventory(config.data.taxonomy))
    if config.tracking.report_to:
        from spinscope.model.trackers import tracker_callbacks

        tracker_callbacks(config.tracking.report_to)
    if config.model.kind != "tfidf":
        from spinscope.model.building import require_pinned

        require_pinned(config.model)
    if config.model.kind == "finetuned":
        from spinscope.model.fitting import check_trainer_arguments

        check_trainer_arguments(config)
        if config.model.lora_rank:
            from spinscope.model.adapters import require_peft

            require_peft()
