"""What is read from a project's tree, on any build backend: the package, and what lies in it."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.table.manifest import Manifest
from deferred_imports.tooling.table.problems import ManifestError
from trees import write

TABLE = '[project]\nname = "weather"\n\n[tool.deferred-imports]\nimports.j = "json"\n'


def message(error: pytest.ExceptionInfo[ManifestError]) -> str:
    return str(error.value)


# Finding the package


def loaded(root: Path, table: str = TABLE) -> tuple[Manifest, str]:
    project = load_project(write(root, {"pyproject.toml": table}))
    return project.manifest, project.registry_path.relative_to(root).as_posix()


@pytest.mark.parametrize(
    ("files", "package", "registry"),
    [
        (["src/weather/__init__.py"], "weather", "src/weather/_deferred.py"),
        (["weather/__init__.py"], "weather", "weather/_deferred.py"),
        (["src/ns/app/__init__.py"], "ns.app", "src/ns/app/_deferred.py"),
        (["src/ns/app/__init__.py", "src/ns/app/inner/__init__.py"], "ns.app", "src/ns/app/_deferred.py"),
    ],
    ids=["src", "flat", "namespace in src", "with a subpackage"],
)
def test_one_package_is_found(tmp_path: Path, files: list[str], package: str, registry: str) -> None:
    """The one package of a project needs no declaration, in `src` or in the root; for others see `test_roots`."""
    manifest, place = loaded(write(tmp_path, dict.fromkeys(files, "")))
    assert (manifest.package, place) == (package, registry)


def test_what_is_beside_the_package_is_not_it(tmp_path: Path) -> None:
    """Tests, documentation, examples, environments and leftovers of builds are not the package, nor a second one."""
    beside = "tests docs examples build dist scripts node_modules .hidden _private benchmarks".split()
    write(tmp_path, dict.fromkeys([f"{name}/__init__.py" for name in beside], ""))
    write(tmp_path, {"env/pyvenv.cfg": "", "env/lib/numpy/__init__.py": "", "climate/__init__.py": ""})
    assert loaded(tmp_path)[0].package == "climate"


def test_src_goes_first(tmp_path: Path) -> None:
    """Where there is a package in `src`, others in the root are not shipped; C sources in `src` do not count."""
    write(tmp_path, {"src/climate/__init__.py": "", "other/__init__.py": ""})
    assert loaded(tmp_path)[1] == "src/climate/_deferred.py"
    write(tmp_path / "c", {"src/speed.c": "", "climate/__init__.py": ""})
    assert loaded(tmp_path / "c")[1] == "climate/_deferred.py"


@pytest.mark.parametrize(
    ("files", "registry"),
    [
        (["python/climate/__init__.py"], "python/climate/_deferred.py"),
        (["packages/one/src/climate/__init__.py"], "packages/one/src/climate/_deferred.py"),
        (["lib/climate/__init__.py", "deeper/below/climate/__init__.py"], "lib/climate/_deferred.py"),
        (["lib/climate/__init__.py", "tests/climate/__init__.py"], "lib/climate/_deferred.py"),
        (["src/other/__init__.py", "climate/__init__.py"], "climate/_deferred.py"),
        (["tests/climate/__init__.py", "climate/__init__.py", "lib/climate/__init__.py"], "climate/_deferred.py"),
    ],
    ids=["one folder down", "in a src further down", "the shallowest", "not in tests", "not in src", "the root first"],
)
def test_declared_package_is_searched(tmp_path: Path, files: list[str], registry: str) -> None:
    """A package that the table names is found wherever the backend keeps it."""
    write(tmp_path, dict.fromkeys(files, ""))
    assert loaded(tmp_path, TABLE.replace("imports.j", 'package = "climate"\nimports.j'))[1] == registry


def test_declared_package_in_a_namespace_is_searched(tmp_path: Path) -> None:
    """The search compares whole dotted names, and knows modules by them."""
    write(tmp_path, {"lib/ns/app/__init__.py": "", "lib/ns/app/cli.py": "", "lib/app/__init__.py": ""})
    table = TABLE.replace("imports.j", 'package = "ns.app"\nimports.cli = ".cli"\nimports.j')
    assert loaded(tmp_path, table)[1] == "lib/ns/app/_deferred.py"


def test_declared_package_is_nowhere(tmp_path: Path) -> None:
    """A package that is not in the tree is told with those that are."""
    write(tmp_path, {"src/weather/__init__.py": "", "src/climate/__init__.py": ""})
    with pytest.raises(ManifestError) as error:
        loaded(tmp_path, TABLE.replace("imports.j", 'package = "wether"\nimports.j'))
    assert '"climate", "weather"' in message(error)
    assert 'did you mean "weather"?' in message(error)


def test_sources_are_the_package_without_its_registry(tmp_path: Path) -> None:
    """What is analysed is the same whether the registry is there or not; other packages are not in it."""
    files = ["weather/__init__.py", "weather/cli.py", "weather/_deferred.py", "weather/_fast.so", "weatherman/x.py"]
    write(tmp_path, {f"src/{file}": f"# {file}" for file in files} | {"pyproject.toml": TABLE})
    assert load_project(tmp_path).read_sources() == {
        "weather": b"# weather/__init__.py",
        "weather.cli": b"# weather/cli.py",
    }
