"""What the children run that measure a way to declare modules, and the packages that they import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.columns import SIZES
from benchmarks.peers import EMPTY, TARGET, WAYS, Way

# Prints a dictionary. It may import nothing of its own: what it had loaded, the library would not have to pay for.
_DECLARE = """
import sys
from time import perf_counter_ns as now
import {holder}

def anonymous():  # bytes that are this process's alone, where the system tells
    try:
        with open("/proc/self/smaps_rollup") as file:
            return 1024 * int(next(line for line in file if line.startswith("Anonymous:")).split()[1])
    except OSError:
        return None

before = set(sys.modules)
start = now()
{library}
library = now() - start
{prepare}
start = now()
import {holder}.declared as declared
found = {{"library": library, "declare": now() - start, "memory": anonymous()}}
found["modules"] = sorted(set(sys.modules) - before)
ran = []
"""
_SCOPE = """
names = {names}
scope = {scope}
exec('''{library}

def read():
    {access}

def read_often(turns):
    for _ in turns:
        {access}

def resolve(declared, names):
    {resolve}
''', scope, steps := {{}})
"""
_READ = """
def steady():
    samples = []
    for _ in range(9):
        turns = range(2000)
        start = now()
        steps["read_often"](turns)
        samples.append((now() - start) / 2000)
    return min(samples)

start = now()
steps["read"]()
found["first"] = now() - start
ran.append(len(bodies))
found["steady"] = steady()
steps["resolve"](declared, names)
ran.append(len(bodies))
found["steady after"] = steady()
"""
_RESOLVE = """
start = now()
steps["resolve"](declared, names)
found["resolve"] = now() - start
start = now()
steps["resolve"](declared, names)
found["again"] = now() - start
"""
# Which of the target modules have been executed, whatever stands in sys.modules.
_WATCH = """
import os, sys
bodies = []

def note(event, arguments):
    if event == "exec":
        name, ending = os.path.splitext(os.path.basename(arguments[0].co_filename))
        if ending and name[0] == "m" and name[1:].isdigit():
            bodies.append(name)

if sys.argv[1:]:
    import tokenize  # defer-imports 0.1.1 compiles with it, and fails when it comes to load it while it compiles
    sys.addaudithook(note)
"""


def child(way: Way, step: str, size: int) -> str:
    """Return the program of a child."""
    holder, targets = f"{way.slug}_{size}", f"many_{size}"
    access = way.access.format(package=targets) or "pass"
    code = _WATCH
    code += _DECLARE.format(holder=holder, library=way.library or "pass", prepare=way.prepare or "pass")
    code += "ran.append(len(bodies))"
    if step != "declare":
        names = f'[f"m{{i}}" for i in range({size})]' if way.name != EMPTY else "[]"
        scope = "dict(globals())" if way.outside else "vars(declared)"
        code += _SCOPE.format(
            names=names, scope=scope, library=way.library or "pass", access=access, resolve=way.resolve or "pass"
        )
        code += {"read": _READ, "resolve": _RESOLVE}[step]
    return f"{code}\nprint(found | {{'ran': ran}})"


def write_packages(root: Path, most: int) -> None:
    """Write the target modules, and for each way the packages that declare them."""
    for size in (size for size in SIZES if size <= most):
        names = [f"m{index}" for index in range(size)]
        package = f"many_{size}"
        write(root / package, {"__init__.py": "", **{f"{name}.py": TARGET for name in names}})
        for way in WAYS:
            if way.write is not None:
                write(root / f"{way.slug}_{size}", {"__init__.py": "", **way.write(package, names)})


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Write files below a directory."""
    for path in {(directory / name).parent for name in files}:
        path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")
