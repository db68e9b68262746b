import numpy as np
import pytest

from spinscope.config import Training, parse_config
from spinscope.model.checkpoint import save_checkpoint
from spinscope.model.linear import fit_tfidf
from spinscope.model.prediction import Classifier
from spinscope.records import Decision
from spinscope.taxonomy import inventory

CORE = inventory("core")


@pytest.mark.parametrize(("min_count", "texts"), [(2, ["one two", "three four", "five six", "seven eight"]), (1, ["! ?"] * 4)])
def test_tfidf_without_a_term_that_is_frequent_enough_takes_rarer_ones_or_the_prior_alone(min_count, texts, tmp_path):
    gold, mask = np.array([[0], [0], [0], [1]]), np.ones((4, 1), bool)
    fitted = fit_tfidf(texts, gold, mask, np.arange(4), Training(min_document_count=min_count))
    logits, windows = fitted.logits(["seven eight", "unheard of"], ["", ""])
    assert logits.shape == (2, 1) and logits.dtype == np.float32 and windows.tolist() == [1, 1]
    if min_count == 2:
        assert fitted.terms and logits[0, 0] > logits[1, 0]
        return
    assert fitted.terms == [] and logits[:, 0] == pytest.approx(np.log(1.5 / 3.5))
    fitted = fit_tfidf(texts, gold.repeat(3, axis=1), mask.repeat(3, axis=1), np.arange(4), Training())
    config = parse_config({"model": {"kind": "tfidf"}})
    saved = save_checkpoint(
        tmp_path / "prior", Classifier(fitted, inventory=CORE, decision=Decision(CORE.ids, (0.5,) * 3), config=config),
        texts={}, manifest={},
    )  # fmt: skip
    assert saved.predict("anything")[0]["probabilities"][CORE.ids[2]] == pytest.approx(1.5 / 5)
