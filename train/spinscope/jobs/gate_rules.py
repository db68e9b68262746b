"""The gate of `spinscope compare --gate`: a YAML file of rules that a new checkpoint must keep, closed and strict.

```yaml
compared:                       # against the first checkpoint
  - {figure: f1, not_worse_by: 0.02}
figures:                        # of the new checkpoint itself
  - {figure: recall, techniques: [us_vs_them], at_least: 0.6}
audits:                         # SECTION.FIGURE of `spinscope audit`; SECTION alone: its first figure
  - {figure: neutral_alarm, at_most: 0.08}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from spinscope.config import Block
from spinscope.config_reading import explain, whole_numbers_as_floats
from spinscope.errors import UserError, did_you_mean
from spinscope.files import parse_yaml, read_text, yaml_lines
from spinscope.measure.statistics import COMPARED_OVERALL, COMPARED_PER_TECHNIQUE

CALIBRATION = "calibration_error"
JudgedBy = Literal["value", "interval"]


class Rule(Block):
    """A rule on one figure."""

    figure: str = Field(description="Name of the figure.")
    judged_by: JudgedBy = Field(
        "value",
        description="value: the measured value keeps the rule; interval: even the bad end of its interval does.",
    )


class TechniqueRule(Rule):
    """A rule on a figure of each technique, or on an average."""

    techniques: Literal["each"] | list[str] | None = Field(
        None, description="each, or a list of techniques; left out: each where the figure is one of a technique."
    )

    @field_validator("figure")
    @classmethod
    def _known(cls, name: str) -> str:
        names = [*cls.known_figures()]
        if name not in names:
            raise ValueError(f"no figure '{name}': {did_you_mean(name, names)}")
        return name

    @model_validator(mode="after")
    def _techniques_fit(self) -> TechniqueRule:
        if self.techniques is not None and self.figure not in COMPARED_PER_TECHNIQUE:
            raise ValueError(f"'{self.figure}' is an average over the techniques: leave out techniques")
        if self.techniques == []:
            raise ValueError("techniques: an empty list holds nothing to the rule")
        return self

    @classmethod
    def known_figures(cls) -> tuple[str, ...]:
        """Names that `figure` may have."""
        return tuple(dict.fromkeys([*COMPARED_OVERALL, *COMPARED_PER_TECHNIQUE]))

    @property
    def is_of_techniques(self) -> bool:
        """Whether it is on a figure of each technique; the Brier loss is one where techniques are named."""
        return self.techniques is not None or self.figure not in COMPARED_OVERALL


class ComparedRule(TechniqueRule):
    """How much worse than the first checkpoint a new one may be."""

    not_worse_by: float = Field(
        ge=0, le=1, description="Largest loss against the first checkpoint, in units of the figure."
    )


class _Limits(Block):
    at_most: float | None = Field(None, description="The figure must not lie above.")
    at_least: float | None = Field(None, description="The figure must not lie below.")

    @model_validator(mode="after")
    def _has_a_limit(self) -> _Limits:
        if self.at_most is None and self.at_least is None:
            raise ValueError("no limit: give at_most or at_least")
        return self


class FigureRule(_Limits, TechniqueRule):
    """What a figure of the new checkpoint must reach."""

    @model_validator(mode="after")
    def _calibration_has_no_interval(self) -> FigureRule:
        if self.figure == CALIBRATION and (self.judged_by == "interval" or self.techniques is not None):
            raise ValueError(f"{CALIBRATION} is held to its value, averaged over the techniques")
        return self

    @classmethod
    def known_figures(cls) -> tuple[str, ...]:
        """Names that `figure` may have."""
        return (*super().known_figures(), CALIBRATION)

    @property
    def is_of_techniques(self) -> bool:
        """Whether it is on a figure of each technique."""
        return self.figure != CALIBRATION and super().is_of_techniques


class AuditRule(_Limits, Rule):
    """What a figure of an audit of the new checkpoint must reach."""

    @property
    def section(self) -> str:
        """The audit's section."""
        return self.figure.split(".")[0]


class GateRules(Block):
    """A gate."""

    compared: list[ComparedRule] = Field(default_factory=list, description="Differences to the first checkpoint.")
    figures: list[FigureRule] = Field(default_factory=list, description="Figures of the new checkpoint.")
    audits: list[AuditRule] = Field(default_factory=list, description="Figures of its audit: SECTION.FIGURE.")

    @model_validator(mode="after")
    def _holds_something(self) -> GateRules:
        if not (self.compared or self.figures or self.audits):
            raise ValueError("a gate without a rule: give compared, figures or audits")
        return self


@dataclass(frozen=True, slots=True)
class Gate:
    """Rules and where each of them stands: ("compared", "0") -> "gate.yaml:3"."""

    rules: GateRules
    places: Mapping[tuple[str, ...], str]

    def place(self, block: str, number: int) -> str:
        """File and line of a rule."""
        return self.places[block, str(number)]


def read_gate(path: Path) -> Gate:
    """Reads and checks a gate.

    Raises:
        UserError: unknown key or figure, wrong type, or a rule without a limit, each with line and nearest name.
    """
    text = read_text(path)
    values = parse_yaml(text, where=str(path)) or {}
    if not isinstance(values, dict):
        raise UserError(
            f"a YAML {type(values).__name__}", where=str(path), expected="a mapping with compared, figures or audits"
        )
    places = {place: f"{path}:{line}" for place, line in yaml_lines(text).items()}
    try:
        rules = GateRules.model_validate(whole_numbers_as_floats(values, GateRules))
    except ValidationError as error:
        raise UserError(explain(error, root=GateRules, where=str(path), lines=places)) from None
    return Gate(rules, places)
