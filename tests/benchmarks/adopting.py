"""What `deferred-imports adopt` reaches on real projects, and what their own tests say.

    python -m benchmarks.adopting [--home DIR] [--limit MINUTES] [--rounds N] [--no-tests] [--risky] [--again]
        [PROJECT ...]

Each project is fetched as its sdist and installed into an environment of its own, so this needs an index. Then one
command adopts it, with no hand work: `adopt --write --yes --test ...`. Its own tests run before, after, and after that
with `PYDEFER_EAGER=1` and the registry that `generate` makes. What a start loads and costs is measured in the
environment and in a copy of it that has the new sources; the floor is an import of the parser alone. What was found of
a project is kept, and the next run goes on with the others. Prints a table in Markdown, a row for each project, and
below it by which versions of ours the rows were made, where these are not the sources at hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.adopted import PROJECTS, Project
from benchmarks.initializing import fetch, unpack

ROOT = Path(__file__).parents[2]
_TOOLS = ("packaging", "tomlkit", "rich", "argcomplete", "pytest-timeout")
_COLUMNS = (
    ("project", "---"),
    ("modules", "--:"),
    ("all in `sys.modules`", "--:"),
    ("parser", "--:"),
    ("CPU ms", "--:"),
    ("parser", "--:"),
    ("files", "--:"),
    ("lines", "--:"),
    ("taken back", "--:"),
    ("tests before", "---"),
    ("after", "---"),
    ("eager", "---"),
)
# Ends as the program does, and says how many modules it has loaded then.
COUNTED = """
try:
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), {"__name__": "__main__"})
finally:
    with open(told, "w") as file:
        print(len(sys.modules), file=file)
