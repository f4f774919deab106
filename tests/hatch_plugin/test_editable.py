"""Editable installs: the registry lies in the source tree, is written only when it changes, and can be had again."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from builds import Build, MakeProject, names_in
from processes import Env, MakeVenv, Venv, run

TABLE = 'imports.j = "json"\n'
MORE = 'imports.j = "json"\nimports.c = "csv"\n'
FILES = {"src/weather/__init__.py": "", ".gitignore": "_deferred.py\n.venv\n"}
REGISTRY = "src/weather/_deferred.py"
NAMES = "import weather._deferred as d; print(*sorted(set(dir(d)) & {'c', 'j'}))"
INFO = {f"weather-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")}
INFO |= {"weather-1.0.dist-info/deferred-imports.json"}


def edit(project: Path, table: str) -> None:
    """Put another table in the place of the usual one."""
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace(TABLE, table))


def installed(environment: Venv, name: str = "weather") -> list[str]:
    """Return what an installation has put into site-packages beside metadata and the way to the tree."""
    found = (path.name for path in environment.site_packages.iterdir())
    return [file for file in found if file.startswith(name) and not file.endswith(".dist-info")]


@pytest.mark.parametrize("with_pip", [True, False], ids=["pip install -e", "uv pip install -e"])
def test_the_registry_is_imported_from_the_tree(make_project: MakeProject, venv: MakeVenv, *, with_pip: bool) -> None:
    """After `pip install -e` the registry can be imported; site-packages holds no half of the package."""
    project = make_project(FILES, table=TABLE)
    environment = venv()
    environment.install("-e", project, with_pip=with_pip)
    code = "import weather._deferred as d; print(d.j.__name__, d.__file__)"
    assert environment.run("python", "-c", code).stdout == f"json {project / REGISTRY}\n"
    assert installed(environment) == []


def test_uv_sync(make_project: MakeProject, offline_env: Env) -> None:
    """`uv sync` makes an environment in which the registry can be imported from the tree."""
    project = make_project(FILES, table=TABLE)
    run(["uv", "sync", "--python", sys.executable], env=offline_env, cwd=project)
    assert run(["uv", "run", "--no-sync", "python", "-c", NAMES], env=offline_env, cwd=project).stdout == "j\n"
    assert list(project.glob(".venv/lib*/**/site-packages/weather")) == []
    assert (project / REGISTRY).exists()


def test_an_editable_wheel_holds_a_path_and_the_record(build: Build, make_project: MakeProject) -> None:
    """What is installed says where the tree is, and what it defers."""
    wheel = build("hatchling", make_project(FILES, table=TABLE), "editable").wheel
    assert names_in(wheel) == INFO | {"_editable_impl_weather.pth"}


@pytest.mark.parametrize("layout", ["flat", "ns"])
def test_other_layouts(build: Build, make_project: MakeProject, layout: str) -> None:
    """The file goes beside the package's own `__init__.py`, wherever that is."""
    place = {"flat": "weather", "ns": "ns/weather"}[layout]
    project = make_project({f"{place}/__init__.py": ""}, table=TABLE)
    build("hatchling", project, "editable")
    assert {path.relative_to(project).as_posix() for path in project.rglob("_deferred.py")} == {f"{place}/_deferred.py"}


def test_an_unchanged_table_touches_nothing(build: Build, make_project: MakeProject) -> None:
    """Installing again leaves the file as it is, its time included."""
    project = make_project(FILES, table=TABLE)
    build("hatchling", project, "editable")
    os.utime(project / REGISTRY, (1, 1))
    build("hatchling", project, "editable")
    assert (project / REGISTRY).stat().st_mtime == 1
    edit(project, MORE)
    build("hatchling", project, "editable")
    assert (project / REGISTRY).stat().st_mtime > 1


@pytest.mark.parametrize("with_pip", [True, False], ids=["pip install -e", "uv pip install -e"])
def test_a_changed_table_and_a_new_install(make_project: MakeProject, venv: MakeVenv, *, with_pip: bool) -> None:
    """A name more in the table is a name more in the registry once the project is installed again."""
    project = make_project(FILES, table=TABLE)
    environment = venv()
    environment.install("-e", project, with_pip=with_pip)
    assert environment.run("python", "-c", NAMES).stdout == "j\n"
    edit(project, MORE)
    assert environment.run("python", "-c", NAMES).stdout == "j\n"
    environment.install("-e", project, with_pip=with_pip)
    assert environment.run("python", "-c", NAMES).stdout == "c j\n"


def test_uv_run_sees_a_changed_table(make_project: MakeProject, offline_env: Env) -> None:
    """`uv run` installs again by itself when the table has changed."""
    project = make_project(FILES, table=TABLE)
    command = ["uv", "run", "--python", sys.executable, "python", "-c", NAMES]
    assert run(command, env=offline_env, cwd=project).stdout == "j\n"
    edit(project, MORE)
    assert run(command, env=offline_env, cwd=project).stdout == "c j\n"


