"""The root of the uv workspace that a project is a member of."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.workspace import workspace_of


@pytest.mark.parametrize(
    ("table", "project", "is_member"),
    [
        ('members = ["libs/*"]', "libs/app", True),
        ('members = ["libs/*"]', "libs/deep/app", False),
        ('members = ["app"]', "app", True),
        ('members = ["other"]', "app", False),
        ('members = ["libs/*"]\nexclude = ["libs/app"]', "libs/app", False),
        ("", "app", False),
        ('members = ["app"', "app", False),
        ('members = ["", 1]', "app", False),
        ("members = 1", "app", False),
    ],
)
def test_members(table: str, project: str, is_member: bool, tmp_path: Path) -> None:
    """A project is a member if a pattern says so and none excludes it; a file that cannot be read says nothing."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.uv.workspace]\n{table}\n", encoding="utf-8")
    root = tmp_path / project
    assert workspace_of(root) == root  # without a lock there is no environment either
    (tmp_path / "uv.lock").touch()
    assert workspace_of(root) == (tmp_path if is_member else root)


def test_a_directory_that_looks_like_a_pattern(tmp_path: Path) -> None:
    """The patterns are the members' alone."""
    root = tmp_path / "all [old]"
    root.mkdir()
    (root / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["app"]\n', encoding="utf-8")
    (root / "uv.lock").touch()
    assert workspace_of(root / "app") == root


def test_the_directory_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project may be named by the directory in which the command is called."""
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["app"]\n', encoding="utf-8")
    (tmp_path / "uv.lock").touch()
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert workspace_of(Path()) == tmp_path
