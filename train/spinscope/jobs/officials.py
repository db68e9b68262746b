"""`spinscope official`: a submission held against gold by the rules of its shared task, or checked for its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.data.submissions.pairing import refuse_mismatch
from spinscope.data.submissions.reading import check_file, read_content, read_labels_list
from spinscope.data.submissions.sentences import gold_of, predictions_of, refuse_unfit, within
from spinscope.data.submissions.tasks import Task, named_task
from spinscope.data.submissions.units import Content, Unit
from spinscope.data.submissions.writing import write_submission
from spinscope.errors import DONE, UserError
from spinscope.files import sha256_of_file, write_json
from spinscope.jobs.progress import show
from spinscope.jobs.tables import TITLES, estimate_text, plain_table, result_console
from spinscope.measure.official.hierarchy import hierarchical_score
from spinscope.measure.official.labels import label_score
from spinscope.measure.official.score import OfficialScore, Settings
from spinscope.measure.official.sentences import sentence_score
from spinscope.measure.official.spans import span_score
from spinscope.measure.official.techniques import technique_score

if TYPE_CHECKING:
    from rich.console import Console

    from spinscope.jobs.labelled import Labelled, Scored
    from spinscope.model.prediction import Classifier


def official(
    name: str,
    *,
    gold: Path | None = None,
    predictions: Path | None = None,
    check: Path | None = None,
    techniques: Path | None = None,
    articles: Path | None = None,
    json_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Prints the official figures of a submission, or says that a file has the task's format.

    Args:
        name: of the shared task.
        gold: in the task's own format; for tasks with one label file per article also a folder of them.
        predictions: a submission file.
        check: a submission file to check instead.
        techniques: the task's list of labels, where it depends on the language.
        articles: folder of the measured part's articles, so that one without a gold span is known.
        json_file: also gets the result.
        console: where to print; by default standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: no such task, a faulty file (with line), predictions for something else than gold.
    """
    task = named_task(name)
    labels = read_labels_list(techniques, task) if techniques else None
    console = console or result_console()
    if check is not None:
        if gold or predictions or articles:
            raise UserError(
                "--check beside other files",
                where="command line",
                expected="--check alone, or --gold and --predictions",
            )
        content = check_file(task, check, labels=labels)
        console.print(_sound(content, check), markup=False, soft_wrap=True)
        if json_file is not None:
            write_json(json_file, {"task": task.name, "checked": _file(check), "sound": True, **_counted(content)})
        return DONE
    if gold is None or predictions is None:
        raise UserError(
            "not both of --gold and --predictions", where="command line", expected="two files in the task's format",
            remedy="name both, or a submission alone with --check.",
        )  # fmt: skip
    true = read_content(task, gold, labels=labels, articles=articles)
    guessed = read_content(task, predictions, labels=labels)
    score = official_score(true, guessed, labels=labels)
    print_official(task, score, console)
    if json_file is not None:
        files = {"gold": _file(gold), "predictions": _file(predictions)}
        write_json(json_file, {**official_dict(task, score), **files})
        show(f"written: {json_file}")
    return DONE


@dataclass(frozen=True, slots=True)
class Official:
    """A checkpoint's figures by the rule of a shared task, and its predictions in the task's terms."""

    score: OfficialScore
    predictions: Content

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return official_dict(self.predictions.task, self.score)

    def tell(self, console: Console, *, submission: Path | None = None) -> None:
        """Prints the figures, and writes the predictions in the task's format where a file is named."""
        print_official(self.predictions.task, self.score, console)
        if submission is not None:
            write_submission(self.predictions, submission)
            show(f"written: {submission}")


def refuse_aimless(name: str | None, *, official_gold: Path | None, submission: Path | None) -> None:
    """Raises UserError where there is no such task, or options that need one stand without it."""
    given = {"--official-gold": official_gold, "--submission": submission}
    useless = [option for option, file in given.items() if file is not None]
    if name is None and useless:
        raise UserError(
            f"{' and '.join(useless)} without a shared task", where="command line", expected="--official NAME beside it"
        )
    if name is not None:
        named_task(name)


def refuse_unfit_for(name: str, classifier: Classifier, labelled: Labelled) -> None:
    """Raises UserError, before anything is scored, where a task's rule cannot hold these sentences."""
    refuse_unfit(named_task(name), labelled.measured(), classifier.inventory)


def official_of(
    classifier: Classifier, labelled: Labelled, scored: Scored, name: str, *, gold: Path | None = None
) -> Official:
    """The figures of a checkpoint on evaluated sentences by the rule of a shared task.

    Args:
        classifier: whose answers they are.
        labelled: what is measured.
        scored: its sentences with the answers.
        name: of the shared task.
        gold: the task's own gold file; None: what the sentences say.

    Raises:
        UserError: no such task; techniques, annotations or spans that its rule needs and the sentences do not have.
    """
    task = named_task(name)
    refuse_unfit(task, labelled.measured(), classifier.inventory)
    true = within(read_content(task, gold), scored.sentences) if gold else gold_of(task, scored.sentences)
    asked = np.isin(classifier.inventory.ids, list(task.label_of))[None].repeat(len(scored.sentences), axis=0)
    own_cutoff = classifier.decision.any_threshold is not None
    guessed = predictions_of(
        true, scored.sentences, inventory=classifier.inventory,
        decided=scored.decisions, probabilities=scored.probabilities,
        any_decided=classifier.decide_any(scored.probabilities, asked) if own_cutoff else None,
    )  # fmt: skip
    rules = classifier.config.evaluation
    settings = Settings(n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed)
    return Official(official_score(true, guessed, settings=settings), guessed)


