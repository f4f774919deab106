"""``hatch run verdicts``: how often a verdict "can" of `scan` is right, tried on some drawn at random, one at a time.

Each is applied by itself to a copy of an installed package: the name leaves its statement, and is imported in each
function that uses it; what only annotations use is imported for type checkers. Then the program is started, which has
to print and end as before, every module of its packages is imported in one process, and pyflakes looks for names that
nothing binds any more; what was so before does not count. Ten programs, each in its own environment. Needs an index.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.environments import UnavailableError, find_interpreter
from benchmarks.lazily import PROJECTS, Project, Tried

ALL = (
    *PROJECTS,
    Project("mkdocs==1.6.1", ("mkdocs",), ("mkdocs", "--help")),
    Project("pdm==2.29.4", ("pdm",), ("pdm", "--help")),
    Project("datasette==0.65.5", ("datasette",), ("datasette", "--help")),
    Project("conan==2.34.0", ("conan", "conans"), ("conan", "--help")),
)
_IMPORT_ALL = """
import importlib, json, os, pathlib, sys
tree, *packages = sys.argv[1:]
sys.path.insert(0, tree)
failed = {}
for package in packages:
    for path in sorted(pathlib.Path(tree, package).rglob("*.py")):
        parts = path.relative_to(tree).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if parts[-1] != "__main__" and all(part.isidentifier() for part in parts):
            try:
                importlib.import_module(name)
            except BaseException as error:
                failed[name] = type(error).__name__ + ": " + str(error)
sys.stdout.flush()
os.write(2, b"\\n@@" + json.dumps(failed).encode())
os._exit(0)
"""


@dataclass(frozen=True)
class State:
    """What importing everything and pyflakes say of a tree."""

    failed: Mapping[str, str]
    undefined: frozenset[str]


def state_of(tree: Path, packages: Sequence[str], python: Path, changed: Path | None) -> State:
    """Import every module of a tree; look for undefined names in what has changed."""
    done = subprocess.run(
        [python, "-c", _IMPORT_ALL, tree, *packages], capture_output=True, check=False, timeout=300, cwd=tree
    )
    failed = json.loads(done.stderr.decode("utf-8", "replace").rpartition("\n@@")[2] or '{"all": "no answer"}')
    undefined: frozenset[str] = frozenset()
    if changed is not None:
        said = subprocess.run([python, "-m", "pyflakes", changed], capture_output=True, text=True, check=False).stdout
        undefined = frozenset(line.rpartition(": ")[2].split(" ", 1)[1] for line in _undefined(said))
    return State(failed, undefined)


def _undefined(said: str) -> Iterator[str]:
    for line in said.splitlines():
        if "undefined name" in line or "referenced before assignment" in line:
            yield line.partition(" ")[0] + ": " + line.partition(" ")[2]


def moved(text: str, item: Mapping[str, Any]) -> str | None:
    """Return a source with one name moved to where it is used, or None where a lambda or a condition forbids that."""
    tree = ast.parse(text)
    statement = next(
        node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) and node.lineno == item["line"]
    )
    alias = next((one for one in statement.names if _bound(one) == item["bound"]), None)
    if alias is None or item["condition"] or statement not in tree.body:
        return None
    new = ast.unparse(_with([alias], statement))
    inserts: dict[int, str] = {}
    if any(use["role"] in {"unread", "typing"} for use in item["uses"]):
        inserts[statement.lineno] = f"if __import__('typing').TYPE_CHECKING:\n    {new}\n"
    for used in item["lines"]:
        function = _outermost(tree, used)
        if function is None:
            return None
        first = function.body[0]
        if first.lineno == function.lineno:  # all on one line
            return None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(function.body) > 1:
            first = function.body[1]
        line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", []))])
        inserts[line] = f"{' ' * first.col_offset}{new}\n"
    rows = text.splitlines(keepends=True)
    for line, inserted in inserts.items():
        rows[line - 1] = inserted + rows[line - 1]
    others = [one for one in statement.names if one is not alias]
    end = statement.end_lineno or statement.lineno
    rest = f"{ast.unparse(_with(others, statement))}\n" if others else "\n"
    head = rows[statement.lineno - 1]
    prefix = head[: head.rindex(text.splitlines(keepends=True)[statement.lineno - 1])]
    rows[statement.lineno - 1 : end] = [prefix + rest]
    return "".join(rows)


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _with(names: list[ast.alias], node: ast.Import | ast.ImportFrom) -> ast.stmt:
    return ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, node.level)


def _outermost(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the outermost function whose body holds a line."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body[0].lineno <= line <= (node.end_lineno or 0)
    ]
    return min(found, key=lambda node: node.lineno, default=None)


def tried(project: Project, home: Path, python: Path, count: int, seed: int) -> tuple[int, int, list[str]]:
    """Try some verdicts of a program; return how many there are, how many were tried, and what was wrong with which."""
    here = Tried(project, home, python, ("pyflakes",))
    chance = random.Random(f"{seed} {project.requirement}")  # noqa: S311, a sample that can be drawn again
    tree = here.copy("verdicts")
    found = [item for item in here.scanned(tree) if item["verdict"] == "can"]
    found.sort(key=lambda item: (str(item["path"]), str(item["line"]), str(item["bound"])))
    chance.shuffle(found)
    whole, started = state_of(tree, project.packages, here.python, None), here.start(tree)
    wrong = []
    done = 0
    for item in found:
        if done == count:
            break
        path = tree / str(item["path"])
        text = path.read_text(encoding="utf-8")
        try:
            new = moved(text, item)
        except (SyntaxError, StopIteration, UnicodeError):
            new = None
        if new is None:
            continue
        before = state_of(tree, (), here.python, path).undefined
        path.write_text(new, encoding="utf-8")
        after, again = state_of(tree, project.packages, here.python, path), here.start(tree)
        path.write_text(text, encoding="utf-8")
        done += 1
        failures = {name: why for name, why in after.failed.items() if whole.failed.get(name) != why}
        starts = (again.code, again.output) == (started.code, started.output)
        if failures or after.undefined - before or not starts:
            why = next(iter(failures.items()), None) or sorted(after.undefined - before) or again.output[-200:]
            wrong.append(f"{item['importer']}:{item['line']} {item['module']} {item['name']}: {why}")
    return len(found), done, wrong


def main() -> int:
    """Try verdicts of each program, and print which were wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", help="requirements from the list (default: all)")
    parser.add_argument("--home", type=Path, default=Path.home() / ".cache/deferred-imports/verdicts")
    parser.add_argument("--python", default="3.11", help="the interpreter (default: 3.11)")
    parser.add_argument("--count", type=int, default=20, help="verdicts of each (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chosen = [one for one in ALL if not arguments.projects or one.requirement in arguments.projects]
    total = 0
    wrong: list[str] = []
    try:
        python = find_interpreter(arguments.python).path
        with ThreadPoolExecutor(2) as pool:
            rows = pool.map(lambda one: tried(one, arguments.home, python, arguments.count, arguments.seed), chosen)
            for project, (there, count, found) in zip(chosen, rows, strict=True):
                said = f"{project.requirement}: {count} of {there} tried, {len(found)} wrong"
                print("\n".join([said, *found]), flush=True)
                total += count
                wrong += found
    except UnavailableError as error:
        print(f"skipped: {error}")
        return 0
    print(f"{total} tried, {len(wrong)} wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
