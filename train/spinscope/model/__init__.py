"""Building, fitting, saving and applying classifiers. Knows no metrics: `measure` is a sibling."""
