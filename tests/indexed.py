"""Environments with packages from whatever index the machine is set up for; where they cannot be had, a test skips."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from processes import clean_env


def install(place: Path, *requirements: str, wheels: bool = True) -> Path:
    """Make an environment, and return its interpreter; skip the test where that cannot be done.

    Args:
        place: The directory of the environment, which is not there yet.
        requirements: What to install.
        wheels: Whether nothing may be built for it.
    """
    uv = shutil.which("uv", path=clean_env(place.parent)["PATH"])
    if uv is None:
        pytest.skip("uv, which would install packages, is not there")
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    commands = [["venv", "--quiet", "--python", sys.executable, str(place)]]
    if requirements:
        only = ["--only-binary", ":all:"] if wheels else []
        commands.append(["pip", "install", "--quiet", *only, "--python", str(python), *requirements])
    for command in commands:
        done = subprocess.run([uv, *command], check=False, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"{', '.join(requirements)} cannot be had: {' '.join(done.stderr.split())}")
    return python
