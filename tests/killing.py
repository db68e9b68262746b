"""Child processes that score small inputs and kill themselves, or run out of disk, at a chosen call.

Not a test file: `import killing` in a test or a benchmark. Nothing in the product knows of it: the child replaces the
functions that change files by ones that count their calls, and sends itself SIGKILL (or raises) before, in the middle
of, or after the one that was chosen.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

_WORDS = "the council met on monday they said a vile bridge or else nothing more for us and our own town"
WORDS = _WORDS.split()


def write_input(path: Path, *, n_articles: int, seed: int = 0) -> Path:
    """A JSONL table of small made-up articles, some of them empty, of four sources."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(n_articles):
            sentences = [
                " ".join(chance.choices(WORDS, k=chance.randint(3, 8))).capitalize() + "."
                for _ in range(chance.randint(1, 4))
            ]
            text = "" if chance.random() < 0.05 else " ".join(sentences)
            row = {"id": f"n{number}", "text": text, "source": f"paper {number % 4}", "page": number}
            stream.write(json.dumps(row) + "\n")
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


LAYOUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "lines": ("s.jsonl", {}),
    "folder": ("scores", {}),
    "table": ("s.csv", {"report": "report.html"}),
    "joined": ("s.parquet", {}),
    "dealt": ("scores", {"partition_by": ["source"], "report": "report.html"}),
}
"""Names of outputs and the settings they are made with."""

AT_WRITES = ("write", "replace", "rename")


class Runs:
    """Runs of each layout over one small input, each in its own folder under `root`, and what they come to uncut."""

    def __init__(self, nursery: Nursery, root: Path, *, n_articles: int = 20) -> None:
        self.nursery, self.root = nursery, root
        self.table = write_input(root / "news.jsonl", n_articles=n_articles)
        self._known: dict[str, tuple[dict[str, bytes], list[str], float]] = {}

    def plan(self, layout: str) -> dict[str, Any]:
        """An uncut run of the layout, as `score_small` takes it."""
        name, settings = LAYOUTS[layout]
        folder = self.root / layout
        report = {"report": str(folder / settings["report"])} if "report" in settings else {}
        return {
            "input": str(self.table), "out": str(folder / name), "settings": {**settings, **report, "articles_per_shard": 6}
        }  # fmt: skip

    def fresh(self, layout: str) -> Path:
        """The layout's folder, emptied."""
        folder = self.root / layout
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def reference(self, layout: str) -> tuple[dict[str, bytes], list[str], float]:
        """Files, kinds of the calls that change files, and seconds of an uncut run."""
        if layout not in self._known:
            folder, count = self.fresh(layout), self.root / "calls.json"
            start = time.monotonic()
            code, told = self.nursery.run({**self.plan(layout), "count": str(count)})
            seconds = time.monotonic() - start
            assert code == 1, told  # some inputs are empty, and so skipped
            self._known[layout] = (snapshot(folder), json.loads(count.read_text()), seconds)
        return self._known[layout]

    def cut_off(self, seed: int, *, action: str = "kill", timed: bool = False) -> list[tuple[str, int]]:
        """Runs a layout, cut off one to three times as the seed says, then uncut; compares all files with the reference.

        Args:
            seed: chooses layout, calls and places.
            action: kill, full or interrupt.
            timed: kill from outside after a random time instead of at a call.

        Returns:
            of each cut run, the kind of the call at which it was cut off (`time` for a kill from outside), and its exit code.
        """
        chance = random.Random(seed)
        layout = chance.choice(list(LAYOUTS))
        expected, calls, seconds = self.reference(layout)
        folder = self.fresh(layout)
        cuts = []
        for _ in range(chance.choice([1, 1, 2, 3])):
            if timed:
                kind, how = "time", {"kill_after": chance.uniform(0, seconds)}
            else:
                writes = [number for number, kind in enumerate(calls) if kind in AT_WRITES]
                at = chance.choice(writes) if chance.random() < 0.75 else chance.randrange(len(calls))
                where = chance.choice(["before", "amid", "after"])
                kind, how = calls[at], {"at": at, "where": where, "action": action}
            code, told = self.nursery.run({**self.plan(layout), **how})
            assert code != 70, told
            cuts.append((kind, code))
        code, told = self.nursery.run(self.plan(layout))
        assert code == 1, f"seed {seed}: {told}"
        found = snapshot(folder)
        differing = [name for name in {**found, **expected} if found.get(name) != expected.get(name)]
        assert not differing, f"seed {seed}, {layout}, cut off at {cuts}: {differing} differ"
        return cuts


class Nursery:
    """A process that has loaded all modules and forks a child for each plan: a run takes some hundredths of a second."""

    def __enter__(self) -> Nursery:
        root = Path(__file__).parents[1]
        paths = os.pathsep.join([str(root / "train"), str(root / "tests")])
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import killing; killing.serve()"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def run(self, plan: dict[str, Any]) -> tuple[int, str]:
        """Scores as `score_small` does, in a child.

        Returns:
            the exit code, negative where a signal ended it, and what it wrote to standard error.
        """
        self.process.stdin.write(json.dumps(plan) + "\n")
        self.process.stdin.flush()
        code, told = json.loads(self.process.stdout.readline())
        return code, told


