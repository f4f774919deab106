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
from deferred_imports.tooling.scan.lifeguard import read_report
from deferred_imports.tooling.scan.packages import launch_of, locate
from deferred_imports.tooling.scan.pipeline import Scan, scan
from deferred_imports.tooling.scan.report import explain
from goldens import CASES, compare, copy_case, write_app
from processes import MEASURED

FOLDERS = sorted(folder for folder in (CASES / "scan").iterdir() if folder.is_dir())


def scanned(folder: Path, startup: str | None = None, lifeguard: Path | None = None) -> Scan:
    package = locate(["app"], folder)
    report = read_report(lifeguard) if lifeguard and lifeguard.exists() else None
    return scan(package, [] if startup is None else [launch_of(package, startup)], report=report)


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a case, in which paths in messages begin."""
    copy_case(request.param, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(found: Scan) -> Iterator[str]:
    """Yield what a scan found, without what differs between runs and Pythons."""
    for item in sorted(
        found.found, key=lambda item: (item.path, item.judged.line, item.judged.module, item.judged.bound)
    ):
        judged = item.judged
        line = {
            "at": f"{item.path}:{judged.line}",
            "import": judged.module,
            **({"name": judged.name} if judged.name else {}),
            "verdict": judged.verdict,
            "reason": judged.reason.code,
            "says": explain(judged),
            **({"saves": judged.saves} if judged.saves else {}),
            **({"holds": holds} if len(holds := [name for name in judged.holds if name[:3] == "app"]) > 1 else {}),
            **({"within": judged.within} if judged.within else {}),
        }
        yield json.dumps(line)
    for skipped in found.skipped:
        yield json.dumps({"skipped": skipped.path, "because": skipped.message})
    for path, useless in found.useless:
        yield json.dumps({"useless": f"{path}:{useless.line}", "text": useless.text})
    for start in found.starts:
        saves = {verdict: saving.modules for verdict, saving in start.saves.items()}
        yield json.dumps({"started": start.timed.command, "failure": start.timed.failure, "saves": saves})


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
    found = scanned(
        case, startup.read_text(encoding="utf-8").strip() if startup.exists() else None, folder / "lifeguard.json"
    )
    compare("".join(f"{line}\n" for line in told(found)), folder / "expected.jsonl")


def test_nothing_runs_without_a_start(tmp_path: Path) -> None:
    """The sources alone tell the verdicts: no code of the package runs."""
    write_app(tmp_path, {"app/cli.py": "import json\nraise SystemExit(open('ran', 'w').close())\n"})
    assert [item.judged.module for item in scanned(tmp_path).found] == ["json"]
    assert not (tmp_path / "ran").exists()
    assert "app" not in sys.modules


@pytest.mark.skipif(bool(MEASURED), reason="coverage takes a time of its own")
def test_a_hundred_thousand_lines(tmp_path: Path) -> None:
    """Many lines take time in proportion: this is a tenth of what has to take less than ten seconds."""
    function = "def f{0}(a, b=None):\n    value = json.dumps(a or b)\n    return [x for x in value if x != '{0}']\n\n\n"
    text = "import json\nimport os.path\n\n\n" + "".join(function.format(number) for number in range(200))
    write_app(tmp_path, {f"app/module{number}.py": text for number in range(10)})
    for _ in range(5):  # whatever else runs here takes caches from this
        began = time.process_time()
        found = scanned(tmp_path)
        assert len(found.found) == 20
        if time.process_time() - began < 2:
            return
    pytest.fail("2 seconds of the processor were not enough")


def test_a_start_measures(tmp_path: Path) -> None:
    """A start tells what each import costs by itself and in all, and what deferring it saves."""
    write_app(
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
    assert first.cost.self_us >= 20_000
    assert first.cost.cumulative_us - first.cost.self_us >= 40_000  # what `slower` takes is no part of it
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
        write_app(tmp_path, {"app/cli.py": f"import json\n{text}"})
        found = scanned(tmp_path, "app.cli")
        assert (text, found.starts[0].timed.failure) == (text, failure)
        assert found.found


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says that it starts a child process, then shows the table and what it comes to."""
    files = {
        "pyproject.toml": '[project]\nname = "app"\n[project.scripts]\napp = "app.cli:main"\n',
        "app/cli.py": "from . import slow\n\n\ndef main(): ...\n\n\ndef run():\n    return slow\n",
        "app/slow.py": "",
    }
    monkeypatch.chdir(write_app(tmp_path, files))
    assert cli.main(["scan"]) == 0
    out, err = capsys.readouterr()
    assert err == f"starting in a child process: app --help, with the modules of the tree, in {here()}\n"
    assert "can be deferred: used only in functions (line 8) app/cli.py:1" in " ".join(out.split())
    assert "1 import: 1 can be deferred\n" in out
    assert "deferring all that can be saves 1 of them" in out


def test_the_environment_is_not_touched(tmp_path: Path) -> None:
    """Scanning writes no byte code of its own into the project when the user does not want any, nor anything else."""
    write_app(tmp_path, {"app/cli.py": "import json\n"})
    before = sorted(path.name for path in tmp_path.rglob("*") if "__pycache__" not in path.parts)
    scanned(tmp_path, "app.cli")
    assert (
        sorted(path.name for path in tmp_path.rglob("*") if path.name != "__pycache__" and path.suffix != ".pyc")
        == before
    )
    assert os.environ.get("PYTHONPROFILEIMPORTTIME") is None
