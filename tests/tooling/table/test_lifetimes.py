"""When modules of the standard library came and went."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from deferred_imports.tooling.table.lifetimes import _END, _FIRST, MINORS, lifetime, marker_for, when_it_is_there
from deferred_imports.tooling.table.stdlib import _NOT_IN_ALL, NOT_EVERYWHERE, STANDARD_LIBRARY, is_misspelt

NAMES = sorted({*_FIRST, *_END, "json.decoder", "xml.dom.minidom"})
ASK = """
import json, sys
from importlib.util import find_spec
import warnings
warnings.simplefilter("ignore")
def is_there(name):
    try:
        return name in sys.stdlib_module_names or ("." in name and find_spec(name) is not None)
    except ImportError:
        return False
print(json.dumps([name for name in json.loads(sys.argv[1]) if is_there(name)]))
"""


@pytest.mark.parametrize("minor", MINORS)
def test_each_python_has_what_it_should(minor: int) -> None:
    """Every interpreter that is at hand has what is said to be in its standard library, and nothing of the rest."""
    python = sys.executable if sys.version_info[:2] == (3, minor) else shutil.which(f"python3.{minor}")
    command = [python or "", "-I", "-c", ASK, json.dumps(NAMES)]
    done = python and subprocess.run(command, capture_output=True, text=True, check=False)
    if not done or (done.returncode and python != sys.executable):
        pytest.skip(f"python3.{minor} is not on PATH")
    there = set(json.loads(done.stdout))
    # Packagers leave these out, and setuptools brings another distutils.
    asked = {name for name in NAMES if name.partition(".")[0] not in {"tkinter", "distutils", "lib2to3", "dbm"}}
    assert sorted(there & asked) == sorted(name for name in asked if minor in lifetime(name))


def test_all_that_comes_and_goes_is_known() -> None:
    """Nothing is said of what is no part of it, and each public module that some Pythons lack has its line."""
    assert [name for name in NAMES if name.partition(".")[0] not in STANDARD_LIBRARY or is_misspelt(name)] == []
    public = {name for name in _NOT_IN_ALL.split() if not name.startswith("_")}
    assert {name for name in public if lifetime(name) == range(99)} == set()
    assert public <= NOT_EVERYWHERE


@pytest.mark.parametrize(
    ("module", "words", "marker"),
    [
        ("annotationlib", "from Python 3.14 on", "python_version >= '3.14'"),
        ("compression.zstd._zstdfile", "from Python 3.14 on", "python_version >= '3.14'"),
        ("lib2to3.fixes.fix_has_key", "up to Python 3.12", "python_version < '3.13'"),
        ("sre_parse", "up to Python 3.14", "python_version < '3.15'"),
    ],
)
def test_the_words(module: str, words: str, marker: str) -> None:
    """A message says since when, or until when, and a marker says it to Python."""
    assert when_it_is_there(module) == f"the standard library has it {words}"
    assert marker_for(module) == marker
    assert when_it_is_there("json") is None
