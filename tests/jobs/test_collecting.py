"""The search for cyclic garbage: rare for a while, then as it was."""

import gc

import pytest

from spinscope.jobs.collecting import rare_collections


def test_it_is_rare_within_and_usual_again_after_an_error():
    usual = gc.get_threshold()
    with pytest.raises(KeyError), rare_collections():
        assert gc.get_threshold()[0] > usual[0] and gc.get_freeze_count()
        raise KeyError
    assert gc.get_threshold() == usual and not gc.get_freeze_count()
