"""Every frontend gives the same wheel; where the hook's table may stand; what else than a build runs the hook."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

import wheelhouse
from builds import Build, Built, MakeProject, names_in, read_from, run_build
from deferred_imports.tooling.registry.code import MARKER
from processes import Env, clean_env, run

TABLE = 'imports.j = "json"\n'
FILES = {"src/weather/__init__.py": "", "src/weather/cli.py": "from . import _deferred\n"}
REGISTRY = "src/weather/_deferred.py"
OWN = "np = None  # written by hand\n"

# Writes down which code of ours took part in the build; it runs after the hook, as a project's own hooks do.
WITNESS = """\
import hashlib
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Witness(BuildHookInterface):
    def initialize(self, version, build_data):
        from deferred_imports.tooling.project import tree as project
        from hatch_deferred_imports import build_hook
        digests = [hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest() for module in (project, build_hook)]
        Path(self.root, "witness.txt").write_text("\\n".join([build_hook.__file__, *digests]))
"""

ISOLATED: dict[str, tuple[str, ...]] = {
    "build": ("build", "both"),
    "build --wheel": ("build", "wheel"),
    "pip wheel": ("pip", "wheel"),
    "uv build": ("uv", "both", "--no-create-gitignore"),
    "hatch build": ("hatch", "wheel"),
}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory, offline_env: Env) -> dict[str, tuple[Path, Built]]:
    """One project, built by each frontend in isolation, each in a directory of its own."""
    built = {}
    for name, (frontend, target, *args) in ISOLATED.items():
        top = tmp_path_factory.mktemp(frontend)
        out = top / "out"
        out.mkdir()
        witness = "[tool.hatch.build.hooks.custom]\n"
        project = MakeProject(top)(FILES | {"hatch_build.py": WITNESS}, table=TABLE + witness)
        built[name] = project, run_build(frontend, project, target, out, *args, env=offline_env)
        assert built[name][1].returncode == 0, built[name][1].output
    return built


def test_all_frontends_give_one_wheel(
    everywhere: dict[str, tuple[Path, Built]], build: Build, make_project: MakeProject
) -> None:
    """The wheels of build, pip, uv and hatch are equal to the last byte, by way of an sdist or not."""
    witness = "[tool.hatch.build.hooks.custom]\n"
    plain = build("hatchling", make_project(FILES | {"hatch_build.py": WITNESS}, table=TABLE + witness)).wheel
    digests = {name: hashlib.sha256(built.wheel.read_bytes()).hexdigest() for name, (_, built) in everywhere.items()}
    assert digests == dict.fromkeys(ISOLATED, hashlib.sha256(plain.read_bytes()).hexdigest())
    assert "weather/_deferred.py" in names_in(plain)


@pytest.mark.isolated
@pytest.mark.parametrize("name", ISOLATED)
def test_the_code_of_the_tree_is_what_ran(
    everywhere: dict[str, tuple[Path, Built]], tree_copy: Path, name: str
) -> None:
    """In isolation, and without a network, each frontend ran the hook and the core of this tree."""
    project, _ = everywhere[name]
    where, core, hook = (project / "witness.txt").read_text().split("\n")
    assert not Path(where).is_relative_to(wheelhouse.ROOT)
    files = ("src/deferred_imports/tooling/project/tree.py", "hatch_plugin/src/hatch_deferred_imports/build_hook.py")
    assert [core, hook] == [hashlib.sha256((tree_copy / file).read_bytes()).hexdigest() for file in files]


def test_an_sdist_holds_nothing_generated(everywhere: dict[str, tuple[Path, Built]]) -> None:
    """The sdist of a clean checkout has no registry; the wheel that is built from it has."""
    for name in ("build", "uv build"):
        built = everywhere[name][1]
        assert [file for file in names_in(built.sdist) if "deferred" in file] == []
        assert "weather/_deferred.py" in names_in(built.wheel)


def test_an_sdist_does_not_see_an_editable_install(build: Build, make_project: MakeProject) -> None:
    """With the registry ignored by version control, the sdist is the same before and after one."""
    project = make_project(FILES | {".gitignore": "_deferred.py\n"}, table=TABLE)
    before = build("hatchling", project, "sdist").sdist.read_bytes()
    build("hatchling", project, "editable")
    assert (project / REGISTRY).exists()
    assert build("hatchling", project, "sdist").sdist.read_bytes() == before


PYPROJECT = """\
[build-system]
requires = ["hatchling", "hatch-deferred-imports"]
build-backend = "hatchling.build"

[project]
name = "weather"
version = "1.0"

[tool.deferred-imports]
imports.j = "json"

"""


def test_the_hook_in_hatch_toml(build: Build, make_project: MakeProject) -> None:
    """The hook's own table may stand in hatch.toml; the manifest stays in pyproject.toml."""
    files = FILES | {"pyproject.toml": PYPROJECT, "hatch.toml": "[build.hooks.deferred-imports]\n"}
    assert "weather/_deferred.py" in names_in(build("hatchling", make_project(files)).wheel)


