"""What runs in the child processes of `growth`: times the costs of one size, and prints them as JSON.

Read as text and run with ``-c``, never imported, on whichever interpreter is measured. Times are the process's own, in
nanoseconds; memory is in bytes. The garbage collector stays on, as in the programs that pay these costs.
"""

import json
import sys
from collections.abc import Callable, Iterable
from statistics import median
from time import process_time_ns
from types import ModuleType


def timed(function: Callable[[], object], times: int = 1) -> float:
    """Return how long a call takes, the median of so many."""
    found = []
    for _ in range(times):
        begin = process_time_ns()
        function()
        found.append(process_time_ns() - begin)
    return median(found)


def load(packages: Iterable[str], module: str) -> list[ModuleType]:
    """Import a module of each package."""
    names = [f"{package}.{module}" for package in packages]
    for name in names:
        __import__(name)
    return [sys.modules[name] for name in names]


def resolving(*packages: str) -> dict[str, float]:
    """Time what a program does that resolves all that it has declared."""
    from deferred_imports import resolve_now

    for package in packages:
        __import__(package)
    return {
        "import": timed(lambda: load(packages, "_deferred")),
        "resolve": timed(resolve_now),
        "again": timed(resolve_now, 5),
    }


def calling(*packages: str) -> dict[str, float]:
    """Time the same with imports that stand in functions."""
    for package in packages:
        __import__(package)
    modules: list[ModuleType] = []
    return {
        "import": timed(lambda: modules.extend(load(packages, "functions"))),
        "resolve": timed(lambda: [module.load() for module in modules]),
        "again": timed(lambda: [module.load() for module in modules], 5),
    }


def looking(*packages: str) -> dict[str, float]:
    """Time what a program does that uses one name, and asks what there is."""
    from deferred_imports import find_missing, iter_deferred_imports

    registry = load(packages, "_deferred")[0]
    return {
        "access": timed(lambda: registry.name_0),
        "list": timed(lambda: [*iter_deferred_imports()]),
        "missing": timed(find_missing),
    }


def finding(*packages: str) -> dict[str, float]:
    """Time what importlib has for that."""
    from importlib import import_module
    from importlib.util import find_spec

    modules = [f"{package}.m{index}" for package in packages for index in range(10)]
    return {
        "access": timed(lambda: import_module(modules[0])),
        "missing": timed(lambda: [find_spec(module) for module in modules]),
    }


def scanning(size: str, *packages: str) -> dict[str, float]:
    """Time what goes through all of ``sys.modules``, once that holds as many modules as ``size`` says."""
    from deferred_imports import resolve_now
    from deferred_imports._registries import find_registries

    load(packages, "_deferred")
    resolve_now()
    for index in range(int(size) - len(sys.modules)):
        module = sys.modules[f"filler_{index}"] = ModuleType(f"filler_{index}")
        module.__dict__.update((f"name_{number}", number) for number in range(20))
    return {"scan": timed(find_registries, 21), "again": timed(resolve_now, 21)}


def weighing(*packages: str) -> dict[str, float]:
    """Weigh what stays in memory of a registry, of what the runtime reads from it, and of imports in functions."""
    import tracemalloc

    from deferred_imports import iter_deferred_imports

    def weighed(function: Callable[[], object]) -> float:
        before = tracemalloc.get_traced_memory()[0]
        function()
        return tracemalloc.get_traced_memory()[0] - before

    for package in packages:
        __import__(package)
    # The interpreter's table of names grows in steps, at the cost of whoever comes then: here it has room for all.
    spare = [sys.intern(f"spare_{index}") for index in range(100_000)]
    tracemalloc.start()
    return {
        "spare": len(spare),
        "functions": weighed(lambda: load(packages, "functions")),
        "registry": weighed(lambda: load(packages, "_deferred")),
        "entries": weighed(lambda: [*iter_deferred_imports()]),
    }


json.dump(globals()[sys.argv[1]](*sys.argv[2:]), sys.stdout)
