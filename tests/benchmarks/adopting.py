"""What `deferred-imports adopt` reaches on real projects, and what their own tests say.

    python -m benchmarks.adopting [--home DIR] [--rounds N] [--no-tests] [PROJECT ...]

Each project is fetched as its sdist and installed into an environment of its own, so this needs an index. Then one
command adopts it, with no hand work: `adopt --write --yes --test ...`. Its own tests run before, after, and after that
with `PYDEFER_EAGER=1`, for which `init` and `generate` add what the project lacks. What a start costs is the median of
interleaved starts of the tree as it was and as it is. Prints a table in Markdown, a row for each project.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEST_TOOLS = ("packaging", "tomlkit", "rich", "argcomplete", "pytest-timeout")
_PYTEST = "pytest -q -p no:cacheprovider --timeout=300"


@dataclass(frozen=True)
class Project:
    """A project to adopt.

    Attributes:
        name: What the index calls it.
        startup: What is started.
        test: How its tests are run, which the sdist holds; those that need a network or root are left out.
        requirements: What its tests need.
        extras: The extras that it is installed with.
        package: The package in which imports move; empty for all that it ships.
    """

    name: str
    startup: str
    test: str = f"{_PYTEST} tests"
    requirements: tuple[str, ...] = ("pytest",)
    extras: str = ""
    package: str = ""


PROJECTS = (
    Project("cookiecutter", "cookiecutter --help", requirements=("pytest", "pytest-mock", "pytest-cov", "freezegun")),
    Project("black", "black --help", requirements=("pytest<9", "pytest-xdist"), extras="[d]"),
    Project("httpie", "http --help", extras="[test]", test=f"{_PYTEST} tests --ignore tests/test_uploads.py"),
    Project(
        "streamlink",
        "streamlink --help",
        test="pytest -q -p no:cacheprovider tests",  # it names the plugins that it wants
        requirements=("pytest", "requests-mock", "freezegun", "pytest-asyncio", "pytest-trio"),
    ),
    Project("pre-commit", "pre-commit --help", test="", package="pre_commit"),
    Project(
        "sphinx", "sphinx-build --help", requirements=("pytest", "pytest-xdist", "defusedxml", "cython", "docutils")
    ),
    Project("mkdocs", "mkdocs --help", test="python -m unittest discover -s mkdocs -p *tests.py -t .", extras="[i18n]"),
    Project("nox", "nox --help", extras="[uv,tox-to-nox]"),
    Project("datasette", "datasette --help", extras="[test]"),
    Project("pdm", "pdm --help", extras="[test]"),
    Project("poetry", "poetry --help", requirements=("pytest", "pytest-mock", "deepdiff", "httpretty", "responses")),
    Project(
        "tox", "tox --help", extras="[testing]", requirements=("pytest", "pytest-mock", "devpi-process", "re-assert")
    ),
    Project("jupytext", "jupytext --help", extras="[test]"),
    Project("twine", "twine --help", requirements=("pytest", "pretend", "jaraco.envs", "build")),
    Project("pip-audit", "pip-audit --help", requirements=("pytest", "pretend")),
    Project("pipdeptree", "pipdeptree --help", requirements=("pytest", "pytest-mock", "virtualenv")),
    Project("yamllint", "yamllint --help", test="python -m unittest discover -s tests -t ."),
    Project(
        "build", "pyproject-build --help", requirements=("pytest", "pytest-mock", "filelock", "wheel", "setuptools")
    ),
)


@dataclass(frozen=True)
class Row:
    """What was found of one project; what could not be done stands in `note`."""

    project: str
    cells: tuple[str, ...] = ()
    note: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Adopt projects, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adopting", description="Adopt real projects.")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help="names (default: all)")
    parser.add_argument("--home", type=Path, default=Path("adopting"), help="where all is kept (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="starts of each kind (default: %(default)s)")
    parser.add_argument("--no-tests", action="store_true", help="run no tests of the projects")
    arguments = parser.parse_args(argv)
    chosen = [project for project in PROJECTS if not arguments.projects or project.name in arguments.projects]
    home = arguments.home.resolve()
    columns = "project|modules before|after|CPU ms before|after|files|lines|taken back|tests before|after|eager"
    print(f"| {columns.replace('|', ' | ')} |")
    print("|---|--:|--:|--:|--:|--:|---|--:|---|---|---|", flush=True)
    for project in chosen:
        row = adopt(project, home, rounds=arguments.rounds, tests=not arguments.no_tests)
        print(f"| {' | '.join([row.project, *row.cells, row.note][: 11 if row.cells else 3])} |", flush=True)
    return 0


def adopt(project: Project, home: Path, *, rounds: int, tests: bool) -> Row:
    """Fetch a project, adopt it in its tree, and measure."""
    try:
        python = environment(project, home)
        before, after = fetch(project, home, python), home / "after" / project.name
    except (subprocess.CalledProcessError, OSError) as error:
        return Row(project.name, note=f"cannot be had: {error}")
    shutil.rmtree(after, ignore_errors=True)
    shutil.copytree(before, after, symlinks=True)
    version = before.name.rpartition("-")[2]
    command: list[str | Path] = [
        python,
        "-m",
        "deferred_imports",
        "adopt",
        "--startup",
        project.startup,
        "--json",
        "--write",
        "--yes",
    ]
    command += ["--allow-dirty", "--no-table", *([project.package] if project.package else [])]
    if tests and project.test:
        command += ["--test", project.test]
    done = run(command, after)
    (home / f"{project.name}.log").write_text(done.stderr, encoding="utf-8")
    if done.returncode:
        return Row(f"{project.name} {version}", note=done.stderr.strip().rpartition("\n")[2] or "nothing to do")
    told = json.loads(done.stdout)
    (home / f"{project.name}.json").write_text(done.stdout, encoding="utf-8")
    start = told["starts"][0]
    costs = times(project, python, (before, after), rounds)
    said = told["tests"] or {"before": "", "after": ""}
    cells = [
        str(start["modules_before"]),
        str(start["modules_after"]),
        *(f"{1000 * cost:.0f}" for cost in costs),
        str(len(told["files"])),
        changed(before, after),
        str(len(told["taken_back"])),
        said["before"],
        said["after"],
        eager(project, python, after) if tests and project.test else "",
    ]
    return Row(f"{project.name} {version}", tuple(cells))


def environment(project: Project, home: Path) -> Path:
    """Return the interpreter of an environment that has a project and what its tests need."""
    place = home / "environments" / project.name
    python = place / "bin" / "python"
    if not (place / "whole").exists():
        shutil.rmtree(place, ignore_errors=True)
        uv: list[str | Path] = [sys.executable, "-m", "uv"]
        checked([*uv, "venv", "-q", "--python", sys.executable, place], home.parent)
        wanted = [f"{project.name}{project.extras}", *_TEST_TOOLS, *project.requirements]
        checked([*uv, "pip", "install", "-q", "--python", python, *wanted], home.parent)
        (place / "whole").touch()
    return python


def fetch(project: Project, home: Path, python: Path) -> Path:
    """Return the tree of the sdist of the version that is installed."""
    show = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    version = checked([python, "-c", show, project.name], home).stdout.strip()
    before = home / "before"
    before.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[-_.]+", "[-_.]", f"{project.name}-{version}")
    known = [path for path in before.iterdir() if re.fullmatch(stem, path.name)]
    if known:
        return known[0]
    archives = home / "sdists"
    download: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        project.name,
        "-d",
        archives,
    ]
    checked([*download, f"{project.name}=={version}"], home)
    name = next(path for path in archives.iterdir() if re.fullmatch(stem + r"\.tar\.gz", path.name))
    with tarfile.open(name) as archive:
        archive.extractall(before, filter="data")
    return next(path for path in before.iterdir() if re.fullmatch(stem, path.name))


def times(project: Project, python: Path, trees: tuple[Path, Path], rounds: int) -> tuple[float, float]:
    """Return the processor time of a start of each tree: the median of interleaved starts."""
    found: tuple[list[float], list[float]] = ([], [])
    script, *rest = project.startup.split()
    for count in range(rounds + 1):
        for tree, seconds in zip(trees, found, strict=True):
            place = tree / "src" if (tree / "src").is_dir() else tree
            before = os.times()
            run([python.with_name(script), *rest], tree.parent, PYTHONPATH=str(place), PYTHONDONTWRITEBYTECODE="")
            after = os.times()
            if count:  # the first compiles
                cost = after.children_user + after.children_system - before.children_user - before.children_system
                seconds.append(cost)
    return statistics.median(found[0]), statistics.median(found[1])


def changed(before: Path, after: Path) -> str:
    """Return how many lines are new and gone."""
    done = run(["git", "diff", "--no-index", "--shortstat", before, after], before.parent)
    numbers = dict(re.findall(r"(\d+) (insertion|deletion)", done.stdout)[::-1])
    counts = {what: count for count, what in numbers.items()}
    return f"+{counts.get('insertion', 0)} -{counts.get('deletion', 0)}"


def eager(project: Project, python: Path, tree: Path) -> str:
    """Return what the tests say when all deferred imports are resolved at the start."""
    command: list[str | Path] = [python, "-m", "deferred_imports"]
    done = run([*command, "init", "--yes"], tree)
    if not done.returncode:
        done = run([*command, "generate"], tree)
    if done.returncode:
        return f"no registry: {(done.stderr or done.stdout).strip().rpartition(chr(10))[2]}"
    line = re.search(r'add "(from \. import \w+ as \w+)"', done.stdout + done.stderr)
    registry = next(path for path in tree.rglob("_deferred.py") if "tests" not in path.parts)
    if line:
        with open(registry.with_name("__init__.py"), "a", encoding="utf-8") as file:
            file.write(f"\n{line[1]}\n")
    place = tree / "src" if (tree / "src").is_dir() else tree
    words: list[str | Path] = [python, "-m", *project.test.removeprefix("python -m ").split()]
    path = os.pathsep.join([str(place), str(ROOT / "src")])
    told = run(words, tree, PYTHONPATH=path, PYDEFER_EAGER="1", COLUMNS="1000")
    lines = [text for text in (told.stdout + told.stderr).splitlines() if text.strip()]
    counts = re.findall(r"\d+ (?:passed|failed|errors?|skipped|xfailed)", lines[-1]) if lines else []
    return ", ".join(counts) or (lines[-1] if lines else f"exit code {told.returncode}")


def run(command: Sequence[str | Path], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with our package at hand; its exit code is the caller's affair."""
    environment = {"PYTHONPATH": str(ROOT / "src"), **variables}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def checked(command: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that has to succeed."""
    cwd.mkdir(parents=True, exist_ok=True)
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
