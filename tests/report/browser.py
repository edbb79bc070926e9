"""A real browser for tests: Debian's Chromium without a window, driven by selenium."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = Path(__file__).parent / "vendor" / "axe.min.js"

# Without a window, a graphics card or a user, and without the browser's own talk to its maker.
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--no-first-run", "--disable-dev-shm-usage", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"),
)


@contextmanager
def browser(*, width: int = 1300, height: int = 900, phone: bool = False) -> Iterator[Any]:
    """Start a browser, and stop it at the end of a ``with`` block; skip the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    service = pytest.importorskip("selenium.webdriver.chrome.service")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs chromium and chromedriver (Debian: chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*ARGUMENTS, f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if phone:
        metrics = {"width": 390, "height": 844, "pixelRatio": 2, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    window = webdriver.Chrome(options=options, service=service.Service(driver))
    try:
        yield window
    finally:
        window.quit()


def open_page(window: Any, path: Path, *, patience: float = 60.0) -> int:
    """Open a page and wait until all is drawn; return the milliseconds that the page says it took."""
    window.get(path.as_uri())
    end = time.monotonic() + patience
    while time.monotonic() < end:
        drawn = window.execute_script("return document.documentElement.dataset.drawn || null")
        if drawn is not None:
            return int(drawn)
        time.sleep(0.05)
    raise AssertionError(f"the page was not drawn in {patience} s: {window.get_log('browser')}")
