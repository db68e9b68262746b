"""Which files a source consists of, and which format they have."""

from __future__ import annotations

import re
from pathlib import Path

from spinscope.errors import UserError

LABELS_OF_PTC = "*flc-tc*.labels"
"""Names of label files with techniques; those of span identification alone (task-si) have none."""

_BY_ENDING = {".jsonl": "native", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".json": "semeval2021"}
_LABEL_STUDIO = re.compile(rb'"(data|annotations|predictions)"\s*:\s*[\[{]')
"""Keys of Label Studio's tasks; the records of SemEval-2021 have none of them."""
_ARROW_FILES = ("dataset_dict.json", "dataset_info.json", "state.json")


def source_files(path: Path, endings: tuple[str, ...]) -> list[Path]:
    """The file itself, or the folder's files with these endings, sorted.

    Raises:
        UserError: no such file or folder, or a folder without such a file.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError("no such file or folder", where=str(path), remedy="check the path.")
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in endings and file.is_file())
    if not files:
        kinds = " or ".join(endings)
        raise UserError(f"no {kinds} file in the folder", where=str(path), remedy="check path and format.")
    return files


def refuse_empty(file: Path, *, expected: str) -> None:
    """Raises UserError where the file holds nothing but white space."""
    if file.is_file() and file.stat().st_size < 1024 and not file.read_bytes().strip():
        raise UserError("the file is empty", where=str(file), expected=expected, remedy="check the path.")


def article_files(folder: Path) -> dict[str, Path]:
    """The files `article<ID>.txt` of a folder, by id, sorted."""
    return {file.stem.removeprefix("article"): file for file in sorted(folder.glob("article*.txt"))}


def detect_format(path: Path) -> str:
    """The format of a source, told from names and, for .txt and .json, from the first character.

    Raises:
        UserError: no such path, or files of no known format or of several.
    """
    found = _format_of_file(path) if path.is_file() else _format_of_folder(path)
    if found is None:
        raise UserError(
            "the format cannot be told from the files",
            where=str(path),
            expected="native (.jsonl), csv, tsv, parquet, datasets, ptc, nlp4if, semeval2021, markup or label-studio",
            remedy="name it in data.format.",
        )
    return found


def _format_of_file(path: Path) -> str | None:
    if path.suffix.lower() == ".txt":
        return "semeval2021" if _first_character(path) == "[" else "markup"
    if path.suffix.lower() == ".json" and _LABEL_STUDIO.search(_start(path)):
        return "label-studio"
    return _BY_ENDING.get(path.suffix.lower())


def _format_of_folder(path: Path) -> str | None:
    if not path.is_dir():
        looks_like_hub_id = path.parts and len(path.parts) == 2 and not path.suffix
        hint = " For a data set of the hub, set data.format to datasets." if looks_like_hub_id else ""
        raise UserError("no such file or folder", where=str(path), remedy=f"check the path.{hint}")
    if any((path / name).is_file() for name in _ARROW_FILES):
        return "datasets"
    if any(path.glob(LABELS_OF_PTC)) or (article_files(path) and any(path.resolve().parent.glob(LABELS_OF_PTC))):
        return "ptc"
    if any(next(path.rglob(f"article*{ending}"), None) for ending in (".task-?LC.labels", ".labels.tsv")):
        return "nlp4if"
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    formats = {_format_of_file(file) or "" for file in files if file.suffix.lower() in _BY_ENDING}
    # A list of techniques may lie beside the texts, so one JSON list is enough to tell SemEval-2021 from markup.
    texts = [file for file in files if file.suffix.lower() == ".txt"]
    if any(_first_character(file) == "[" for file in texts):
        formats.add("semeval2021")
    if not formats and texts:
        return "markup"
    if len(formats) > 1:
        names = ", ".join(sorted(formats))
        raise UserError(f"files of several formats: {names}", where=str(path), remedy="name one in data.format.")
    return formats.pop() if formats else None


def _first_character(path: Path) -> str:
    return _start(path).lstrip(b"\xef\xbb\xbf \t\r\n")[:1].decode("latin-1")


def _start(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(4096)
