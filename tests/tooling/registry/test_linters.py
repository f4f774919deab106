"""What the linters, formatters and editors of a project say of its generated file, each with nothing configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from indexed import install

TABLE = """
[project]
name = "app"
dependencies = ["numpy"]
[tool.deferred-imports]
discover = true
[tool.deferred-imports.imports]
Decimal = "decimal:Decimal"
colors = ["colorsys", "json"]
winreg = { module = "winreg", marker = "sys_platform == 'win32'" }
report = ".report"
[tool.coverage.report]
fail_under = 100
# Nothing in a file keeps these two from it: the manual has these lines for them.
[tool.yapfignore]
ignore_patterns = ["**/_deferred.py"]
[tool.docformatter]
recursive = true
exclude = ["_deferred.py"]
"""
# flake8 and pylint know no import that is there for others: the manual has these lines for them.
LINES = """\
# pylint: disable-next=useless-import-alias
from . import _deferred as _deferred  # noqa: F401,RUF100,RUF105
"""
FILES = {
    "pyproject.toml": TABLE,
    "src/app/__init__.py": f'"""App."""\n\n{LINES}',
    "other.py": "",
    "pyrightconfig.json": '{"typeCheckingMode": "strict"}',
    "src/app/report.py": "def load() -> object:  # pragma: no cover\n    import wave\n    return wave\n",
}
CHECKED = ["src/app/_deferred.py", "src/app/__init__.py"]
FORMATTERS = [
    "black -q",
    "black -q --preview --unstable",
    "black -q --preview --unstable -l 60",
    "ruff format -q --isolated",
    "ruff format -q --isolated --line-length 79",
    "isort -q",
    "isort -q --profile black --force-single-line",
    "autoflake -i --remove-all-unused-imports --remove-unused-variables",
    "autopep8 -i -a -a --experimental",
    "yapf -i -r src",
    "docformatter -i -r src",
]
LINTERS = [
    "ruff check -q --isolated --select ALL",
    "ruff check -q --isolated --preview --select ALL",
    "ruff check -q --isolated --select ALL --ignore CPY001,D203,D213",  # no copyright; two rules that exclude others
    "ruff check -q --isolated --preview --select ALL --ignore CPY001,D203,D213",
    "flake8",
    "pylint -sn --persistent n",
    "mypy --strict",
    "pyright",
    "ty check -q",
    "bandit -q",
    "coverage run --source=app -m app.report",
    "coverage report",
    "coverage run --branch --source=app -m app.report",
    "coverage report",
    "coverage run --source=src other.py",  # which imports neither
    "coverage report --omit=*/report.py,*/__init__.py",
]
# What no line of one's own could pass: it is too long, and has no copyright.
OF_THE_REGISTRY = [
    "black -q --preview --unstable -l 60",
    "ruff check -q --isolated --select ALL",
    "ruff check -q --isolated --preview --select ALL",
]
TOOLS = """
    autoflake autopep8 bandit black coverage docformatter flake8 isort jedi mypy pylint pyright ruff ty yapf
""".split()
COMPLETED = """
import sys, jedi
text = "from app import _deferred\\n_deferred."
names = [found.name for found in jedi.Script(text, path="src/use.py").complete(2, 10)]
text = "from app import _deferred\\n_deferred.colors.rgb_to"
print({"Decimal", "colors", "report"} <= set(names), len(jedi.Script(text, path="src/use.py").complete(2, 23)))
print("colorsys" in sys.modules)
"""


@pytest.mark.network
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="is tried on Python 3.11")
def test_nothing_is_changed_or_flagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No formatter changes the generated file or the line that imports it, no linter flags them, and jedi completes."""
    install(tmp_path / "tools", *TOOLS, wheels=False)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == 0
    monkeypatch.setenv("PYTHONPATH", "src")
    generated = [(tmp_path / file).read_bytes() for file in CHECKED]
    wrong = []
    for command in FORMATTERS + LINTERS:
        files = CHECKED[:1] if command in OF_THE_REGISTRY else CHECKED
        if command.endswith(" src") or "coverage" in command:  # these take no files
            files = []
        done = _run(tmp_path / "tools", *command.split(), *files)
        if done.returncode:
            wrong.append((command, done.stdout + done.stderr))
        for file, content in zip(CHECKED, generated, strict=True):
            if (tmp_path / file).read_bytes() != content:
                wrong.append((command, file))
                (tmp_path / file).write_bytes(content)
    assert wrong == []
    assert cli.main(["generate", "--check"]) == 0
    assert _run(tmp_path / "tools", "python", "-c", COMPLETED).stdout == "True 3\nFalse\n"


def _run(tools: Path, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # The project's coverage has nothing to do with ours, which may be watching these tests.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    env["PATH"] = f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = [tools / "bin" / name, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)