def serve() -> None:
    """What the nursery runs: a child for each line of standard input."""
    import pyarrow.parquet  # noqa: F401

    import spinscope.jobs.scoring
    import spinscope.model.checkpoint
    import spinscope.report.articles
    import spinscope.report.pages  # noqa: F401
    from spinscope.data.language import detect_language

    detect_language("The council met on Monday evening in the old town hall to talk about the new bridge.")
    for line in sys.stdin:
        plan = json.loads(line)
        with tempfile.TemporaryFile() as told:
            pid = os.fork()
            if pid == 0:
                os.dup2(told.fileno(), 2)
                os._exit(_child(plan))
            status = _waited(pid, plan.get("kill_after"))
            told.seek(0)
            print(json.dumps([os.waitstatus_to_exitcode(status), told.read().decode("utf-8", "replace")]), flush=True)


def _child(plan: dict[str, Any]) -> int:
    try:
        code = score_small(plan)
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 (a child that lives on would serve plans itself)
        traceback.print_exc()
        code = 70
    sys.stderr.flush()
    return code


def _waited(pid: int, kill_after: float | None) -> int:
    """The child's status. One that should end by itself and hangs is killed after five minutes."""
    deadline = time.monotonic() + (300.0 if kill_after is None else kill_after)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() >= deadline:
            os.kill(pid, signal.SIGKILL)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.001)


def score_small(plan: dict[str, Any]) -> int:
    """Scores `plan["input"]` into `plan["out"]` with a stub of a model.

    Args:
        plan: `input`, `out`, `settings` (of `score_articles`); `at`: the call to act at, counted over all functions that
            change files; `action`: kill, full (no space left) or interrupt; `where`: before, amid or after the call; `count`:
            a file that takes the kinds of all calls; `kill_after`: seconds after which the child is killed from outside.
    """
    from spinscope.data.articles import read_articles
    from spinscope.errors import UserError
    from spinscope.jobs.scoring import score_articles

    settings = dict(plan["settings"])
    if settings.get("report"):
        settings["report"] = Path(settings["report"])
    calls = _wrapped(plan)
    try:
        code = score_articles(read_articles([plan["input"]]), Stub(), out=Path(plan["out"]), **settings)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if plan.get("count"):
        Path(plan["count"]).write_text(json.dumps(calls))
    return code


class Stub:
    """A classifier whose scores are a function of the text, without a model."""

    name, identity, languages = "stub", "5e" * 32, ("en",)

    def __init__(self) -> None:
        from spinscope.records import Decision
        from spinscope.taxonomy import inventory

        self.inventory = inventory("core")
        self.decision = Decision(self.inventory.ids, (0.5,) * len(self.inventory.ids))

    def prepare(self, sentences: Any) -> Any:
        return sentences

    def run(self, sentences: Any, *, progress: Any = None) -> Any:
        import hashlib

        import numpy as np

        from spinscope.model.prediction import Prediction

        digests = [hashlib.sha256(sentence.text.encode()).digest()[:3] for sentence in sentences]
        values = np.array([list(digest) for digest in digests], dtype=float).reshape(len(sentences), 3) / 255
        return Prediction(values, np.ones(len(sentences), dtype=int))

    def decide(self, probabilities: Any) -> Any:
        return probabilities >= 0.5


def _wrapped(plan: dict[str, Any]) -> list[str]:
    """Replaces what changes files by functions that count, and that act at the chosen call."""
    import threading

    from spinscope.jobs import durable

    calls: list[str] = []
    at, action, where = plan.get("at"), plan.get("action", "kill"), plan.get("where", "before")
    lock = threading.Lock()

    def act() -> None:
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if action == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        signal.raise_signal(signal.SIGINT)

    def counted(kind: str) -> bool:
        with lock:
            calls.append(kind)
            return len(calls) - 1 == at

    def wrap(kind: str, function: Any) -> Any:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            # What removes needs no room.
            is_it = counted(kind) and not (action == "full" and kind in ("unlink", "rmdir"))
            if is_it and where != "after":
                act()
            result = function(*arguments, **named)
            if is_it and where == "after":
                act()
            return result

        return wrapped

    class Stream:
        """A file whose writes are counted; amid one, half of it is written."""

        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def write(self, data: bytes) -> int:
            is_it = counted("write")
            if is_it and where == "before":
                act()
            rest = bytes(data)
            if is_it and where == "amid":
                self.stream.write(rest[: len(rest) // 2])
                self.stream.flush()
                act()
                # Ctrl-C reaches the main thread: the one that writes goes on with the other half.
                rest = rest[len(rest) // 2 :]
            self.stream.write(rest)
            if is_it and where == "after":
                self.stream.flush()
                act()
            return len(data)

        def __enter__(self) -> Stream:
            return self

        def __exit__(self, *exception: object) -> None:
            self.stream.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    durable.open = lambda *arguments, **named: Stream(open(*arguments, **named))  # noqa: SIM115
    for kind in ("replace", "rename", "fsync", "unlink", "mkdir", "rmdir"):
        setattr(os, kind, wrap(kind, getattr(os, kind)))
    return calls
