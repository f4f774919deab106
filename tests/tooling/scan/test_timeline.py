"""When each module of a start was imported, and the trace events of it."""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from browsers import browser, heard
from deferred_imports.tooling import cli
from deferred_imports.tooling.scan.timeline import Row, as_trace, timeline
from deferred_imports.tooling.start.timing import Cost, Startup

STARTUP = Startup(
    before=frozenset({"sys"}),
    loaded=("sys", "app", "json", "json.decoder", "json.alias", "os"),
    # In the order in which they end.
    costs={"json.decoder": Cost(5, 5), "json": Cost(2, 7), "app": Cost(1, 8), "os": Cost(3, 3)},
    edges=(),
    called=frozenset(),
    failure=None,
    first_by={"json": "app", "json.decoder": "json"},
)


def test_a_module_begins_where_its_sibling_has_ended() -> None:
    """What a module imports lies within its time; what is only put into `sys.modules` takes none."""
    assert timeline(STARTUP) == (
        Row("app", "__main__", 0, 1, 8),
        Row("json", "app", 0, 2, 7),
        Row("json.decoder", "json", 0, 5, 5),
        Row("json.alias", "__main__", 0, 0, 0),
        Row("os", "__main__", 8, 3, 3),
    )


def test_a_trace() -> None:
    """A trace has an event for each module, with its time, whose it is and what asked for it."""
    owners = dict.fromkeys(STARTUP.loaded, "standard library")
    events = as_trace(timeline(STARTUP), "app --help", owners)["traceEvents"]

    assert [event["ph"] for event in events] == ["M", "M", "X", "X", "X", "i", "X"]
    assert events[0]["args"] == {"name": "app --help"}
    assert events[3] == {
        "ph": "X",
        "name": "json",
        "cat": "standard library",
        "ts": 0,
        "dur": 7,
        "pid": 1,
        "tid": 1,
        "args": {"self_us": 2, "by": "app"},
    }


def test_what_takes_no_time_is_an_instant() -> None:
    """A module that is only put into `sys.modules` is an instant: a viewer would not close what ends as it begins."""
    owners = dict.fromkeys(STARTUP.loaded, "standard library")
    (instant,) = (one for one in as_trace(timeline(STARTUP), "app", owners)["traceEvents"] if one["ph"] == "i")
    assert instant["name"] == "json.alias"
    assert (instant["s"], instant.keys() & {"dur"}) == ("t", set())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the command is called."""
    (tmp_path / "src" / "app").mkdir(parents=True)
    (tmp_path / "src" / "app" / "__init__.py").write_text("import colorsys\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_trace_of_a_real_start(capsys: pytest.CaptureFixture[str]) -> None:
    """`--format trace` prints a real start, and what a module imports lies within its time."""
    assert cli.main(["scan", "--format", "trace"]) == 0
    events = {event["name"]: event for event in json.loads(capsys.readouterr().out)["traceEvents"]}

    outer, inner = events["app"], events["colorsys"]
    assert outer["ts"] <= inner["ts"] <= inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"]
    assert inner["args"]["by"] == "app"


HEAVY = "import argparse, decimal, email.message, json, logging, typing, unittest.mock, xml.dom.minidom\n"


@pytest.fixture
def trace(project: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `--format trace` prints of a start of some two hundred modules, some of which are only other names."""
    (project / "src" / "app" / "__init__.py").write_text(HEAVY, encoding="utf-8")
    assert cli.main(["scan", "--format", "trace"]) == 0
    return capsys.readouterr().out


def test_the_rules_of_the_format(trace: str) -> None:
    """As viewers ask for: in the order of their beginnings, events lie in each other or beside each other.

    Perfetto drops what overlaps in one thread, and counts it as an error.
    """
    events = json.loads(trace)["traceEvents"]
    timed = [event for event in events if event["ph"] != "M"]
    assert {event["ph"] for event in timed} <= {"X", "i"}
    assert all({"name", "cat", "ts", "pid", "tid"} <= event.keys() for event in timed)
    assert [event["ts"] for event in timed] == sorted(event["ts"] for event in timed)
    ends: list[int] = []  # of what has begun, and not ended
    for event in timed:
        ends = [end for end in ends if end > event["ts"]]
        if event["ph"] == "X":
            assert 0 < event["dur"] <= min(ends, default=sys.maxsize) - event["ts"], event
            ends.append(event["ts"] + event["dur"])
    assert len(timed) > 50


@pytest.mark.network
def test_speedscope_opens_it(trace: str, tmp_path: Path) -> None:
    """Speedscope, from npm, shows the start under its name, and has nothing to complain of."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm")
    browser()
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path / "viewer"), "speedscope@1.25.0"]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"npm: {done.stderr.strip()[-200:]}")
    given = json.dumps(b64encode(trace.encode()).decode())
    (tmp_path / "trace.js").write_text(f'speedscope.loadFileFromBase64("start.json", {given})', encoding="utf-8")
    page = tmp_path / "viewer/node_modules/speedscope/dist/release/index.html"

    html, said = heard(page, f"#localProfilePath={tmp_path / 'trace.js'}")
    assert "<title>start.json - speedscope</title>" in html
    assert "import app (pid 1), imports (tid 1)" in html
    assert any("Importing as Trace Event Format profile" in line for line in said)
    assert not [line for line in said if "Tried to" in line or "Error" in line]


def test_a_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--baseline` tells which modules are new and which are gone, in text and on the page."""
    assert cli.main(["scan", "--json"]) == 0
    (project / "old.json").write_text(capsys.readouterr().out, encoding="utf-8")
    (project / "src" / "app" / "__init__.py").write_text("import keyword\n", encoding="utf-8")

    assert cli.main(["scan", "--baseline", "old.json", "--html", "page.html"]) == 0
    out = capsys.readouterr().out
    assert "\nnew: 1 module, " in out
    assert ": keyword\n" in out
    assert "\ngone: 1 module, " in out
    assert "Compared with the baseline" in (project / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["no", "[]", "{}", '{"starts": []}', '{"starts": [{"modules": [1]}]}'])
def test_what_is_no_baseline(text: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no scan of a start is refused with what was expected, and nothing is written."""
    (project / "old.json").write_text(text, encoding="utf-8")

    assert cli.main(["scan", "--baseline", "old.json", "--html", "page.html"]) == 2
    assert "deferred-imports: old.json: expected what `scan --json` prints" in capsys.readouterr().err
    assert not (project / "page.html").exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("options", [["--static"], ["--startup", "app", "--startup", "app"]])
def test_one_start_is_shown(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A page shows one start; none or several are refused."""
    assert cli.main(["scan", "--html", "page.html", *options]) == 2
    assert capsys.readouterr().err == (
        "deferred-imports: --html, --baseline and --format show one start: expected one --startup, and no --static\n"
    )
