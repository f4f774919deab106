"""The console script and `python -m`: the same command, and what they say where its extra is not installed."""

from pathlib import Path

import pytest

from goldens import CASES, lay_out
from processes import MakeVenv, RunPython

TABLE = (CASES / "registry" / "intro.toml").read_text(encoding="utf-8")
RUN = "import runpy, sys; sys.argv[0] = 'x'; runpy.run_module('deferred_imports', run_name='__main__')"


def test_without_the_extra(tmp_path: Path, run_python: RunPython) -> None:
    """Where packaging is not installed, the command says what to install, and nothing else."""
    done = run_python(RUN, "list", cwd=lay_out(TABLE, tmp_path), flags=["-S"], check=False)

    assert done.stderr in {
        f'deferred-imports: the command needs {name}; pip install "deferred-imports[tooling]"\n'
        for name in ("packaging", "tomli")
    }
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("file", "remedy"), [("uv-receipt.toml", "uv tool install"), ("pipx_metadata.json", "pipx install --force")]
)
def test_a_tool_without_the_extra(file: str, remedy: str, tmp_path: Path, run_python: RunPython) -> None:
    """In an environment that uv or pipx keeps for the command, pip of another one would change nothing."""
    (tmp_path / file).touch()
    code = f"import sys; sys.prefix = {str(tmp_path)!r}; {RUN.removeprefix('import runpy, sys; ')}"
    done = run_python(f"import runpy; {code}", "list", cwd=lay_out(TABLE, tmp_path), flags=["-S"], check=False)
    assert done.stderr.endswith(f'; {remedy} "deferred-imports[tooling]"\n')


def test_help_without_the_extra(run_python: RunPython) -> None:
    """Help needs no extra."""
    assert run_python(RUN, "--help", flags=["-S"]).stdout.startswith("usage: deferred-imports ")


def test_own_modules_are_not_to_be_installed(run_python: RunPython) -> None:
    """When a module of ours is missing, that is a defect and shown as one."""
    code = f"import sys; sys.modules['deferred_imports.tooling'] = None; {RUN}"
    done = run_python(code, "list", check=False)

    assert "Traceback" in done.stderr
    assert "pip install" not in done.stderr


@pytest.mark.isolated
def test_console_script(venv: MakeVenv, tmp_path: Path) -> None:
    """Installed with its extra, the command and `python -m` are the same; `--version` is what was installed."""
    made = venv("deferred-imports[tooling]")
    root = lay_out(TABLE, tmp_path / "project")

    script = made.run("deferred-imports", "list", cwd=root)
    module = made.run("python", "-m", "deferred_imports", "list", cwd=root)
    assert script.stdout == module.stdout
    assert "matplotlib.pyplot" in script.stdout
    assert made.run("deferred-imports", "--version").stdout.startswith("deferred-imports 0.")


@pytest.mark.isolated
def test_console_script_of_a_build_environment(venv: MakeVenv, tmp_path: Path) -> None:
    """With the extra `build` alone, `generate` works and `list` says what it needs."""
    made = venv("deferred-imports[build]")
    root = lay_out(TABLE, tmp_path / "project")

    assert made.run("deferred-imports", "generate", cwd=root).stdout == "wrote src/weather/_deferred.py: 2 names\n"
    done = made.run("deferred-imports", "list", cwd=root, check=False)
    assert done.stderr == 'deferred-imports: the command needs rich; pip install "deferred-imports[tooling]"\n'
    assert done.returncode == 2
