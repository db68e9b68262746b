"""Registers `TechniqueClassifier` with the Auto classes of transformers.

After `import spinscope.auto`, `AutoModelForSequenceClassification.from_pretrained(folder)` and
`transformers.pipeline("text-classification", folder, top_k=None)` open a spinscope checkpoint. A module of its own,
so that `import spinscope` and `spinscope --help` stay light.
"""

from transformers import AutoConfig, AutoModelForSequenceClassification

from spinscope.model.architecture import TechniqueClassifier, TechniqueClassifierConfig

AutoConfig.register("spinscope", TechniqueClassifierConfig, exist_ok=True)
AutoModelForSequenceClassification.register(TechniqueClassifierConfig, TechniqueClassifier, exist_ok=True)
