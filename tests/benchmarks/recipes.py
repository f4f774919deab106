"""``hatch run recipes``: what the recipes of the runtime's manual gain, each against the real thing.

For each recipe a server, pool or cluster is started, without the recipe and with it, in turns; what is printed is the
median of what the first task took. Needs a package index.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES
from benchmarks.registries import registry_of
from recipes.drivers import RECIPES, Place, Recipe, prepare

# What is deferred; pandas cannot be loaded in an interpreter beside the first, asyncio can.
HEAVY = {"InterpreterPoolExecutor": "asyncio"}


def measure(recipe: Recipe, heavy: str, python: Path, scratch: Path, rounds: int) -> tuple[float, float]:
    """Return the seconds of the first task, without a recipe and with it."""
    registry = registry_of("weather", {"heavy": heavy})
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        for times, code in zip(took, (recipe.without(), recipe.code()), strict=True):
            root = scratch / f"{turn}-{len(took[0])}-{len(took[1])}"
            prepare(root, registry)
            env = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
            env |= {"PYTHONPATH": os.pathsep.join(map(str, (root, SOURCES))), "RAY_AUTH_MODE": "disabled"}
            times.append(recipe.first_task(Place(root, python, env), code))
    return median(took[0]), median(took[1])


def main() -> None:
    """Print a table, a recipe a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="starts of each kind (default: %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter, or its version")
    parser.add_argument("--only", action="append", choices=RECIPES, help="a recipe; may be repeated")
    arguments = parser.parse_args()
    table = Table("recipe", "first task without", "with", "ratio", title=f"medians of {arguments.rounds} starts")
    for name, recipe in RECIPES.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            try:
                place = Path(scratch) / "environment"
                heavy = HEAVY.get(name, "pandas")
                needs = [*(["pandas"] if name not in HEAVY else []), *recipe.needs]
                python = make_environment(place, arguments.python, needs)
            except UnavailableError as error:
                table.add_row(name, str(error))
                continue
            before, after = measure(recipe, heavy, python, Path(scratch), arguments.rounds)
        table.add_row(name, f"{before * 1000:.0f} ms", f"{after * 1000:.1f} ms", f"{after / before:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
