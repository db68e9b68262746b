"""The command line: light, exit codes that mean something, mistakes in one message, three ways to start it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from spinscope import __version__, cli
from spinscope.errors import UserError

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "train"
VERBS = sorted(
    [command.name or command.callback.__name__ for command in cli.app.registered_commands]
    + [group.name for group in cli.app.registered_groups]
)


def python(*arguments: str, cwd: Path = ROOT, path: Path | None = SOURCE) -> subprocess.CompletedProcess[str]:
    """Runs this Python with `path` alone on PYTHONPATH (None: without it)."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"OMP_NUM_THREADS": "1", "COLUMNS": "100", **({"PYTHONPATH": str(path)} if path else {})}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command line in this process: arguments -> (exit code, standard output, standard error)."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["spinscope", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return stopped.value.code or 0, out, err

    return call


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_are_light(option):
    code = (
        "import sys\nfrom spinscope.cli import main\n"
        f"sys.argv = ['spinscope', '{option}']\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "heavy = {'torch', 'transformers', 'datasets', 'pydantic', 'numpy', 'pandas', 'pyarrow', 'sklearn', 'scipy', 'rich'}\n"
        "loaded = heavy & set(sys.modules)\nassert not loaded, loaded\n"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert __version__ in done.stdout if option == "--version" else "Exit codes: 0 done;" in done.stdout


def test_the_package_is_light_too():
    done = python("-c", "import sys, spinscope; assert not {'torch', 'numpy', 'pydantic'} & set(sys.modules)")
    assert done.returncode == 0, done.stderr


def test_help_of_every_verb(run):
    code, out, _ = run("--help")
    assert code == 0
    wanted = {
        "quickstart",
        "check",
        "train",
        "cross-validate",
        "evaluate",
        "score",
        "compare",
        "tune",
        "convert",
        "taxonomy",
    }
    assert set(VERBS) >= wanted
    for verb in VERBS:
        assert f"\n  {verb} " in out
        code, told, _ = run(verb, "--help")
        assert code == 0 and told.startswith("Usage: ") and "[OPTIONS]" in told


def test_three_ways_to_start_it_from_a_bare_clone(tmp_path):
    for arguments, path in ((("-m", "spinscope"), SOURCE), (("train",), None)):
        done = python(*arguments, "--help", path=path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "cross-validate" in done.stdout
    # From anywhere, by path, in a copy that nothing was installed from.
    clone = shutil.copytree(SOURCE, tmp_path / "clone" / "train", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "elsewhere").mkdir()
    done = python(str(clone), "taxonomy", "list", "--json", cwd=tmp_path / "elsewhere", path=None)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_without_a_verb_it_shows_its_help(run):
    code, out, err = run()
    assert code == 2 and "Usage: " in out + err


def test_an_unknown_verb_or_option_is_a_mistake(run):
    for arguments, told in (
        (("trian",), "No such command 'trian'"),
        (("convert", "x", "--ouf", "y"), "No such option"),
    ):
        code, out, err = run(*arguments)
        assert code == 2 and told in err and not out
        assert "Traceback" not in err


def test_done_is_0(run, tmp_path):
    corpus = tiny.write_native(tmp_path / "a.jsonl", tiny.tiny_sentences(n_articles=4))
    code, out, _ = run("convert", corpus, "--out", tmp_path / "b.jsonl")
    assert code == 0 and "32 sentences of 4 articles" in out
    assert (tmp_path / "b.jsonl").is_file()
    (tmp_path / "run.yaml").write_text(f"data:\n  path: {corpus}\n")
    assert run("convert", tmp_path / "run.yaml", "data.format=native", "--out", tmp_path / "c.jsonl")[0] == 0
    assert (tmp_path / "c.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_findings_are_1(run, tmp_path):
    corpus = tiny.write_native(tmp_path / "a.jsonl", tiny.tiny_sentences())
    with open(corpus, "a", encoding="utf-8") as stream:
        stream.write('{"article": "z", "text": "Odd one out.", "techniques": ["loaded_langage"]}\n')
    (tmp_path / "run.yaml").write_text("model:\n  kind: tfidf\n")
    report = tmp_path / "report.json"
    code, out, err = run("check", tmp_path / "run.yaml", f"data.path={corpus}", "--json", report)
    assert code == 1 and not err
    assert "unknown_labels" in out
    assert json.loads(report.read_text())["blocked"] is True


def test_mistakes_are_2_with_one_message_and_no_traceback(run, tmp_path):
    gone = tmp_path / "gone.yaml"
    code, out, err = run("check", gone)
    assert (code, out) == (2, "")
    assert err == f"error: {gone}: no such file\n  to mend: check the path.\n"


def test_a_mistake_in_a_process_of_its_own():
    done = python("-m", "spinscope", "taxonomy", "show", "ptc14")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and "did you mean 'ptc-14'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_defect_shows_its_traceback():
    code = (
        "import sys\nfrom spinscope.jobs import conversion\nfrom spinscope.cli import main\n"
        "conversion.convert = lambda *a, **k: 1 / 0\n"
        "sys.argv = ['spinscope', 'convert', 'x', '--out', 'y.jsonl']\nmain()\n"
    )
    done = python("-c", code)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):") and "ZeroDivisionError" in done.stderr
    assert "error: " not in done.stderr


def test_an_interruption_says_how_to_go_on(run, monkeypatch):
    from spinscope.jobs import conversion

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(conversion, "convert", interrupted)
    code, _, err = run("convert", "x", "--out", "y.jsonl")
    assert code == 130
    assert err.startswith("interrupted; what was finished is kept") and "--resume" in err


def test_a_user_error_keeps_its_four_parts():
    error = UserError("no column 'text'", where="a.csv:1", expected="a column", remedy="add it.")
    assert str(error) == "a.csv:1: no column 'text'\n  expected: a column\n  to mend: add it."


def test_the_quick_start_outside_a_checkout_says_how_to_get_one(tmp_path):
    installed = shutil.copytree(
        SOURCE / "spinscope", tmp_path / "lib" / "site" / "spinscope", ignore=shutil.ignore_patterns("__pycache__")
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = python("-m", "spinscope", "quickstart", cwd=elsewhere, path=installed.parent)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr == (
        f"error: {elsewhere}: no configs/quickstart.yaml here: the quick start needs a checkout, and this spinscope was "
        "installed as a package\n"
        "  expected: a checkout of the repository as working directory\n"
        "  to mend: clone the repository, `cd` into it and run `spinscope quickstart` there.\n"
    )
    assert not list(elsewhere.iterdir())


def test_the_quick_start_finds_its_checkout(tmp_path, monkeypatch):
    from spinscope.jobs.quickstart import checkout

    monkeypatch.chdir(ROOT)
    assert checkout() == ROOT
    monkeypatch.chdir(tmp_path)
    assert checkout() == ROOT, "an editable install knows the checkout it came from"
