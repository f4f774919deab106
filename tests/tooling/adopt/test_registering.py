"""The forms of `adopt` that go through the registry: *names* and *native*."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.adopt.frontier import all_names
from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.package import AdoptedPackage, read_package
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.registering import Registered, register
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at
from goldens import CASES, compare, unpack

MakeProject = Callable[..., Path]
FORMS: tuple[Registered, ...] = ("names", "native")


def package_in(root: Path, form: Registered) -> AdoptedPackage:
    document = read_toml(root / "pyproject.toml")
    package = read_package(root, find_modules(root, document))
    table = table_at(document, "tool", "deferred-imports", "imports")
    return replace(package, registering=register(form, package.whole, "weather", "_deferred", table, line_length=88))


@pytest.mark.parametrize("form", FORMS)
def test_the_new_sources_and_the_table(form: Registered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each form makes of the sources, and which entries the table gets, is what the golden file says."""
    case = CASES / "adopt" / "forms" / f"{form}.project"
    root = unpack(case, tmp_path)
    monkeypatch.chdir(root)
    package = package_in(root, form)
    names = all_names(package.plans)
    assert package.registering is not None
    if form == "native":
        names = names.intersection(package.registering.entries)
    parts = []
    for module, source in package.rewritten(names).items():
        compile(source, module, "exec", dont_inherit=True)
        parts.append(f"== {package.files[module].relative_to(root).as_posix()}\n{source.decode()}")
    entries = [f'{key} = "{target}"\n' for key, target in sorted(package.registering.targets.items())]
    compare("".join([*parts, "== entries\n", *entries]), case.with_suffix(".txt"))


@pytest.mark.parametrize("form", FORMS)
def test_linters_and_formatters_have_nothing_to_add(form: Registered, tmp_path: Path) -> None:
    """What either form writes is sorted, used and formatted (pitfall 31)."""
    root = unpack(CASES / "adopt" / "forms" / f"{form}.project", tmp_path)
    package = package_in(root, form)
    assert package.registering is not None
    for module, source in package.rewritten(package.registering.entries).items():
        package.files[module].write_bytes(source)
    changed = sorted({package.files[name.module] for name in package.registering.entries})
    assert changed
    for tool in (["check", "--extend-select=I001,F401,F821,E402"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *tool, "--no-cache", "--isolated", *map(str, changed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout


def test_names_from_end_to_end(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """What the start need not load is read from the registry, which is written, too; a second run changes nothing."""
    root = make_project()
    command = ["adopt", "--write", "--yes", "--allow-dirty", "--form", "names", "--form", "functions"]
    assert cli.main(command) == 0
    assert b"_deferred.minidom.parseString(text)" in (root / "src/weather/cli.py").read_bytes()
    table = read_toml(root / "pyproject.toml")
    assert table_at(table, "tool", "deferred-imports") == {
        "backend": "setuptools.build_meta:__legacy__",
        "discover": True,
        "imports": {"html": "html", "minidom": "xml.dom:minidom"},
    }
    assert (root / "src/weather/_deferred.py").is_file()
    written = {path: path.read_bytes() for path in root.rglob("*") if path.suffix in {".py", ".toml"}}
    capsys.readouterr()
    assert cli.main(command) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in root.rglob("*") if path.suffix in {".py", ".toml"}} == written


@pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports came with Python 3.15")
def test_native_from_end_to_end(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """The imports stay where they are, and do not run; a second run changes nothing."""
    root = make_project()
    command = ["adopt", "--write", "--yes", "--allow-dirty", "--form", "native", "--test", "python -m pytest -q"]
    assert cli.main(command) == 0
    source = (root / "src/weather/cli.py").read_text(encoding="utf-8")
    assert "from weather._deferred import __lazy_modules__  # noqa: F401  # isort: skip\n\nimport sys\n" in source
    assert "  tests: 2 passed before, 2 passed after\n" in capsys.readouterr().out
    assert cli.main(command) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert (root / "src/weather/cli.py").read_text(encoding="utf-8") == source


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="this Python has lazy imports")
def test_native_takes_a_python_that_has_it(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing could be proven, that is said, with what to do."""
    make_project()
    assert cli.main(["adopt", "--form", "native"]) == 2
    found = ".".join(map(str, sys.version_info[:2]))
    told = f"--form native takes Python 3.15, which --python names; this is {found}\n"
    assert capsys.readouterr().err == f"deferred-imports: {told}"


def test_native_stands_alone(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """It moves nothing, so that it cannot be had with a form that does."""
    make_project()
    assert cli.main(["adopt", "--form", "native", "--form", "names"]) == 2
    assert capsys.readouterr().err.startswith("deferred-imports: expected --form native alone: ")


def test_what_a_dictionary_is_asked_for_does_not_wait() -> None:
    """`globals()["xml"]` would give what is lazy: where the registry would make such an import wait, none does."""
    source = 'import xml.dom\nfrom xml.dom import minidom\n\ndef f():\n    return globals()["xml"], minidom\n'
    plan = make_plan(source.encode(), "app.m", is_package=False, wanted=Wanted())
    assert [kept.reason for kept in plan.kept] == ["dynamic"]
    assert register("native", {"app.m": plan}, "app", "_deferred", {}, line_length=88).entries == {}
