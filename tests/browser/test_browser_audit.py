"""The audit page: the verdict first, every question reachable, small charts to scale, lists that open by key."""

from __future__ import annotations

import made_audit
import pytest

from spinscope.files import write_text
from spinscope.jobs.audit_page import BAR_WIDTH, render_audit

pytestmark = pytest.mark.browser


@pytest.fixture
def audit(look, pages):
    return look(pages.audit)


def test_what_is_beyond_its_limit_stands_first_and_needs_no_colour(audit, look, tmp_path):
    verdict = audit.locator(".verdict").inner_text()
    assert "2 figures are beyond their limits" in verdict
    assert "recall of us_vs_them: 0.500, at least 0.6" in verdict
    states = dict(zip(audit.locator("main > .scroll th[scope=row]").all_inner_texts(), audit.locator("main > .scroll td").all_inner_texts(), strict=True))  # fmt: skip
    assert states["What is lost where names are masked"] == "not measured"
    assert [title for title, state in states.items() if state == "beyond its limit"] == [
        "Does it find the techniques at its thresholds?", "What the measured part shares with the training part"
    ]  # fmt: skip
    write_text(tmp_path / "good.html", render_audit(made_audit.made_audit(broken=False)))
    assert look(tmp_path / "good.html").locator(".verdict").inner_text() == "Every figure is within its limit."


def test_links_lead_to_their_questions(audit):
    link = audit.get_by_role("link", name="Labels to look at again")
    link.press("Enter")
    assert audit.evaluate("location.hash") == "#label_errors"
    assert audit.locator("#label_errors h2").is_visible()


def test_charts_are_to_scale(audit):
    def at(value):
        return 4 + (BAR_WIDTH - 8) * value

    bar = audit.locator("#quality .bar")
    assert float(bar.locator("circle").get_attribute("cx")) == pytest.approx(at(0.5), abs=0.1)
    assert float(bar.locator(".interval").get_attribute("x1")) == pytest.approx(at(0.42), abs=0.1)
    assert float(bar.locator(".limit").get_attribute("x1")) == pytest.approx(at(0.6), abs=0.1)
    signed = audit.locator("#leakage .bar").nth(1)
    assert float(signed.locator("circle").get_attribute("cx")) == pytest.approx(at((1 - 0.01) / 2), abs=0.1)
    assert audit.locator("#neutral_alarm .bar").count() == 0, "what is no share has no place on the scale"


def test_lists_open_by_key_and_say_how_much_they_show(audit):
    summary = audit.locator("#label_errors summary")
    rows = audit.locator("#label_errors details tbody tr")
    assert not rows.first.is_visible()
    summary.press("Enter")
    assert rows.first.is_visible()
    assert rows.count() == 100 and "100 of 120" in summary.inner_text()
    audit.locator("#symmetry summary").first.press("Space")
    assert audit.get_by_text("-0.120 (-0.200 to -0.050)").is_visible()
