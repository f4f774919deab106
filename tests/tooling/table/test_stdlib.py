"""The names of the standard library."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from deferred_imports.tooling.table.stdlib import _NOT_IN_ALL, NOT_EVERYWHERE, PACKAGES, STANDARD_LIBRARY, is_misspelt

ASK = "import json, sys; print(json.dumps(sorted(sys.stdlib_module_names)))"


@pytest.mark.parametrize("minor", range(10, 16))
def test_every_python_gives_the_same_answer(minor: int) -> None:
    """Whichever of the supported interpreters builds, the same modules count as standard library."""
    own = sys.version_info[:2] == (3, minor)
    python = sys.executable if own else shutil.which(f"python3.{minor}")
    done = python and subprocess.run([python, "-I", "-c", ASK], capture_output=True, text=True, check=False)
    if not done or (done.returncode and not own):  # a shim may be there without its interpreter
        pytest.skip(f"python3.{minor} is not on PATH")

    assert frozenset(json.loads(done.stdout)) | set(_NOT_IN_ALL.split()) == STANDARD_LIBRARY


@pytest.mark.parametrize(
    "module",
    ["json", "imp", "asyncore", "_bootsubprocess", "tomllib", "_sysconfig", "_colorize", "annotationlib", "profiling"],
)
def test_modules_that_come_and_go_are_in_it(module: str) -> None:
    """What only some of 3.10 to 3.15 have belongs to it, also where no other interpreter is at hand."""
    assert module in STANDARD_LIBRARY


@pytest.mark.parametrize("module", ["numpy", "setuptools", "pkg_resources", "_distutils_hack", "__main__", "test"])
def test_nothing_else_is_in_it(module: str) -> None:
    """What has to be installed is not in it, however common."""
    assert module not in STANDARD_LIBRARY


def test_packages_are_known() -> None:
    """Every package of it is known as one, so that `from package import module` counts as an import of the module."""
    root = Path(sysconfig.get_path("stdlib"))
    found = {".".join(path.parent.relative_to(root).parts) for path in root.rglob("__init__.py")}
    public = {name for name in found if not any(part.startswith(("_", "test")) for part in name.split("."))}
    ours = {name for name in public if name.partition(".")[0] in STANDARD_LIBRARY - {"idlelib"}}

    assert len(ours) > 20
    assert ours <= PACKAGES


def test_what_is_not_everywhere_belongs_to_it() -> None:
    """Nothing is said about modules that are not of the standard library."""
    assert {name.partition(".")[0] for name in NOT_EVERYWHERE | PACKAGES} <= STANDARD_LIBRARY


def test_modules_of_this_python_are_known() -> None:
    """No module that this Python has is called misspelt, whatever packages they lie in."""
    root = Path(sysconfig.get_path("stdlib"))
    found = {".".join(path.relative_to(root).with_suffix("").parts) for path in root.rglob("*.py")}
    left_out = {"site-packages", "test", "tests", "idle_test", "__pycache__", "__init__", "__main__"}
    names = {name for name in found if not left_out.intersection(name.split("."))}
    names = {name for name in names if name.partition(".")[0] in STANDARD_LIBRARY}

    assert len(names) > 300
    assert sorted(filter(is_misspelt, names)) == []
    assert list(filter(is_misspelt, ["xml.dom.minidum", "os.path", "json.tool", "numpy.x", "decimal.Decimal"])) == [
        "xml.dom.minidum",
        "decimal.Decimal",
    ]
