"""Every notebook: no stored output, nothing defined in it, and it runs from top to bottom."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
names = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks() -> None:
    assert [path.name[:3] for path in NOTEBOOKS] == [f"{number:02d}_" for number in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS


@names
def test_it_stores_no_output_and_defines_nothing(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        assert cell.outputs == [] and cell.execution_count is None
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not any(isinstance(node, defined) for node in ast.walk(ast.parse(cell.source))), cell.source


@pytest.mark.slow
@pytest.mark.enable_socket  # the kernel is spoken to over the loopback interface
@names
def test_it_runs(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # A checkout of links, so that models land in the test's own folder.
    for part in ("configs", "data"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(notebook, tmp_path / "notebooks")
    # A kernel of this interpreter, whatever kernels the user has installed.
    kernel = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
    folder = tmp_path / "kernels" / "own"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps({**kernel, "display_name": "own"}), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)], ensure_native_kernel=False)
    paths = [str(ROOT / "train"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    client = NotebookClient(
        nbformat.read(notebook, as_version=4), timeout=600, km=AsyncKernelManager(kernel_name="own", kernel_spec_manager=specs),
        resources={"metadata": {"path": str(tmp_path / "notebooks")}},
    )  # fmt: skip
    executed = client.execute()
    nbformat.write(executed, tmp_path / notebook.name)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    assert list((tmp_path / "models").glob("*/manifest.json"))
