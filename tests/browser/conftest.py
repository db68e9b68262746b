"""Reports opened in headless Chromium, as a reader opens them: from the disk, offline.

A browser is looked for in `$SPINSCOPE_CHROMIUM` and on the path; without one these tests are skipped. Sockets stay
blocked: the driver speaks to the browser through pipes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import made_pages
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 120_000  # on a busy machine; a hang ends too


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium; skips where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason='no playwright: pip install -e ".[dev]"')
    found = os.environ.get("SPINSCOPE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no {NAMES[0]} on the path (Debian: apt-get install chromium) and none in SPINSCOPE_CHROMIUM")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> made_pages.Pages:
    """All three pages, made once. Read only."""
    return made_pages.write_pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def look(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page; further keywords are the browser context's. Whatever is looked at asks for nothing but files,
    and its script meets no error."""
    contexts, asked, errors = [], [], []
    usual = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}

    def opened(path: Path, fragment: str = "", **settings: Any) -> Any:
        context = browser.new_context(**(usual | settings))
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    # What the page's own policy stopped is told of as a request that failed, though none was made.
    sent = [request.url for request in asked if request.failure != "csp"]
    for context in contexts:
        context.close()
    assert sent
    assert [url for url in sent if not url.startswith("file:///")] == []
    assert errors == []
