"""What prompts and debuggers complete: all declared names, and no module is loaded by it. With the real ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli

TABLE = """
[project]
name = "app"
[tool.deferred-imports.imports]
one = ".one"
Two = ".two:Two"
three = [".three", "json"]
"""
# Each defines `complete(text)`, which yields what is offered after that text, where `app` is the package.
PROMPTS = {
    "prompt": """
import rlcompleter
def complete(text):
    state, completer = 0, rlcompleter.Completer({"app": app})
    while found := completer.complete(text, state):
        yield found
        state += 1
""",
    "pdb": """
import pdb, readline
def complete(text):
    debugger = pdb.Pdb()
    debugger.reset()
    debugger.setup(sys._getframe(), None)
    return debugger._complete_expression(text, text, 0, len(text))
""",
    "IPython": """
from IPython.testing.globalipapp import start_ipython
from IPython.core.completer import provisionalcompleter
shell = start_ipython()
shell.run_cell("import app")
def complete(text, jedi=False):
    shell.Completer.use_jedi = jedi
    with provisionalcompleter():
        return [f"{found.text} {found.type}".split()[0] for found in shell.Completer.completions(text, len(text))]
""",
    "IPython with jedi": "",
    "ptpython": """
from ptpython.completer import PythonCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.completion import CompleteEvent
def complete(text):
    completer = PythonCompleter(lambda: {"app": app}, lambda: {"app": app}, lambda: False)
    for found in completer.get_completions(Document(text), CompleteEvent(completion_requested=True)):
        yield text.rpartition(".")[0] + "." + found.text
""",
}
PROMPTS["IPython with jedi"] = PROMPTS["IPython"].replace("jedi=False", "jedi=True")
CODE = """
import sys, app
{prompt}
found = [name for text in ("app._deferred.", "app._deferred.T") for name in complete(text)]
offered = {{name.rpartition(".")[2].rstrip("(") for name in found}}
print(sorted({{"one", "Two", "three"}} & offered), sorted({{"app.one", "app.two", "app.three"}} & {{*sys.modules}}))
print(app._deferred.Two.__name__)
"""


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has them, from whatever index the machine is set up for."""
    place = tmp_path_factory.mktemp("prompts") / "venv"
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("there is no uv beside this Python")
    for command in (
        ["venv", "-q", "--python", sys.executable, str(place)],
        ["pip", "install", "-q", "--python", str(place), "ipython", "jedi", "ptpython", "pytest"],
    ):
        done = subprocess.run([uv, *command], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no index: {done.stderr.strip()[-200:]}")
    return place / "bin" / "python"


@pytest.mark.network
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="is tried on Python 3.11")
@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_is_offered(prompt: str, prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declared names are completed, and the modules stay deferred until a name is used."""
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(TABLE, encoding="utf-8")
    (package / "__init__.py").write_text("from . import _deferred as _deferred\n", encoding="utf-8")
    for name in ("one", "two", "three"):
        (package / f"{name}.py").write_text("class Two: pass\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == 0
    env = {"PYTHONPATH": "src", "HOME": str(tmp_path), "TERM": "dumb"}
    code = CODE.format(prompt=PROMPTS[prompt])
    done = subprocess.run([prompts, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-2:] == ["['Two', 'one', 'three'] []", "Two"], done.stderr
