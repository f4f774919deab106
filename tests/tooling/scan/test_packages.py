"""Which package is scanned, what starts it, and whose its imports are."""

import json
import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.scan.packages import ScanError, launch_of, locate
from deferred_imports.tooling.scan.pipeline import Scan, scan
from deferred_imports.tooling.start.launch import Launch, UnknownProgramError
from goldens import write_app


def scanned(folder: Path) -> Scan:
    return scan(locate(["app"], folder))


def test_whose_an_import_is(tmp_path: Path) -> None:
    """Imports are told by distribution: the package itself, the standard library, what is installed or not."""
    write_app(
        tmp_path,
        {"app/cli.py": "import json\nimport app.x\nimport packaging\nimport there_is_no_such\n", "app/x.py": ""},
    )
    owners = {item.judged.module: item.distribution for item in scanned(tmp_path).found}
    assert owners == {
        "json": "standard library",
        "app.x": "app",
        "packaging": "packaging",
        "there_is_no_such": "not installed",
    }


def test_what_is_started(tmp_path: Path) -> None:
    """By default the package's console script with --help; a module or a script where the user says so."""
    write_app(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "app"\n[project.scripts]\napp = "app.cli:main"\nb = "app.b:run"\n',
            "app/cli.py": "",
        },
    )
    package = locate([], tmp_path)
    scripts = os.path.dirname(sys.executable)
    app, b = os.path.join(scripts, "app"), os.path.join(scripts, "b")
    assert launch_of(package, None) == Launch("app --help", "call", "app.cli:main", (app, "--help"), scripts)
    assert launch_of(package, "b -v 'x y'") == Launch("b -v 'x y'", "call", "app.b:run", (b, "-v", "x y"), scripts)
    assert launch_of(package, "app.cli") == Launch("app.cli", "import", "app.cli", ("app.cli",))
    with pytest.raises(UnknownProgramError, match='got "c"; there is "app", "b"'):
        launch_of(package, "c --help")


@pytest.mark.parametrize(
    ("document", "packages", "chosen"),
    [
        ('[project]\nname = "acme-geo"\n', ["src/acme/geo", "src/acme/geo/deep"], "acme.geo"),
        ('[project]\nname = "acme-geo"\n', ["src/acme/geo", "src/acme/map"], "acme.geo"),
        (
            '[project]\nname = "x"\n[tool.deferred-imports]\npackage = "acme.map"\n',
            ["acme/geo", "acme/map"],
            "acme.map",
        ),
        ('[project]\nname = "app"\n[tool.deferred-imports]\npackage = "b"\n', ["app", "b"], "b"),
    ],
    ids=["namespace", "several", "table", "table-first"],
)
def test_which_package(document: str, packages: list[str], chosen: str, tmp_path: Path) -> None:
    """By default it is that of the table, else the one of the tree, which a namespace package may hold."""
    for package in packages:
        (tmp_path / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(document, encoding="utf-8")
    assert locate([], tmp_path).names == (chosen,)


def test_an_installed_package(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is installed can be scanned from anywhere."""
    assert cli.main(["-C", str(write_app(tmp_path, {})), "scan", "packaging", "--static", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["packages"] == ["packaging"]
    assert {"packaging.markers", "packaging.tags"} <= {item["importer"] for item in told["imports"]}


def test_what_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not there is told, with exit code 2."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["scan", "there_is_no_such"]) == 2
    expected = f'"there_is_no_such" is neither in the tree nor installed in {here()}'
    remedy = "install it there, or name another with --python"
    assert capsys.readouterr().err == f"deferred-imports: {expected}; {remedy}\n"
    assert cli.main(["scan"]) == 2
    expected = "expected a project or a package, got no pyproject.toml here or above; name an installed package"
    assert capsys.readouterr().err == f"deferred-imports: {expected}\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"one/__init__.py": "", "two/__init__.py": ""}, "expected one package, got one, two in .; name those to scan"),
        ({}, "expected a package in ., got no directory with an __init__.py; name an installed one"),
    ],
    ids=["several", "none"],
)
def test_which_package_is_meant(
    files: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a tree has several packages, or none, that is told with the remedy."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"pyproject.toml": "", **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ScanError) as caught:
        locate([], tmp_path)
    assert str(caught.value) == message


def test_a_project_with_a_setup_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where setuptools needs no pyproject.toml, the tree is scanned all the same, and not what is installed."""
    monkeypatch.chdir(write_app(tmp_path, {"setup.py": "", "app/cli.py": "import wave\ndef f(): wave.x\n"}))
    (tmp_path / "pyproject.toml").unlink()
    for arguments in (["app"], []):
        assert cli.main(["scan", "--static", *arguments]) == 0
        assert "app/cli.py:1" in capsys.readouterr().out


def test_several_packages_of_one_wheel(tmp_path: Path) -> None:
    """The packages that the console scripts are in are scanned with the first; named ones in the order of the names."""
    table = '[project]\nname = "app"\n[project.scripts]\napp = "app_cli.main:main"\n'
    sources = {"app/core.py": "import json\n\n\ndef f():\n    return json\n", "other/__init__.py": "import csv\n"}
    main = "from app import core\n\n\ndef main():\n    return\n\n\ndef more():\n    return core\n"
    write_app(tmp_path, {"pyproject.toml": table, **sources, "app_cli/__init__.py": "", "app_cli/main.py": main})

    package = locate([], tmp_path)
    assert package.names == ("app", "app_cli")
    found = scan(package, [launch_of(package, None)])
    saved = {item.judged.module: item.judged.saves for item in found.found}
    assert saved["app.core"][-1] == "app.core"
    assert found.starts[0].saves["can"].modules[-1] == "app.core"
    assert {item.distribution for item in found.found if item.judged.module == "app.core"} == {"app"}
    assert locate(["other", "app"], tmp_path).names == ("other", "app")


def test_several_starts(tmp_path: Path) -> None:
    """Each start tells what it loads and saves; an import has the verdict of the start in which it saves most."""
    sources = {
        "app/light.py": "VALUE = 1\n",
        "app/heavy.py": "VALUE = 1\n",
        "app/a.py": "from . import heavy\n\n\ndef use():\n    return heavy\n",
        "app/b.py": "from . import heavy, light\n\nVALUE = heavy.VALUE\n\n\ndef use():\n    return light\n",
    }
    package = locate(["app"], write_app(tmp_path, sources))
    found = scan(package, [launch_of(package, command) for command in ("app.a", "app.b")])
    assert [start.timed.command for start in found.starts] == ["import app.a", "import app.b"]
    assert [start.saves["can"].modules for start in found.starts] == [("app.heavy",), ("app.light",)]
    verdicts = {item.judged.site: (item.judged.verdict, item.judged.saves) for item in found.found}
    assert verdicts["app.a", 1, "app.heavy"] == ("can", ("app.heavy",))
    assert verdicts["app.b", 1, "app.light"] == ("can", ("app.light",))


def test_medians_of_several_runs(tmp_path: Path) -> None:
    """A start can be run several times: costs are medians, and the time of each run is told."""
    package = locate(["app"], write_app(tmp_path, {"app/cli.py": "import time\n\ntime.sleep(0.01)\n"}))
    start = scan(package, [launch_of(package, "app.cli")], runs=3).starts[0].timed
    assert len(start.runs) == 3
    assert min(start.runs) <= start.us <= max(start.runs)
    assert 10_000 <= start.startup.costs["app.cli"].self_us <= start.us
