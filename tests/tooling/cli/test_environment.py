"""Which environment the command looks at, wherever it is installed itself, and what it says of that."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from goldens import unpack
from processes import RUNTIME, Venv, clean_env, run

PROJECT = """\
== pyproject.toml
[project]
name = "app"
version = "1"
dependencies = ["only-here", "rich", "tomli; python_version < '3'"]
[tool.deferred-imports.imports]
only_here = "only_here"
rich = "rich"
old = { module = "tomli", marker = "python_version < '3'" }
== src/app/__init__.py
def main():
    from . import _deferred
    return _deferred.only_here, _deferred.rich, _deferred.old
"""
MISSING = 'pyproject.toml:6: only_here: "only_here" is not installed in {}; install "only-here" [module-missing]\n'


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:
    """A project with a registry; what it requires is not where the command is."""
    case = tmp_path / "case"
    case.write_text(PROJECT, encoding="utf-8")
    root = unpack(case, tmp_path / "project")
    assert command("generate", cwd=root, home=home).returncode == 0
    return root


def command(
    *arguments: str | Path, cwd: Path, home: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command from the environment of the tests."""
    whole = {**clean_env(home), "PYTHONPATH": str(RUNTIME), **(env or {})}
    return run([sys.executable, "-m", "deferred_imports", *arguments], env=whole, cwd=cwd, check=False)


def make(path: Path, home: Path, *modules: str, python: str = sys.executable) -> Venv:
    """Make an environment in which some modules are installed, and which has a console script of the project."""
    run([python, "-m", "venv", "--without-pip", path], env=clean_env(home), cwd=path.parent)
    made = Venv(path, clean_env(home))
    (site_packages,) = (*path.glob("lib/python*/site-packages"), *path.glob("Lib/site-packages"))
    for module in modules:
        (site_packages / f"{module}.py").touch()
        info = site_packages / f"{module}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n", encoding="utf-8")
        (info / "top_level.txt").write_text(module, encoding="utf-8")
    return made


def interpreter(name: str, home: Path) -> str:
    """Return the path of another Python; without it, the test is skipped."""
    path = shutil.which(name)
    if path is None or run([path, "-c", ""], env=clean_env(home), cwd=home, check=False).returncode:
        pytest.skip("needs another Python")
    return path


def test_the_environment_beside_the_project(root: Path, home: Path) -> None:
    """`.venv` is the project's: what is installed there is installed, what only the command has is not."""
    assert command("check", cwd=root, home=home).stdout.startswith(MISSING.format(sys.prefix))
    make(root / ".venv", home, "only_here")

    done = command("check", cwd=root, home=home)
    assert done.stderr == f"note: looking at the environment .venv, Python {sys.version.split()[0]}\n"
    rich = 'pyproject.toml:7: rich: "rich" is not installed in .venv; install "rich" [module-missing]\n1 problem\n'
    assert (done.stdout, done.returncode) == (rich, 1)

    make(root / ".venv", home, "rich")
    assert command("check", cwd=root, home=home).stdout == "no problems\n"


def test_the_environment_of_a_workspace(root: Path, home: Path, tmp_path: Path) -> None:
    """A member of a uv workspace has the environment at its root; a project that is no member has not."""
    make(tmp_path / ".venv", home, "only_here", "rich")
    (tmp_path / "uv.lock").touch()
    workspace = '[tool.uv.workspace]\nmembers = ["pro*", "packages/*"]\nexclude = [{}]\n'
    for excluded, out in (("", "no problems\n"), ('"project"', MISSING.format(sys.prefix))):
        (tmp_path / "pyproject.toml").write_text(workspace.format(excluded), encoding="utf-8")
        assert command("check", cwd=root, home=home).stdout.startswith(out)


def test_the_active_environment(root: Path, home: Path, tmp_path: Path) -> None:
    """The environment that is active comes before `.venv`, whichever tool has activated it."""
    make(root / ".venv", home)
    active = make(tmp_path / "active", home, "only_here", "rich")

    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        done = command("check", cwd=root, home=home, env={variable: str(active.path)})
        assert (done.stdout, done.returncode) == ("no problems\n", 0)
        assert done.stderr.startswith(f"note: looking at the environment {active.path}, Python ")
    base = {"CONDA_PREFIX": str(active.path), "CONDA_DEFAULT_ENV": "base"}
    assert command("check", cwd=root, home=home, env=base).stdout.startswith(MISSING.format(".venv"))


def test_python_names_the_environment(root: Path, home: Path, tmp_path: Path) -> None:
    """`--python` names an environment or its interpreter, and beats all others."""
    make(root / ".venv", home)
    named = make(tmp_path / "named", home, "only_here", "rich")

    for place in (named.path, named.python):
        done = command("check", "--python", place, cwd=root, home=home, env={"VIRTUAL_ENV": str(root / ".venv")})
        assert (done.stdout, done.stderr, done.returncode) == ("no problems\n", "", 0)
    done = command("check", "--python", sys.executable, cwd=root, home=home)
    assert done.stdout.startswith(MISSING.format(sys.prefix))


