"""A headless Chromium, for tests of what a page does where scripts run; it opens files, and asks no network."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()


def browser() -> str:
    """Return the path of a Chromium, or skip."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium; Debian's package is called chromium")
    return found


def _run(page: Path, fragment: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser(), *_QUIET, f"--user-data-dir={profile}", *arguments, page.as_uri() + fragment]
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def opened(page: Path, fragment: str = "") -> str:
    """Return the HTML of a page as it is when its scripts have run.

    Args:
        page: The file.
        fragment: What follows its address, beginning with `#`.
    """
    return heard(page, fragment)[0]


def heard(page: Path, fragment: str = "") -> tuple[str, list[str]]:
    """Return the HTML of a page as it is when its scripts have run, and the lines that these wrote to the console.

    Args:
        page: The file.
        fragment: What follows its address, beginning with `#`.
    """
    done = _run(page, fragment, "--virtual-time-budget=10000", "--dump-dom", "--enable-logging=stderr")
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def photographed(page: Path, image: Path, fragment: str = "") -> None:
    """Write a picture of a page, 1280 pixels wide."""
    _run(page, fragment, "--window-size=1280,1600", f"--screenshot={image}")
