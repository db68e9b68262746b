"""What a model is held against: the TF-IDF classifier on the same articles, and guesses that know only how often."""

from __future__ import annotations

from spinscope.config import Model, RunConfig


def baseline_config(config: RunConfig) -> RunConfig:
    """The TF-IDF run beside `config`: the same data, seed, class weights, threshold rule and calibration."""
    return config.model_copy(update={"model": Model(kind="tfidf")})
