"""The command line: the verbs by name. What they take is in `options`, what they do in `jobs`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from spinscope import __version__
from spinscope.errors import MISTAKE, UserError
from spinscope.verbs import corpora, measuring, reading, scoring, training

INTERRUPTED = 130

app = typer.Typer(
    name="spinscope",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Train, evaluate, apply and compare classifiers of propaganda techniques.\n\n"
    "Exit codes: 0 done; 1 done, with findings or skipped inputs; 2 a mistake you can mend, nothing done; 3 a gate broken.",
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"spinscope {__version__}")
        raise typer.Exit


# Eager: typer loads pydantic for the options that it has yet to look at.
Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and stop.")
]


@app.callback()
def _top(version: Version = False) -> None:
    pass


VERBS: dict[str, Callable[..., None]] = {
    "quickstart": training.quickstart,
    "check": training.check,
    "train": training.train,
    "cross-validate": training.cross_validate,
    "study": training.study,
    "adapt": training.adapt,
    "evaluate": measuring.evaluate,
    "official": measuring.official_verb,
    "score": scoring.score,
    "export": scoring.export,
    "summarize": scoring.summarize,
    "compare": measuring.compare,
    "runs": reading.runs,
    "explain": reading.explain,
    "tune": training.tune,
    "average": training.average,
    "convert": corpora.convert,
    "agreement": corpora.agreement,
    "audit": measuring.audit,
    "probe": measuring.probe,
    "voices": measuring.voices,
}
TAXONOMY_VERBS: dict[str, Callable[..., None]] = {
    "list": corpora.taxonomy_list,
    "show": corpora.taxonomy_show,
    "map": corpora.taxonomy_map,
}

for _name, _verb in VERBS.items():
    app.command(_name)(_verb)

_taxonomy = typer.Typer(
    no_args_is_help=True, help="List, show and map the inventories of techniques.", rich_markup_mode=None
)
for _name, _verb in TAXONOMY_VERBS.items():
    _taxonomy.command(_name)(_verb)
app.add_typer(_taxonomy, name="taxonomy")


def main() -> None:
    """Runs the command line; a mistake the user can mend ends in one message and exit code 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(MISTAKE) from None
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # what typer makes of Ctrl-C
            print(
                "interrupted; what was finished is kept: train goes on with --resume, cross-validate, study and score when run "
                "again",
                file=sys.stderr,
            )
        raise