def test_the_own_environment_if_the_project_is_there(root: Path, home: Path) -> None:
    """Where the project is installed beside the command, that environment is the project's, as in tox and hatch."""
    make(root / ".venv", home)
    own = make(root.parent / "own", home, "app", "only_here", "rich")
    (site_packages,) = (*own.path.glob("lib/python*/site-packages"), *own.path.glob("Lib/site-packages"))
    for module in ("packaging", "tomli"):  # what `check` itself needs
        if found := find_spec(module):
            (site_packages / module).symlink_to(Path(str(found.origin)).parent)

    env = {**clean_env(home), "PYTHONPATH": str(RUNTIME)}
    done = run([own.python, "-m", "deferred_imports", "check"], env=env, cwd=root, check=False)
    assert (done.stdout, done.stderr) == ("no problems\n", "")


def test_programs_are_started_there(root: Path, home: Path) -> None:
    """What `scan` and `check --startup` start runs in the project's environment."""
    make(root / ".venv", home, "only_here")
    source = "import sys\nimport only_here\nopen('prefix', 'w').write(sys.prefix)\n"
    (root / "src" / "app" / "cli.py").write_text(source, encoding="utf-8")

    for arguments in (["check", "--startup", "app.cli"], ["scan", "--startup", "app.cli"]):
        command(*arguments, cwd=root, home=home)
        assert (root / "prefix").read_text(encoding="utf-8") == str(root / ".venv")
        (root / "prefix").unlink()


def test_what_is_installed_there_is_listed(root: Path, home: Path) -> None:
    """`list --installed` lists that environment, and says which it is when there is nothing."""
    venv = make(root / ".venv", home, "only_here")
    done = command("list", "--installed", cwd=root, home=home)
    assert done.stdout == "no distribution in .venv declares deferred imports\n"

    record = {"format": 1, "project": "only_here", "package": "only_here", "imports": {"js": {"module": ["json"]}}}
    info = next(venv.path.rglob("only_here-1.dist-info"))
    (info / "extra_metadata").mkdir()
    (info / "extra_metadata" / "deferred-imports.json").write_text(json.dumps(record), encoding="utf-8")
    done = command("list", "--installed", "--json", cwd=root, home=home)
    assert [(item["project"], item["state"]) for item in json.loads(done.stdout)] == [("only_here", "findable")]


def test_verbs_that_look_at_no_environment(root: Path, home: Path) -> None:
    """What needs no environment, as a hook of pre-commit, starts no other Python."""
    make(root / ".venv", home)

    for arguments in (["list"], ["check", "--no-environment"], ["generate", "--check"]):
        done = command(*arguments, cwd=root, home=home)
        assert (done.returncode, done.stderr) == (0, "")


def test_interpreters_that_cannot_run_it(root: Path, home: Path, tmp_path: Path) -> None:
    """An interpreter that is none is refused where the user names it, and else told and left."""
    done = command("check", "--python", "nowhere", cwd=root, home=home)
    reason = "cannot start its Python: No such file or directory"
    assert (done.stderr, done.returncode) == (f"deferred-imports: --python nowhere: {reason}\n", 2)

    broken = tmp_path / "broken" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho hello\n", encoding="utf-8")
    broken.chmod(0o755)
    done = command("check", cwd=root, home=home, env={"VIRTUAL_ENV": str(tmp_path / "broken")})
    place = tmp_path / "broken"
    assert done.stderr == f"note: not looking at the environment {place}: its Python does not answer\n"
    assert done.stdout.startswith(MISSING.format(sys.prefix))


def test_an_older_python(root: Path, home: Path) -> None:
    """A Python that is too old for the command is told so, by its version."""
    python = interpreter("python3.9", home)
    done = command("check", "--python", python, cwd=root, home=home)
    assert done.returncode == 2
    assert "it has Python 3.9." in done.stderr
    assert done.stderr.endswith("and the command needs 3.10 or later\n")


@pytest.mark.parametrize("name", ["python3.12", "python3.13", "python3.14"])
def test_another_python(name: str, root: Path, home: Path) -> None:
    """The environment may have another Python than the command: its markers and its modules count."""
    make(root / ".venv", home, "only_here", "rich", python=interpreter(name, home))

    done = command("check", cwd=root, home=home)
    assert f"looking at the environment .venv, Python {name[6:]}." in done.stderr
    assert (done.stdout, done.returncode) == ("no problems\n", 0)


def test_exit_codes_come_through(root: Path, home: Path) -> None:
    """The exit code, the arguments and what stands on standard input are those of the one run."""
    make(root / ".venv", home, "only_here", "rich")

    assert command("check", "--forbid", "x", cwd=root, home=home).returncode == 2
    assert command("check", "-C", "nowhere", cwd=root, home=home).returncode == 3
    done = command("-C", str(root), "check", cwd=root.parent, home=home)
    assert (done.stdout, done.returncode) == ("no problems\n", 0)
    assert os.path.join("project", ".venv") in done.stderr
