"""What is installed, as dist-infos tell: an odd one hides none of the others, whatever the verb."""

import ast
import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.registry.distributions import (
    installed_projects,
    installed_script,
    projects_by_top,
)
from goldens import write_app
from processes import RUNTIME, RunPython

METADATA = b"Metadata-Version: 2.1\nName: %s\nVersion: 1\nRequires-Python: >=3.8\n"
ODD: dict[str, dict[str, bytes]] = {
    "latin": {"METADATA": b"Name: x\xe9\nVersion: 1\n"},
    "empty": {"METADATA": b""},
    "nothing": {},
    "nameless": {"METADATA": b"Version: 1\n"},
    "top": {"METADATA": METADATA % b"top", "top_level.txt": b"\xff\xfe", "RECORD": b"topmost/__init__.py,,\n"},
    "record": {"METADATA": METADATA % b"record", "RECORD": b'a,b\n"x\xff\n'},
    "points": {"METADATA": METADATA % b"points", "entry_points.txt": b"[console_scripts]\nfoo\n[[[\n=\n\xff"},
    "valueless": {"METADATA": METADATA % b"valueless", "entry_points.txt": b"[console_scripts]\nfoo\n"},
    "requires": {"METADATA": METADATA % b"requires" + b"Requires-Dist: ((((\n"},
    "versionless": {"METADATA": b"Name: versionless\n"},
}
VERBS = (
    ["check"],
    ["scan", "--static"],
    ["scan", "--startup", "app.m"],
    ["check", "--startup", "app.m", "--lock", "--update"],
    ["generate"],
    ["list", "--installed"],
)
CODE = f"""
import sys
from deferred_imports.tooling import cli
from deferred_imports.tooling.adopt.target import find_target
from pathlib import Path
print([cli.main(verb) for verb in {VERBS!r}], find_target(Path()).scripts, file=sys.stderr)
"""
PYPROJECT = """
[project]
name = "app"
version = "1"
dependencies = ["good", "absent"]
[tool.deferred-imports]
discover = true
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with one distribution as it should be, and all those that are not."""
    place = tmp_path / "site"
    good = {
        "METADATA": METADATA % b"good",
        "RECORD": b"good/__init__.py,,\ngood/inner.py,,\n",
        "entry_points.txt": b"[console_scripts]\ngo = good:go\n",
    }
    for name, files in {**ODD, "good": good}.items():
        info = place / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        for file, content in files.items():
            (info / file).write_bytes(content)
    (place / "file-1.dist-info").touch()
    if sys.platform != "win32":
        (place / "dangling-1.dist-info").symlink_to("nowhere")
        (place / "circle-1.dist-info").mkdir()
        (place / "circle-1.dist-info" / "METADATA").symlink_to("METADATA")
    for name in ("good", "topmost"):  # files that are listed and not there count for nothing
        (place / name).mkdir()
        (place / name / "__init__.py").touch()
    return place


def test_odd_ones_hide_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each tells is told, and nothing is raised."""
    list(installed_projects())  # importlib.metadata imports the rest of itself while there is the whole path
    monkeypatch.setattr(sys, "path", [str(site)])

    found = {
        one.name: (one.version, one.requires_python, one.tops, len(one.entry_points)) for one in installed_projects()
    }

    assert found.pop("versionless") == ("", "", frozenset(), 0)
    assert found.pop("good") == ("1", ">=3.8", frozenset({"good"}), 1)
    assert found.pop("top") == ("1", ">=3.8", frozenset({"topmost"}), 0)
    odd = {name: told for name, told in found.items() if not name.startswith("x")}  # what "x\\xe9" is read as
    assert odd == dict.fromkeys(["record", "points", "valueless", "requires"], ("1", ">=3.8", frozenset(), 0))
    assert [one.name for one in projects_by_top()["good"]] == ["good"]
    assert (installed_script("go"), installed_script("foo")) == ("good:go", None)


def test_no_verb_ends_in_a_traceback(site: Path, tmp_path: Path, run_python: RunPython) -> None:
    """Whatever somebody else's dist-info holds, each verb does what it does without it."""
    root = write_app(
        tmp_path / "project",
        {"pyproject.toml": PYPROJECT, "app/m.py": "import wave\ndef f():\n    import good, absent, unknown\n"},
    )

    told = run_python(CODE, path=[site], cwd=root).stderr

    assert "Traceback" not in told
    assert told.splitlines()[-1] == "[1, 0, 0, 0, 0, 0] {}"


PIPES = ("METADATA", "PKG-INFO", "RECORD", "SOURCES.txt", "entry_points.txt", "top_level.txt", "deferred-imports.json")
# Where it hangs, it says where, and fails.
WATCHED = "import faulthandler; faulthandler.dump_traceback_later(240, exit=True)"
# What each name is asked for by itself; the second is one that the runtime looks up.
ASKED = """
from deferred_imports import resolve_now
from deferred_imports.tooling.project.metadata import as_far_as_known
for name in ("METADATA", "deferred-imports.json", "whole"):
    document = {"project": {"name": f"pipe-{name}", "dynamic": ["dependencies"]}}
    print(as_far_as_known(Path(), document)[1], file=sys.stderr)
    try:
        resolve_now(f"pipe-{name}")
    except LookupError as error:
        print(str(error).rpartition("; ")[2], file=sys.stderr)
print(cli.main(["scan", "piped"]), file=sys.stderr)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_nothing_waits_for_a_pipe(site: Path, tmp_path: Path, run_python: RunPython) -> None:
    """What is no file is not opened, wherever it stands in what is installed or on the path; all else is told."""
    for name in PIPES:
        info = site / f"pipe_{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_bytes(METADATA % f"pipe-{name}".encode())
        (info / "deferred-imports.json").write_text('{"package": "good"}', encoding="utf-8")
        (info / name).unlink(missing_ok=True)
        os.mkfifo(info / name)
    for name in ("pipe_whole-1.dist-info", "pipe_old.egg-info", "path"):
        os.mkfifo(site / name)
    (site / "piped").mkdir()
    (site / "piped" / "__init__.py").write_text("import wave\n", encoding="utf-8")
    os.mkfifo(site / "piped" / "tube.py")
    source = "import wave\nimport piped\n@piped.wrap\ndef f(x: wave.Wave_read):\n    import good, absent, unknown\n"
    root = write_app(tmp_path / "project", {"pyproject.toml": PYPROJECT, "app/m.py": source})

    told = run_python(f"{WATCHED}\n{CODE}\n{ASKED}", path=[site, site / "path"], cwd=root).stderr

    assert "Traceback" not in told
    verbs, *asked = [line for line in told.splitlines() if line.startswith(("[", "False", "did you", "0"))]
    assert verbs == "[1, 0, 1, 1, 0, 0] {}"  # the program fails, for there is no `piped.wrap`
    assert asked == ["False", 'did you mean "good"?', "False", "False", "0"]


def test_all_ask_here() -> None:
    """No other module of the tools asks importlib.metadata what is installed."""
    asking = {
        path.relative_to(RUNTIME).as_posix(): {alias.name for alias in node.names}
        for path in RUNTIME.glob("deferred_imports/tooling/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module in ("importlib", "importlib.metadata")
        and {alias.name for alias in node.names} & {"metadata", "distribution", "distributions", "version", "files"}
    }
    assert set(asking) == {"deferred_imports/tooling/registry/distributions.py"}
