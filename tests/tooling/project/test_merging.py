"""A committed registry and git: two branches that each add, or take out, something, merged with no help of ours."""

import os
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from deferred_imports.tooling.project.generation import prepare
from goldens import write_app
from processes import run

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

TABLE = '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n[tool.deferred-imports.imports]\n'
BASE = {
    "pyproject.toml": f'{TABLE}minidom = "xml.dom.minidom"\n',
    "app/__init__.py": "from . import _deferred as _deferred\n",
    "app/beta.py": "def f():\n    import csv\n",
    "app/omega.py": "def f():\n    import wave\n",
}
#: What two branches change, where that is to be merged: first, last and far apart; side by side; and beside a loss.
APART = ({"app/alpha.py": "def f():\n    import ast\n"}, {"app/zeta.py": "def f():\n    import zipapp\n"})
NEIGHBOURS = ({"app/chi.py": "def f():\n    import dis\n"}, {"app/eta.py": "def f():\n    import fractions\n"})
LOSS = ({"app/beta.py": ""}, {"app/chi.py": "def f():\n    import dis\n"})
FIRST = tuple(
    {"pyproject.toml": f'{BASE["pyproject.toml"]}{name} = {{ module = "{name}", groups = ["{name}"] }}\n'}
    for name in ("ast", "zipapp")
)
Change = Mapping[str, str]


def merged(root: Path, changes: tuple[Change, ...], attributes: str = "") -> list[str]:
    """Commit a project and a branch for each change, merge them, and return the files in conflict."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.invalid", "-c", "core.autocrlf=false")
    git = partial(run, env=env, cwd=write_app(root, {**BASE, ".gitattributes": attributes}))
    git(["git", "init", "-q", "-b", "main"])
    for branch, change in [("main", {}), *enumerate(changes)]:
        git(["git", "checkout", "-q", "-B", str(branch), *(["main"] if branch != "main" else [])])
        prepare(write_app(root, {**BASE, **change})).write()
        git(["git", "add", "-A"])
        git(["git", *identity, "commit", "-q", "-m", "a change"])
    git(["git", *identity, "merge", "-q", "-m", "both", "0"], check=False)
    return git(["git", "diff", "--name-only", "--diff-filter=U"]).stdout.split()


def registry(root: Path) -> str:
    return (root / "app/_deferred.py").read_text(encoding="utf-8")


def test_what_two_branches_add_is_merged(tmp_path: Path) -> None:
    """Modules, uses and imports have lines of their own: git merges them, and that is what is generated then."""
    assert merged(tmp_path, APART) == []
    assert not prepare(tmp_path).compare().difference


@pytest.mark.parametrize("changes", [NEIGHBOURS, LOSS])
def test_generating_resolves_a_conflict(changes: tuple[Change, ...], tmp_path: Path) -> None:
    """Lines that stand side by side conflict; the file is generated over what git has made of it."""
    assert merged(tmp_path, changes) == ["app/_deferred.py"]
    assert "<<<<<<<" in registry(tmp_path)
    prepare(tmp_path).write()
    assert "<<<<<<<" not in registry(tmp_path)
    assert not prepare(tmp_path).compare().difference


def test_a_union_of_neighbours(tmp_path: Path) -> None:
    """Where both branches only add lines, `merge=union` has them all, and the order of the branches, not of names."""
    assert merged(tmp_path, NEIGHBOURS, "_deferred.py merge=union\n") == []
    united = registry(tmp_path).splitlines()
    prepare(tmp_path).write()
    generated = registry(tmp_path).splitlines()
    assert united != generated
    assert sorted(united) == sorted(generated)


def test_a_union_that_is_wrong(tmp_path: Path) -> None:
    """Beside new lines it brings back what one branch took out: comparing finds that, and generating mends it."""
    assert merged(tmp_path, LOSS, "_deferred.py merge=union\n") == []
    assert "+++ " in prepare(tmp_path).compare().difference
    assert "<csv> csv" in registry(tmp_path)
    prepare(tmp_path).write()
    assert "<csv>" not in registry(tmp_path)


def test_a_union_that_is_no_python(tmp_path: Path) -> None:
    """Two branches that each bring the first entry of a kind make a file that is none: generating mends that, too."""
    both = "".join(change["pyproject.toml"].removeprefix(BASE["pyproject.toml"]) for change in FIRST)
    merged(tmp_path, FIRST, "_deferred.py merge=union\n")
    with pytest.raises(SyntaxError):
        compile(registry(tmp_path), "_deferred.py", "exec")
    write_app(tmp_path, {**BASE, "pyproject.toml": BASE["pyproject.toml"] + both})
    prepare(tmp_path).write()
    compile(registry(tmp_path), "_deferred.py", "exec")
