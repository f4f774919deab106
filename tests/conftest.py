"""The fixtures that all tests share; builds.py and processes.py hold their types.

- `run_python(code, *args, path=...)`: run code in an interpreter of its own (`RunPython`)
- `make_project(files, table=...)`: write a sample project (`MakeProject`)
- `build(frontend, project, target)`: build it; with "hatchling" in 0.2 s and without the wheelhouse (`Build`)
- `venv(*requirements)`: make a virtual environment, install without an index (`MakeVenv`)
- `tree_wheels`: the directory of our two wheels, built from the tree (`Path`)
- `tree_copy`: a fresh copy of the checkout (`Path`)
- `offline_env`: the variables under which all frontends find wheels and no index (`dict[str, str]`)

`tree_wheels` and what builds on it need the wheelhouse, and skip where it is missing.
"""

import importlib.metadata
import os
import signal
from pathlib import Path

import pytest

import wheelhouse
from builds import Build, MakeProject, run_build
from processes import MEASURED, RUNTIME, MakeVenv, RunPython, clean_env, offline

HOOK = wheelhouse.ROOT / "hatch_plugin" / "src"


def pytest_configure(config: pytest.Config) -> None:
    """Keep what measures coverage from all child processes but those of `run_python`, and xdist's own.

    And keep from all an environment that happens to be active.
    """
    # Who starts a test run in the background may have some ignored, and what is started here would inherit that.
    for number in signal.valid_signals() - {getattr(signal, "SIGPIPE", None), getattr(signal, "SIGXFSZ", None)}:
        if signal.getsignal(number) is signal.SIG_IGN:  # Python itself ignores those two
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):  # the command would look there
        os.environ.pop(name, None)
    if config.getoption("numprocesses", None):
        return  # no tests run in this process
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        if value := os.environ.pop(name, None):
            MEASURED[name] = value


def pytest_report_header() -> list[str]:
    """Name the versions that a failing build would make one ask for."""
    tools = ("hatchling", "hatch", "build", "pip", "uv", "packaging")
    found = {dist.name: dist.version for dist in importlib.metadata.distributions() if dist.name in tools}
    return [
        "builds: " + ", ".join(f"{name} {found.get(name, 'missing')}" for name in tools),
        f"wheelhouse: {'filled' if wheelhouse.is_filled() else 'missing'}",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the wheelhouse, so that `-m "not isolated"` leaves them out."""
    for item in items:
        if isinstance(item, pytest.Function) and "tree_wheels" in item.fixturenames:
            item.add_marker("isolated")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory, empty at first, for whatever runs in a clean environment."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def tree_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh copy of the checkout."""
    return wheelhouse.copy_tree(tmp_path_factory.mktemp("tree") / "deferred-imports")


@pytest.fixture(scope="session")
def tree_wheels(tree_copy: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the wheels of `deferred-imports` and `hatch-deferred-imports`, built from `tree_copy`."""
    if not wheelhouse.is_filled():
        pytest.skip("no wheels to install from; `python tests/wheelhouse.py` downloads them")
    out = tmp_path_factory.mktemp("wheels")
    for project in (tree_copy, tree_copy / "hatch_plugin"):
        built = run_build("hatchling", project, "wheel", out, env=clean_env(home))
        assert built.returncode == 0, built.output
    return out


@pytest.fixture(scope="session")
def offline_env(home: Path, tree_wheels: Path) -> dict[str, str]:
    """All the variables of a process that builds or installs: own caches, wheels for pip and uv, and no index."""
    return offline(home, wheelhouse.HOUSE, tree_wheels)


@pytest.fixture(scope="session")
def tree_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH from which hatchling finds the hook in the tree: both sources, and a made-up installation of it."""
    made_up = tmp_path_factory.mktemp("installed")
    info = made_up / "hatch_deferred_imports-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hatch-deferred-imports\nVersion: 0\n", "utf-8")
    (info / "entry_points.txt").write_text("[hatch]\ndeferred-imports = hatch_deferred_imports.hooks\n", "utf-8")
    return os.pathsep.join(map(str, (RUNTIME, HOOK, made_up)))


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """`make_project({"src/weather/__init__.py": ""}, table='imports.np = "numpy"')` returns its directory."""
    return MakeProject(tmp_path)


@pytest.fixture
def build(request: pytest.FixtureRequest, tmp_path: Path, home: Path, tree_path: str) -> Build:
    """`build("hatchling", project).wheel` is the path of the wheel."""
    return Build(tmp_path, home, tree_path, request)


@pytest.fixture
def venv(tmp_path: Path, offline_env: dict[str, str]) -> MakeVenv:
    """`venv("deferred-imports", wheel).run("python", "-c", code).stdout`."""
    return MakeVenv(tmp_path, offline_env)


@pytest.fixture
def run_python(tmp_path: Path, home: Path, request: pytest.FixtureRequest) -> RunPython:
    """`run_python("import weather", path=[project / "src"], env={"PYDEFER_EAGER": "1"}).stdout`."""
    measured = request.path.parent.name == "runtime" and request.node.get_closest_marker("unmeasured") is None
    return RunPython(tmp_path, home, measured=measured)
