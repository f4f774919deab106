"""The manual of the hook, run: what it shows to write builds, and what lands in the wheel is what it says."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from builds import Build, MakeProject, names_in, read_from
from manuals import HOOK, Document, rows, transcript
from processes import RunPython
from samples import COMPILED, SAMPLES

DOCUMENT = Document(HOOK)
PYPROJECT = DOCUMENT.take("toml", "hatchling.build")
WRAPPED = DOCUMENT.take("toml", under="Other build backends")
RENEWING = DOCUMENT.take("console", under="Editable installs")

PROJECT = """
[project]
name = "atlas"
version = "1.0"
"""
IN_FUNCTION = "def f():\n    import json\n"
CODE = """
def root(text):
    import json
    from . import _deferred
    return _deferred.minidom.parseString(json.loads(text)).documentElement.tagName
"""


@pytest.fixture
def atlas(make_project: MakeProject) -> Path:
    """A project with what the manual shows."""
    files = {"src/atlas/__init__.py": '"""An atlas."""\n', "src/atlas/part.py": CODE}
    return make_project({"pyproject.toml": PYPROJECT + PROJECT, **files})


def test_what_is_shown_builds_and_works(atlas: Path, build: Build, run_python: RunPython) -> None:
    """The lines that are shown are all that a project with hatchling needs."""
    code = "import atlas.part; print(atlas.part.root('\"<a/>\"'))"
    assert run_python(code, path=[build("hatchling", atlas).wheel]).stdout == "a\n"


def test_what_lands_in_the_wheel(atlas: Path, build: Build) -> None:
    """A wheel has the registry, the table as JSON and the statement in `__init__.py`; the tree stays as it was."""
    before = sorted(path for path in atlas.rglob("*") if "dist" not in path.parts)
    wheel = build("hatchling", atlas).wheel
    section = DOCUMENT.section("What lands in the wheel")
    (record,) = re.findall(r"dist-info, `(.+?)`", section)
    assert {f"atlas-1.0.dist-info/{record}", "atlas/_deferred.py"} <= names_in(wheel)
    assert json.loads(read_from(wheel, record))
    (line,) = re.findall(r"`(from \. import .+?)`", section)
    own, opening, added, *_ = read_from(wheel, "atlas/__init__.py").splitlines()
    assert own == '"""An atlas."""'
    assert (opening.partition(":")[0], added) == ("try", f"    {line}")
    assert sorted(path for path in atlas.rglob("*") if "dist" not in path.parts) == before
    with zipfile.ZipFile(wheel) as archive:
        assert b"Requires-Dist" not in archive.read("atlas-1.0.dist-info/METADATA")


def test_builds_are_all_there_are(atlas: Path, build: Build) -> None:
    """An editable wheel has its registry in the tree, and an sdist carries nothing generated, as the table says."""
    assert [cells[0] for cells in rows(DOCUMENT.section("What it does"), "build")] == [
        "wheel",
        "editable wheel",
        "sdist",
    ]
    assert not any("_deferred" in name for name in names_in(build("hatchling", atlas, "sdist").sdist))
    build("hatchling", atlas, "editable")
    assert (atlas / "src/atlas/_deferred.py").is_file()


def test_renewing_an_editable_install(atlas: Path, run_python: RunPython) -> None:
    """The first way to renew the file of an editable install does; tests of the hook try the others."""
    commands = [command for command, _ in transcript(RENEWING)]
    assert [command.split()[0] for command in commands] == ["deferred-imports", "pip", "uv"]
    verb = commands[0].partition("#")[0].split()[1:]
    run_python(f"from deferred_imports.tooling.cli import main; raise SystemExit(main({verb}))", cwd=atlas)
    assert (atlas / "src/atlas/_deferred.py").is_file()


def test_other_build_backends(make_project: MakeProject, run_python: RunPython, tmp_path: Path) -> None:
    """The lines that are shown are all that a project with setuptools needs."""
    project = make_project(
        {"pyproject.toml": WRAPPED + PROJECT, "src/atlas/__init__.py": "", "src/atlas/a.py": IN_FUNCTION}
    )
    run_python(f"import deferred_imports.backend as b; b.build_wheel({str(tmp_path)!r})", cwd=project)
    (wheel,) = tmp_path.glob("*.whl")
    assert {"atlas/_deferred.py", "atlas-1.0.dist-info/deferred-imports.json"} <= names_in(wheel)
    assert "import _deferred" in read_from(wheel, "atlas/__init__.py")


def test_names_of_backends() -> None:
    """The backends that are listed are those that tests build with, by the names that they go by there."""
    listed = rows(DOCUMENT.section("Other build backends"), "backend")
    names = {name for cells in listed for name in re.findall(r"`([\w.]+)`", cells[1])} - {"backend"}
    assert names == {sample.backend for sample in (*SAMPLES.values(), *COMPILED.values())} - {"path"}


def test_no_block_is_left() -> None:
    """A test takes each block of the manual."""
    assert DOCUMENT.untaken() == []
