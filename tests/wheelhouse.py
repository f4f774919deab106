"""The wheels that isolated builds and fresh environments install from: those that were downloaded once, and ours.

``python tests/wheelhouse.py`` downloads the former into the environment that runs it; nothing else here asks an index.
"""

import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
HOUSE = Path(sys.prefix, "wheelhouse")
# The stamp is written last, so that half a house is never taken for a whole one.
_STAMP = HOUSE / "requirements.txt"
_SHIPPED = (
    ".pre-commit-hooks.yaml",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    ".gitignore",
    "src",
    "hatch_plugin",
    "tests",
)


def requirements() -> list[str]:
    """Return what a build of a sample project, or an installation of our wheels, may ask for; pip adds the rest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {needed for extra in project["optional-dependencies"].values() for needed in extra}
    return sorted({needed for needed in extras if not needed.startswith(project["name"])} | {"editables", "hatchling"})


def is_filled() -> bool:
    """Tell whether the house holds what is required today."""
    return _STAMP.is_file() and _STAMP.read_text(encoding="utf-8").splitlines() == requirements()


def fill() -> None:
    """Download the wheels."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--only-binary", ":all:", "--dest", str(HOUSE)]
    subprocess.run([*command, *requirements()], check=True)
    _STAMP.write_text("\n".join([*requirements(), ""]), encoding="utf-8")


def copy_tree(destination: Path) -> Path:
    """Copy what a checkout holds, caches and old builds left out; builders cache by path, so copy it to a fresh one."""
    destination.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "dist", ".*_cache", ".hypothesis")
    for name in _SHIPPED:
        if (source := ROOT / name).is_dir():
            shutil.copytree(source, destination / name, ignore=ignored)
        else:
            shutil.copy2(source, destination / name)
    return destination


if __name__ == "__main__":
    if not is_filled():
        fill()
