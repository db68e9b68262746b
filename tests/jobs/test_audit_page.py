"""The page of an audit, without a browser."""

from __future__ import annotations

import made_audit
import pytest

from spinscope.jobs.audit_page import render_audit, state
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.measure.resampling import Estimate


def test_it_holds_every_section_figure_and_list_once():
    found = made_audit.made_audit("<script>x</script>")
    page = render_audit(found)
    assert "<script>x" not in page and "&lt;script&gt;x" in page
    for section in found.sections:
        assert page.count(f'id="{section.name}"') == 1
        for figure in section.figures:
            assert figure.title in page
    for words in (
        "( zorbex",
        "+0.310 (+0.220 to +0.400)",
        "closes its sentences",
        "never cared for us",
        "voice: quoted",
        "recall",
    ):
        assert words in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([Figure("a", "a", Estimate(0.5), at_most=0.4)], "beyond its limit"),
        ([Figure("a", "a", Estimate(0.3), at_most=0.4)], "within its limits"),
        ([Figure("a", "a", Estimate(None), at_most=0.4)], "not measured"),
        ([Figure("a", "a", Estimate(0.3))], "no limit"),
        ([], "not measured"),
    ],
)
def test_a_section_s_state(figures, expected):
    assert state(Section("x", "x", tuple(figures), notes=("why",))) == expected
