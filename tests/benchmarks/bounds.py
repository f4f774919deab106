"""What finding registries and resolving again costs, and that it grows no faster than what there is to do.

``measure()`` returns microseconds, taken in one child process with nothing but the runtime in it; run as a script, this
prints them beside the bounds. Registries are made in memory: reading their files is what importing them costs.
"""

from __future__ import annotations

import json
import sys

from benchmarks.measuring import SOURCES, run_child
from deferred_imports.tooling.generate import render
from deferred_imports.tooling.manifest import Shipped, parse

#: Microseconds that each may take at most.
BOUNDS = {"scan of 2,000 modules": 1000.0, "second resolve_now(), 100 names": 100.0}
#: How much more a thousand registries may cost than half of them.
SLOPE = 2.6

_CHILD = """
import gc, json, sys
from time import perf_counter
from types import ModuleType

text = sys.argv[1]
code = compile(text, "_deferred.py", "exec")

def load(package):
    for name in (package, f"{package}._deferred"):
        module = sys.modules[name] = ModuleType(name)
        module.__package__ = package
    module.__dict__["__file__"] = "_deferred.py"
    exec(code, module.__dict__)

def clear():
    for name in [name for name in sys.modules if name.startswith(("shop", "filler"))]:
        del sys.modules[name]

def best(function, number):
    times = []
    for _ in range(number):
        gc.collect()
        gc.disable()  # as timeit does
        begin = perf_counter()
        function()
        times.append(perf_counter() - begin)
        gc.enable()
    return min(times) * 1e6

from deferred_imports import iter_deferred_imports, resolve_now
from deferred_imports._registries import find_registries

found = {}
for index in range(2000 - len(sys.modules)):
    filler = sys.modules[f"filler{index}"] = ModuleType(f"filler{index}")
    filler.__dict__.update((f"name{i}", i) for i in range(20))
found["scan of 2,000 modules"] = best(find_registries, 50)
clear()

for index in range(10):
    load(f"shop{index}")
assert len(resolve_now().resolved) == 100
found["second resolve_now(), 100 names"] = best(resolve_now, 200)
found["modules then"] = len(sys.modules)
clear()

for _ in range(7):
    for count in (500, 1000):  # in turns, so that what else the machine does hits both alike
        for index in range(count):
            load(f"shop{index}")
        for what, function, number in (
            (f"list {count:,} registries", lambda: list(iter_deferred_imports()), 1),
            (f"resolve {count:,} registries", resolve_now, 1),
            (f"resolve {count:,} registries again", resolve_now, 5),
        ):
            found[what] = min(best(function, number), found.get(what, 1e9))
        clear()
json.dump(found, sys.stdout)
"""


def measure(python: str = sys.executable) -> dict[str, float]:
    """Return what each takes, in microseconds, on an interpreter."""
    # Modules that are loaded: what is measured is our part.
    modules = "sys os io abc codecs posixpath stat builtins time marshal".split()
    document = {
        "project": {"name": "shop"},
        "tool": {"deferred-imports": {"imports": {f"name_{module}": module for module in modules}}},
    }
    text = render(parse(document, Shipped(frozenset({"shop"}), frozenset({"shop"}))))
    return dict(json.loads(run_child(_CHILD, text, python=python, paths=[SOURCES])))


def slopes(found: dict[str, float]) -> dict[str, float]:
    """Return how much more a thousand registries cost than half of them; linear is 2."""
    return {
        what: found[what.format("1,000")] / found[what.format("500")]
        for what in ("list {} registries", "resolve {} registries", "resolve {} registries again")
    }


def main() -> int:
    """Measure, and print what was found beside the bounds."""
    found = measure()
    for what, value in found.items():
        bound = f"  at most {BOUNDS[what]:,.0f}" if what in BOUNDS else ""
        print(f"{what:<40}{value:>12,.1f}{bound}")
    for what, value in slopes(found).items():
        print(f"{what.format('1,000 against 500'):<52}{value:.1f}  at most {SLOPE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
