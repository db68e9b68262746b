"""Writing predictions in the format of their shared task."""

from __future__ import annotations

from pathlib import Path

from spinscope.data.submissions.tasks import PROPAGANDA
from spinscope.data.submissions.units import Content
from spinscope.files import dump_json, write_text


def write_submission(content: Content, path: Path) -> None:
    """Writes one submission file, atomically; the order is that of the content, so the bytes follow from it."""
    write_text(Path(path), submission_text(content))


def submission_text(content: Content) -> str:
    """The submission file as text."""
    kind = content.task.kind
    if kind in ("memes", "hierarchy"):
        entries = [{"id": unit[0], "labels": list(labels)} for unit, labels in content.labels.items()]
        return dump_json(entries, indent=1) + "\n"
    if kind == "fragment_memes":
        texts = [
            {
                "id": text,
                "labels": [{"technique": label, "start": start, "end": end} for start, end, label in fragments],
            }
            for text, fragments in content.fragments.items()
        ]
        return dump_json(texts, indent=1) + "\n"
    return "".join("\t".join(fields) + "\n" for fields in _rows(content))


def _rows(content: Content) -> list[tuple[str, ...]]:
    kind = content.task.kind
    if kind == "lines":
        return [(*unit, PROPAGANDA if labels else f"non-{PROPAGANDA}") for unit, labels in content.labels.items()]
    if kind == "paragraphs":
        return [(*unit, ",".join(labels)) for unit, labels in content.labels.items()]
    named = content.task.labels != (PROPAGANDA,)
    return [
        (article, *((label,) if named else ()), str(start), str(end))
        for article, fragments in content.fragments.items()
        for start, end, label in fragments
    ]
