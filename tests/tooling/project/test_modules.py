"""The modules that a project ships, as far as its tree tells."""

import os
import sys
from pathlib import Path, PurePath

import pytest

from deferred_imports.tooling.project.modules import find_modules, modules_of
from processes import RunPython
from trees import write

SAME_PATH = [Path(folder) for folder in sys.path if folder]  # with packaging, and tomli on 3.10


def test_modules_have_the_names_that_python_imports_them_by(tmp_path: Path) -> None:
    """Names come from places in the wheel; packages hide modules, sources hide compiled ones, the rest is no module."""
    places = """
    app/__init__.py app/a.py app/b.cpython-311-x86_64-linux-gnu.so app/c.pyd app/d.pyx app/e.pyi app/data.json
    app/both.py app/both/__init__.py app/fast.so app/fast.py app/not-one.py app/sub-dir/x.py app/py.typed single.py
    """.split()
    modules = modules_of((PurePath(place), tmp_path / place) for place in places)
    names = {"app", "app.a", "app.b", "app.c", "app.d", "app.both", "app.fast", "single"}
    assert set(modules) == names
    assert modules["app.both"] == tmp_path / "app/both/__init__.py"
    assert modules["app.fast"] == tmp_path / "app/fast.py"


def test_links_are_followed_once(tmp_path: Path) -> None:
    """A linked package is one; links in a circle, dead ones and those to nowhere end the walk."""
    write(tmp_path, {"shared/climate/__init__.py": "", "shared/climate/cli.py": ""})
    (tmp_path / "project" / "src").mkdir(parents=True)
    package = tmp_path / "project" / "src" / "climate"
    package.symlink_to(tmp_path / "shared" / "climate")
    (package / "again").symlink_to(package)
    (package / "up").symlink_to(tmp_path / "project")
    (package / "dead.py").symlink_to(tmp_path / "nothing.py")
    (package / "circle.py").symlink_to(package / "circle.py")
    os.mkfifo(package / "pipe.py")
    assert set(find_modules(tmp_path / "project", {})) == {"climate", "climate.cli"}


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="needs POSIX file modes")
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, run_python: RunPython) -> None:
    """A folder that may not be opened neither stops the search nor shows what is in it."""
    write(tmp_path, {"locked/x/__init__.py": "", "src/secret/__init__.py": "", "lib/climate/__init__.py": ""})
    for folder in (tmp_path / "locked", tmp_path / "src"):
        folder.chmod(0)
    tmp_path.chmod(0o755)
    code = """
import os
from pathlib import Path
from deferred_imports.tooling.project.modules import find_modules
if os.geteuid() == 0:
    os.setuid(65534)  # file modes do not stop root
print(sorted(find_modules(Path(), {"tool": {"deferred-imports": {"package": "climate"}}})))
"""
    try:
        done = run_python(code, path=SAME_PATH, cwd=tmp_path)
    finally:
        for folder in (tmp_path / "locked", tmp_path / "src"):
            folder.chmod(0o755)
    assert done.stdout == "['climate']\n"


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("layout", ["src", "."])
def test_links_do_not_lead_out_of_the_project(layout: str, tmp_path: Path) -> None:
    """A link inside of the project is followed; one that leads out of it is not, unless it is the package."""
    outside, root = tmp_path / "outside", tmp_path / "project"
    for place in (outside / "deep", outside / "pkg", root / layout / "weather", root / "shared"):
        place.mkdir(parents=True)
        (place / "module.py").touch()
    (root / layout / "weather" / "__init__.py").touch()
    (outside / "pkg" / "__init__.py").touch()
    for link, target in {"weather/data": outside, "weather/shared": root / "shared", "pkg": outside / "pkg"}.items():
        (root / layout / link).symlink_to(target)
    (root / layout / "all").symlink_to("/")

    found = set(find_modules(root, {}))
    assert {"weather", "weather.module", "weather.shared.module", "pkg", "pkg.module"} <= found
    assert not {name for name in found if "data" in name or name.startswith("all")}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ("solo.py setup.py conftest.py noxfile.py hatch_build.py docs/conf.py", {"solo"}),
        ("solo.py other.py setup.py", {"solo"}),
        ("one.py two.py", {"one", "two"}),
        ("src/solo.py setup.py", {"solo"}),
        ("solo.py atlas/__init__.py", {"atlas"}),
        ("setup.py", set()),
    ],
)
def test_single_file_modules(files: str, found: set[str], tmp_path: Path) -> None:
    """Where there is no package, the modules beside `pyproject.toml` are known, so that a refusal names them."""
    write(tmp_path, dict.fromkeys(files.split(), ""))
    assert set(find_modules(tmp_path, {"project": {"name": "Solo"}})) == found
