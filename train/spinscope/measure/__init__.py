"""Figures, thresholds, calibration and verdicts, from arrays alone: nothing here knows a model or a file."""