def test_the_hook_of_the_wheel_alone(build: Build, make_project: MakeProject) -> None:
    """The hook's own table may stand below the target that it is for."""
    table = "[tool.hatch.build.targets.wheel.hooks.deferred-imports]\n"
    project = make_project(FILES | {"pyproject.toml": PYPROJECT + table})
    assert "weather/_deferred.py" in names_in(build("hatchling", project).wheel)


def test_the_table_of_the_target_wins(build: Build, make_project: MakeProject) -> None:
    """Where it stands in both places, hatchling takes the target's, whole, and so do we."""
    everywhere, wheel = (
        "[tool.hatch.build.hooks.deferred-imports]\n",
        "[tool.hatch.build.targets.wheel.hooks.deferred-imports]\n",
    )
    fine = make_project(FILES | {"pyproject.toml": f"{PYPROJECT}{everywhere}wrong = 1\n{wheel}"})
    assert "weather/_deferred.py" in names_in(build("hatchling", fine).wheel)
    wrong = make_project(FILES | {"pyproject.toml": f"{PYPROJECT}{everywhere}{wheel}wrong = 1\n"})
    built = build("hatchling", wrong, check=False)
    assert built.output == (
        "[tool.hatch.build.targets.wheel.hooks.deferred-imports] has 1 problem\n"
        "  wrong: unknown key; this hook has no options: declare imports in [tool.deferred-imports]\n"
    )
    assert built.returncode == 1


def test_other_targets_than_the_wheel(build: Build, make_project: MakeProject) -> None:
    """An sdist is built whatever the table says; it is the wheel from it that needs a right one."""
    project = make_project(FILES, table="nonsense = 1")
    assert "src/weather/__init__.py" in names_in(build("hatchling", project, "sdist").sdist)


def test_asking_for_the_version_generates_nothing(make_project: MakeProject, home: Path, tree_path: str) -> None:
    """`hatch version` runs no build hook, and needs no right table."""
    project = make_project(FILES, table="nonsense = 1")
    env = {**clean_env(home), "PYTHONPATH": tree_path}
    done = run([sys.executable, "-m", "hatch", "version"], env=env, cwd=project)
    assert done.stdout == "1.0\n"
    assert not (project / REGISTRY).exists()


@pytest.mark.parametrize("table", [TABLE, "nonsense = 1"], ids=["right table", "wrong table"])
def test_cleaning_generates_nothing(build: Build, make_project: MakeProject, table: str) -> None:
    """A build that only cleans leaves no registry, and does not complain about the table."""
    project = make_project(FILES, table=table)
    built = build("hatchling", project, "wheel", "--clean-only")
    assert built.output == ""
    assert built.artifacts == ()
    assert not (project / REGISTRY).exists()


@pytest.mark.parametrize("flag", ["--clean-only", "--clean"])
def test_cleaning_leaves_what_an_environment_runs_from(flag: str, build: Build, make_project: MakeProject) -> None:
    """Cleaning, alone or before a build, leaves the registry that an editable install needs, as it was."""
    project = make_project(FILES, table=TABLE)
    build("hatchling", project, "editable")
    text = (project / REGISTRY).read_text(encoding="utf-8")
    build("hatchling", project, "wheel", flag)
    assert (project / REGISTRY).read_text(encoding="utf-8") == text


def test_cleaning_keeps_what_is_written_by_hand(build: Build, make_project: MakeProject) -> None:
    """A file that lacks our first line is not ours to remove; nor is a link, whatever it leads to."""
    project = make_project(FILES | {REGISTRY: OWN}, table=TABLE)
    build("hatchling", project, "wheel", "--clean-only")
    assert (project / REGISTRY).read_text() == OWN
    (project / REGISTRY).unlink()
    (project / "kept").write_text(MARKER)
    (project / REGISTRY).symlink_to(project / "kept")
    build("hatchling", project, "wheel", "--clean-only")
    assert os.path.islink(project / REGISTRY)


def test_a_build_that_cleans_first(build: Build, make_project: MakeProject) -> None:
    """`--clean` and a build in one go give the wheel as ever."""
    project = make_project(FILES, table=TABLE)
    build("hatchling", project, "editable")
    assert "json" in read_from(build("hatchling", project, "wheel", "--clean").wheel, "_deferred.py")


def test_only_hooks(build: Build, make_project: MakeProject) -> None:
    """`--hooks-only` checks the table and leaves nothing behind for a wheel, as the README says."""
    project = make_project(FILES, table=TABLE)
    built = build("hatchling", project, "wheel", "--hooks-only")
    assert (built.output, built.artifacts) == ("", ())
    wrong = build("hatchling", make_project(FILES, table="imports.j = 3"), "wheel", "--hooks-only", check=False)
    assert wrong.output.startswith("pyproject.toml: [tool.deferred-imports] has 1 problem\n  imports.j: ")
    assert not (project / REGISTRY).exists()
    assert "--hooks-only" in (wheelhouse.ROOT / "hatch_plugin/README.md").read_text(encoding="utf-8")


def test_in_a_directory_below(build: Build, make_project: MakeProject) -> None:
    """Where hatchling finds pyproject.toml above the directory that it is called in, the hook does."""
    project = make_project(FILES, table=TABLE)
    assert "weather/_deferred.py" in names_in(build("hatchling", project / "src").wheel)
