"""Builds the same project with every backend through every frontend, and prints what came of it as a table.

    hatch run backends                       # all, about half an hour
    hatch run backends flit-core maturin     # these
    hatch run backends runners               # what installs projects to run or to test them

All is built in isolation and installed for real, so it asks an index for the backends; `samples` has the projects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from builds import run_build
from deferred_imports.tooling.bake.wheel import Wheel
from processes import clean_env
from samples import COMPILED, SAMPLES, TABLE, Sample
from wheelhouse import copy_tree

REGISTRY, RECORD = "weather/_deferred.py", "weather-1.0.dist-info/deferred-imports.json"
#: The columns of the table, each with what makes its cell.
COLUMNS = ("backend", "build", "pip", "uv", "bytes", "sdist, wheel", "pip -e", "uv -e", "ignored", "tree", "linters")
_PROBE = """
import weather, weather._deferred, sys
assert "xml.dom.minidom" not in sys.modules
from deferred_imports import iter_deferred_imports, resolve_now
assert {entry.module for entry in iter_deferred_imports()} == {
    "xml.dom.minidom", "matplotlib.pyplot", "weather.commands.report", "tomli"
}
assert [item.entry.module for item in resolve_now(importer="weather.commands.report").resolved] == ["xml.dom.minidom"]
from deferred_imports.tooling.registry.installed import find_installed
assert {item.project for item in find_installed()} == {"weather"}, find_installed()
print("works")
"""


class FailedError(Exception):
    """A command that failed; its text is the last line that it printed."""


@dataclass
class Place:
    """Where everything is built: a directory of its own, our wheels in it, and the variables of all commands."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        """Build our own wheels."""
        wheels = self._wheels = self.directory()
        tree = copy_tree(self.home / "tree")
        for project in (tree, tree / "hatch_plugin"):
            built = run_build("hatchling", project, "wheel", wheels, env=clean_env(self.home))
            if built.returncode:
                raise FailedError(built.output)
        # The index is the user's own; what our wheels are, no index knows.
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
        }
        self.env = {
            **inherited,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PIP_FIND_LINKS": " ".join([wheels.as_uri(), *os.environ.get("PIP_FIND_LINKS", "").split()]),
            "UV_FIND_LINKS": wheels.as_uri(),
            "UV_PYTHON_DOWNLOADS": "never",
            "SOURCE_DATE_EPOCH": "1700000000",
        }

    def directory(self) -> Path:
        """Return a new empty directory."""
        self._count += 1
        path = self.home / str(self._count)
        path.mkdir()
        return path

    def add_wheel(self, wheel: Path) -> None:
        """Let commands install a wheel by its name."""
        shutil.copy2(wheel, self._wheels)

    def lay_out(self, sample: Sample, table: str = TABLE) -> Path:
        """Write a project."""
        return self.write(sample.lay_out(table=table), self.directory())

    def write(self, files: Mapping[str, str], project: Path) -> Path:
        """Write the files of a project, and have git know them."""
        for name, text in files.items():
            file = project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm all"):  # meson wants it
            self.run("git", *command.split(), cwd=project)
        return project

    def run(self, *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run a command and return what it printed."""
        return self.start(*command, cwd=cwd, env=env).stdout

    def start(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and return how it ended."""
        done = subprocess.run(
            [str(part) for part in command],
            env={**self.env, **(env or {})},
            cwd=cwd or self.home,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=1800,
        )
        if check and done.returncode:
            lines = (done.stdout + done.stderr).splitlines()
            raise FailedError(next((line for line in reversed(lines) if line.strip()), "failed"))
        return done

    def build(self, frontend: str, project: Path) -> Path:
        """Return the wheel that a frontend builds; it has the registry and the record, and RECORD lists all of it."""
        out = self.directory()
        build, uv = (sys.executable, "-m", "build", "-o", out), ("uv", "build", "--python", sys.executable, "-o", out)
        commands: dict[str, tuple[str | Path, ...]] = {
            "build": (*build, "--wheel"),
            "both": build,
            "pip": (sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", out, "."),
            "uv": (*uv, "--wheel"),
        }
        self.run(*commands[frontend], cwd=project)
        (wheel,) = out.glob("*.whl")
        held = Wheel(wheel).contents  # which looks at RECORD, too
        if lacking := [name for name in (REGISTRY, RECORD) if name not in held]:
            raise FailedError(f"lacks {', '.join(lacking)}")
        return wheel

    def environment(self, *requirements: str | Path, with_pip: bool = False) -> Path:
        """Return the interpreter of a new environment in which these are installed, and the runtime."""
        path = self.directory() / "environment"
        self.run("uv", "venv", "-q", "--python", sys.executable, path)
        python = path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.run("uv", "pip", "install", "-q", "--python", python, "deferred-imports[tooling]", "tomli")
        pip = (sys.executable, "-m", "pip", "--python", python, "install", "-q")
        self.run(*(pip if with_pip else ("uv", "pip", "install", "-q", "--python", python)), *requirements)
        return python

    @cached_property
    def linters(self) -> Path:
        """The interpreter of an environment that has what checks wheels."""
        return self.environment("twine", "check-wheel-contents")

    def probe(self, *requirements: str | Path, with_pip: bool = False) -> str:
        """Install a project and use it."""
        return self.run(self.environment(*requirements, with_pip=with_pip), "-c", _PROBE).strip()


def row(place: Place, name: str, sample: Sample) -> list[str]:
    """Return the cells of one backend."""
    wheels: list[Path] = []
    trees: list[Path] = []

    def wheel(frontend: str) -> str:
        wheels.append(place.build(frontend, project))
        return place.probe(wheels[-1]) if frontend == "build" else "works"

    def same() -> str:
        return "the same" if len({path.read_bytes() for path in wheels}) == 1 else "differ"

    def editable(*, with_pip: bool) -> str:
        trees.append(tree := place.lay_out(sample))
        cell = place.probe("-e", tree, with_pip=with_pip)
        return cell if (tree / sample.place / "_deferred.py").is_file() else "not in the tree"

    def ignored() -> str:
        (trees[-1] / ".gitignore").write_text("_deferred.py\n", encoding="utf-8")
        there, new = (Wheel(path).contents[REGISTRY] for path in (wheels[-1], place.build("uv", trees[-1])))
        return "shipped" if there == new else "differs"

    def clean() -> str:
        return ", ".join(sorted(path.name for path in project.rglob("*deferred*"))) or "clean"

    def linted() -> str:
        for linter in (("twine", "check"), ("check_wheel_contents",)):
            place.run(place.linters, "-m", *linter, wheels[-1])
        return "no complaint"

    project = place.lay_out(sample)
    parts: Sequence[Callable[[], str]] = (
        lambda: wheel("build"),
        lambda: wheel("pip"),
        lambda: wheel("uv"),
        same,
        lambda: wheel("both"),
        lambda: editable(with_pip=True),
        lambda: editable(with_pip=False),
        ignored,
        clean,
        linted,
    )
    return [name, *map(_cell, parts)]


def _cell(part: Callable[[], str]) -> str:
    try:
        return part()
    except FailedError as error:
        return str(error).strip().replace("|", "/")


_TOX = """\
[tox]
isolated_build = true
env_list = wheel, editable
[testenv]
package = wheel
deps = deferred-imports[tooling]
commands = weather
[testenv:editable]
package = editable
"""
_NOX = """\
import nox
nox.options.default_venv_backend = "virtualenv"

@nox.session
@nox.parametrize("how", ["wheel", "editable"])
def tests(session, how):
    session.install(*(["-e", "."] if how == "editable" else ["."]), "deferred-imports[tooling]")
    session.run("weather")
"""
_SCRIPT = """
[project.scripts]
weather = "weather.probe:main"

[dependency-groups]
dev = ["deferred-imports[tooling]"]
"""
_HATCH = """
[tool.hatch.envs.default]
dependencies = ["deferred-imports[tooling]"]
"""
_WORKSPACE = """\
[project]
name = "all"
version = "1.0"
dependencies = ["weather", "deferred-imports[tooling]"]

[tool.uv.workspace]
members = ["weather"]

[tool.uv.sources]
weather = { workspace = true }
"""
_HOOK = "\n[tool.hatch.build.hooks.deferred-imports]\n"


def _runnable(sample: Sample) -> Sample:
    """Return the project with a command that uses it."""
    metadata = sample.metadata + _SCRIPT + _HATCH
    return replace(sample, metadata=metadata, files={f"{sample.place}/probe.py": f"{_PROBE}\ndef main(): pass\n"})


def hooked(sample: Sample) -> Mapping[str, str]:
    """Return the files of a project that has the hatch hook."""
    files = sample.lay_out(wrapped=False)
    text = files["pyproject.toml"].replace('["hatchling"]', '["hatchling", "hatch-deferred-imports"]') + _HOOK
    return {**files, "pyproject.toml": text}


def runners(place: Place) -> Iterator[list[str]]:
    """Yield what those that install a project to run or to test it say, of one with the hook and of a wrapped one."""
    python = place.environment("tox", "nox", "pipx", "hatch")
    uv = ("uv", "run", "--python", sys.executable, "--quiet")
    names = ("PIPX_HOME", "PIPX_BIN_DIR", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR", "HATCH_DATA_DIR")
    env = {name: str(place.directory()) for name in names}
    tool = ("uv", "tool", "install", "--force", "--python", sys.executable, "--with", "deferred-imports[tooling]")
    pipx = (python, "-m", "pipx")
    ways: dict[tuple[str, str], Sequence[Sequence[str | Path]]] = {
        ("tox", "wheel"): [(python, "-m", "tox", "-e", "wheel")],
        ("tox", "editable"): [(python, "-m", "tox", "-e", "editable")],
        ("nox", "wheel"): [(python, "-m", "nox", "-s", "tests(how='wheel')")],
        ("nox", "editable"): [(python, "-m", "nox", "-s", "tests(how='editable')")],
        ("nox with uv", "editable"): [(python, "-m", "nox", "-fb", "uv", "-s", "tests(how='editable')")],
        ("pipx install", "wheel"): [
            (*pipx, "install", "--force", "--python", sys.executable, "."),
            (*pipx, "inject", "weather", "deferred-imports[tooling]"),
            (Path(env["PIPX_BIN_DIR"], "weather"),),
        ],
        ("uv tool install", "wheel"): [(*tool, "."), (Path(env["UV_TOOL_BIN_DIR"], "weather"),)],
        ("uvx", "wheel"): [("uv", "tool", "run", *tool[4:], "--from", ".", "weather")],
        ("uv run", "editable"): [(*uv, "weather")],
        ("uv run --no-editable", "wheel"): [(*uv, "--no-editable", "weather")],
        ("uv run, workspace", "editable"): [(*uv, "--project", "..", "weather")],
        ("hatch run", "editable"): [(python, "-m", "hatch", "run", "weather")],
    }
    samples = [_runnable(SAMPLES[name]) for name in ("hatchling", "flit-core")]
    for (runner, package), commands in ways.items():
        row = [runner, package]
        for files in (hooked(samples[0]), samples[1].lay_out()):
            project = place.directory() / "weather"
            place.write({**files, "tox.ini": _TOX, "noxfile.py": _NOX}, project)
            if "workspace" in runner:
                (project.parent / "pyproject.toml").write_text(_WORKSPACE, encoding="utf-8")
            try:
                for command in commands:
                    place.run(*command, cwd=project, env=env)
            except FailedError as error:
                row.append(str(error).strip().replace("|", "/"))
            else:
                row.append("works")
        yield row


def as_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def main(wanted: Sequence[str]) -> None:
    """Build with the backends that are wanted, or with all, and print the tables."""
    samples = {**SAMPLES, **COMPILED}
    backends = [name for name in wanted or samples if name != "runners"]
    with tempfile.TemporaryDirectory(prefix="backends-") as scratch:
        place = Place(Path(scratch))
        if backends:
            for line in as_table(COLUMNS, (row(place, name, samples[name]) for name in backends)):
                print(line, flush=True)
            print()
        if not wanted or "runners" in wanted:
            for line in as_table(("runner", "package", "hook", "backend"), runners(place)):
                print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