def test_a_deleted_registry_comes_back(make_project: MakeProject, offline_env: Env) -> None:
    """`uv sync` does not see that the file is gone, nor with the environment gone; what the README says helps."""
    project = make_project(FILES, table=TABLE)
    command = ["uv", "run", "--python", sys.executable, "python", "-c", NAMES]
    assert run(command, env=offline_env, cwd=project).stdout == "j\n"
    (project / REGISTRY).unlink()
    shutil.rmtree(project / ".venv")
    failed = run(command, env=offline_env, cwd=project, check=False)
    assert failed.stderr.endswith("ModuleNotFoundError: No module named 'weather._deferred'\n")
    run(["uv", "sync", "--reinstall-package", "weather"], env=offline_env, cwd=project)
    assert run(command, env=offline_env, cwd=project).stdout == "j\n"


def test_a_deleted_registry_is_written_by_the_command(make_project: MakeProject, venv: MakeVenv) -> None:
    """The command says that the file is gone and what to run; run, it makes the installation whole."""
    project = make_project(FILES, table=TABLE)
    environment = venv("-e", project, "deferred-imports[build]")
    (project / REGISTRY).unlink()
    assert environment.run("python", "-c", NAMES, check=False).returncode == 1
    checked = environment.run("deferred-imports", "generate", "--check", cwd=project, check=False)
    assert checked.stderr == f'{REGISTRY} is missing; run "deferred-imports generate"\n'
    environment.run("deferred-imports", "generate", cwd=project)
    assert environment.run("python", "-c", NAMES).stdout == "j\n"


def test_dev_mode_dirs_and_exact(build: Build, make_project: MakeProject) -> None:
    """The other ways to make an editable wheel get the file into the tree, too."""
    for option in ('dev-mode-dirs = ["src"]', "dev-mode-exact = true"):
        project = make_project(FILES, table=f"{TABLE}[tool.hatch.build]\n{option}")
        wheel = build("hatchling", project, "editable").wheel
        assert (project / REGISTRY).exists()
        assert [name for name in names_in(wheel) if name.startswith("weather/")] == []


def test_a_package_that_is_force_included(make_project: MakeProject, venv: MakeVenv) -> None:
    """A folder that is copied into the editable wheel takes the registry along."""
    forced = '[tool.hatch.build.targets.wheel]\nforce-include = { "code/station" = "station" }\n'
    environment = venv()
    environment.install("-e", make_project({"code/station/__init__.py": ""}, table=TABLE + forced))
    assert environment.run("python", "-c", "import station._deferred as d; print(d.j.__name__)").stdout == "json\n"


READ_ONLY = (
    'deferred-imports: cannot write "src/weather/_deferred.py": Read-only file system\n'
    'An editable install runs from the source tree and needs the file there; run "deferred-imports generate" '
    "where the tree is writable, or install without -e\n"
)


def test_a_tree_that_cannot_be_written_to(
    build: Build, make_project: MakeProject, read_only: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    """An editable build of a read-only tree says what it lacks; with the file there it lacks nothing."""
    project = make_project(FILES, table=TABLE)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel:editable", "-d", str(tmp_path / "out")]
    done = read_only(project, *command)
    assert (done.returncode, done.stderr) == (1, READ_ONLY)
    assert list((tmp_path / "out").iterdir()) == []
    build("hatchling", project, "editable")
    assert read_only(project, *command).returncode == 0


def test_an_interrupted_write_is_not_shipped(
    build: Build, make_project: MakeProject, tmp_path: Path, tree_path: str
) -> None:
    """The unfinished file of a killed editable build gets into no wheel and no sdist."""
    project = make_project({"src/weather/__init__.py": ""}, table=TABLE)
    killer = tmp_path / "killer"
    killer.mkdir()
    (killer / "sitecustomize.py").write_text(
        "import os; replace = os.replace\n"
        "os.replace = lambda old, new: os.kill(os.getpid(), 9) if str(new).endswith('.py') else replace(old, new)"
    )
    env = {"PYTHONPATH": os.pathsep.join([str(killer), tree_path])}
    assert build("hatchling", project, "editable", env=env, check=False).returncode == -9
    (leftover,) = {path.name for path in (project / "src/weather").iterdir()} - {"__init__.py"}
    assert leftover.endswith(".pyo")
    assert names_in(build("hatchling", project).wheel) == INFO | {"weather/__init__.py", "weather/_deferred.py"}
    assert names_in(build("hatchling", project, "sdist").sdist) == {
        "PKG-INFO",
        "pyproject.toml",
        "src/weather/__init__.py",
    }
