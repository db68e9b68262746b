"""The gate: rules are read strictly, and the exit code is 3 when and only when one is broken."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.errors import UserError
from spinscope.jobs.auditing import audit
from spinscope.jobs.comparison import compare, comparison_of
from spinscope.jobs.gate_rules import read_gate
from spinscope.jobs.gating import AuditSources, outcomes_of
from spinscope.measure.statistics import COMPARED_OVERALL, COMPARED_PER_TECHNIQUE
from spinscope.model.checkpoint import open_checkpoint

ROOT = Path(__file__).parents[2]
SUITES = ROOT / "data/suites"


def written(tmp_path, text):
    file = tmp_path / "gate.yaml"
    file.write_text(text)
    return file


def quiet():
    return Console(quiet=True)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Labelled articles that no checkpoint has seen."""
    return tiny.write_native(
        tmp_path_factory.mktemp("gate") / "fresh.jsonl", tiny.tiny_sentences(n_articles=30, seed=4, prefix="new")
    )


@pytest.fixture(scope="module")
def result(tfidf_checkpoint, frozen_checkpoint, fresh):
    """The frozen encoder, which is much worse, against TF-IDF."""
    return comparison_of(
        [open_checkpoint(tfidf_checkpoint), open_checkpoint(frozen_checkpoint)], data=Data(path=str(fresh))
    )


def statuses(tmp_path, text, result, **sources):
    gate = read_gate(written(tmp_path, text))
    systems = [SimpleNamespace(name=name, seeds=()) for name in result.checkpoints]
    return [
        (one.rule, one.status)
        for one in outcomes_of(gate, result, systems, AuditSources.of(gate, audit_files=(), suites=None))
    ]


