"""Whether checkpoints keep the rules of a gate, and where not, why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinscope.data.suites import ROLES, Suite, read_suites
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_json
from spinscope.jobs.audits.behaviour import behaviour_sections
from spinscope.jobs.comparison_result import ComparisonResult, Outcome, Pair, Status
from spinscope.jobs.comparison_systems import System
from spinscope.jobs.gate_rules import CALIBRATION, AuditRule, ComparedRule, FigureRule, Gate, TechniqueRule
from spinscope.jobs.tables import TITLES
from spinscope.measure.figures import is_to_minimise
from spinscope.measure.statistics import Difference

SUITES = Path("data/suites")
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of an audit: title, value and interval, None where undefined; of several seeds mean and outermost ends."""

    title: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class AuditSources:
    """Where figures of audits come from: identity -> sections of a written audit, and suites to be run."""

    written: Mapping[str, Mapping[str, Any]]
    suites: Mapping[str, Suite]

    @classmethod
    def of(cls, gate: Gate | None, *, audit_files: Sequence[Path], suites: Path | None) -> AuditSources:
        """Reads what the rules on audits need, before any sentence is scored.

        Raises:
            UserError: files or suites without a rule on audits, a file that is no audit, or a rule on a section that
                only `spinscope audit` measures, without a file.
        """
        rules = gate.rules.audits if gate else []
        if not rules:
            if audit_files or suites:
                raise UserError(
                    "audits or suites without a rule on them", where="command line", expected="a gate with audits"
                )
            return cls({}, {})
        written = dict(_audit(path) for path in audit_files)
        if written:
            return cls(written, {})
        for number, rule in enumerate(rules):
            if rule.section not in ROLES and gate is not None:
                raise UserError(
                    f"'{rule.section}' is no behaviour suite", where=gate.place("audits", number),
                    expected=f"one of {', '.join(ROLES)}, or what `spinscope audit --json` wrote, named with --audit",
                    remedy=did_you_mean(rule.section, ROLES),
                )  # fmt: skip
        folder = suites or SUITES
        if not folder.is_dir():
            raise UserError(
                "no behaviour suites here", where=str(folder), expected="the folder data/suites of the project",
                remedy="name it with --suites, or pass an audit's JSON with --audit.",
            )  # fmt: skip
        return cls(
            {}, {name: suite for name, suite in read_suites(folder).items() if name in {r.section for r in rules}}
        )

    def figures(self, system: System) -> dict[str, dict[str, Measured]]:
        """Section -> figure -> what was measured on the system, in the audit's order.

        Raises:
            UserError: there are audits, and none of one of the system's checkpoints.
        """
        found = []
        for seed in system.seeds:
            if self.written:
                if seed.identity not in self.written:
                    raise UserError(
                        f"no audit of {seed.name} ({seed.identity[:12]})", where="--audit",
                        expected=f"an audit of it; there are those of {', '.join(one[:12] for one in self.written)}",
                        remedy=f"run `spinscope audit {seed.path} --json FILE` and pass FILE too.",
                    )  # fmt: skip
                found.append(self.written[seed.identity])
            else:
                sections = behaviour_sections(seed, self.suites, seed.config.evaluation.limits) if self.suites else []
                found.append({section.name: section.to_dict() for section in sections})
        return _over_seeds(found)


def outcomes_of(
    gate: Gate, result: ComparisonResult, systems: Sequence[System], sources: AuditSources
) -> list[Outcome]:
    """What becomes of each rule for each checkpoint but the first.

    A rule on a figure that the data leave undefined for both checkpoints is not judged; one that only the new
    checkpoint leaves undefined is broken.

    Raises:
        UserError: a rule on a technique that is not compared, or on a figure that no audit has.
    """
    told: list[Outcome] = []
    for pair, system in zip(result.pairs, systems[1:], strict=True):
        for number, rule in enumerate(gate.rules.compared):
            told += _compared(rule, pair, gate.place("compared", number), result)
        for number, held in enumerate(gate.rules.figures):
            told += _held(held, pair, gate.place("figures", number), result)
        if gate.rules.audits:
            measured = sources.figures(system)
            told += [
                _audited(audited, pair, gate.place("audits", number), measured)
                for number, audited in enumerate(gate.rules.audits)
            ]
    return told


def _compared(rule: ComparedRule, pair: Pair, place: str, result: ComparisonResult) -> Iterator[Outcome]:
    sign = -1.0 if is_to_minimise(rule.figure) else 1.0
    for title, one in _rows(rule, pair, place, result):
        words = f"{title} not worse by more than {rule.not_worse_by:g}{_judged(rule.judged_by)}"
        yield _outcome(
            words, place, pair, one, None if one.difference is None else _loss(rule, one, sign), rule.not_worse_by
        )


def _loss(rule: ComparedRule, one: Difference, sign: float) -> tuple[float, str]:
    """By how much it is worse (below 0: better), and the same in words."""
    assert one.difference is not None
    direction = "better" if sign * one.difference > 0 else "worse"
    said = f"{direction} by {abs(one.difference):.3f}" if one.difference else "no difference"
    if one.low is not None and one.high is not None:
        said += f" [{one.low:+.3f}, {one.high:+.3f}]"
    end = one.low if sign > 0 else one.high
    if rule.judged_by == "interval":
        return (1.0, f"{said}, without an interval") if end is None else (-sign * end, said)
    return -sign * one.difference, said


