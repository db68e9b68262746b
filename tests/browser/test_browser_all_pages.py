"""What holds for every page: names, contrast, focus, narrow screens, paper, and that nothing foreign runs or is asked for."""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import browsing
import pytest

from spinscope.files import write_text

pytestmark = pytest.mark.browser

every_page = pytest.mark.parametrize("name", ["articles", "comparison", "summary", "audit"])
WHITE, BLACK, DARK_PAPER = "rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgb(20, 23, 27)"
PAPER = "getComputedStyle(document.body).backgroundColor"
INK = "getComputedStyle(document.body).color"

ATTACK = """
<script>document.title = 'ran'</script>
<img src="ADDRESS/image" onerror="document.title = 'ran'"><svg onload="document.title = 'ran'"></svg>
<link rel="stylesheet" href="ADDRESS/style"><style>body { background: url(ADDRESS/paper) !important }</style>
<iframe src="ADDRESS/frame"></iframe><div id="styled" style="background: url(ADDRESS/block)">styled</div>
<form action="ADDRESS/form"><button id="send">send</button></form><a id="link" href="javascript:document.title='ran'">link</a>
"""


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read_and_all_controls_have_names(look, pages, name, scheme):
    page = look(pages.path(name), color_scheme=scheme)
    assert (page.evaluate(PAPER) == DARK_PAPER) == (scheme == "dark")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate(browsing.CONTRASTS) == []
    assert page.evaluate(browsing.UNNAMED) == []


def test_contrast_is_measured_and_not_assumed(look, tmp_path):
    file = tmp_path / "faint.html"
    file.write_text("<body style='background:#fff'><p style='color:#777'>faint</p><p style='color:#767676'>enough</p>")
    found = look(file).evaluate(browsing.CONTRASTS)
    assert len(found) == 1
    assert found[0].endswith("4.48: faint")


@pytest.mark.parametrize("name", ["articles", "summary"])
def test_the_button_turns_light_to_dark_and_back(look, pages, name):
    page = look(pages.path(name), color_scheme="light")
    light = page.evaluate(PAPER)
    page.locator("#theme").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(PAPER) == DARK_PAPER
    assert page.evaluate(browsing.CONTRASTS) == []
    page.keyboard.press("Space")
    assert page.evaluate(PAPER) == light


@every_page
def test_tab_goes_everywhere_and_one_sees_where_one_is(look, pages, name):
    page = look(pages.path(name))
    stops = []
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(browsing.TAB_STOP)
        if stop["isBody"]:
            break
        stops.append(stop)
    assert len(stops) > 5
    assert [stop for stop in stops if stop["outline"] < 2] == []


@every_page
@pytest.mark.parametrize("width", [360, 320])
def test_a_narrow_screen_scrolls_down_only(look, pages, name, width):
    page = look(pages.path(name), viewport={"width": width, "height": 740}, has_touch=True)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    out = page.evaluate(
        """width => [...document.querySelectorAll('p, h1, h2, h3, li, button, input, label, summary')].filter(one =>
           one.checkVisibility() && !one.closest('.scroll, .hidden') && one.getBoundingClientRect().right > width + 1).map(one => one.outerHTML)""",
        width,
    )
    assert out == []


@every_page
def test_paper_is_white_without_controls_and_whole(look, pages, name):
    page = look(pages.path(name), color_scheme="dark", viewport={"width": 760, "height": 1000})
    closed = page.locator("details:not([open])").count()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    for theme in ("dark", None):
        if theme is None:
            page.evaluate("delete document.documentElement.dataset.theme")
        page.emulate_media(media="print")
        assert (page.evaluate(PAPER), page.evaluate(INK)) == (WHITE, BLACK)
        assert page.evaluate(browsing.CONTRASTS) == []
    assert page.locator("button:visible, input:visible, .skip:visible, aside:visible").count() == 0
    for table in page.locator("main table").all()[:3]:
        box = table.bounding_box()
        assert box is None or box["x"] + box["width"] <= 761
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")
    assert page.locator("details:not([open])").count() == closed, "what was opened for the printer is closed again"


class Listener:
    """A server on this machine that hears and does not answer.

    The browser may open a connection for a frame or a form before it asks the page's policy; what counts is whether
    anything is said on it.
    """

    def __init__(self, server: socket.socket) -> None:
        self.server, self.callers = server, []
        self.address = f"http://127.0.0.1:{server.getsockname()[1]}"

    def heard(self) -> bytes:
        """All that has been said since the last time."""
        while select.select([self.server], [], [], 0.2)[0]:
            self.callers.append(self.server.accept()[0])
        speaking = select.select(self.callers, [], [], 0.2)[0] if self.callers else []
        return b"".join(caller.recv(4096) for caller in speaking)


@pytest.fixture
def listener(socket_enabled) -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Listener(server)
        yield found
        for caller in found.callers:
            caller.close()


def attacked(path: Path, address: str, *, policy: bool) -> str:
    """A page with markup in it as if escaping had failed; without its policy where that is not wanted."""
    source = path.read_text(encoding="utf-8").replace("<main>", f"<main>{ATTACK.replace('ADDRESS', address)}", 1)
    return source if policy else re.sub(r"<meta http-equiv=[^>]+>", "", source)


@every_page
def test_markup_that_slipped_in_neither_runs_nor_asks(look, pages, name, tmp_path, listener):
    file = tmp_path / f"{name}.html"
    write_text(file, attacked(pages.path(name), listener.address, policy=True))
    page = look(file)
    title = page.title()
    assert title != "ran" and title in file.read_text(encoding="utf-8")
    for told in ("getElementById('styled')", "body"):
        assert page.evaluate(f"getComputedStyle(document.{told}).backgroundImage") == "none"
    page.evaluate("document.getElementById('link').click()")
    page.evaluate("address => fetch(address).then(() => 'sent', () => 'stopped')", listener.address)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: \"document.title = 'ran'\" }))"
    )
    assert page.title() == title
    page.evaluate("document.getElementById('send').click()")
    page.wait_for_timeout(100)
    assert listener.heard() == b""


def test_without_the_policy_it_would_have(browser, pages, tmp_path, listener):
    file = tmp_path / "open.html"
    write_text(file, attacked(pages.articles, listener.address, policy=False))
    page = browser.new_page()
    page.goto(file.as_uri(), wait_until="commit")
    browsing.until(page, "document.title === 'ran'")
    heard = b""
    for _ in range(50):
        heard += listener.heard()
        if b"GET /" in heard:
            break
        page.wait_for_timeout(10)
    assert b"GET /" in heard
    page.close()


@every_page
def test_hostile_text_stays_text(look, pages, name):
    page = look(pages.path(name))
    assert page.title() != "ran"
    assert page.locator("img, iframe, main script, main style").count() == 0
    if name != "summary":
        assert page.get_by_text("<script>document.title = 'ran'</script>").count() >= 1