"""
_COUNT = f"""
import sys
script, told, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = script
{COUNTED}"""


class FailedError(Exception):
    """A step that a project does not pass; the text says which, and why, in one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Adopt projects, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adopting", description="Adopt real projects.")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help="names (default: all)")
    parser.add_argument("--home", type=Path, default=Path("adopting"), help="where all is kept (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=30, help="minutes for each project (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="starts of each kind (default: %(default)s)")
    parser.add_argument("--no-tests", action="store_true", help="run no tests of the projects")
    parser.add_argument("--risky", action="store_true", help="adopt with --risky; that is kept beside what is without")
    parser.add_argument("--again", action="store_true", help="forget what was found of them")
    arguments = parser.parse_args(argv)
    known = {project.name: project for project in PROJECTS}
    if unknown := sorted(set(arguments.projects) - set(known)):
        parser.error(f"expected some of {', '.join(known)}, got {', '.join(unknown)}")
    print(f"| {' | '.join(title for title, _ in _COLUMNS)} |")
    print(f"|{'|'.join(line for _, line in _COLUMNS)}|", flush=True)
    rows = []
    for name in arguments.projects or known:
        work = Work(known[name], arguments.home.resolve(), arguments)
        if arguments.again:
            work.forget()
        rows.append(work.found())
        print(row(rows[-1]), flush=True)
    for line in older(rows, ours()):
        print(line)
    return 0


def ours() -> dict[str, str]:
    """Return which version of ours is at hand: its number, the commit where git knows, a hash of its sources."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    (version,) = re.findall(r'(?m)^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    told = subprocess.run(git, capture_output=True, text=True, check=False)
    return {"version": version, "commit": told.stdout.strip(), "sources": digest.hexdigest()}


def older(rows: Sequence[Mapping[str, Any]], now: Mapping[str, str]) -> Iterator[str]:
    """Yield by which other versions of ours rows were made, a line for each."""
    made: dict[str, list[str]] = {}
    for found in rows:
        by = found.get("ours", {})
        if "starts" in found and by.get("sources") != now["sources"]:
            said = f"{by['version']} ({by['commit'] or 'no commit'})" if by else "a version that was not kept"
            made.setdefault(said, []).append(found["project"])
    if made:
        here = f"{now['version']} ({now['commit'] or 'no commit'})"
        yield f"\nNot made by the sources at hand, {here}; --again renews them:"
    for said, projects in made.items():
        yield f"- by {said}: {', '.join(projects)}"


def row(found: Mapping[str, Any]) -> str:
    """Return the row of a project."""
    if "starts" not in found:
        return f"| {found['project']} | {found['failed']} |"
    before, after, floor = (found["starts"][kind] for kind in ("before", "after", "floor"))
    cells = [
        found["project"],
        f"{before['modules'] - found['bare']} to {after['modules'] - found['bare']}",
        f"{before['modules']} to {after['modules']}",
        str(floor["modules"] - found["bare"]),
        f"{1000 * before['seconds']:.0f} to {1000 * after['seconds']:.0f}",
        f"{1000 * floor['seconds']:.0f}",
        str(found["files"]),
        found["lines"],
        str(len(found["taken_back"])),
        *_told_by_tests(found["tests"], found["part"] if found["files"] else "nothing moves"),
    ]
    return f"| {' | '.join(cells)} |"


def _told_by_tests(told: Mapping[str, str], part: str) -> list[str]:
    """Return the cells of the tests, where the first says which part was run, if not all."""
    if not told:
        return [part or "none in the sdist", "", ""]
    cells = [told[kind] for kind in ("before", "after", "eager")]
    cells = [cells[0], *("the same" if cell == cells[0] else cell for cell in cells[1:])]
    return [f"{cells[0]} ({part})" if part else cells[0], *cells[1:]]


class Work:
    """The work on one project.

    Attributes:
        result: Where all that was found of it is kept.
    """

    def __init__(self, project: Project, home: Path, wishes: argparse.Namespace) -> None:
        self._how = "-risky" if wishes.risky else ""
        self.result = home / "results" / f"{project.name}{self._how}.json"
        self._project = project
        self._home = home
        self._wishes = wishes
        self._place = home / project.name
        self._python = self._place / "environment" / "bin" / "python"
        self._end = 0.0

    def found(self) -> Mapping[str, Any]:
        """Return what is known of the project, or find it out."""
        if not self.result.exists():
            self._end = time.monotonic() + 60 * self._wishes.limit
            try:
                found = self._adopt()
            except (FailedError, OSError) as error:  # the next run tries again
                return {"project": self._project.name, "failed": str(error)}
            self.result.parent.mkdir(parents=True, exist_ok=True)
            self.result.write_text(json.dumps(found, indent=1), encoding="utf-8")
        known: dict[str, Any] = json.loads(self.result.read_text(encoding="utf-8"))
        return known

    def forget(self) -> None:
        """Forget what is known; its environment and sources stay."""
        for path in (self.result, *(self._kept(step) for step in ("adopt", "starts", "tests"))):
            path.unlink(missing_ok=True)

    def _once(self, step: str, find: Callable[[], object]) -> Any:
        """Return what a step has found, this time or the last one."""
        kept = self._kept(step)
        if not kept.exists():
            kept.write_text(json.dumps(find(), indent=1), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))

    def _kept(self, step: str) -> Path:
        """Return where that is kept."""
        return self._place / f"{step}{self._how}.json"

    def _adopt(self) -> dict[str, Any]:
        self._install()
        version = self._told("import sys, importlib.metadata as m; print(m.version(sys.argv[1]))", self._project.name)
        before, after = self._unpack(version), self._place / f"after{self._how}" / self._project.name
        found = {
            "project": f"{self._project.name} {version}{' `--risky`' if self._wishes.risky else ''}",
            "part": ", ".join(word for word in self._project.test.split() if word.startswith("tests/")),
            "python": platform.python_version(),
        }
        test = "" if self._wishes.no_tests else self._project.test
        told = self._once("adopt", lambda: {**self._told_by_adopt(before, after, test), "ours": ours()})
        starts = self._once("starts", lambda: self._starts(after, told["files"]))
        return {
            **found,
            "ours": told["ours"],
            "bare": int(self._told("import sys; print(len(sys.modules))")),  # now: tests may install more
            "files": len(told["files"]),
            "lines": _changed(before, after, [one["path"] for one in told["files"]]),
            "taken_back": told["taken_back"],
            "hanging": told["hanging"],
            "starts": starts,
            "tests": self._once("tests", lambda: self._tests(told["tests"], test, after)) if told["tests"] else {},
        }

    # What is adopted

    def _told_by_adopt(self, before: Path, after: Path, test: str) -> Mapping[str, Any]:
        """Return what `adopt` says as JSON."""
        shutil.rmtree(after, ignore_errors=True)
        shutil.copytree(before, after, symlinks=True)
        words: list[str | Path] = ["adopt", "--startup", self._project.startup, "--json", "--write", "--yes"]
        words += ["--allow-dirty", *([self._project.package] if self._project.package else [])]
        words += [*(["--test", test] if test else []), *(["--risky"] if self._wishes.risky else [])]
        done = self._run("adopt", [self._python, "-m", "deferred_imports", *words], after)
        (self._place / "adopt.log").write_text(done.stderr, encoding="utf-8")
        if done.returncode:
            raise FailedError(f"adopt: {_last(done)}")
        told: Mapping[str, Any] = json.loads(done.stdout)
        return told

    def _install(self) -> None:
        """Make an environment that has the project and what its tests need."""
        place, whole = self._place / "environment", self._place / "installed"
        if whole.exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        self._checked("environment", [*uv, "venv", "-q", "--python", sys.executable, place])
        wanted = [self._project.requirement, *_TOOLS, *self._project.requirements]
        wanted += ["--no-binary", self._project.name] if self._project.is_compiled else []
        self._checked("installation", [*uv, "pip", "install", "-q", "--python", self._python, *wanted])
        whole.touch()

    def _unpack(self, version: str) -> Path:
        """Return the tree of the sdist of the version that is installed."""
        folder, archives = self._place / "before", self._place / "sdist"
        if not folder.exists():
            archives.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._place) as directory:
                try:
                    _, archive = next(fetch([f"{self._project.name}=={version}"], archives, largest=1 << 30))
                except (StopIteration, subprocess.CalledProcessError) as error:
                    raise FailedError(f"no sdist: {error}") from None
                unpack(archive, Path(directory))
                Path(directory).rename(folder)
        (tree,) = folder.iterdir()
        return tree

    # What it costs

    def _starts(self, after: Path, files: Sequence[Mapping[str, str]]) -> dict[str, dict[str, float]]:
        """Return how many modules a start loads, and the processor time of it, before and after and of the parser."""
        copy = self._place / f"adopted{self._how}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self._place / "environment", copy, symlinks=True)
        purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = Path(self._told(purelib).replace(str(self._place / "environment"), str(copy)))
        for file in files:
            stem = site.joinpath(*file["module"].split("."))
            path = stem / "__init__.py" if Path(file["path"]).stem == "__init__" else stem.with_suffix(".py")
            if not path.is_file() or any(path.parent.glob(f"{path.stem}.*.so")):
                raise FailedError(f"{path.relative_to(site)} is not what is installed of {file['path']}")
            path.unlink()  # it may be a link into uv's cache
            shutil.copyfile(after / file["path"], path)
        for registry in after.rglob("_deferred.py"):  # what its builds would make
            shutil.copyfile(registry, site / registry.parent.name / registry.name)
        name, *rest = self._project.startup.split()
        floor = self._place / "floor.py"
        floor.write_text(f"import {self._project.parser}\n", encoding="utf-8")
        kinds: dict[str, list[str | Path]] = {
            "before": [self._python, self._python.with_name(name), *rest],
            "after": [copy / "bin" / "python", copy / "bin" / name, *rest],
            "floor": [self._python, floor],
        }
        found = {}
        outputs = {}
        told = self._place / "count"
        for kind, start in kinds.items():
            command: list[str | Path] = [start[0], "-c", _COUNT, start[1], told, *start[2:]]
            done = self._run("count", command, self._place, PYTHONPATH="")
            outputs[kind] = done.returncode, done.stdout
            found[kind] = {"modules": int(told.read_text())}
        if outputs["before"] != outputs["after"]:
            raise FailedError("the installed program prints something else")
        seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
        for count in range(self._wishes.rounds + 1):
            for kind, start in kinds.items():
                began = _spent()
                self._run("start", start, self._place, PYTHONPATH="", PYTHONDONTWRITEBYTECODE="")
                if count:  # the first compiles
                    seconds[kind].append(_spent() - began)
        return {kind: {**found[kind], "seconds": statistics.median(seconds[kind])} for kind in kinds}

    def _tests(self, told: Mapping[str, Any], test: str, after: Path) -> dict[str, str]:
        """Return what the tests say before, after, and when all that waits is loaded at the start."""
        words: list[str | Path] = [self._python, "-c", "from benchmarks.adopted import run_eagerly; run_eagerly()"]
        words += [self._project.name, self._project.startup.partition(" ")[0], test]
        done = self._run("eager", words, after)
        try:
            eager = json.loads(done.stdout)
        except ValueError:
            eager = {"told": _last(done), "failed": []}
        new = sorted(set(eager["failed"]) - set(told["failed"]))
        note = f" (new: {', '.join(new[:3])}{' ...' if len(new) > 3 else ''})" if new else ""
        return {"before": told["before"], "after": told["after"], "eager": f"{eager['told']}{note}"}

    # Processes

    def _told(self, code: str, *arguments: str) -> str:
        return self._checked("environment", [self._python, "-c", code, *arguments]).strip()

    def _checked(self, step: str, command: Sequence[str | Path]) -> str:
        self._place.mkdir(parents=True, exist_ok=True)
        done = self._run(step, command, self._place)
        if done.returncode:
            raise FailedError(f"{step}: {_last(done)}")
        return done.stdout

    def _run(
        self, step: str, command: Sequence[str | Path], cwd: Path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with our packages at hand, and end all that it has started when the time is over."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}
        environment |= {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONHASHSEED": "0", **variables}
        words = [str(word) for word in command]
        with subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, errors = process.communicate(timeout=max(1.0, self._end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise FailedError(f"{step}: not finished after {self._wishes.limit:g} minutes") from None
        return subprocess.CompletedProcess(words, process.returncode, output, errors)


def _spent() -> float:
    """Return the processor time of all processes that have ended, in seconds."""
    import resource  # Unix alone has it, and tests read this file elsewhere, too

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
    return lines[-1].strip()


def _changed(before: Path, after: Path, paths: Sequence[str]) -> str:
    """Return how many lines are new and gone."""
    counts = {"insertion": 0, "deletion": 0}
    for path in paths:
        command: list[str | Path] = ["git", "diff", "--no-index", "--shortstat", before / path, after / path]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for count, what in re.findall(r"(\d+) (insertion|deletion)", told):
            counts[what] += int(count)
    return f"+{counts['insertion']} -{counts['deletion']}"


if __name__ == "__main__":
    sys.exit(main())
