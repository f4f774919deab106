"""The scan: a golden case for each verdict, what a start adds to it, and what it must survive.

A case is a package `app` below `tests/cases/scan`; where a file `start` says what to start, it is started.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.scan.packages import launch_of, locate
from deferred_imports.tooling.scan.pipeline import Scan, scan
from deferred_imports.tooling.scan.report import as_json, explain
from deferred_imports.tooling.start.launch import Launch, UnknownProgramError
from goldens import CASES, compare
from processes import RunPython

FOLDERS = sorted(folder for folder in (CASES / "scan").iterdir() if folder.is_dir())


def scanned(folder: Path, startup: str | None = None) -> Scan:
    package = locate("app", folder)
    return scan(package, None if startup is None else launch_of(package, startup))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in {"pyproject.toml": '[project]\nname = "app"\n', "app/__init__.py": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a case, in which paths in messages begin."""
    folder: Path = request.param
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".toml"}:
            copy = tmp_path / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    if not (tmp_path / "pyproject.toml").exists():
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(found: Scan) -> Iterator[str]:
    """Yield what a scan found, without what differs between runs and Pythons."""
    for item in sorted(found.found, key=lambda item: (item.path, item.judged.line, item.judged.module)):
        judged = item.judged
        line = {
            "at": f"{item.path}:{judged.line}",
            "import": judged.module,
            **({"names": judged.names} if judged.names else {}),
            "verdict": judged.verdict,
            "reason": judged.reason.code,
            "says": explain(judged),
            **({"saves": judged.saves} if judged.saves else {}),
        }
        yield json.dumps(line)
    for skipped in found.skipped:
        yield json.dumps({"skipped": skipped.path, "because": skipped.message})
    if found.started:
        yield json.dumps({"started": found.started, "failure": found.failure, "saves": found.saved})


def test_there_are_cases() -> None:
    """Every reason that a verdict can have is in some case."""
    reasons = {json.loads(line).get("reason") for line in _golden_lines()}
    everything = set(_reasons())
    assert everything - reasons == set()


def _golden_lines() -> list[str]:
    texts = [(folder / "expected.jsonl").read_text(encoding="utf-8") for folder in FOLDERS]
    return [line for text in texts for line in text.splitlines()]


def _reasons() -> tuple[str, ...]:
    return tuple(reason.code for reason in Reason)


@pytest.mark.parametrize(
    ("case", "folder"), [(folder, folder) for folder in FOLDERS], indirect=["case"], ids=lambda f: f.name
)
def test_verdicts(case: Path, folder: Path) -> None:
    """Each import of the package gets the verdict of the golden file."""
    startup = folder / "start"
    found = scanned(case, startup.read_text(encoding="utf-8").strip() if startup.exists() else None)
    compare("".join(f"{line}\n" for line in told(found)), folder / "expected.jsonl")


def test_nothing_runs_without_a_start(tmp_path: Path) -> None:
    """The sources alone tell the verdicts: no code of the package runs."""
    write(tmp_path, {"app/cli.py": "import json\nraise SystemExit(open('ran', 'w').close())\n"})
    assert [item.judged.module for item in scanned(tmp_path).found] == ["json"]
    assert not (tmp_path / "ran").exists()
    assert "app" not in sys.modules


