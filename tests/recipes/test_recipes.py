"""The recipes of the runtime's manual against the real thing: with them, the first task of a worker does not pay."""

import os
import sys
from pathlib import Path

import pytest

from indexed import install
from processes import RUNTIME, clean_env
from recipes.drivers import RECIPES, Place, paying, prepare
from worlds import render_registry


@pytest.mark.network
@pytest.mark.skipif(sys.platform == "win32", reason="forks, and signals that end servers")
@pytest.mark.parametrize("name", RECIPES)
def test_the_first_task_does_not_pay(name: str, tmp_path: Path, home: Path) -> None:
    """Without the recipe the first task of a worker imports what it needs, with it that is there."""
    recipe = RECIPES[name]
    if sys.version_info < recipe.since:
        pytest.skip(f"came with Python {'.'.join(map(str, recipe.since))}")
    python = install(tmp_path / "venv", *recipe.needs)
    registry = render_registry('imports.heavy = "heavy"', {"weather": True})
    found = []
    for index, code in enumerate((recipe.without(), recipe.code())):
        root = tmp_path / str(index)
        prepare(root, registry, noted=True)
        env = {**clean_env(home), "PYTHONPATH": os.pathsep.join(map(str, (root, RUNTIME))), "RAY_AUTH_MODE": "disabled"}
        assert recipe.first_task(Place(root, python, env), code) > 0
        found.append(paying(root))
    (tasks, paid), with_it = found

    assert tasks >= paid >= 1
    assert with_it == (tasks, 0)
