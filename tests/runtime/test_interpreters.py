"""Other interpreters than CPython with its GIL: whichever is on PATH does all that a registry and the runtime promise.

None comes with the tests; where one is not there, its test skips and says so.
"""

import shutil
import subprocess

import pytest

from builds import Build, MakeProject
from processes import RunPython

INTERPRETERS = ["pypy3", "python3.13t", "python3.14t", "python3.15t", "graalpy"]
FILES = {
    "src/weather/__init__.py": "from . import _deferred as _deferred\n",
    "src/weather/report.py": "from weather import _deferred\n\n\ndef text():\n    return _deferred.minidom.__name__\n",
}
PROJECT = 'dependencies = ["nonsuch"]\noptional-dependencies.plot = ["matplotlib_nonsuch"]'
TABLE = """
[tool.deferred-imports.imports]
minidom = "xml.dom.minidom"
Size = "decimal:Decimal"
report = ".report"
winreg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
plt = { module = "matplotlib_nonsuch", extra = "plot" }
"""
CODE = """
import sys, threading
import weather
from deferred_imports import find_missing, iter_deferred_imports, on_resolve, resolve_now, resolve_in_background
d = weather._deferred
print("decimal" in sys.modules, "weather.report" in sys.modules, *sorted(set(dir(d)) & {"Size", "minidom", "winreg"}))
print(*(entry.name for entry in iter_deferred_imports()), *(entry.remedy for entry in find_missing()))
print(d.report.text(), d.Size("1.5"), d.minidom is sys.modules["xml.dom.minidom"], hasattr(d, "winreg"))
try:
    d.plt
except ModuleNotFoundError as error:
    print(error)
print(len(resolve_now(importer="weather.report").resolved), *(item.entry.name for item in resolve_now().missing))
found = []
threads = [threading.Thread(target=lambda: found.append(d.Size)) for _ in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(len(set(found)), resolve_in_background(workers=4).result(60).failures == resolve_now(workers=4).failures)
"""
PRINTED = """\
False False Size minidom
Size minidom plt report winreg pip install "weather[plot]"
xml.dom.minidom 1.5 True False
weather needs matplotlib_nonsuch for 'plt' (declared in [tool.deferred-imports]): pip install "weather[plot]"
0 plt
1 True
"""
EAGER = "import sys, weather; print('decimal' in sys.modules, 'weather.report' in sys.modules)"


def is_there(python: str) -> bool:
    """Tell whether an interpreter starts and is one that we support."""
    found = shutil.which(python)
    code = "import sys; sys.exit(sys.version_info < (3, 10))"
    return bool(found) and subprocess.run([str(found), "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", INTERPRETERS)
def test_another_interpreter(python: str, build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """Names, errors, calls, threads and variables give what they give on CPython."""
    if not is_there(python):
        pytest.skip(f"no {python} on PATH")
    wheel = build("hatchling", make_project(FILES, project=PROJECT, table=TABLE)).wheel
    assert run_python(CODE, path=[wheel], python=python).stdout == PRINTED
    assert run_python(EAGER, path=[wheel], python=python, env={"PYDEFER_EAGER": "1"}).stdout == "True True\n"
    traced = run_python(f"{EAGER}; weather._deferred.Size", path=[wheel], python=python, env={"PYDEFER_TRACE": "1"})
    assert traced.stderr.startswith("deferred-imports: weather: Size = decimal:Decimal, ")


@pytest.mark.unmeasured
def test_this_interpreter(build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """What the others are asked for is what this one gives."""
    wheel = build("hatchling", make_project(FILES, project=PROJECT, table=TABLE)).wheel
    assert run_python(CODE, path=[wheel]).stdout == PRINTED
    assert run_python(EAGER, path=[wheel], env={"PYDEFER_EAGER": "1"}).stdout == "True True\n"
