"""The fixtures that the tests of the runtime share; worlds.py holds their types.

- `world`: a directory on the path of whatever it runs (`World`)
- `world.write({"heavy.py": "print('heavy')"})`: write files into it
- `world.package('imports.np = "numpy"', {"cli.py": "..."})`: write a package, "weather", with its registry
- `world.run(code, env={"PYDEFER_EAGER": "1"})`: run code that imports from it; returns what it printed
- `world.error(code)`: run code that fails; returns the last line that it printed to stderr
- `golden("name")`: compare a text with `tests/cases/runtime/name.txt`
"""

from pathlib import Path

import pytest

from processes import RunPython
from worlds import Golden, World


@pytest.fixture
def world(tmp_path: Path, run_python: RunPython) -> World:
    """An empty directory on the path of whatever it runs, where registries take it that they are installed."""
    path = tmp_path / "world" / "site-packages"
    path.mkdir(parents=True)
    return World(path, run_python)


@pytest.fixture(scope="session")
def golden() -> Golden:
    """`golden("missing", text)` compares with `tests/cases/runtime/missing.txt`."""
    return Golden()
