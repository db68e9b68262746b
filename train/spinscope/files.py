"""Reading and writing files: strict UTF-8, YAML 1.2 numbers with line numbers, hashes, atomic writes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from spinscope.errors import UserError


def read_text(path: Path) -> str:
    """The file's text, decoded as UTF-8 with line ends and a byte-order mark kept as they are.

    Raises:
        UserError: no such file, or bytes that are not UTF-8 (with the offset of the first).
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise UserError("no such file", where=str(path), remedy="check the path.") from None
    except IsADirectoryError:
        raise UserError("a folder, not a file", where=str(path), remedy="name a file in it.") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8",
            where=str(path),
            expected="UTF-8 text",
            remedy="if the file is Latin-1: iconv -f latin1 -t utf8 OLD > NEW",
        ) from None


def read_json(path: Path) -> Any:
    """The parsed JSON file. Raises UserError with line and column where it is not JSON."""
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"not JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}", remedy="mend the file."
        ) from None


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields (line number from 1, object) for each non-blank line. Raises UserError naming a faulty line."""
    # Only "\n" ends a JSONL line: str.splitlines would also break at U+2028 inside a string.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise UserError(f"not JSON: {error.msg}", where=f"{path}:{number}:{error.colno}") from None
        if not isinstance(record, dict):
            raise UserError(
                f"a JSON {type(record).__name__}", where=f"{path}:{number}", expected="one JSON object per line"
            )
        yield number, record


def dump_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text, UTF-8 letters kept, never NaN: a figure that is not known is written as null by the caller."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def write_text(path: Path, text: str) -> None:
    """Writes atomically: under a temporary name in the same folder, flushed to disk, then renamed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Writes `value` atomically as indented JSON with a final newline."""
    write_text(path, dump_json(value, indent=2) + "\n")


def write_jsonl(path: Path, records: Iterable[Any]) -> None:
    """Writes one JSON object per line, atomically."""
    write_text(path, "".join(dump_json(record) + "\n" for record in records))


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yields an empty temporary file beside `target`; on success it replaces `target`, on error it is removed."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with open(partial, "rb") as stream:
            os.fsync(stream.fileno())
        os.chmod(partial, 0o666 & ~_umask())
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_directory(target: Path) -> Iterator[Path]:
    """Yields a temporary folder beside `target`; on success it replaces `target`, on error it is removed.

    A process killed inside leaves only a folder whose name starts with `.` and ends with `.partial`.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial"))
    os.chmod(partial, 0o777 & ~_umask())
    try:
        yield partial
        for file in partial.rglob("*"):
            if file.is_file():
                file.chmod(0o666 & ~_umask())  # some libraries write for the owner alone
                with open(file, "rb") as stream:
                    os.fsync(stream.fileno())
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".old"))
            os.rename(target, old / "replaced")
            os.rename(partial, target)
            shutil.rmtree(old)
        else:
            os.rename(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def sweep_leftovers(target: Path) -> None:
    """Removes what a killed `atomic_directory` left beside `target`; a folder it had only moved aside comes back."""
    target = Path(target)
    for old in target.parent.glob(f".{target.name}.*.old"):
        if not target.exists() and (old / "replaced").is_dir():
            os.rename(old / "replaced", target)
        shutil.rmtree(old, ignore_errors=True)
    for partial in target.parent.glob(f".{target.name}.*.partial"):
        shutil.rmtree(partial, ignore_errors=True)


def sha256_of_file(path: Path) -> str:
    """Hex sha256 of the file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """Hex sha256 of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _Loader(yaml.SafeLoader):
    """YAML with the numbers and booleans of YAML 1.2: `2e-5` is a float, `no` and `on` are strings."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":float", ":bool", ":timestamp"))]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF)|\.(?:nan|NaN))$"
    ),
    list("-+0123456789."),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def parse_yaml(text: str, *, where: str = "") -> Any:
    """Parses YAML text with YAML 1.2 numbers. Raises UserError with line and column; a key given twice is an error."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        _refuse_double_keys(node, where)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = f"not YAML: {getattr(error, 'problem', error)}"
        raise UserError(problem, where=place, remedy="check indentation, brackets and quotation marks.") from None


def read_yaml(path: Path) -> Any:
    """The parsed YAML file; see `parse_yaml`."""
    return parse_yaml(read_text(path), where=str(path))


def yaml_lines(text: str) -> dict[tuple[str, ...], int]:
    """Line (from 1) of each key of a YAML text, by its path: `("data", "path")` -> 3. List items count as "0", "1", ..."""
    lines: dict[tuple[str, ...], int] = {}

    def walk(node: yaml.Node | None, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                here = (*path, str(key.value))
                lines[here] = key.start_mark.line + 1
                walk(value, here)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                here = (*path, str(index))
                lines[here] = value.start_mark.line + 1
                walk(value, here)

    walk(yaml.compose(text, Loader=_Loader), ())
    return lines


def dump_yaml(value: Any) -> str:
    """YAML text in the order given."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def _refuse_double_keys(node: yaml.Node | None, where: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UserError(
                    "a key in brackets",
                    where=f"{where}:{line}",
                    expected="a name before the colon",
                    remedy="fill in a placeholder such as {{DATA}}; put a value that begins with { or [ in quotation marks.",
                )
            if key.value in seen:
                raise UserError(
                    f"key '{key.value}' stands twice, first on line {seen[key.value]}",
                    where=f"{where}:{line}",
                    expected="each key once",
                    remedy="remove one of them.",
                )
            seen[key.value] = line
            _refuse_double_keys(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_double_keys(item, where)
