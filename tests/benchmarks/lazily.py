"""``hatch run lazily``: what the verdicts of `scan` are worth beside those of peers, in modules that `--help` loads.

For each project and each tool: a fresh environment of Python 3.15 with the project from its source distribution, the
program started, all verdicts applied at once as lazy imports (PEP 810), the program started again. Output and exit
code have to be the same. Ours are applied by this script, as the keyword `lazy` before each statement of which every
name can wait; the peers apply theirs themselves. Needs an index.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, find_interpreter
from benchmarks.measuring import SOURCES

ALL = ("can", "change", "no gain", "risky")
EASY = ("can", "change", "no gain")


@dataclass(frozen=True)
class Project:
    """A program to try.

    Attributes:
        requirement: What is installed.
        packages: Its packages.
        command: What is started.
        use: Code that uses it in another way, after which it has to end and print as before.
        needs: What that needs.
    """

    requirement: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    use: str = ""
    needs: tuple[str, ...] = ()


# `httpie cli check-updates`, with an index of releases that a server on this machine keeps.
_CHECK_UPDATES = """
import http.server, pathlib, ssl, threading, trustme
class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("localhost", 0), Index)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
trustme.CA().issue_cert("localhost").configure_cert(context)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = pathlib.Path.home() / ".config/httpie"
place.mkdir(parents=True, exist_ok=True)
(place / "config.json").write_text('{"disable_update_warnings": true}')  # else a process of its own asks the real index
import httpie.internal.update_warnings as updates
updates.PACKAGE_INDEX_LINK = f"https://localhost:{server.server_port}"
from httpie.manager.__main__ import main
sys.exit(main(["httpie", "cli", "check-updates"]))
"""
PROJECTS = (
    Project("cookiecutter==2.7.1", ("cookiecutter",), ("cookiecutter", "--help")),
    Project("httpie==3.2.4", ("httpie",), ("http", "--help"), _CHECK_UPDATES, ("trustme",)),
    Project("pre-commit==4.7.0", ("pre_commit",), ("pre-commit", "--help")),
    Project(
        "black==26.10.1",
        ("black", "blib2to3"),
        ("black", "--help"),
        "import black; print(black.format_str('x  =  1', mode=black.Mode()))",
    ),
    Project("streamlink==8.6.3", ("streamlink", "streamlink_cli"), ("streamlink", "--help")),
    Project("sphinx==9.0.4", ("sphinx",), ("sphinx-build", "--help")),
)
TOOLS = ("packaging", "argcomplete", "rich", "tomlkit")
_PEERS = ("flake8-lazy==0.10.1", "pep810==0.1.0")


@dataclass(frozen=True)
class Start:
    """How a program ended, and what it had loaded."""

    code: int
    output: str
    modules: frozenset[str]


class Tried:
    """An environment with a project in it, of which copies are changed and started."""

    def __init__(self, project: Project, home: Path, python: Path, more: Sequence[str] = _PEERS) -> None:
        self.project = project
        self.place = home / project.requirement
        self.python = self.place / "bin/python"
        if not (self.place / "whole").exists():
            shutil.rmtree(self.place, ignore_errors=True)
            _uv("venv", "--python", python, self.place)
            name = project.requirement.partition("==")[0]
            wanted = (project.requirement, *project.needs, *TOOLS, *more)
            _uv("pip", "install", "--python", self.python, "--no-binary", name, *wanted)
            (self.place / "whole").touch()
        self.site = next(self.place.glob("lib/python*/site-packages"))

    def start(self, tree: Path) -> Start:
        """Start the program with the packages of a tree before those that are installed."""
        return self._run(tree, "runpy.run_path(sys.argv[0], run_name='__main__')")

    def use(self, tree: Path) -> Start:
        """Use the program in another way, if it names one."""
        return self._run(tree, self.project.use) if self.project.use else Start(0, "", frozenset())

    def _run(self, tree: Path, code: str) -> Start:
        script = self.place / "bin" / self.project.command[0]
        loaded = tree / "loaded.txt"
        code = (
            "import atexit, runpy, sys\n"
            f"sys.path.insert(0, {str(tree)!r})\n"
            "sys.argv = sys.argv[1:]\n"
            f"atexit.register(lambda: open({str(loaded)!r}, 'w').write('\\n'.join(sys.modules)))\n"
            f"{code}\n"
        )
        environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONHASHSEED": "0", "HOME": str(tree)}
        done = subprocess.run(
            [self.python, "-c", code, script, *self.project.command[1:]],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        modules = loaded.read_text(encoding="utf-8").split() if loaded.exists() else []
        return Start(done.returncode, done.stdout + done.stderr, frozenset(modules))

    def copy(self, name: str) -> Path:
        """Return a tree with a fresh copy of the packages."""
        tree = self.place / "trees" / name
        shutil.rmtree(tree, ignore_errors=True)
        for package in self.project.packages:
            shutil.copytree(self.site / package, tree / package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        return tree

    def scanned(self, tree: Path, *how: str) -> list[Mapping[str, object]]:
        """Return what our `scan` finds in a tree, with a start unless another way is given."""
        how = how or ("--startup", " ".join(self.project.command))
        (tree / "pyproject.toml").write_text('[project]\nname = "tried"\n', encoding="utf-8")
        command: list[str | Path] = [self.python, "-m", "deferred_imports", "-C", tree, "scan", *self.project.packages]
        done = subprocess.run(
            [*command, *how, "--json", "--python", self.python],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(SOURCES), "PATH": f"{self.place / 'bin'}:{os.environ['PATH']}"},
        )
        if done.returncode:
            raise UnavailableError(f"{self.project.requirement}: {done.stderr.strip()[-300:]}")
        found: list[Mapping[str, object]] = json.loads(done.stdout)["imports"]
        for item in found:
            assert isinstance(item, dict)
            item["file"] = tree / str(item["path"])
        return found


def by_ours(verdicts: Sequence[str]) -> Callable[[Tried, Path], None]:
    """Return what applies our verdicts: `lazy` where every name of a statement has one of them."""

    def apply(tried: Tried, tree: Path) -> None:
        places: dict[Path, dict[int, bool]] = {}
        for item in tried.scanned(tree):
            lines = places.setdefault(Path(str(item["file"])), {})
            line = int(str(item["line"]))
            lines[line] = lines.get(line, True) and item["verdict"] in verdicts
        for path, lines in places.items():
            make_lazy(path, {line for line, can in lines.items() if can})

    return apply


def make_lazy(path: Path, lines: set[int]) -> None:
    """Write `lazy` before the import statements at the top of a file that begin in these lines."""
    text = path.read_text(encoding="utf-8")
    rows = text.splitlines(keepends=True)
    for node in sorted(_allowed(ast.parse(text).body), key=lambda node: -node.lineno):
        if node.lineno in lines:
            row = rows[node.lineno - 1].encode()
            rows[node.lineno - 1] = (row[: node.col_offset] + b"lazy " + row[node.col_offset :]).decode()
    path.write_text("".join(rows), encoding="utf-8")


def _allowed(body: Sequence[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that may be lazy: not in functions, classes, `try` and `with`."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If | ast.For | ast.While):
            yield from _allowed([*node.body, *node.orelse])


def by_flake8_lazy(tried: Tried, tree: Path) -> None:
    """Apply what flake8-lazy finds."""
    files = [str(path) for package in tried.project.packages for path in (tree / package).rglob("*.py")]
    subprocess.run(
        [tried.python, "-m", "flake8_lazy", "--apply=list", *files], capture_output=True, check=False, cwd=tree
    )


def by_pep810(tried: Tried, tree: Path) -> None:
    """Apply what pep810 calls safe."""
    subprocess.run(
        [tried.place / "bin/pep810", "apply", "--write", *tried.project.packages],
        capture_output=True,
        check=False,
        cwd=tree,
    )


WAYS: Mapping[str, Callable[[Tried, Path], None]] = {
    "ours": by_ours(EASY),
    "ours, risky too": by_ours(ALL),
    "flake8-lazy": by_flake8_lazy,
    "pep810": by_pep810,
}


def tried(project: Project, home: Path, python: Path) -> list[str]:
    """Return the row of a project: modules before, and after each tool; what has changed beside that is marked."""
    here = Tried(project, home, python)
    before = here.start(here.copy("before"))
    used = here.use(here.place / "trees/before")
    row = [project.requirement, str(len(before.modules))]
    for name, apply in WAYS.items():
        tree = here.copy(name.replace(" ", "-").replace(",", ""))
        apply(here, tree)
        after = here.start(tree)
        same = (after.code, after.output) == (before.code, before.output)
        again = here.use(tree)
        works = (again.code, again.output) == (used.code, used.output)
        row.append(f"{len(after.modules)}{'' if same else ' !'}{'' if works else ' †'}")
    return row


def _uv(*arguments: str | Path) -> None:
    uv = shutil.which("uv") or Path(sys.executable).with_name("uv")
    done = subprocess.run([uv, *arguments, "--quiet"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "uv failed")


def main() -> int:
    """Try each project with each tool, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", help="requirements from the list (default: all)")
    parser.add_argument("--home", type=Path, default=Path.home() / ".cache/deferred-imports/lazily")
    parser.add_argument("--python", default="3.15", help="the interpreter (default: 3.15)")
    arguments = parser.parse_args()
    try:
        python = find_interpreter(arguments.python)
        chosen = [one for one in PROJECTS if not arguments.projects or one.requirement in arguments.projects]
        with ThreadPoolExecutor(2) as pool:
            rows = list(pool.map(lambda one: tried(one, arguments.home, python.path), chosen))
    except UnavailableError as error:
        print(f"skipped: {error}")
        return 0
    table = Table(box=SIMPLE_HEAD)
    for column in ("project", "before", *WAYS):
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    print("modules that the start loads; ! where its output or exit code has changed, † where another use of it fails")
    return 0


if __name__ == "__main__":
    sys.exit(main())
