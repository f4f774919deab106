"""What the author should know once there is a table."""

from pathlib import Path

import pytest

from deferred_imports.tooling.init.advice import next_steps, notes_on
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load_project
from goldens import write_app

TABLE = '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n'
HOOK = "[tool.hatch.build.hooks.deferred-imports]\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [("", "nothing is deferred yet"), ("def f():\n    import wave\n", "add the line"), ("(", "left out")],
)
def test_notes(source: str, said: str, tmp_path: Path) -> None:
    """Nothing to defer, a registry that nothing imports, a source that cannot be read: each is said."""
    project = load_project(write_app(tmp_path, {"pyproject.toml": TABLE, "app/m.py": source}))
    assert any(said in note for note in notes_on(project, discover_in(project)))


@pytest.mark.parametrize(
    ("hook", "lock", "command"),
    [
        (HOOK, "", "pip install -e ."),
        (HOOK, "uv.lock", "uv sync"),
        (HOOK, "pdm.lock", "pdm install"),
        (HOOK, "poetry.lock", "deferred-imports generate"),
        ("", "uv.lock", "deferred-imports generate"),
    ],
)
def test_next_steps(hook: str, lock: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes the registry depends on whether builds do, and on what installs; the commands stand in one column."""
    monkeypatch.chdir(write_app(tmp_path, {"pyproject.toml": TABLE + hook, **({lock: ""} if lock else {})}))
    steps = next_steps(load_project(tmp_path))
    assert [step.split("  ")[1] for step in steps] == ["deferred-imports adopt", command, "deferred-imports check"]
    assert "app/_deferred.py" in steps[1]


def test_the_lock_of_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member of a uv workspace is installed by uv, although the lock lies elsewhere."""
    (tmp_path / "uv.lock").touch()
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["libs/*"]\n', encoding="utf-8")
    for name, command in (("libs/app", "  uv sync  "), ("app", "  pip install -e .  ")):
        root = tmp_path / name
        root.mkdir(parents=True)
        monkeypatch.chdir(write_app(root, {"pyproject.toml": TABLE + HOOK}))
        assert next_steps(load_project(Path()))[1].startswith(command)
