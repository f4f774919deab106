"""The wheels that isolated builds install from when there is no index, kept in the environment that runs the tests.

``python tests/wheelhouse.py`` fills it, which needs an index once; nothing else here reaches for the network.
"""

import subprocess
import sys
from pathlib import Path

HOUSE = Path(sys.prefix, "wheelhouse")
# What a build of a sample project, and an installation of our wheels, may ask for. pip adds what these need.
REQUIREMENTS = ("editables>=0.5", "hatchling>=1.27", "packaging>=24.2", "rich>=13")


def is_filled() -> bool:
    """Tell whether the house holds what REQUIREMENTS asks for today."""
    stamp = HOUSE / "requirements.txt"
    return stamp.is_file() and stamp.read_text(encoding="utf-8").splitlines() == list(REQUIREMENTS)


def fill() -> None:
    """Download the wheels; the stamp is written last, so that half a house is not taken for a whole one."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--only-binary", ":all:", "--dest", str(HOUSE)]
    subprocess.run([*command, *REQUIREMENTS], check=True)
    (HOUSE / "requirements.txt").write_text("\n".join(REQUIREMENTS) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if not is_filled():
        fill()
