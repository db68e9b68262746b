"""Around the models of `config`: overrides put in, numbers taken as meant, faults told in words (place, value found,
what was expected, nearest valid name).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from spinscope.errors import UserError, did_you_mean
from spinscope.files import parse_yaml


def apply_override(values: dict[str, Any], override: str, lines: dict[tuple[str, ...], str]) -> None:
    """Puts `block.key=value` into nested `values`, and "command line" into `lines` as its place."""
    key, separator, raw = override.partition("=")
    if not separator or not key.strip():
        raise UserError(
            f"'{override}'", where="command line", expected="block.key=value, for example training.epochs=2"
        )
    place = tuple(key.strip().split("."))
    target: Any = values
    for part in place[:-1]:
        if target.get(part) is None:
            target[part] = {}
        target = target[part]
        if not isinstance(target, dict):
            raise UserError(
                f"'{key}' goes into a value that is not a block", where="command line", expected="block.key=value"
            )
    target[place[-1]] = parse_yaml(raw, where=f"command line, {key}") if raw.strip() else None
    lines[place] = "command line"


def whole_numbers_as_floats(values: Any, block: Any) -> Any:
    """`epochs: 3` is a fine float: strict pydantic would take it from JSON and Python, but keeps bool apart; so do we."""
    if not isinstance(values, dict) or not (isinstance(block, type) and issubclass(block, BaseModel)):
        return values
    out = {}
    for key, value in values.items():
        field = block.model_fields.get(key) if isinstance(key, str) else None
        annotation = field.annotation if field else None
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (annotation is float or float in get_args(annotation))
        ):
            value = float(value)
        elif get_origin(annotation) is dict and isinstance(value, dict):
            value = {name: whole_numbers_as_floats(item, get_args(annotation)[1]) for name, item in value.items()}
        elif get_origin(annotation) is list and isinstance(value, list):
            value = [whole_numbers_as_floats(item, get_args(annotation)[0]) for item in value]
        else:
            value = whole_numbers_as_floats(value, annotation)
        out[key] = value
    return out


def explain(error: ValidationError, *, root: type[BaseModel], where: str, lines: Mapping[tuple[str, ...], str]) -> str:
    """The message of every fault that pydantic found.

    Args:
        error: what validation raised.
        root: the model of the whole configuration.
        where: the file, for faults without a line.
        lines: key path -> "file:line", or "command line".
    """
    messages = []
    for item in error.errors(include_url=False):
        place = tuple(str(part) for part in item["loc"])
        here = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), where)
        dotted = ".".join(place)
        if item["type"] == "extra_forbidden":
            names = _field_names(root, place[:-1])
            message = UserError(
                f"unknown key '{dotted}'",
                where=here,
                expected=f"a key of {_block_name(place[:-1], root)}",
                remedy=did_you_mean(place[-1], names),
            )
        elif item["type"] == "missing":
            message = UserError(
                f"no '{place[-1]}' in {_block_name(place[:-1], root)}", where=here, expected=_description(root, place)
            )
        elif item["type"] == "value_error":
            message = UserError(
                item["msg"].removeprefix("Value error, "), where=f"{here}: {dotted}" if dotted else here
            )
        else:
            message = UserError(
                f"{dotted} is {_shown(item['input'])}", where=here, expected=_expectation(root, item, place)
            )
        messages.append(str(message))
    return "\n".join(messages)


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r}" if not isinstance(value, BaseModel) else type(value).__name__


def _expectation(root: type[BaseModel], item: Any, place: tuple[str, ...]) -> str:
    expected = item["msg"].removeprefix("Input should be ").rstrip(".")
    field = _field(root, place)
    return f"{expected} ({field.description.rstrip('.')})" if field is not None and field.description else expected


def _block(root: type[BaseModel], place: tuple[str, ...]) -> Any:
    block: Any = root
    for part in place:
        if get_origin(block) in (dict, list):
            block = get_args(block)[-1]
            continue
        field = block.model_fields.get(part) if isinstance(block, type) and issubclass(block, BaseModel) else None
        if field is None:
            return None
        block = field.annotation
    return block


def _field(root: type[BaseModel], place: tuple[str, ...]) -> Any:
    block = _block(root, place[:-1]) if place else None
    return block.model_fields.get(place[-1]) if isinstance(block, type) and issubclass(block, BaseModel) else None


def _field_names(root: type[BaseModel], place: tuple[str, ...]) -> list[str]:
    block = _block(root, place)
    return list(block.model_fields) if isinstance(block, type) and issubclass(block, BaseModel) else []


def _description(root: type[BaseModel], place: tuple[str, ...]) -> str:
    field = _field(root, place)
    return (field.description or "").rstrip(".") if field is not None else ""


def _block_name(place: tuple[str, ...], root: type[BaseModel]) -> str:
    what = "the config" if root.__name__ == "RunConfig" else "the file"
    return f"'{'.'.join(place)}'" if place else f"{what} ({', '.join(root.model_fields)})"
