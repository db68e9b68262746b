"""The house stands as drawn: imports run downward only, names shadow nothing, nothing lies where it should not."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "train"
MODULES = sorted(SOURCE.rglob("*.py"))

LAYERS = (
    {"errors", "files"},
    {"records", "inventories", "crosswalks", "taxonomy"},
    {"config", "config_blocks", "config_reading"},
    {"data"},
    {"model", "measure", "report", "auto"},
    {"jobs"},
    {"options", "verbs", "cli"},
    {"__main__"},
)
"""Ground first. A room may import itself, its layer's siblings where `NO_SIBLINGS` is silent, and all below."""

NO_SIBLINGS = {"model", "measure", "report"}
"""Rooms of one layer that may not import each other."""

TOP_LEVEL = {
    "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "CONTRIBUTING.md", "train", "configs", "data", "models",
    "notebooks", "tests", ".ci", ".gitignore", ".github",
}  # fmt: skip

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 60


def name_of(module: Path) -> str:
    return str(module.relative_to(SOURCE))


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def room_of(dotted: str) -> str:
    """The room of `spinscope.<room>...`; '' for the package's own `__init__`."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(module: Path) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every import of a module, those inside functions and for type checkers too."""
    rooms = {room for layer in LAYERS for room in layer}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(module)}:{node.lineno}: a relative import"
            dotted = node.module or ""
            # `from spinscope import config` imports a room, not a name.
            inner = [alias.name for alias in node.names if dotted == "spinscope" and alias.name in rooms]
            yield from ((f"spinscope.{name}", node.lineno) for name in inner)
            if not inner:
                yield dotted, node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
            start = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            if isinstance(start, ast.Constant):
                yield str(start.value).rstrip("."), node.lineno


def layer_of(room: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if room in layer)


def own_room(module: Path) -> str:
    return module.relative_to(SOURCE / "spinscope").parts[0].removesuffix(".py")


PACKAGE = [module for module in MODULES if (SOURCE / "spinscope") in module.parents]


def test_every_room_has_its_layer() -> None:
    rooms = {own_room(module) for module in PACKAGE} - {"__init__"}
    assert rooms <= set().union(*LAYERS), "give a new room its layer in LAYERS"


@pytest.mark.parametrize("module", PACKAGE, ids=name_of)
def test_imports_run_downward(module: Path) -> None:
    room = own_room(module)
    for dotted, line in imported(module):
        if not dotted.startswith("spinscope"):
            continue
        other, place = room_of(dotted), f"{name_of(module)}:{line} imports {dotted}"
        if room == "__init__":  # the public face: one lazy name
            assert other == "model", place
        elif other and other != room:
            assert layer_of(other) <= layer_of(room), f"{place}, which lies above it"
            assert not ({room, other} <= NO_SIBLINGS), f"{place}, a sibling"


@pytest.mark.parametrize(
    ("rooms", "allowed"),
    [(LAYERS[0], {"yaml"}), (LAYERS[1], {"yaml"}), (LAYERS[2], {"pydantic"}), ({"options", "verbs", "cli"}, {"typer"})],
    ids=["ground", "words", "settings", "face"],
)
def test_what_the_lower_rooms_and_the_face_take_from_outside(rooms: set[str], allowed: set[str]) -> None:
    import sys

    for module in PACKAGE:
        if own_room(module) in rooms:
            outside = {dotted.split(".")[0] for dotted, _ in imported(module)} - sys.stdlib_module_names
            assert outside - {"spinscope"} <= allowed, name_of(module)


def test_measure_sees_arrays_and_never_a_model() -> None:
    for module in PACKAGE:
        if own_room(module) == "measure":
            for dotted, line in imported(module):
                assert dotted.split(".")[0] not in ("torch", "transformers"), f"{name_of(module)}:{line}"
                assert room_of(dotted) in ("measure", "errors", "") or not dotted.startswith("spinscope"), (
                    f"{name_of(module)}:{line} imports {dotted}"
                )


def test_the_face_loads_a_job_only_when_its_verb_runs() -> None:
    for module in PACKAGE:
        if own_room(module) in ("options", "verbs", "cli"):
            at_once = {
                node.module
                for node in tree_of(module).body
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spinscope")
            }
            assert at_once <= {"spinscope", "spinscope.errors", "spinscope.verbs"}, name_of(module)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_documented_and_short_enough(module: Path) -> None:
    tree = tree_of(module)
    assert ast.get_docstring(tree), "a module says in its first lines what it is for"
    n_lines = len(module.read_text(encoding="utf-8").splitlines())
    assert n_lines <= MAX_MODULE_LINES, f"{n_lines} lines: divide it"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert n_lines <= MAX_FUNCTION_LINES, f"{node.name} has {n_lines} lines: divide it"


def test_every_room_is_a_package() -> None:
    for folder in {module.parent for module in PACKAGE}:
        assert (folder / "__init__.py").is_file(), f"{folder} has no __init__.py"


def test_init_files_hold_a_docstring_and_lazy_names_at_most() -> None:
    for module in PACKAGE:
        if module.name == "__init__.py":
            for node in tree_of(module).body:
                kinds = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.If)
                assert isinstance(node, kinds), f"{name_of(module)}:{node.lineno}"
            eager = [
                node.module
                for node in tree_of(module).body
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spinscope")
            ]
            assert not eager, f"{name_of(module)} loads {eager} at once"


def shadowed_names() -> set[str]:
    """Import names of the declared dependencies, and their distribution names as a module could bear them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    wanted = {re.split(r"[<>=!~\[; ]", requirement)[0].lower().replace("_", "-") for requirement in declared}
    names = {
        name
        for name, distributions in packages_distributions().items()
        if wanted & {distribution.lower().replace("_", "-") for distribution in distributions}
    }
    return names | {name.replace("-", "_") for name in wanted}


def test_no_module_is_named_like_a_dependency() -> None:
    """Such a module shadows the library when a neighbour is run by path."""
    taken = shadowed_names()
    assert {"torch", "datasets", "evaluate", "yaml", "sklearn"} <= taken
    for module in [*MODULES, *(ROOT / "tests").rglob("*.py")]:
        assert module.stem not in taken, module
        assert module.stem not in ("utils", "helpers", "common", "misc"), module
    for folder in {module.parent for module in PACKAGE}:
        assert folder.name not in taken, folder


def test_the_import_package_is_the_only_one() -> None:
    inits = {
        path.relative_to(ROOT)
        for path in ROOT.rglob("__init__.py")
        if not any(
            part.startswith(".") or part in ("build", "dist", "node_modules") for part in path.relative_to(ROOT).parts
        )
    }
    assert {path.parts[:2] for path in inits} == {("train", "spinscope")}
    assert sorted(path.name for path in SOURCE.iterdir() if not path.name.startswith((".", "__pycache__"))) == [
        "__main__.py", "spinscope",
    ]  # fmt: skip


def test_the_wheel_holds_the_import_package_alone() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["train/spinscope"]}
    assert settings["project"]["scripts"] == {"spinscope": "spinscope.cli:main"}


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names)), sorted(name for name in set(names) if names.count(name) > 1)


def test_nothing_else_stands_at_the_top() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is tracked is not known")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in tracked.split("\0") if name} <= TOP_LEVEL
