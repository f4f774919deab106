"""Starts that are repeated: medians of what each module costs, the spread of the whole, the first failure."""

from pathlib import Path

from deferred_imports.tooling.scan.starts import timed
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import imported
from goldens import write_app


def test_medians_of_three(tmp_path: Path) -> None:
    """Of three starts the median counts, module by module, and each total is kept."""
    counter = tmp_path / "count"
    text = (
        "import pathlib, time\n"
        f"file = pathlib.Path({str(counter)!r})\n"
        "number = int(file.read_text()) if file.exists() else 0\n"
        "file.write_text(str(number + 1))\n"
        "time.sleep([0.001, 0.3, 0.05][number])\n"
    )
    write_app(tmp_path, {"app/__init__.py": "from . import slow\n", "app/slow.py": text})
    found = timed(imported("app"), Copy((tmp_path,)), 3)
    assert found.failure is None
    assert counter.read_text(encoding="utf-8") == "3"
    assert len(found.runs) == 3
    assert found.us == sorted(found.runs)[1]
    assert max(found.runs) >= 300_000
    assert 50_000 <= found.startup.costs["app.slow"].self_us <= max(found.runs)
    assert {"app", "app.slow"} <= set(found.new)
    assert not set(found.new) & found.startup.before


def test_a_failure_ends_it(tmp_path: Path) -> None:
    """A start that fails is not repeated, and its failure is that of all."""
    write_app(tmp_path, {"app/__init__.py": "raise ValueError('no')\n"})
    found = timed(imported("app"), Copy((tmp_path,)), 5)
    assert found.failure is not None
    assert "ValueError: no" in found.failure
    assert len(found.runs) == 1