def test_links_in_a_circle_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbolic links that lead nowhere, in a circle or back up are reported, and the rest is scanned."""
    monkeypatch.chdir(write(tmp_path, {"app/cli.py": "import json\n"}))
    (tmp_path / "app" / "up").symlink_to(tmp_path / "app", target_is_directory=True)
    (tmp_path / "app" / "a.py").symlink_to(tmp_path / "app" / "b.py")
    (tmp_path / "app" / "b.py").symlink_to(tmp_path / "app" / "a.py")

    found = scanned(tmp_path)

    assert [item.judged.module for item in found.found] == ["json"]
    assert [(item.path, item.message) for item in found.skipped] == [
        ("app/a.py", "it is a symbolic link that leads nowhere, or in a circle"),
        ("app/b.py", "it is a symbolic link that leads nowhere, or in a circle"),
        ("app/up", "it is a symbolic link to a directory that it lies in"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="has neither such pipes nor such permissions")
def test_what_is_no_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes and directories with the name of a source are reported, and nobody waits for what a pipe may bring."""
    monkeypatch.chdir(write(tmp_path, {"app/cli.py": "import json\n"}))
    (tmp_path / "app" / "folder.py").mkdir()
    os.mkfifo(tmp_path / "app" / "pipe.py")

    found = scanned(tmp_path)

    assert [item.judged.module for item in found.found] == ["json"]
    assert [(item.path, item.message) for item in found.skipped] == [
        ("app/folder.py", "it is not a file"),
        ("app/pipe.py", "it is not a file"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="takes root's privileges away as Linux does")
def test_what_may_not_be_read_is_reported(tmp_path: Path, run_python: RunPython) -> None:
    """A file and a directory that the user may not read are reported, and the rest is scanned."""
    write(tmp_path, {"app/cli.py": "import json\n", "app/closed.py": "import csv\n"})
    (tmp_path / "app" / "locked").mkdir(mode=0)
    (tmp_path / "app" / "closed.py").chmod(0)
    drop = "import ctypes; ctypes.CDLL(None).capset((ctypes.c_uint * 2)(0x20080522), (ctypes.c_uint * 6)())"
    code = f"{drop}; import sys; from deferred_imports.tooling import cli; sys.exit(cli.main())"
    done = run_python(code, "scan", "--static", "--all", path=list(map(Path, filter(None, sys.path))), cwd=tmp_path)

    assert "app/cli.py:1" in done.stdout
    assert done.stderr == (
        "deferred-imports: app/closed.py: it cannot be read: Permission denied\n"
        "deferred-imports: app/locked: it cannot be read: Permission denied\n"
    )


def test_deep_nesting_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that is nested too deeply is skipped."""
    monkeypatch.chdir(
        write(tmp_path, {"app/deep.py": f"x = {'+'.join(['1'] * 50_000)}\n", "app/cli.py": "import json\n"})
    )
    found = scanned(tmp_path)
    assert [item.judged.module for item in found.found] == ["json"]
    assert [item.path for item in found.skipped] == ["app/deep.py"]


def test_a_hundred_thousand_lines(tmp_path: Path) -> None:
    """Many lines take time in proportion: this is a tenth of what has to take less than ten seconds."""
    function = "def f{0}(a, b=None):\n    value = json.dumps(a or b)\n    return [x for x in value if x != '{0}']\n\n\n"
    text = "import json\nimport os.path\n\n\n" + "".join(function.format(number) for number in range(200))
    write(tmp_path, {f"app/module{number}.py": text for number in range(10)})
    began = time.perf_counter()
    found = scanned(tmp_path)
    assert len(found.found) == 20
    assert time.perf_counter() - began < 5


def test_whose_an_import_is(tmp_path: Path) -> None:
    """Imports are told by distribution: the package itself, the standard library, what is installed or not."""
    write(
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


def test_a_start_measures(tmp_path: Path) -> None:
    """A start tells what each import costs by itself and in all, and what deferring it saves."""
    write(
        tmp_path,
        {
            "app/cli.py": "from . import slow\n\n\ndef main():\n    return slow\n",
            "app/slow.py": "import time\nfrom . import slower\ntime.sleep(0.02)\nX = slower\n",
            "app/slower.py": "import time\ntime.sleep(0.04)\n",
        },
    )
    first = scanned(tmp_path, "app.cli").found[0]
    assert (first.judged.module, set(first.judged.saves)) == ("app.slow", {"app.slow", "app.slower"})
    assert first.cost is not None
    assert 20_000 <= first.cost.self_us < 40_000 <= first.cost.cumulative_us
    assert first.judged.saves_us >= 60_000


def test_a_program_that_misbehaves_is_reported(tmp_path: Path) -> None:
    """Whatever the program does while it starts is told in words, and the verdicts by the sources remain."""
    ends = {
        "import os\nos._exit(7)\n": "failed with exit code 7",
        "import os\nos._exit(0)\n": None,
        "raise KeyboardInterrupt('no')\n": "failed with exit code 1: KeyboardInterrupt: no",
        "import sys\nsys.exit()\n": "ended while it was imported",
        "import threading\nthreading.Thread(target=threading.Event().wait).start()\n": None,
        "import sys\nsys.stderr.close()\nsys.stdout.write('x' * 100_000)\n": None,
    }
    for text, failure in ends.items():
        write(tmp_path, {"app/cli.py": f"import json\n{text}"})
        found = scanned(tmp_path, "app.cli")
        assert (text, found.failure) == (text, failure)
        assert found.found


def test_what_is_started(tmp_path: Path) -> None:
    """By default the package's console script with --help; a module or a script where the user says so."""
    write(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "app"\n[project.scripts]\napp = "app.cli:main"\nb = "app.b:run"\n',
            "app/cli.py": "",
        },
    )
    package = locate(None, tmp_path)
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
    assert locate(None, tmp_path).name == chosen