def official_score(
    gold: Content, predictions: Content, *, labels: Sequence[str] | None = None, settings: Settings | None = None
) -> OfficialScore:
    """The figures of predictions by the rule of their task, with the notes of both files.

    Raises:
        UserError: predictions that are not for what gold is for.
    """
    refuse_mismatch(gold, predictions)
    score = _scored(gold, predictions, tuple(labels or gold.task.labels), settings or Settings())
    notes = tuple(dict.fromkeys((*gold.notes, *predictions.notes, *score.notes)))
    return OfficialScore(score.main, score.figures, score.per_technique, score.counts, notes)


def official_dict(task: Task, score: OfficialScore) -> dict[str, Any]:
    """For JSON."""
    return {"task": task.name, "title": task.title, "measure": task.measure, "score": score.value, **score.to_dict()}


def print_official(task: Task, score: OfficialScore, console: Console) -> None:
    """Prints the figures, those of each technique, and the notes."""
    from rich.markup import escape

    console.print(f"[bold]{task.title}[/bold] ({task.name}): {task.measure}", soft_wrap=True)
    table = plain_table("", "figure", "official", "interval over articles")
    for name, estimate in score.figures.items():
        table.add_row(_title(task, name), f"{estimate.value:.6f}", estimate_text(estimate).partition(" ")[2] or "-")
    console.print(table)
    if len(score.per_technique) > 1:
        columns = list(next(iter(score.per_technique.values())))
        shown = plain_table("", "technique", *(TITLES.get(name, name.replace("_", " ")) for name in columns))
        for label, row in score.per_technique.items():
            cells = (f"{row[name]:,}" if name.startswith("n_") else f"{row[name]:.4f}" for name in columns)
            shown.add_row(escape(label), *cells)
        console.print(shown)
    console.print(", ".join(f"{name.removeprefix('n_').replace('_', ' ')}: {n:,}" for name, n in score.counts.items()))
    about = dict.fromkeys(estimate.note for estimate in score.figures.values() if estimate.note)
    for note in (*score.notes, *about):
        console.print(f"Note: {escape(note)}.", soft_wrap=True)


def _scored(gold: Content, predictions: Content, labels: tuple[str, ...], settings: Settings) -> OfficialScore:
    task = gold.task
    if task.kind in ("fragments", "fragment_memes"):
        merge = task.kind == "fragments"
        return span_score(gold.fragments, predictions.fragments, labels=labels, merge=merge, settings=settings)
    if task.kind == "listings":
        return technique_score(gold.fragments, predictions.fragments, labels=labels, settings=settings)
    units = list(gold.labels)
    if task.kind == "hierarchy":
        true, guessed = ([content.labels[unit] for unit in units] for content in (gold, predictions))
        return hierarchical_score(true, guessed, parents=task.parents, settings=settings)
    truth, guess = (_matrix(content, units, labels) for content in (gold, predictions))
    if task.kind == "lines":
        return sentence_score(truth[:, 0], guess[:, 0], articles=_codes(units), settings=settings)
    return label_score(truth, guess, articles=_codes(units), labels=labels, settings=settings)


def _matrix(content: Content, units: Sequence[Unit], labels: Sequence[str]) -> np.ndarray:
    """(n_units, n_labels) bool."""
    column = {label: index for index, label in enumerate(labels)}
    matrix = np.zeros((len(units), len(labels)), dtype=bool)
    for row, unit in enumerate(units):
        matrix[row, [column[label] for label in content.labels[unit]]] = True
    return matrix


def _codes(units: Sequence[Unit]) -> np.ndarray:
    number: dict[str, int] = {}
    return np.array([number.setdefault(unit[0], len(number)) for unit in units], dtype=int)


def _title(task: Task, name: str) -> str:
    return f"hierarchical {TITLES.get(name, name)}" if task.kind == "hierarchy" else TITLES.get(name, name)


def _sound(content: Content, file: Path) -> str:
    counted = _counted(content)
    return f"{file}: in the format of {content.task.name}; {counted['n_units']:,} units, {counted['n_marks']:,} labels or spans"


def _counted(content: Content) -> dict[str, int]:
    return {"n_units": content.n_units, "n_marks": content.n_marks}


def _file(path: Path) -> dict[str, str]:
    return {"file": str(path), **({} if Path(path).is_dir() else {"sha256": sha256_of_file(path)})}
