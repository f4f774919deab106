"""Sample projects and real builds of them, by every frontend."""

import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from processes import Env, clean_env, fresh, run

# The user's project, as simple as can be; a test adds what it is about.
_PYPROJECT = """\
[build-system]
requires = ["hatchling", "hatch-deferred-imports"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"
{project}
[tool.hatch.build.hooks.deferred-imports]

[tool.deferred-imports]
{table}
"""


def names_in(archive: Path) -> set[str]:
    """Return the names of the files in a wheel or sdist, an sdist's own top directory left out; none may come twice."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            names = wheel.namelist()
    else:
        with tarfile.open(archive) as sdist:
            names = [member.name.partition("/")[2] for member in sdist.getmembers() if not member.isdir()]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    assert twice == [], f"{archive.name} holds twice: {twice}"
    return set(names)


def read_from(wheel: Path, name: str) -> str:
    """Return the text of the one file in ``wheel`` whose path ends with ``name``."""
    with zipfile.ZipFile(wheel) as archive:
        (found,) = [path for path in archive.namelist() if path == name or path.endswith("/" + name)]
        return archive.read(found).decode("utf-8")


@dataclass(frozen=True)
class Built:
    """What a build left behind: its exit code, all that it printed, and its artefacts, each looked over once."""

    returncode: int
    output: str
    artifacts: tuple[Path, ...]

    @property
    def wheel(self) -> Path:
        """The one wheel that was built."""
        (wheel,) = [path for path in self.artifacts if path.suffix == ".whl"]
        return wheel

    @property
    def sdist(self) -> Path:
        """The one sdist that was built."""
        (sdist,) = [path for path in self.artifacts if path.name.endswith(".tar.gz")]
        return sdist


# How each frontend is told what to build; {out} is the directory for it. "both" is an sdist, then a wheel from it.
_PYTHON = (sys.executable, "-m")
_UV = ("uv", "build", "--python", sys.executable)
_COMMANDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("hatchling", "wheel"): (*_PYTHON, "hatchling", "build", "-t", "wheel", "-d", "{out}"),
    ("hatchling", "sdist"): (*_PYTHON, "hatchling", "build", "-t", "sdist", "-d", "{out}"),
    ("hatchling", "editable"): (*_PYTHON, "hatchling", "build", "-t", "wheel:editable", "-d", "{out}"),
    ("build", "wheel"): (*_PYTHON, "build", "--wheel", "-o", "{out}"),
    ("build", "sdist"): (*_PYTHON, "build", "--sdist", "-o", "{out}"),
    ("build", "both"): (*_PYTHON, "build", "-o", "{out}"),
    ("pip", "wheel"): (*_PYTHON, "pip", "wheel", "--no-deps", "-w", "{out}", "."),
    ("uv", "wheel"): (*_UV, "--wheel", "-o", "{out}"),
    ("uv", "sdist"): (*_UV, "--sdist", "-o", "{out}"),
    ("uv", "both"): (*_UV, "-o", "{out}"),
    ("hatch", "wheel"): (*_PYTHON, "hatch", "build", "-t", "wheel", "{out}"),
    ("hatch", "sdist"): (*_PYTHON, "hatch", "build", "-t", "sdist", "{out}"),
}
_NO_ISOLATION = {"build": ["--no-isolation"], "pip": ["--no-build-isolation"], "uv": ["--no-build-isolation"]}


def run_build(frontend: str, project: Path, target: str, out: Path, *args: str, env: Env) -> Built:
    """Build ``project`` into the empty directory ``out``, and look over what came of it."""
    command = [part.format(out=out) for part in _COMMANDS[frontend, target]]
    done = run([*command, *args], env=env, cwd=project, check=False)
    artifacts = tuple(sorted(out.iterdir())) if done.returncode == 0 else ()
    for path in artifacts:
        names_in(path)
    return Built(done.returncode, done.stdout + done.stderr, artifacts)


@dataclass(frozen=True)
class MakeProject:
    """Writes projects."""

    directory: Path

    def __call__(
        self, files: Mapping[str, str | bytes], *, name: str = "weather", project: str = "", table: str = ""
    ) -> Path:
        """Write ``files`` (path to content) and return their directory.

        Without a pyproject.toml among them there is one for hatchling with our hook; ``project`` and ``table`` are
        more lines for its [project] and its [tool.deferred-imports].
        """
        top = fresh(self.directory / "project")
        usual = {"pyproject.toml": _PYPROJECT.format(name=name, project=project, table=table)}
        for path, content in {**usual, **files}.items():
            file = top / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return top


@dataclass(frozen=True)
class Build:
    """Builds projects with one of the frontends: "hatchling", "build", "pip", "uv" or "hatch"."""

    directory: Path
    home: Path
    tree_path: str
    request: pytest.FixtureRequest

    def __call__(
        self,
        frontend: str,
        project: Path,
        target: str = "wheel",
        *args: str,
        env: Env | None = None,
        isolated: bool = True,
        check: bool = True,
    ) -> Built:
        """Build a "wheel", an "sdist", an "editable" wheel (hatchling), or "both": a wheel from an sdist (build, uv).

        "hatchling" never isolates: it takes the hook from the tree. The others do, and install the hook as a wheel; a
        test that lets them bears the mark `isolated`. With ``isolated=False`` they, too, take it from the tree.
        ``env`` comes on top of the clean environment; ``check=False`` hands a failed build to the test.
        """
        if isolated and frontend != "hatchling":
            assert self.request.node.get_closest_marker("isolated"), "mark the test with @pytest.mark.isolated"
            base = self.request.getfixturevalue("offline_env")
        else:
            base = {**clean_env(self.home), "PYTHONPATH": self.tree_path}
            args = (*_NO_ISOLATION.get(frontend, ()), *args)
        out = fresh(self.directory / "dist")
        out.mkdir()
        built = run_build(frontend, project, target, out, *args, env={**base, **(env or {})})
        assert not check or built.returncode == 0, built.output
        return built
