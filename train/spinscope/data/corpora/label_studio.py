"""Label Studio's JSON of tasks: read after annotation there, and written for it.

One task is one sentence. `data` holds `text`, `article`, `index`, the sentence before it (`previous`, for the
annotator's eyes), and whatever else the sentence record has. A result of type `labels` is a span, one of type `choices`
a technique of the whole sentence (https://labelstud.io/guide/task_format). An annotation without results says that the
sentence uses no technique; a task without one, or a skipped one, is not annotated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from spinscope.data.corpora import native
from spinscope.data.corpora.files import refuse_empty, source_files
from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.data.corpora.placing import placed
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory

PREDICTIONS = "predictions"
"""As `source.annotator`: the tasks' predictions are the labels."""

SPANS, SENTENCE = "techniques", "sentence"
"""Names of the two controls in the labelling interface."""

_CARRIED = ("article", "index", "start", "end", "voices", "part", "split", "metadata")


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The tasks of an export, or of all .json files of a folder, pooled.

    A task's `annotated` says which techniques were asked for; without it, all of the inventory were.

    Raises:
        UserError: no such file, a file of another format, several annotations of a task with `source.annotator` not
            set, a span that does not fit the text, an unknown label.
    """
    labels = LabelReader(inventory, unknown)
    path = Path(source.path or "")
    sentences = []
    for file in source_files(path, (".json",)):
        refuse_empty(file, expected="a JSON list of tasks")
        tasks = read_json(file)
        if not isinstance(tasks, list):
            raise UserError(f"a JSON {type(tasks).__name__}", where=str(file), expected="a list of tasks")
        sentences += [
            _sentence(task, source.annotator, labels, f"{file}: task {number}") for number, task in enumerate(tasks, 1)
        ]
    return placed(sentences, where=str(path))


def render(sentences: Sequence[Sentence], *, inventory: Inventory) -> str:
    """The text of the file of tasks, annotated ones with one annotation each."""
    texts = {(one.article, one.index): one.text for one in sentences}
    tasks = [_task(one, texts.get((one.article, one.index - 1), ""), inventory) for one in sentences]
    return "[\n" + ",\n".join(map(dump_json, tasks)) + "\n]\n"


def labelling_interface(inventory: Inventory) -> str:
    """The labelling configuration (XML) that belongs to the tasks."""
    rows = [
        (quoteattr(technique.id), quoteattr(f"{technique.title}: {technique.definition}"))
        for technique in inventory.techniques
    ]
    span_labels = "\n".join(f"    <Label value={id_} hint={hint}/>" for id_, hint in rows)
    choices = "\n".join(f"    <Choice value={id_} hint={hint}/>" for id_, hint in rows)
    return (
        f'<View>\n  <Header value="$article"/>\n  <Text name="previous" value="$previous"/>\n'
        f'  <Labels name="{SPANS}" toName="text">\n{span_labels}\n  </Labels>\n  <Text name="text" value="$text"/>\n'
        f'  <Choices name="{SENTENCE}" toName="text" choice="multiple">\n{choices}\n  </Choices>\n</View>\n'
    )


def _task(sentence: Sentence, previous: str, inventory: Inventory) -> dict[str, Any]:
    record = native.record_of(sentence)
    data = {"text": sentence.text, "previous": previous}
    data |= {key: record[key] for key in _CARRIED if key in record}
    if not sentence.annotated:
        return {"data": data}
    if set(sentence.annotated) != set(inventory.ids):
        data["annotated"] = record["annotated"]
    results: list[dict[str, Any]] = [
        {
            "id": f"span{number}", "from_name": SPANS, "to_name": "text", "type": "labels",
            "value": {
                "start": span.start, "end": span.end, "text": sentence.text[span.start : span.end],
                "labels": [span.technique],
            },
        }
        for number, span in enumerate(sentence.spans)
    ]  # fmt: skip
    without_span = [one for one in sentence.techniques if all(span.technique != one for span in sentence.spans)]
    if without_span:
        value = {"choices": without_span}
        results.append({"id": "sentence", "from_name": SENTENCE, "to_name": "text", "type": "choices", "value": value})
    return {"data": data, "annotations": [{"result": results}]}


def _sentence(task: Any, annotator: str | None, labels: LabelReader, where: str) -> Sentence:
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise UserError(
            "no 'data' with a 'text'", where=where, expected="a task of Label Studio's export format JSON",
            remedy="export as JSON, not as JSON-MIN or CSV.",
        )  # fmt: skip
    record = {key: data[key] for key in _CARRIED if key in data} | {"text": data["text"]}
    chosen = _annotation(task, annotator, where)
    if chosen is None:
        record["annotated"] = []
        return native.parse_record(record, labels=labels, where=where)
    spans, of_sentence = _results(chosen, data["text"], where)
    positives = [*(span["technique"] for span in spans), *of_sentence]
    record |= {"spans": spans, "techniques": positives}
    if isinstance(data.get("annotated"), list):
        record["annotated"] = [*data["annotated"], *positives]
    return native.parse_record(record, labels=labels, where=where)


def _annotation(task: Mapping[str, Any], annotator: str | None, where: str) -> dict[str, Any] | None:
    """The annotation that counts, or None where the task has none."""
    from_models = annotator == PREDICTIONS
    made = task.get("predictions" if from_models else "annotations") or []
    if not isinstance(made, list) or not all(isinstance(one, dict) for one in made):
        raise UserError("annotations that are no objects", where=where, expected="a list of objects with 'result'")
    made = [one for one in made if not one.get("was_cancelled")]
    if annotator is not None and not from_models:
        made = [one for one in made if annotator in _who(one)]
    truths = [one for one in made if one.get("ground_truth")]
    made = truths or made
    if len(made) > 1:
        people = sorted({who for one in made for who in _who(one)[:1]})
        raise UserError(
            f"{len(made)} {'predictions' if from_models else 'annotations'} by {', '.join(people) or 'nobody named'}",
            where=where, expected="one per task, or one that is the ground truth",
            remedy="name whose labels to read (convert: --annotator; config: data.annotator).",
        )  # fmt: skip
    return made[0] if made else None


def _who(annotation: Mapping[str, Any]) -> list[str]:
    """Id and e-mail of the annotator, as far as the export tells them."""
    who = annotation.get("completed_by")
    names = [who.get("email"), who.get("id")] if isinstance(who, dict) else [who]
    return [str(name) for name in names if name is not None]


def _results(annotation: Mapping[str, Any], text: str, where: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Spans as in a sentence record, and techniques of the whole sentence."""
    spans: list[dict[str, Any]] = []
    of_sentence: list[str] = []
    for result in annotation.get("result") or []:
        kind, value = result.get("type"), result.get("value") or {}
        if kind == "choices":
            of_sentence += value.get("choices", [])
        elif kind == "labels":
            start, end = _offsets(value, text, where)
            spans += [{"start": start, "end": end, "technique": label} for label in value.get("labels", [])]
    return spans, of_sentence


def _offsets(value: Mapping[str, Any], text: str, where: str) -> tuple[int, int]:
    """Start and end in code points; releases before 1.5 counted UTF-16 units, which the quoted words give away."""
    start, end, words = value.get("start"), value.get("end"), value.get("text")
    if not isinstance(start, int) or not isinstance(end, int):
        raise UserError(f"a span from {start!r} to {end!r}", where=where, expected="whole numbers")
    if words is None or text[start:end] == words:
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    before, held = (units[2 * a : 2 * b].decode("utf-16-le", "replace") for a, b in ((0, start), (start, end)))
    for found in (text[start:end], held):
        if found == words.replace("\\n", "\n"):
            return (start, end) if found == text[start:end] else (len(before), len(before) + len(held))
    raise UserError(
        f"a span from {start} to {end} that should read '{words}'", where=where, expected=f"'{text[start:end]}'",
        remedy="the text was changed after it was annotated: export again.",
    )  # fmt: skip
