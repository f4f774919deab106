"""What we ship, to the last file: two wheels and two sdists, and what an installation of them brings along."""

import email
import importlib.metadata
import re
import sys
import tarfile
from collections.abc import Mapping
from configparser import ConfigParser
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from builds import names_in, read_from, run_build
from processes import Env, MakeVenv, clean_env
from wheelhouse import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RUNTIME, HOOK = "deferred_imports", "hatch_deferred_imports"
WITH_SDIST = {".gitignore", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}


@pytest.fixture(scope="session")
def shipped(tree_copy: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Our four archives by the start and the end of their names: `shipped["deferred_imports.whl"]`."""
    found = {}
    for name, project in ((RUNTIME, tree_copy), (HOOK, tree_copy / "hatch_plugin")):
        for target, suffix in (("wheel", ".whl"), ("sdist", ".tar.gz")):
            out = tmp_path_factory.mktemp("shipped")
            built = run_build("hatchling", project, target, out, env=clean_env(home))
            assert built.returncode == 0, built.output
            (found[name + suffix],) = built.artifacts
    return found


def metadata(wheel: Path) -> Message:
    """Return a wheel's METADATA."""
    return email.message_from_string(read_from(wheel, "METADATA"))


def entry_points(wheel: Path) -> Mapping[str, Mapping[str, str]]:
    """Return a wheel's entry points, by group and name."""
    parser = ConfigParser(delimiters=("=",))
    parser.read_string(read_from(wheel, "entry_points.txt"))
    return {group: dict(parser[group]) for group in parser.sections()}


def modules_below(source: Path) -> set[str]:
    """Return what a distribution is made of: its modules, the mark that they are typed, the schema and the manuals."""
    kinds = ("*.py", "py.typed", "*schema.json", "README.md", "*.css", "*.js")
    files = {path for kind in kinds for path in source.rglob(kind)}
    return {path.relative_to(source).as_posix() for path in files}


@pytest.mark.parametrize("name", [RUNTIME, HOOK])
def test_a_wheel_holds_its_modules_and_nothing_else(name: str, shipped: dict[str, Path], tree_copy: Path) -> None:
    """A wheel holds every module of its package, what a distribution must say of itself, and nothing else."""
    wheel = shipped[f"{name}.whl"]
    source = tree_copy / {RUNTIME: "src", HOOK: "hatch_plugin/src"}[name]
    info = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    about = {f"{info}/{file}" for file in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}
    modules = modules_below(source)
    assert {f"{name}/__init__.py", f"{name}/py.typed"} <= modules
    assert names_in(wheel) == modules | about


def test_the_sdist_holds_the_tests_and_all_that_they_read(shipped: dict[str, Path], tree_copy: Path) -> None:
    """From the sdist one can run the tests: it holds both distributions, the tests, their cases and sample projects."""
    files = (path.relative_to(tree_copy) for path in tree_copy.rglob("*") if path.is_file())
    whole = {path.as_posix() for path in files if "__pycache__" not in path.parts}  # a build leaves some
    assert {"tests/conftest.py", "hatch_plugin/pyproject.toml", "CHANGELOG.md"} <= whole
    assert names_in(shipped["deferred_imports.tar.gz"]) == whole | WITH_SDIST


def test_the_sdist_of_the_hook_holds_the_hook(shipped: dict[str, Path], tree_copy: Path) -> None:
    """The hook's sdist holds its modules and what building them takes."""
    modules = {f"src/{path}" for path in modules_below(tree_copy / "hatch_plugin/src")}
    assert names_in(shipped["hatch_deferred_imports.tar.gz"]) == modules | WITH_SDIST | {"hatch_build.py"}


@pytest.mark.parametrize("name", [RUNTIME, HOOK])
def test_an_sdist_builds_by_itself(name: str, shipped: dict[str, Path], home: Path, tmp_path: Path) -> None:
    """An unpacked sdist builds where nothing of the tree is in reach, into the very wheel that the tree gives."""
    with tarfile.open(shipped[f"{name}.tar.gz"]) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (project,) = (tmp_path / "unpacked").iterdir()
    (tmp_path / "dist").mkdir()
    built = run_build("hatchling", project, "wheel", tmp_path / "dist", env=clean_env(home))
    assert built.returncode == 0, built.output
    assert built.wheel.read_bytes() == shipped[f"{name}.whl"].read_bytes()


def test_the_runtime_needs_nothing_but_python(shipped: dict[str, Path]) -> None:
    """Whatever the runtime's wheel requires, an extra does."""
    requirements = [
        Requirement(text) for text in metadata(shipped["deferred_imports.whl"]).get_all("Requires-Dist", [])
    ]
    assert requirements
    assert [str(needed) for needed in requirements if "extra ==" not in str(needed.marker)] == []


def test_what_each_distribution_registers(shipped: dict[str, Path]) -> None:
    """The runtime brings the command, a pytest plugin and the table's schema; the hook is known by its name."""
    assert entry_points(shipped["deferred_imports.whl"]) == {
        "console_scripts": {"deferred-imports": "deferred_imports.__main__:main"},
        "pytest11": {"deferred-imports": "deferred_imports.pytest_plugin"},
        "validate_pyproject.tool_schema": {"deferred-imports": "deferred_imports.tooling.table.schema:load"},
    }
    assert entry_points(shipped["hatch_deferred_imports.whl"]) == {
        "hatch": {"deferred-imports": "hatch_deferred_imports.hooks"}
    }


def test_both_distributions_are_released_together(shipped: dict[str, Path]) -> None:
    """The hook has the version of the core that it was written with, and requires exactly that one."""
    core, hook = (metadata(shipped[f"{name}.whl"]) for name in (RUNTIME, HOOK))
    assert hook["Version"] == core["Version"]
    assert f"deferred-imports[build]=={core['Version']}" in hook.get_all("Requires-Dist", [])
    assert hook["Requires-Python"] == core["Requires-Python"]


@pytest.mark.parametrize("name", [RUNTIME, HOOK])
def test_classifiers_claim_what_is_tested(name: str, shipped: dict[str, Path]) -> None:
    """The Pythons are those of the test matrix, from the one required; of systems only the one that tests run on."""
    said = metadata(shipped[f"{name}.whl"])
    classifiers = said.get_all("Classifier", [])
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (matrix,) = settings["tool"]["hatch"]["envs"]["hatch-test"]["matrix"]
    pythons = [text.removeprefix("Programming Language :: Python :: ") for text in classifiers]
    assert [text for text in pythons if re.fullmatch(r"3\.\d+", text)] == matrix["python"]
    assert said["Requires-Python"] == f">={matrix['python'][0]}"
    assert [text for text in classifiers if "System" in text] == ["Operating System :: POSIX :: Linux"]


def installed_by(venv: MakeVenv, requirement: str) -> set[str]:
    """Return the names of the distributions that installing ``requirement`` brings."""
    path = str(venv(requirement).site_packages)
    return {found.metadata["Name"] for found in importlib.metadata.distributions(path=[path])}


def test_installing_the_runtime_brings_the_runtime(venv: MakeVenv) -> None:
    """In production there is one distribution more, and nothing that runs when the interpreter starts."""
    assert installed_by(venv, "deferred-imports") == {"deferred-imports"}
    assert list(venv("deferred-imports").site_packages.glob("*deferred*.pth")) == []


def test_a_build_environment_gets_packaging_and_no_more(venv: MakeVenv) -> None:
    """Beside hatchling's own requirements, and those are the same, the hook brings the core alone."""
    tomli = {"tomli"} if sys.version_info < (3, 11) else set()
    assert installed_by(venv, "deferred-imports[build]") == {"deferred-imports", "packaging"} | tomli
    ours = {"deferred-imports", "hatch-deferred-imports"}
    assert installed_by(venv, "hatch-deferred-imports") == installed_by(venv, "hatchling") | ours


def test_without_an_index_there_is_no_way_to_a_published_version(venv: MakeVenv, offline_env: Env) -> None:
    """What tests install was built from the tree: a distribution that the wheelhouse lacks cannot be had at all."""
    with pytest.raises(AssertionError, match="colorama"):
        venv("colorama")
    assert offline_env["UV_NO_INDEX"] == offline_env["PIP_NO_INDEX"] == "1"