def test_the_shipped_gate_is_read_and_uses_figures_that_there_are():
    gate = read_gate(ROOT / "configs/gate.yaml")
    assert gate.rules.compared and gate.rules.figures and gate.rules.audits
    assert all(rule.figure in (*COMPARED_OVERALL, *COMPARED_PER_TECHNIQUE) for rule in gate.rules.compared)
    assert gate.place("compared", 0).endswith("configs/gate.yaml:3")
    assert (ROOT / "configs/gate.yaml").read_text().startswith("# ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("compared:\n  - figure: f1\n    not_worse_bye: 0.02\n    not_worse_by: 1\n", "3: unknown key 'compared.0.not_worse_bye'\n  expected: a key of 'compared.0'\n  to mend: did you mean 'not_worse_by'?"),
        ("compared:\n- figure: f1\n  not_worse_by: 0.02\n- figure: f11\n  not_worse_by: 0.02\n", "4: compared.1.figure: no figure 'f11': did you mean 'f1'?"),
        ("compared:\n- figure: f1\n", "2: no 'not_worse_by' in 'compared.0'\n  expected: Largest loss against the first checkpoint, in units of the figure"),
        ("compared:\n- figure: f1\n  not_worse_by: much\n", "3: compared.0.not_worse_by is str 'much'\n  expected: a valid number (Largest loss"),
        ("compared:\n- figure: f1\n  not_worse_by: 2\n", "3: compared.0.not_worse_by is float 2.0\n  expected: less than or equal to 1"),
        ("figures:\n- figure: recall\n", "2: figures.0: no limit: give at_most or at_least"),
        ("figures:\n- figure: macro_f1\n  techniques: each\n  at_least: 0.5\n", "2: figures.0: 'macro_f1' is an average over the techniques: leave out techniques"),
        ("figures:\n- figure: calibration_error\n  judged_by: interval\n  at_most: 0.5\n", "2: figures.0: calibration_error is held to its value"),
        ("audit:\n- figure: neutral_alarm\n  at_most: 0.08\n", "1: unknown key 'audit'\n  expected: a key of the file (compared, figures, audits)\n  to mend: did you mean 'audits'?"),
        ("# nothing\n", "a gate without a rule"),
        ("- 1\n", "a YAML list"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_gate_is_told_with_its_line(tmp_path, text, told):
    file = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_gate(file)
    assert str(file) in str(caught.value) and told in str(caught.value)


def test_a_difference_is_held_to_its_limit_by_value_or_by_its_bad_end(tmp_path, result):
    one = result.pairs[0].comparison.overall["macro_average_precision"]
    loss, bad = -one.difference, -one.low
    assert bad > loss > 0.02
    rule = "compared:\n- {{figure: macro_average_precision, not_worse_by: {:.6f}, judged_by: {}}}\n"
    for limit, by, expected in (
        (loss + 1e-4, "value", "kept"),
        (loss - 1e-4, "value", "broken"),
        (loss + 1e-4, "interval", "broken"),
        (bad + 1e-4, "interval", "kept"),
    ):
        assert [status for _, status in statuses(tmp_path, rule.format(limit, by), result)] == [expected], (limit, by)


def test_of_a_loss_more_is_worse(tmp_path, result):
    worse = result.pairs[0].comparison.overall["brier_loss"].difference
    assert worse > 0.001
    for limit, expected in ((worse - 1e-4, "broken"), (worse + 1e-4, "kept")):
        assert (
            statuses(tmp_path, f"compared:\n- {{figure: brier_loss, not_worse_by: {limit:.6f}}}\n", result)[0][1]
            == expected
        )


def test_each_technique_is_held_alone(tmp_path, result):
    rows = {name: row["recall"] for name, row in result.pairs[0].comparison.per_technique.items()}
    middle = sorted(one.value_b for one in rows.values())[1]
    told = statuses(tmp_path, f"figures:\n- {{figure: recall, at_least: {middle + 1e-6}}}\n", result)
    assert told == [
        (f"recall of {name} at least {middle + 1e-6:g}", "broken" if one.value_b < middle + 1e-6 else "kept")
        for name, one in rows.items()
    ]
    assert {status for _, status in told} == {"broken", "kept"}
    only = statuses(tmp_path, "figures:\n- {figure: recall, techniques: [us_vs_them], at_least: 0}\n", result)
    assert only == [("recall of us_vs_them at least 0", "kept")]
    assert len(statuses(tmp_path, "figures:\n- {figure: brier_loss, techniques: each, at_most: 1}\n", result)) == 3
    assert (
        len(
            statuses(
                tmp_path,
                "figures:\n- {figure: brier_loss, at_most: 1}\n- {figure: calibration_error, at_most: 1}\n",
                result,
            )
        )
        == 2
    )


def test_a_rule_on_what_is_not_compared_is_a_mistake(tmp_path, result):
    with pytest.raises(UserError) as caught:
        statuses(tmp_path, "compared:\n- figure: f1\n  techniques: [us_vs_then]\n  not_worse_by: 0.1\n", result)
    assert str(caught.value).startswith(f"{tmp_path}/gate.yaml:2: 'us_vs_then' is not compared")
    assert "did you mean 'us_vs_them'?" in str(caught.value)


def test_what_only_the_new_checkpoint_leaves_undefined_breaks_the_rule(tmp_path, result):
    from dataclasses import replace

    pair = result.pairs[0]
    row = pair.comparison.per_technique["us_vs_them"]["precision"]

    def with_row(one):
        each = pair.comparison.per_technique | {
            "us_vs_them": pair.comparison.per_technique["us_vs_them"] | {"precision": one}
        }
        return replace(result, pairs=[replace(pair, comparison=replace(pair.comparison, per_technique=each))])

    text = "compared:\n- {figure: precision, techniques: [us_vs_them], not_worse_by: 1}\nfigures:\n- {figure: precision, techniques: [us_vs_them], at_least: 0}\n"
    silent = with_row(replace(row, value_b=None, difference=None))
    assert [status for _, status in statuses(tmp_path, text, silent)] == ["broken", "broken"]
    without = with_row(replace(row, value_a=None, value_b=None, difference=None, note="undefined for both"))
    assert [status for _, status in statuses(tmp_path, text, without)] == ["not judged", "not judged"]


@pytest.mark.parametrize(("limit", "code", "word"), [(0.9, 0, "all 1 rules kept"), (0.0, 3, "1 of 1 rules broken")])
def test_the_exit_code_is_3_when_and_only_when_a_rule_is_broken(
    tmp_path, tfidf_checkpoint, frozen_checkpoint, fresh, limit, code, word
):
    gate = written(tmp_path, f"compared:\n- figure: macro_average_precision\n  not_worse_by: {limit}\n")
    stream, file, page = io.StringIO(), tmp_path / "result.json", tmp_path / "page.html"
    given = {
        "data": str(fresh),
        "gate_file": gate,
        "json_file": file,
        "html_file": page,
        "console": Console(file=stream, width=300),
    }
    assert compare([tfidf_checkpoint, frozen_checkpoint], **given) == code
    shown = stream.getvalue()
    assert word in shown and word in page.read_text()
    told = json.loads(file.read_text())["gate"]
    assert [one["status"] for one in told] == ["broken" if code else "kept"]
    assert told[0]["place"] == f"{gate}:2"
    assert ("Gate, broken: frozen: macro average precision not worse by more than 0: worse by 0." in shown) == bool(
        code
    )


def test_a_checkpoint_against_itself_keeps_the_strictest_gate(tmp_path, tfidf_checkpoint, fresh):
    twin = shutil.copytree(tfidf_checkpoint, tmp_path / "twin")
    figures = "".join(
        f"- {{figure: {name}, not_worse_by: 0, judged_by: interval}}\n"
        for name in dict.fromkeys((*COMPARED_OVERALL, *COMPARED_PER_TECHNIQUE))
    )
    gate = written(tmp_path, f"compared:\n{figures}")
    assert compare([tfidf_checkpoint, twin], data=str(fresh), gate_file=gate, console=quiet()) == 0


@pytest.mark.parametrize("from_file", [False, True])
def test_audit_figures_come_from_the_suites_or_from_a_written_audit(
    tmp_path, tfidf_checkpoint, frozen_checkpoint, fresh, from_file
):
    twin = shutil.copytree(tfidf_checkpoint, tmp_path / "twin")
    report = tmp_path / "audit.json"
    audit(twin, data=str(fresh), suites=SUITES, json_file=report, console=quiet())
    alarms = json.loads(report.read_text())["sections"]["neutral_alarm"]["figures"]["any_alarm"]["value"]
    given = {"audit_files": [report]} if from_file else {"suites": SUITES}
    for limit, code in ((alarms, 0), (alarms - 1e-6, 3)):
        for name in ("neutral_alarm", "neutral_alarm.any_alarm"):
            gate = written(tmp_path, f"audits:\n- figure: {name}\n  at_most: {limit!r}\n")
            assert compare([frozen_checkpoint, twin], data=str(fresh), gate_file=gate, console=quiet(), **given) == code


def test_mistakes_about_audits(tmp_path, tfidf_checkpoint, frozen_checkpoint, fresh):
    report = tmp_path / "audit.json"
    audit(frozen_checkpoint, data=str(fresh), suites=SUITES, json_file=report, console=quiet())
    pair = [frozen_checkpoint, tfidf_checkpoint]
    given = {"data": str(fresh), "console": quiet()}

    def told(text, **options):
        with pytest.raises(UserError) as caught:
            compare(pair, gate_file=written(tmp_path, text), **(given | options))
        return str(caught.value)

    rule = "audits:\n- figure: {}\n  at_most: 0.1\n"
    assert "'neutral_alram' is no behaviour suite" in told(rule.format("neutral_alram"), suites=SUITES)
    assert "did you mean 'neutral_alarm'?" in told(rule.format("neutral_alram"), suites=SUITES)
    assert "no audit of tfidf" in told(rule.format("neutral_alarm"), audit_files=[report])
    pair.reverse()
    assert "no section 'neutral_alram'" in told(rule.format("neutral_alram"), audit_files=[report])
    assert "no figure 'any_alram' in 'neutral_alarm'" in told(
        rule.format("neutral_alarm.any_alram"), audit_files=[report]
    )
    assert "no behaviour suites here" in told(rule.format("neutral_alarm"), suites=tmp_path / "nowhere")
    (tmp_path / "other.json").write_text("[]")
    assert "not an audit" in told(rule.format("neutral_alarm"), audit_files=[tmp_path / "other.json"])
    assert "without a rule on them" in told("figures:\n- {figure: macro_f1, at_least: 0}\n", audit_files=[report])
