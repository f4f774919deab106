"""Upgrades by pip and uv, of the program and of ours, between calls and while one runs; rebuilt environments."""

import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builds import MakeProject, run_build
from processes import MakeVenv, Venv, clean_env, run
from residents import PATIENCE, clear, make_runtime

pytestmark = [
    pytest.mark.isolated,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has resident processes"),
]

PROJECT = """
[build-system]
requires = ["hatchling", "hatch-deferred-imports"]
build-backend = "hatchling.build"
[project]
name = "atlas"
version = "{version}"
[project.scripts]
atlas = "atlas:main"
[tool.hatch.build.hooks.deferred-imports]
[tool.deferred-imports.imports]
late = ".late"
"""
DOOR = """
def main():
    from deferred_imports.resident import run
    return run("atlas.cli:main")
"""
CLI = """
import sys
from atlas import _deferred, data
from importlib.metadata import version
def main():
    print(data.VERSION, version("atlas"), flush=True)
    if sys.argv[1:]:
        sys.stdin.readline()
        print(data.VERSION, _deferred.late.VERSION)
"""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A directory for XDG_RUNTIME_DIR."""
    path = make_runtime()
    yield path
    clear(path)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, home: Path, tree_path: str) -> list[Path]:
    """Two versions of a program."""
    top = tmp_path_factory.mktemp("programs")
    make, found = MakeProject(top), []
    for version in ("1.0", "2.0"):
        text = f"VERSION = {version!r}\n"
        files = {"__init__.py": DOOR, "cli.py": CLI, "data.py": text, "late.py": text}
        package = {f"atlas/{name}": code for name, code in files.items()}
        project = make({"pyproject.toml": PROJECT.format(version=version), **package})
        env = {**clean_env(home), "PYTHONPATH": tree_path}
        found.append(run_build("hatchling", project, "wheel", top / version, env=env).wheel)
    return found


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory, tree_copy: Path, home: Path) -> Path:
    """Another version of ours."""
    top = tmp_path_factory.mktemp("newer")
    tree = Path(shutil.copytree(tree_copy, top / "tree"))
    project = tree / "pyproject.toml"
    text = re.sub(r'^version = ".*"$', 'version = "99"', project.read_text("utf-8"), count=1, flags=re.MULTILINE)
    project.write_text(text, "utf-8")
    return run_build("hatchling", tree, "wheel", top / "dist", env=clean_env(home)).wheel


def call(environment: Venv, runtime: Path, *args: str, resident: str = "1") -> "subprocess.Popen[str]":
    """Start a call of the program that is installed."""
    variables = {**environment.env, "XDG_RUNTIME_DIR": str(runtime), "PYDEFER_RESIDENT": resident}
    return subprocess.Popen(
        [environment.bin / "atlas", *args],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def said(environment: Venv, runtime: Path, *args: str, resident: str = "1") -> str:
    """Make a call, and return what it prints."""
    return call(environment, runtime, *args, resident=resident).communicate("\n", timeout=PATIENCE)[0]


def ask(environment: Venv, runtime: Path, verb: str) -> str:
    """Return what the command says of the program."""
    command = ("python", "-m", "deferred_imports.resident", verb, str(environment.bin / "atlas"))
    return environment.run(*command, env={"XDG_RUNTIME_DIR": str(runtime)}).stdout


@pytest.mark.parametrize("with_pip", [False, True], ids=["uv", "pip"])
def test_an_upgrade_of_the_program(with_pip: bool, venv: MakeVenv, wheels: list[Path], runtime: Path) -> None:
    """21, 22: the call that runs ends with the old version, all of it; the next one has the new one, all of it."""
    environment = venv("deferred-imports", wheels[0])
    ask(environment, runtime, "start")
    assert said(environment, runtime) == "1.0 1.0\n"
    running = call(environment, runtime, "wait")
    assert running.stdout is not None
    assert select.select([running.stdout], [], [], PATIENCE)[0]
    environment.install("--upgrade", wheels[1], with_pip=with_pip)
    assert said(environment, runtime) == "2.0 2.0\n"
    ask(environment, runtime, "start")
    assert said(environment, runtime, "wait") == "2.0 2.0\n2.0 2.0\n"
    output, _ = running.communicate("\n", timeout=PATIENCE)
    assert output == "1.0 1.0\n1.0 1.0\n"
    status = ask(environment, runtime, "status")
    assert ": 1 calls" in status
    assert "; 2 calls" in status  # of the old one


@pytest.mark.parametrize("with_pip", [False, True], ids=["uv", "pip"])
def test_an_upgrade_of_ours(with_pip: bool, venv: MakeVenv, wheels: list[Path], newer: Path, runtime: Path) -> None:
    """21, 23: another version of deferred-imports is another process, and the old one ends, after its last call."""
    environment = venv("deferred-imports", wheels[0])
    ask(environment, runtime, "start")
    running = call(environment, runtime, "wait")
    assert running.stdout is not None
    assert select.select([running.stdout], [], [], PATIENCE)[0]
    environment.install("--upgrade", "--no-deps", newer, with_pip=with_pip)
    assert list(environment.site_packages.glob("deferred_imports-99.dist-info"))
    assert said(environment, runtime) == "1.0 1.0\n"
    ask(environment, runtime, "start")
    assert said(environment, runtime) == "1.0 1.0\n"
    assert running.communicate("\n", timeout=PATIENCE)[0] == "1.0 1.0\n1.0 1.0\n"
    status = ask(environment, runtime, "status")
    assert ": 1 calls, 0 running" in status
    assert "; 1 calls" in status


def test_an_environment_that_is_built_anew(venv: MakeVenv, wheels: list[Path], runtime: Path) -> None:
    """21: at the same path, with the same version of all: the process of the former one serves no call any more."""
    environment = venv("deferred-imports", wheels[0])
    ask(environment, runtime, "start")
    assert said(environment, runtime) == "1.0 1.0\n"
    shutil.rmtree(environment.path)
    run(["uv", "venv", "--python", sys.executable, environment.path], env=environment.env, cwd=environment.path.parent)
    environment.install("deferred-imports", wheels[1])
    assert said(environment, runtime) == "2.0 2.0\n"
    ask(environment, runtime, "start")
    assert said(environment, runtime) == "2.0 2.0\n"
    assert "; 1 calls" in ask(environment, runtime, "status")
