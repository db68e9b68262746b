"""Reports: one self-contained HTML page each, from templates."""
