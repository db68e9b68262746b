"""Linear algebra on one thread, for a while."""

from __future__ import annotations

import scipy.linalg  # noqa: F401
from threadpoolctl import ThreadpoolController

from spinscope.jobs.one_thread import one_thread_algebra


def n_threads():
    return [one["num_threads"] for one in ThreadpoolController().select(internal_api="openblas").info()]


def test_every_openblas_has_one_thread_inside_and_its_own_number_after():
    with ThreadpoolController().select(internal_api="openblas").limit(limits=2):
        before = n_threads()
        with one_thread_algebra():
            assert n_threads() == [1] * len(before)
        assert n_threads() == before