def test_an_installed_package(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is installed can be scanned from anywhere."""
    assert cli.main(["-C", str(write(tmp_path, {})), "scan", "packaging", "--static", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["package"] == "packaging"
    assert {"packaging.markers", "packaging.tags"} <= {item["importer"] for item in told["imports"]}


def test_what_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not there is told, with exit code 2."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["scan", "there_is_no_such"]) == 2
    assert '"there_is_no_such" is neither in the tree nor installed' in capsys.readouterr().err
    assert cli.main(["scan"]) == 2
    assert capsys.readouterr().err == "deferred-imports: no pyproject.toml here or above, and no package named\n"


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says that it starts a child process, then shows the table and what it comes to."""
    files = {
        "pyproject.toml": '[project]\nname = "app"\n[project.scripts]\napp = "app.cli:main"\n',
        "app/cli.py": "from . import slow\n\n\ndef main(): ...\n\n\ndef run():\n    return slow\n",
        "app/slow.py": "",
    }
    monkeypatch.chdir(write(tmp_path, files))
    assert cli.main(["scan"]) == 0
    out, err = capsys.readouterr()
    assert err == f"starting in a child process: app --help, with the modules of the tree, in {here()}\n"
    assert "can be deferred: used only in functions (line 8) app/cli.py:1" in " ".join(out.split())
    assert "1 import: 1 can be deferred\n" in out
    assert "deferring all that can be saves 1 of them" in out


def test_json_has_all(case_json: dict[str, object]) -> None:
    """The JSON holds what the table is made of, as plain values."""
    assert set(case_json) == {"format", "package", "started", "failure", "imports", "skipped", "loaded", "saves"}
    imports = case_json["imports"]
    assert isinstance(imports, list)
    assert set(imports[0]) == {
        *("importer", "path", "line", "module", "names", "distribution", "verdict", "reason", "detail", "lines"),
        *("loaded", "self_us", "cumulative_us", "saves"),
    }


@pytest.fixture
def case_json() -> dict[str, object]:
    """What a case looks like as JSON."""
    found = as_json(scanned(CASES / "scan" / "exported"))
    plain: dict[str, object] = json.loads(json.dumps(found))
    return plain


def test_the_environment_is_not_touched(tmp_path: Path) -> None:
    """Scanning writes no byte code of its own into the project when the user does not want any, nor anything else."""
    write(tmp_path, {"app/cli.py": "import json\n"})
    before = sorted(path.name for path in tmp_path.rglob("*") if "__pycache__" not in path.parts)
    scanned(tmp_path, "app.cli")
    assert (
        sorted(path.name for path in tmp_path.rglob("*") if path.name != "__pycache__" and path.suffix != ".pyc")
        == before
    )
    assert os.environ.get("PYTHONPROFILEIMPORTTIME") is None
