"""The hooks for pre-commit: they are what pre-commit takes them for, and they find what they should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from goldens import CASES, unpack
from processes import Env, run
from wheelhouse import ROOT

HOOKS = ROOT / ".pre-commit-hooks.yaml"
IDS = ("deferred-imports-check", "deferred-imports-generate")


def test_the_manifest_is_valid() -> None:
    """Pre-commit accepts the file that names the hooks."""
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.removeprefix("- id: ") for line in HOOKS.read_text("utf-8").splitlines() if "- id:" in line] == [*IDS]


@pytest.fixture
def repository(tree_copy: Path, offline_env: Env, tmp_path: Path) -> Path:
    """A repository of ours, as pre-commit clones it."""
    repository = tmp_path / "ours"
    shutil.copytree(tree_copy, repository)
    return committed(repository, offline_env)


def committed(directory: Path, env: Env) -> Path:
    """Make a directory a repository with all of its files, and return it."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        run(["git", *identity, *command], env=env, cwd=directory)
    return directory


@pytest.mark.isolated
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_hooks_run(repository: Path, offline_env: Env, tmp_path: Path) -> None:
    """Installed by pre-commit, from our repository, one hook checks and one renews; both pass where all is well."""
    env = {**offline_env, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    revision = run(["git", "rev-parse", "HEAD"], env=env, cwd=repository).stdout.strip()
    project = unpack(CASES / "check" / "resolved-at-once.project", tmp_path / "project")
    hooks = "".join(f"\n      - id: {name}" for name in IDS)
    config = f"repos:\n  - repo: {repository}\n    rev: {revision}\n    hooks:{hooks}\n"
    (project / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    committed(project, env)
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"]

    done = run(command, env=env, cwd=project, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "[registry-missing]" in done.stdout
    assert "src/weather/cli.py:1: this line takes js from" in done.stdout
    assert (project / "src" / "weather" / "_deferred.py").is_file()

    (project / "src" / "weather" / "cli.py").write_text(
        "def main():\n    from ._deferred import js\n", encoding="utf-8"
    )
    run(["git", "add", "-A"], env=env, cwd=project)
    done = run(command, env=env, cwd=project)
    assert [line.rpartition(".")[2] for line in done.stdout.splitlines()] == ["Passed", "Passed"]
