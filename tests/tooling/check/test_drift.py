"""What `check` finds in the sources of a project, what it prints, and how it exits.

Each case in `tests/cases/check` is a project in one file, and what the command says, for people and for GitHub.
"""

import json
import re
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.check import attributes, drift, finding, startup
from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.report import as_annotation
from deferred_imports.tooling.registry.environment import here
from goldens import CASES, compare, unpack
from processes import RUNTIME

FOLDER = CASES / "check"
PROJECTS = sorted(FOLDER.glob("*.project"))
# What needs no registry of its own: it has one, has none on purpose, or is not valid.
AS_IT_IS = {"registry-missing", "registry-missing-with-hook", "registry-stale", "table"}


@pytest.mark.parametrize("case", PROJECTS, ids=lambda path: path.stem)
def test_findings(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each finding says where, what and what to do, the same for people and for GitHub, and decides the exit code."""
    monkeypatch.chdir(unpack(case, tmp_path))
    if case.stem not in AS_IT_IS:
        assert cli.main(["generate"]) == 0
        capsys.readouterr()

    exit_code = cli.main(["check"])
    out, err = capsys.readouterr()
    compare(anywhere(f"{out}{err}exit {exit_code}\n"), case.with_suffix(".txt"))
    assert cli.main(["check", "--format", "github"]) == exit_code
    compare(anywhere(capsys.readouterr().out), case.with_suffix(".github.txt"))


def anywhere(text: str) -> str:
    """Return what the command prints without the name of the environment, and the Python, that run the tests."""
    python = "of Python {}.{} ".format(*sys.version_info)
    return text.replace(f"installed in {here()}", "installed in ENVIRONMENT").replace(python, "of PYTHON ")


def test_there_is_a_case_for_every_finding() -> None:
    """Nothing that a check can find is without a golden case."""
    sources = [
        Path(module.__file__ or "").read_text(encoding="utf-8") for module in (finding, attributes, drift, startup)
    ]
    kinds = {kind for text in sources for kind in re.findall(r'\bFinding\(\s*"([a-z-]+)"', text)}
    assert len(kinds) >= 11

    assert {"loaded-at-startup", "startup-failed"} < kinds
    shown = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.txt"))
    assert {kind for kind in kinds if f"title={kind}" not in shown} == set()


def test_the_environment_can_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--no-environment` modules that are not installed are no findings, as for a pre-commit hook."""
    monkeypatch.chdir(unpack(FOLDER / "module-missing.project", tmp_path))
    cli.main(["generate"])
    capsys.readouterr()

    assert cli.main(["check", "--no-environment"]) == 0
    assert capsys.readouterr().out == "no problems\n"


def test_nothing_of_the_project_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` runs neither the package nor what it declares, even where both can be imported."""
    files = {
        "pyproject.toml": '[project]\nname = "trap"\ndependencies = ["trapped"]\n'
        '[tool.deferred-imports.imports]\nt = "trapped.inside"\nu = ".own"\n',
        "src/trap/__init__.py": "raise SystemExit(5)\n",
        "src/trap/own.py": "from . import _deferred\n_deferred.t, _deferred.u\nraise SystemExit(6)\n",
        "src/trapped/__init__.py": "raise SystemExit(7)\n",
        "src/trapped/inside.py": "raise SystemExit(8)\n",
    }
    text = "".join(f"== {name}\n{content}" for name, content in files.items())
    (tmp_path / "case").write_text(text, encoding="utf-8")
    monkeypatch.chdir(unpack(tmp_path / "case", tmp_path / "root"))
    monkeypatch.syspath_prepend(tmp_path / "root" / "src")
    cli.main(["generate"])
    capsys.readouterr()

    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "no problems\n"


def test_annotations_are_escaped() -> None:
    """What has a meaning in a workflow command is escaped as GitHub wants it."""
    finding = Finding("kind", Path("a,b:c%.py"), 3, "50 %", "do\nthis: that", chain=("x.py:1: a, b",))

    annotation = as_annotation(finding)
    assert annotation == "::error file=a%2Cb%3Ac%25.py,line=3,title=kind::50 %25; do%0Athis: that%0Ax.py:1: a, b"


def test_a_forbidden_module_needs_a_start(capsys: pytest.CaptureFixture[str]) -> None:
    """`--forbid` alone would check nothing, so it is refused."""
    assert cli.main(["check", "--forbid", "numpy"]) == 2
    assert "--forbid needs --startup" in capsys.readouterr().err


def test_the_demo_is_clean(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The sample project of the README defers what it declares."""
    monkeypatch.chdir(RUNTIME.parent / "tests" / "projects" / "weather")

    assert cli.main(["check", "--no-environment"]) == 0
    assert json.dumps(capsys.readouterr().out.splitlines()[-1]) in {'"no problems"', '"1 note"'}


def test_other_packages_of_the_wheel_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that another package of the same wheel uses is used; one that none uses is told of all of them."""
    files = {
        "pyproject.toml": '[project]\nname = "app"\n[tool.deferred-imports]\npackage = "app"\n'
        '[tool.deferred-imports.imports]\nminidom = "xml.dom.minidom"\n',
        "src/app/__init__.py": "from . import _deferred as _deferred\n",
        "src/app_cli/__init__.py": "from app import _deferred\ndef main(): return _deferred.minidom\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == cli.main(["check"]) == 0
    (tmp_path / "src/app_cli/__init__.py").write_text("", encoding="utf-8")
    capsys.readouterr()

    assert cli.main(["check"]) == 1
    assert "minidom: nothing in what the wheel ships uses it" in capsys.readouterr().out
