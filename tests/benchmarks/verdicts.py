"""``hatch run verdicts``: how often a verdict "can" of `scan` is right, tried on some drawn at random, one at a time.

Each is applied by itself to a copy of an installed package: the name leaves its statement, and is imported in each
function that uses it; what only annotations use is imported for type checkers. Then every module of the package is
imported in one process, and pyflakes looks for names that nothing binds any more; what was so before does not count.
The packages are those that are named and installed in the environment that is named, beside `pyflakes`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import SOURCES

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


def tried(packages: Sequence[str], python: Path, count: int, chance: random.Random) -> tuple[int, list[str]]:
    """Try some verdicts of a program; return how many, and what was wrong with which."""
    site = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    with tempfile.TemporaryDirectory() as home:
        tree = Path(home)
        for package in packages:
            shutil.copytree(site / package, tree / package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        (tree / "pyproject.toml").write_text('[project]\nname = "tried"\nrequires-python = ">=3.10"\n', "utf-8")
        out = subprocess.check_output(
            [python, "-m", "deferred_imports", "-C", tree, "scan", *packages, "--static", "--json", "--python", python],
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            stderr=subprocess.DEVNULL,
        )
        found = [item for item in json.loads(out)["imports"] if item["verdict"] == "can"]
        chance.shuffle(found)
        whole = state_of(tree, packages, python, None)
        wrong = []
        done = 0
        for item in found:
            if done == count:
                break
            path = tree / item["path"] if not os.path.isabs(item["path"]) else Path(item["path"])
            text = path.read_text(encoding="utf-8")
            try:
                new = moved(text, item)
            except (SyntaxError, StopIteration, UnicodeError):
                new = None
            if new is None:
                continue
            before = state_of(tree, (), python, path).undefined
            path.write_text(new, encoding="utf-8")
            after = state_of(tree, packages, python, path)
            path.write_text(text, encoding="utf-8")
            done += 1
            failures = {name: why for name, why in after.failed.items() if whole.failed.get(name) != why}
            if failures or after.undefined - before:
                why = next(iter(failures.items()), None) or sorted(after.undefined - before)
                wrong.append(f"{item['importer']}:{item['line']} {item['module']} {item['name']}: {why}")
        return done, wrong


def main() -> int:
    """Try verdicts of each program, and print which were wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="+", help="the packages of a program, with a comma between several")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter that has them installed")
    parser.add_argument("--count", type=int, default=20, help="verdicts of each (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    total = 0
    wrong: list[str] = []

    def one(program: str) -> tuple[int, list[str]]:
        chance = random.Random(f"{arguments.seed} {program}")  # noqa: S311, a sample that can be drawn again
        return tried(program.split(","), arguments.python, arguments.count, chance)

    with ThreadPoolExecutor(2) as pool:
        for program, (count, found) in zip(arguments.programs, pool.map(one, arguments.programs), strict=True):
            print(f"{program}: {count} tried, {len(found)} wrong", flush=True)
            total += count
            wrong += found
    print("\n".join([f"{total} tried, {len(wrong)} wrong", *wrong]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
