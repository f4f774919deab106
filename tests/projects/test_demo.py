"""The demo, run from end to end: the project weather, built with the hook and installed, does what the table says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).with_name("demo.py")
UNAVAILABLE = 69  # what the demo returns when an index cannot be reached, or has no wheels for this Python

NEEDS_PLOT = (
    "weather needs matplotlib for 'plt' (declared in [tool.deferred-imports]): pip install \"weather[plot]\"\n"
)


@pytest.mark.network
def test_the_demo_shows_what_it_promises(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """One run of the demo, which builds and installs for a while; each thing that it shows is a subtest."""
    chart = tmp_path / "chart" / "weather.png"
    command = [sys.executable, str(DEMO), "--quick", "--json", "--chart", str(chart)]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if finished.returncode == UNAVAILABLE:
        pytest.skip(finished.stderr.strip())
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    deferred = {case["title"]: set(case["deferred"]) for case in found["cases"]}
    modules = {case["title"]: case["modules"] for case in found["cases"]}

    with subtests.test("--help loads nothing that is deferred"):
        assert deferred["weather --help"] == set()
    with subtests.test("summary loads pandas and the data, and neither matplotlib nor the rest"):
        assert deferred["weather summary"] == {"pd", "local_data"}
    with subtests.test("plot loads matplotlib as well"):
        assert deferred["weather plot"] == {"pd", "local_data", "plt", "ticks"}
    with subtests.test("PYDEFER_EAGER=1 loads everything, even for --help"):
        assert deferred["PYDEFER_EAGER=1 weather --help"] == set(found["declared"])
    with subtests.test("the same program with its imports at the top loads everything, whatever it does"):
        for title in ("weather-plain --help", "weather-plain summary", "weather-plain plot"):
            assert deferred[title] == set(found["declared"])
        assert modules["weather --help"] * 4 < modules["weather-plain --help"]
    with subtests.test("without the extra, plot says in one line what is missing and what to install"):
        assert found["missing"] == {"exit": 1, "stdout": "", "stderr": NEEDS_PLOT}
    with subtests.test("plot wrote a PNG"):
        assert chart.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert chart.stat().st_size > 20_000
    with subtests.test("every time was measured"):
        assert all(0 < case["seconds"] < 600 for case in found["cases"])
