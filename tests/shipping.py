"""Ships one program in the ways that take no freezer, and builds its wheel under odd conditions; prints both as tables.

    hatch run shipping               # all, some minutes
    hatch run shipping vendored -OO  # these

`freezing` has the program, what is tried with it, and what takes a freezer; `backends` has the other builds.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from backends import FailedError, Place, as_table, hooked
from freezing import TRIED, prepare, tried
from samples import SAMPLES

NEEDS = ("weather", "deferred-imports[build]")
#: How a program is started, and with which variables.
Started = tuple[Sequence[str | Path], Mapping[str, str]]


@dataclass
class Shipments:
    """The ways to ship the program.

    Args:
        place: Where everything is done.
    """

    place: Place

    @cached_property
    def python(self) -> Path:
        """An interpreter that has nothing of ours."""
        path = self.place.directory() / "bare"
        self.place.run("uv", "venv", "-q", "--python", sys.executable, path)
        return path / "bin/python"

    def installed(self, option: str = "--target", inner: str = "") -> Path:
        """Install below a directory, and return that from which Python imports."""
        directory = self.place.directory()
        pip = (sys.executable, "-m", "pip", "--python", str(self.python), "install", "-q", "--no-warn-script-location")
        self.place.run(*pip, "--disable-pip-version-check", option, directory, *NEEDS)
        return next(iter(directory.glob(inner))) if inner else directory

    def wheels(self) -> list[Path]:
        """Return the wheels of all that the program needs."""
        out = self.place.directory()
        self.place.run(sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", out, *NEEDS)
        return sorted(out.glob("*.whl"))

    def from_path(self, *places: Path, flags: Sequence[str] = (), **env: str) -> Started:
        """Start it as a module of what lies at these places."""
        return [self.python, *flags, "-m", "weather.cli"], {**env, "PYTHONPATH": ":".join(map(str, places))}

    def isolated(self) -> Started:
        """Start it where Python looks at no variable, and at no site-packages."""
        code = f"import sys; sys.path[:0] = [{str(self.installed())!r}]; from weather.cli import main; main()"
        return [self.python, "-I", "-S", "-c", code], {}

    def user(self) -> Started:
        """Install for a user."""
        env = {"PYTHONUSERBASE": str(self.place.directory()), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
        python = Path(sys.base_prefix) / "bin/python3"
        self.place.run(python, "-m", "pip", "install", "-q", "--user", "--no-warn-script-location", *NEEDS, env=env)
        return [python, "-m", "weather.cli"], env

    def zipped(self, tree: Path, *, is_compiled: bool = False) -> Path:
        """Put a tree into an archive, maybe all of it as bytecode."""
        if is_compiled:
            compileall.compile_dir(tree, quiet=2, legacy=True)
            for source in tree.rglob("*.py"):
                source.unlink()
        archive = self.place.directory() / "all.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            for file in tree.rglob("*"):
                if "__pycache__" not in file.parts:
                    out.write(file, file.relative_to(tree))
        return archive

    def vendored(self) -> Started:
        """Let another package bring it along, under another name, which is written wherever the old one stood."""
        target, root = self.installed(), self.place.directory()
        (root / "host/_vendor").mkdir(parents=True)
        shutil.move(target / "weather", root / "host/_vendor/weather")
        shutil.rmtree(next(iter(target.glob("weather-*.dist-info"))))
        for source in root.rglob("*.py"):
            text = source.read_text("utf-8").replace("from weather import", "from host._vendor.weather import")
            text = re.sub(r'((?:missing|now|imports)\()"weather"', r'\1"host._vendor.weather"', text)
            text = text.replace('"weather.commands', '"host._vendor.weather.commands')
            text = text.replace('version("weather")', "None")  # its metadata is not brought along
            source.write_text(text, encoding="utf-8")
        return [self.python, "-m", "host._vendor.weather.cli"], {"PYTHONPATH": f"{root}:{target}"}

    def ways(self) -> dict[str, Callable[[], Started]]:
        """Return how it is shipped, by the name of the way."""
        return {
            "pip install --target": lambda: self.from_path(self.installed()),
            "pip install --prefix": lambda: self.from_path(self.installed("--prefix", "lib/python*/site-packages")),
            "pip install --user": self.user,
            "wheels on sys.path": lambda: self.from_path(*self.wheels()),
            "one zip on sys.path": lambda: self.from_path(self.zipped(self.installed())),
            "one zip of bytecode": lambda: self.from_path(self.zipped(self.installed(), is_compiled=True)),
            "-O": lambda: self.from_path(self.installed(), flags=["-O"]),
            "-OO": lambda: self.from_path(self.installed(), flags=["-OO"]),
            "-P": lambda: self.from_path(self.installed(), flags=["-P"]),
            "PYTHONSAFEPATH": lambda: self.from_path(self.installed(), PYTHONSAFEPATH="1"),
            "-I -S": self.isolated,
            "vendored": self.vendored,
        }

    def row(self, way: str) -> list[str]:
        """Return the cells of one way."""
        try:
            command, env = self.ways()[way]()
        except FailedError as error:
            return [way, str(error), *[""] * (len(TRIED) - 1)]
        return [way, *tried(self.place, command, is_final=False, env=env)]


@dataclass
class Conditions:
    """Odd conditions for a build with the hook: the wheel always has the same bytes.

    Args:
        place: Where everything is done.
    """

    place: Place

    def project(self, name: str = "weather") -> Path:
        """Write the project, as a repository."""
        project = self.place.write(hooked(SAMPLES["hatchling"]), self.place.directory() / name)
        (project / ".gitignore").write_text("_deferred.py\n", encoding="utf-8")
        return project

    def wheel(
        self,
        project: Path,
        env: Mapping[str, str] | None = None,
        *,
        python: str = sys.executable,
        umask: int = -1,
    ) -> bytes:
        """Build a wheel, and return its bytes."""
        out = self.place.directory()
        command = ["uv", "build", "-q", "--wheel", "--python", python, "-o", str(out)]
        environment = {**self.place.env, **(env or {})}
        done = subprocess.run(
            command, cwd=project, env=environment, umask=umask, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise FailedError(done.stderr.strip().splitlines()[-1])
        return next(iter(out.glob("*.whl"))).read_bytes()

    def archived(self) -> bytes:
        """Build what `git archive` gives, which has no history."""
        project, bare = self.project(), self.place.directory() / "bare"
        for words in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm all"):
            self.place.run("git", *words.split(), cwd=project)
        bare.mkdir()
        self.place.run("git", "archive", "-o", bare.parent / "all.tar", "HEAD", cwd=project)
        shutil.unpack_archive(bare.parent / "all.tar", bare)
        return self.wheel(bare)

    def from_sdist(self) -> bytes:
        """Build the wheel from the sdist."""
        project, out = self.project(), self.place.directory()
        self.place.run("uv", "build", "-q", "--python", sys.executable, "-o", out, cwd=project)
        return next(iter(out.glob("*.whl"))).read_bytes()

    def shuffled(self) -> bytes:
        """Build with the rows of the table in another order."""
        project = self.project()
        file = project / "pyproject.toml"
        head, row, rest = file.read_text("utf-8").partition('minidom = "xml.dom.minidom"\n')
        last = 'report = ".commands.report"\n'
        file.write_text(f"{head}{rest.replace(last, last + row)}", encoding="utf-8")
        return self.wheel(project)

    def at_once(self) -> bytes:
        """Build four times at once in one tree."""
        project = self.project()
        out = [self.place.directory() for _ in range(4)]
        command = ["uv", "build", "-q", "--wheel", "--python", sys.executable, "-o"]
        builds = [subprocess.Popen([*command, str(path)], cwd=project, env=self.place.env) for path in out]
        if any(build.wait() for build in builds):
            raise FailedError("one of them failed")
        (wheel,) = {next(iter(path.glob("*.whl"))).read_bytes() for path in out}
        return wheel

    def conditions(self) -> dict[str, Callable[[], bytes]]:
        """Return what is odd, by its name."""
        spaced = self.place.directory() / "a b"
        spaced.mkdir()
        pythons = [
            found for version in ("3.10", "3.12", "3.13", "3.14", "3.15") if (found := shutil.which(f"python{version}"))
        ]
        return {
            "uv build, twice": lambda: self.wheel(self.project()),
            "build": lambda: self._through(sys.executable, "-m", "build", "--wheel", "-o"),
            "build --no-isolation": lambda: self._through(self.ready, "-m", "build", "--wheel", "--no-isolation", "-o"),
            "pip wheel": lambda: self._through(sys.executable, "-m", "pip", "wheel", "--no-deps", ".", "-w"),
            "pip wheel --no-build-isolation": lambda: self._through(
                self.ready, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", ".", "-w"
            ),
            "hatch build": lambda: self._through(sys.executable, "-m", "hatch", "build", "-t", "wheel"),
            **{f"PYTHONHASHSEED={seed}": partial(self._with, PYTHONHASHSEED=str(seed)) for seed in (0, 1, 77)},
            **{f"built by {Path(python).name}": partial(self._by, python) for python in pythons},
            "LC_ALL=C, no UTF-8 mode": partial(self._with, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
            "umask 077": lambda: self.wheel(self.project(), umask=0o077),
            "TMPDIR with a space": partial(self._with, TMPDIR=str(spaced)),
            "a path with a space, and Japanese": lambda: self.wheel(self.project("a 天気")),
            "from the sdist": self.from_sdist,
            "git archive, without .git": self.archived,
            "another order of the table": self.shuffled,
            "four at once in one tree": self.at_once,
        }

    @cached_property
    def ready(self) -> str:
        """An interpreter that has what a build without isolation takes."""
        return str(self.place.environment("hatchling", "hatch-deferred-imports", "build", "pip"))

    def _through(self, *command: str) -> bytes:
        out = self.place.directory()
        self.place.run(*command, out, cwd=self.project())
        return next(iter(out.glob("*.whl"))).read_bytes()

    def _with(self, **env: str) -> bytes:
        return self.wheel(self.project(), env)

    def _by(self, python: str) -> bytes:
        return self.wheel(self.project(), python=python)

    def rows(self) -> Iterator[list[str]]:
        """Yield what became of each."""
        first = self.wheel(self.project())
        for name, build in self.conditions().items():
            try:
                yield [name, "the same bytes" if build() == first else "other bytes"]
            except FailedError as error:
                yield [name, str(error)]


def main(wanted: Sequence[str]) -> None:
    """Print the tables."""
    os.environ.pop("PYTHONPATH", None)  # the programs have what is shipped, and no tree
    with tempfile.TemporaryDirectory(prefix="shipping-") as scratch:
        place = prepare(Path(scratch))
        shipments = Shipments(place)
        for line in as_table(("way", *TRIED), map(shipments.row, wanted or shipments.ways())):
            print(line, flush=True)
        if not wanted:
            print()
            for line in as_table(("wheel", "result"), Conditions(place).rows()):
                print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
