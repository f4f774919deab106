"""What a start tells of imports: what each costs, who imported what, and what was called."""

import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import imported, parse_launch
from deferred_imports.tooling.start.timing import measure, parse_importtime


def write(folder: Path, files: dict[str, str]) -> Copy:
    for name, text in {"app/__init__.py": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Copy((folder,))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_program_forks_says_nothing(tmp_path: Path) -> None:
    """What is loaded is what the program itself has loaded, not what a process that it has forked has."""
    copy = write(
        tmp_path, {"app/cli.py": "import os, time\nif os.fork():\n    import wave\nelse:\n    time.sleep(0.3)\n"}
    )
    assert "wave" in measure(imported("app.cli"), copy).loaded


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    """A start that takes too long is ended."""
    copy = write(tmp_path, {"app/cli.py": "import time\ntime.sleep(60)\n"})
    failure = measure(imported("app.cli"), copy, timeout=1).failure
    assert failure == "has not ended after 1 s; give it arguments with which it ends, as in --help"


def test_the_report_of_importtime() -> None:
    """What `-X importtime` prints is read, between whatever else a program prints."""
    text = """hello
import time: self [us] | cumulative | imported package
import time:        10 |         10 |   app.a
noise import time:         5 |         15 | app
import time:         1 |          1 | other
"""
    costs, first_by = parse_importtime(text)
    assert {name: (cost.self_us, cost.cumulative_us) for name, cost in costs.items()} == {
        "app.a": (10, 10),
        "app": (5, 15),
        "other": (1, 1),
    }
    assert first_by == {"app.a": "app"}


@pytest.mark.parametrize("command", ["app.cli:main", "python -m app.cli", "python -mapp.cli", "python app/cli.py"])
def test_however_it_is_started(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way of starting a program shows what it loads, by whom, from which line, and what it calls."""
    lines = ["import colorsys", "def main():", "    import wave", "if __name__ == '__main__':", "    main()"]
    copy = write(tmp_path, {"app/cli.py": "\n".join(lines) + "\n"})
    monkeypatch.chdir(tmp_path)

    found = measure(parse_launch(command, {}, copy.places), copy)

    assert found.failure is None
    assert {"colorsys", "wave"} <= set(found.loaded) - found.before
    importer = "__main__" if command == "python app/cli.py" else "app.cli"
    edges = {edge.module: edge for edge in found.edges}
    assert (edges["colorsys"].importer, edges["colorsys"].line, edges["colorsys"].body) == (importer, 1, True)
    assert (edges["wave"].importer, edges["wave"].line, edges["wave"].body) == (importer, 3, False)
    assert any(line == 2 and Path(file).name == "cli.py" for file, line in found.called)
    if importer == "app.cli":
        assert any(edge.holder == "__main__" and edge.module == "app.cli" for edge in found.edges)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.11 has brought the variable")
def test_a_safe_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python puts no directory of the program on the path, none is taken away for it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_there.py").write_text("", encoding="utf-8")
    copy = write(tmp_path, {"app/cli.py": "import only_there\n"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")

    found = measure(imported("app.cli"), copy)

    assert found.failure is None
    assert "only_there" in found.loaded
