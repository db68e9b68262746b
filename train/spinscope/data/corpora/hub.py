"""Data sets of the `datasets` library: from the hub, at a pinned revision, or a folder that `save_to_disk` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.data.corpora.tables import Row, check_columns, sentences_of_rows, split_name
from spinscope.errors import UserError
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The rows of a data set. Where it has several splits, they are the given ones (train, validation, test) unless
    `source.split` or a split column says otherwise. Class numbers become class names.

    Raises:
        UserError: no such data set, a hub id without a revision, a missing column, an unknown split or label.
    """
    path = source.path or ""
    setting = f"data.sources.{name}" if name else "data"
    rows: list[Row] = []
    splits: list[str | None] = []
    for part, dataset in _parts(path, source.revision, setting).items():
        where = f"{path}[{part}]" if part else path
        check_columns(dataset.column_names, source.columns, where=where, setting=setting)
        features = dataset.features
        its_rows = [
            (f"{where}: row {number}", {column: _named(value, features[column]) for column, value in row.items()})
            for number, row in enumerate(dataset, start=1)
        ]
        is_given = bool(part) and source.split is None and source.columns.split is None
        splits += [split_name(part, where=path) if is_given else None] * len(its_rows)
        rows += its_rows
    if not rows:
        raise UserError("the data set has no rows", where=path, expected="one sentence per row")
    columns, rows = _with_splits(rows, splits, source.columns)
    return sentences_of_rows(rows, columns=columns, labels=LabelReader(inventory, unknown), where=path)


def _parts(path: str, revision: str | None, setting: str) -> dict[str, Any]:
    """Split name -> Dataset; the name is '' for a data set without splits."""
    import datasets

    if Path(path).is_dir():
        try:
            loaded = datasets.load_from_disk(path)
        except (FileNotFoundError, ValueError) as error:
            raise UserError(f"not a folder of `datasets`: {error}", where=path) from None
    elif revision is None:
        raise UserError(
            f"no folder '{path}', and no revision for a hub id of that name",
            where=f"{setting}.path",
            expected="a folder, or a hub id with a pinned revision",
            remedy=f"set {setting}.revision to a commit of the data set, so that the run can be repeated.",
        )
    else:
        loaded = _from_hub(path, revision)
    if isinstance(loaded, datasets.Dataset):
        return {"": loaded}
    return dict(sorted(loaded.items()))


def _from_hub(path: str, revision: str) -> Any:
    import datasets

    try:
        return datasets.load_dataset(path, revision=revision)
    except (datasets.exceptions.DatasetsError, ConnectionError, FileNotFoundError, ValueError) as error:
        raise UserError(
            f"the hub gives no data set '{path}' at revision '{revision}': {error}",
            where=path,
            remedy="check id, revision and connection, or save it to disk where there is one.",
        ) from None


def _named(value: Any, feature: Any) -> Any:
    """Class numbers as class names, at any depth."""
    if hasattr(feature, "int2str"):
        return feature.int2str(value) if isinstance(value, int) and value >= 0 else None
    inner = getattr(feature, "feature", None)
    if inner is not None and isinstance(value, list):
        return [_named(item, inner) for item in value]
    return value


def _with_splits(
    rows: list[Row], splits: list[str | None], columns: config.Columns
) -> tuple[config.Columns, list[Row]]:
    """Puts the given splits into a column of their own."""
    if not any(splits):
        return columns, rows
    key = "split of the data set"
    joined: list[Row] = [(place, {**row, key: split}) for (place, row), split in zip(rows, splits, strict=True)]
    return columns.model_copy(update={"split": key}), joined