def _outcome(
    words: str, place: str, pair: Pair, one: Difference, loss: tuple[float, str] | None, limit: float
) -> Outcome:
    if loss is None:
        return _undefined(words, place, pair, one)
    status: Status = "broken" if loss[0] > limit + _ROUNDING else "kept"
    return Outcome(words, place, pair.second, status, loss[1])


def _held(rule: FigureRule, pair: Pair, place: str, result: ComparisonResult) -> Iterator[Outcome]:
    if rule.figure == CALIBRATION:
        value = result.checkpoints[pair.second].get(CALIBRATION)
        words = f"{TITLES[CALIBRATION]} {_limit_words(rule)}"
        yield Outcome(
            words, place, pair.second, "broken" if _is_beyond(rule, value, None) else "kept", _shown(value, None)
        )
        return
    for title, one in _rows(rule, pair, place, result):
        words = f"{title} {_limit_words(rule)}{_judged(rule.judged_by)}"
        if one.value_b is None:
            yield _undefined(words, place, pair, one)
        else:
            status: Status = "broken" if _is_beyond(rule, one.value_b, one.interval_b) else "kept"
            yield Outcome(words, place, pair.second, status, _shown(one.value_b, one.interval_b))


def _audited(rule: AuditRule, pair: Pair, place: str, measured: Mapping[str, Mapping[str, Measured]]) -> Outcome:
    section, _, name = rule.figure.partition(".")
    if section not in measured:
        raise UserError(
            f"the audit has no section '{section}'", where=place, remedy=did_you_mean(section, measured),
            expected="a section of `spinscope audit`",
        )  # fmt: skip
    figures = measured[section]
    name = name or next(iter(figures), "")
    if name not in figures:
        raise UserError(
            f"no figure '{name}' in '{section}'", where=place, expected="SECTION.FIGURE of `spinscope audit`",
            remedy=did_you_mean(name, figures),
        )  # fmt: skip
    one = figures[name]
    words = f"{one.title} {_limit_words(rule)}{_judged(rule.judged_by)}"
    if one.value is None:
        return Outcome(words, place, pair.second, "not judged", "undefined")
    ends = (one.low, one.high) if one.low is not None and one.high is not None else None
    return Outcome(
        words, place, pair.second, "broken" if _is_beyond(rule, one.value, ends) else "kept", _shown(one.value, ends)
    )


def _rows(rule: TechniqueRule, pair: Pair, place: str, result: ComparisonResult) -> Iterator[tuple[str, Difference]]:
    title = TITLES.get(rule.figure, rule.figure)
    if not rule.is_of_techniques:
        yield title, pair.comparison.overall[rule.figure]
        return
    listed = rule.techniques if isinstance(rule.techniques, list) else result.techniques
    for technique in listed:
        if technique not in result.techniques:
            raise UserError(
                f"'{technique}' is not compared", where=place, expected="a technique of both checkpoints and the data",
                remedy=did_you_mean(technique, result.techniques),
            )  # fmt: skip
        yield f"{title} of {technique}", pair.comparison.per_technique[technique][rule.figure]


def _undefined(words: str, place: str, pair: Pair, one: Difference) -> Outcome:
    if one.value_b is None and one.value_a is not None:
        return Outcome(
            words, place, pair.second, "broken", f"undefined for {pair.second} ({one.value_a:.3f} for {pair.first})"
        )
    return Outcome(words, place, pair.second, "not judged", one.note or "undefined")


def _is_beyond(rule: FigureRule | AuditRule, value: float | None, ends: tuple[float, float] | None) -> bool:
    if value is None:
        return False
    low, high = (value, value)
    if rule.judged_by == "interval":
        if ends is None:
            return True
        low, high = ends
    return (rule.at_most is not None and high > rule.at_most + _ROUNDING) or (
        rule.at_least is not None and low < rule.at_least - _ROUNDING
    )


def _limit_words(rule: FigureRule | AuditRule) -> str:
    parts = [f"at least {rule.at_least:g}"] if rule.at_least is not None else []
    return " and ".join([*parts, *([f"at most {rule.at_most:g}"] if rule.at_most is not None else [])])


def _judged(by: str) -> str:
    return ", by the interval's end" if by == "interval" else ""


def _shown(value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:.3f}" + (f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else "")


def _audit(path: Path) -> tuple[str, Mapping[str, Any]]:
    values = read_json(path)
    if not isinstance(values, dict) or not {"checkpoint", "sections"} <= values.keys():
        raise UserError("not an audit", where=str(path), expected="what `spinscope audit --json` wrote")
    return str(values["checkpoint"].get("identity", "")), values["sections"]


def _over_seeds(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Measured]]:
    out: dict[str, dict[str, Measured]] = {}
    for section, content in found[0].items():
        figures = content.get("figures", {}) if isinstance(content, Mapping) else {}
        for name, told in figures.items():
            every = [one.get(section, {}).get("figures", {}).get(name, {}) for one in found]
            values, lows, highs = ([one.get(key) for one in every] for key in ("value", "low", "high"))
            known = [value for value in values if value is not None]
            out.setdefault(section, {})[name] = Measured(
                re.sub(r"^\.\.\. ", "", str(told.get("title", name))),
                sum(known) / len(known) if len(known) == len(values) else None,
                None if None in lows else min(lows), None if None in highs else max(highs),
            )  # fmt: skip
    return out
