"""What shells complete of the command: for real where they are installed, else by the protocol of their scripts."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from processes import clean_env, run


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has the command, with what this one has installed."""
    command = tmp_path / "bin" / "deferred-imports"
    command.parent.mkdir()
    lines = [f"#!{sys.executable}", "import sys", f"sys.path[:0] = {[item for item in sys.path if item]!r}"]
    lines += ["from deferred_imports.__main__ import main", "sys.exit(main())"]
    command.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command.chmod(0o755)
    clean = clean_env(tmp_path)
    return {**clean, "PATH": os.pathsep.join([str(command.parent), clean["PATH"]])}


def asked_by(shell: str, line: str, env: dict[str, str], tmp_path: Path) -> list[str]:
    """Return what the command answers to a shell that completes a line."""
    answer = tmp_path / "answer"
    asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_SHELL": shell, "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_DFS": "\t"}
    asked |= {"_ARGCOMPLETE_SUPPRESS_SPACE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer)}
    asked |= {"COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9"}
    run(["deferred-imports"], env={**env, **asked}, cwd=tmp_path)
    return answer.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("deferred-imports che", ["check"]),
        ("deferred-imports check --format ", ["text", "github"]),
        ("deferred-imports init --no-", ["--no-runtime"]),
    ],
)
def test_what_is_completed(shell: str, line: str, words: Sequence[str], env: dict[str, str], tmp_path: Path) -> None:
    """Verbs, options and their values are completed."""
    found = [answer.partition("\t")[0].partition(":")[0].strip() for answer in asked_by(shell, line, env, tmp_path)]
    assert set(words) <= set(found)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_in_bash(env: dict[str, str], tmp_path: Path) -> None:
    """Bash completes with the script that the command prints."""
    code = """
eval "$(deferred-imports completion bash)"
COMP_LINE="deferred-imports comp"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_WORDBREAKS=$' \\t\\n"=:'
_python_argcomplete deferred-imports
echo "${COMPREPLY[@]}"; complete -p deferred-imports
"""
    word, registration = run(["bash", "-c", code], env=env, cwd=tmp_path).stdout.splitlines()
    assert word.strip() == "completion"
    assert "-F _python_argcomplete" in registration


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_in_fish(env: dict[str, str], tmp_path: Path) -> None:
    """Fish completes with the script that the command prints."""
    code = "deferred-imports completion fish | source; complete -C 'deferred-imports comp'"
    done = run(["fish", "--no-config", "-c", code], env=env, cwd=tmp_path)
    assert done.stdout.partition("\t")[0].strip() == "completion"


@pytest.mark.skipif(shutil.which("zsh") is None or not hasattr(os, "openpty"), reason="needs zsh and a terminal")
def test_in_zsh(env: dict[str, str], tmp_path: Path) -> None:
    """Zsh, in a terminal, completes with the script that the command prints, be its completion switched on or not."""
    ours, its = os.openpty()
    command = [shutil.which("zsh") or "", "-f", "-i"]
    clean = {**env, "TERM": "dumb", "ZDOTDIR": str(tmp_path)}
    with subprocess.Popen(
        command, env=clean, cwd=tmp_path, start_new_session=True, stdin=its, stdout=its, stderr=its
    ) as zsh:
        os.close(its)
        os.write(ours, b'eval "$(deferred-imports completion zsh)"; echo read""y\n')
        seen = _until(b"ready", ours)
        os.write(ours, b"deferred-imports comp\t")
        seen += _until(b"completion ", ours)
        zsh.kill()
    os.close(ours)
    assert b"deferred-imports completion " in seen
    assert b"not found" not in seen


def _until(text: bytes, terminal: int) -> bytes:
    """Return what a program writes to its terminal until that holds a text, or a minute has passed."""
    seen, began = b"", time.monotonic()
    while text not in seen and time.monotonic() - began < 60:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536)
    return seen


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a script for each shell, and where that is installed, it takes it."""
    assert cli.main(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out, encoding="utf-8")

    assert "deferred-imports" in script.read_text(encoding="utf-8")
    if shutil.which(shell):
        run([shell, "-n", script], env=clean_env(tmp_path), cwd=tmp_path)
