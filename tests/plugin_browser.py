"""The machine's own Chromium for tests that drive a page.

Tests marked `browser` are skipped where there is none, or where the pages were not built, and the
last lines of the run say so with the command that helps: a skip that nobody reads hides a hole.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BUILT = Path(__file__).parent.parent / "server" / "graphiql" / "built" / "index.html"

# Without these Chromium calls home in the background.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
)


def lacking() -> str | None:
    """What stands between this machine and the browser tests, and what mends it."""
    if CHROMIUM is None:
        command = "apt-get install --no-install-recommends chromium"
        return f"there is no Chromium here. On Debian, as root: {command}"
    if not BUILT.is_file():
        return "the pages are not built. To see why: make pages"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if reason := lacking():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield  # pytest's own list of failures and skips stands above this
    skipped = terminalreporter.stats.get("skipped", [])
    if any("browser" in report.keywords for report in skipped) and (reason := lacking()):
        terminalreporter.section("browser tests skipped", yellow=True)
        terminalreporter.line(f"The browser tests did not run: {reason}")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Chromium's sandbox refuses to start as root, which is who one is in a container.
        rootless = [] if os.geteuid() else ["--no-sandbox"]
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, *rootless]
        )
        yield browser
        await browser.close()
