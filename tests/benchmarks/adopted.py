"""The real projects that `benchmarks.adopting` adopts, and how the tests of one run eagerly, in its own environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deferred_imports.tooling.adopt.target import AdoptedProject

_PYTEST = "pytest -q -p no:cacheprovider --timeout=120"
# Some sdists lack what a few files of their own tests import; all the others run.
_MOST = f"{_PYTEST} --continue-on-collection-errors tests"


@dataclass(frozen=True)
class Project:
    """A project to adopt.

    Attributes:
        name: What the index calls it.
        startup: What is started.
        parser: The module that parses its arguments, without which no start can be.
        test: How its tests are run, which the sdist holds; those that need a network or root are left out.
        requirements: What its tests need.
        extras: The extras that it is installed with.
        package: The package in which imports move; empty for all that it ships.
        is_compiled: Whether its wheel holds compiled modules, and so its sdist is installed instead.
        release: Which of its versions; empty for the newest.
    """

    name: str
    startup: str
    parser: str = "argparse"
    test: str = f"{_PYTEST} tests"
    requirements: tuple[str, ...] = ("pytest",)
    extras: str = ""
    package: str = ""
    is_compiled: bool = False
    release: str = ""

    @property
    def requirement(self) -> str:
        """What is installed of it."""
        return f"{self.name}{self.extras}{self.release and f'=={self.release}'}"


PROJECTS = (
    Project(
        "cookiecutter",
        "cookiecutter --help",
        parser="click",
        requirements=("pytest", "pytest-mock", "pytest-cov", "freezegun"),
    ),
    Project("httpie", "http --help", extras="[test]"),
    Project(
        "black",
        "black --help",
        parser="click",
        requirements=("pytest<9", "pytest-xdist"),
        extras="[d]",
        is_compiled=True,
    ),
    Project(
        "streamlink",
        "streamlink --help",
        test="pytest -q -p no:cacheprovider tests",  # it names the plugins that it wants
        requirements=("pytest", "requests-mock", "freezegun", "pytest-asyncio", "pytest-trio"),
    ),
    Project("pre-commit", "pre-commit --help", test="", package="pre_commit"),
    Project(
        "sphinx",
        "sphinx-build --help",
        requirements=("pytest", "pytest-xdist", "defusedxml", "cython"),
        test=f"{_PYTEST} -n auto tests",
    ),
    Project(
        "mkdocs",
        "mkdocs --help",
        parser="click",
        test="python -m unittest discover -s mkdocs -p *tests.py -t .",
        requirements=("babel",),
        extras="[i18n]",
    ),
    Project(
        "nox",
        "nox --help",
        extras="[uv,tox-to-nox]",
        requirements=("pytest", "pytest-xdist", "webtest"),
    ),
    Project(
        "datasette",
        "datasette --help",
        parser="click",
        extras="[test]",
        test=_MOST,  # `from .fixtures import ...` has no package and no such file there
    ),
    Project(
        "pdm",
        "pdm --help",
        extras="[pytest]",
        requirements=(
            "pytest",
            "pytest-mock",
            "pytest-httpserver",
            "pytest-httpx",
            "hishel<2",  # pdm uses what it has no more
        ),
        test=_MOST,  # `tasks` is not there
    ),
    Project(
        "poetry",
        "poetry --help",
        parser="cleo.application",
        requirements=("pytest", "pytest-mock", "pytest-xdist", "deepdiff", "responses", "httpretty", "jaraco.classes"),
    ),
    Project(
        "tox",
        "tox --help",
        requirements=(
            "pytest",
            "pytest-mock",
            "devpi-process",
            "distlib",
            "flaky",
            "psutil",
            "re-assert",
            "time-machine",
        ),
        test=_MOST,  # `tools` is not there
    ),
    Project(
        "pipdeptree",
        "pipdeptree --help",
        requirements=("pytest", "pytest-mock", "virtualenv", "covdefaults"),
        release="3.0.0",  # later ones are Rust
    ),
    Project(
        "build",
        "pyproject-build --help",
        requirements=(
            "pytest",
            "pytest-mock",
            "pytest-rerunfailures",
            "filelock",
            "wheel",
            "setuptools",
            "uv",
            "virtualenv",
        ),
        # Those that make an environment with pip take minutes.
        test=f"{_PYTEST} -m 'not isolated and not network' tests",
    ),
    Project("twine", "twine --help", requirements=("pytest", "pretend", "jaraco.envs", "build")),
    Project("yamllint", "yamllint --help", test="python -m unittest discover -s tests -t ."),
)


def run_eagerly() -> None:
    """Run the tests of the project in this directory with all that waits loaded at the start, and print what they say.

    The registry is that of the table; a project that `adopt` gave none gets one for this, in the copy.
    """
    from deferred_imports.tooling.adopt.scratch import Scratch
    from deferred_imports.tooling.adopt.target import find_target
    from deferred_imports.tooling.adopt.testing import run_tests

    name, script, test = sys.argv[1:]
    target = find_target(Path())
    with tempfile.TemporaryDirectory() as directory:
        scratch = Scratch(target, Path(directory))
        manifest = scratch.root / "pyproject.toml"
        old = manifest.read_bytes() if manifest.is_file() else b""
        if b"[tool.deferred-imports]" not in old:
            manifest.write_text(_manifest(name, _package(target, script)), encoding="utf-8")
        command = [sys.executable, "-m", "deferred_imports", "generate"]
        done = subprocess.run(command, cwd=scratch.root, capture_output=True, text=True, check=False)
        manifest.write_bytes(old) if old else manifest.unlink()
        if done.returncode:
            print(json.dumps({"told": f"no registry: {done.stderr.strip().splitlines()[-1]}", "failed": []}))
            return
        # As every build does.
        registry = next(path for place in scratch.places for path in place.rglob("_deferred.py"))
        with open(registry.with_name("__init__.py"), "a", encoding="utf-8") as file:
            file.write("\nfrom . import _deferred as _deferred\n")
        result = run_tests(test, scratch, variables={"PYDEFER_EAGER": "1"})
        told = str(result) if result.counts else f"{result}: {result.last}"
        print(json.dumps({"told": told, "failed": sorted(result.failed)}))


def _package(target: AdoptedProject, script: str) -> str:
    """Return the package of what is started; of several in one namespace (PEP 420) only that."""
    packages = sorted(module for module, path in target.files.items() if path.stem == "__init__")
    module = target.scripts.get(script, "").partition(":")[0]
    return next((package for package in packages if f"{module}.".startswith(f"{package}.")), packages[0])


def _manifest(name: str, package: str) -> str:
    """Return a pyproject.toml that says what the metadata of the installed distribution do."""
    from packaging.requirements import Requirement

    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in map(Requirement, requires(name) or ()):
        extra = re.search(r"extra == ['\"]([^'\"]+)", str(requirement.marker or ""))
        (extras.setdefault(extra[1], []) if extra else needed).append(requirement.name)
    project: dict[str, Any] = {"name": name, "version": version(name), "dependencies": needed}
    lines = ["[project]", *(f"{key} = {json.dumps(value)}" for key, value in project.items())]
    lines += ["[project.optional-dependencies]", *(f"{json.dumps(key)} = {json.dumps(extras[key])}" for key in extras)]
    table = ["[tool.deferred-imports]", f"package = {json.dumps(package)}", "discover = true"]
    return "\n".join([*lines, *table, ""])
