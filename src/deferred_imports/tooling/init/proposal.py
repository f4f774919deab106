"""Proposes what a `pyproject.toml` lacks to declare deferred imports, and writes it when told to; runs nothing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deferred_imports.tooling.init.candidates import candidates
from deferred_imports.tooling.init.wrapping import SETUPTOOLS, to_wrap, wrapping
from deferred_imports.tooling.project.discover import discover
from deferred_imports.tooling.project.tree import Project, assemble, find_modules, has_hook, read
from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import parse
from deferred_imports.tooling.table.problems import TABLE, ManifestError, RefusalError, quote
from deferred_imports.tooling.table.wrapping import OURS, is_wrapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HOOK = "hatch-deferred-imports"
RUNTIME = "deferred-imports"
_NO_CANDIDATES = '# Name imports to reach them as attributes of the registry: imports.np = "numpy"'


@dataclass(frozen=True)
class Proposal:
    """What a `pyproject.toml` says, what it should say, and what its author should know."""

    path: Path
    old: str
    new: str
    notes: tuple[str, ...]


class UnchangeableError(RefusalError):
    """A `pyproject.toml` of a shape that cannot be added to; its text is for the user to read."""


def propose(root: Path, *, package: str | None = None, runtime: bool | None = None) -> Proposal:
    """Return what to write into a project's `pyproject.toml`; parts that are there already stay as they are.

    Args:
        root: The project.
        package: The import package that gets the registry; by default the one that the project ships.
        runtime: Whether the project depends on the runtime; by default, when it imports it.

    Raises:
        ManifestError: when the file cannot be read, or what it says already is not valid.
        UnchangeableError: when nobody but its author can add to it.
    """
    path = root / "pyproject.toml"
    written = read(path)
    old = path.read_bytes().decode("utf-8")
    has_table = TABLE[1] in _mapping(written, TABLE[0])
    wrapped = to_wrap(root, written)
    document = {**written, "build-system": wrapping(written)} if wrapped else written
    choice = {**({"package": package} if package else {}), **wrapped}
    if has_table and wrapped:
        document = _with_table(document, {**_mapping(document, *TABLE), **wrapped})
    looked_at = document if has_table else _with_table(document, {**choice, "discover": True})
    project = assemble(root, looked_at, find_modules(root, looked_at))
    usage = discover(project.manifest, project.read_sources(), project.shipped, project.requirements)

    editor = _Editor(old)
    notes = _let_build(editor, root, document, wrapped)
    if wrapped and has_table:
        editor.insert(wrapped)

    if runtime or (runtime is None and any(item.module.split(".")[0] == "deferred_imports" for item in usage.imports)):
        if "dependencies" in _strings(_mapping(document, "project").get("dynamic")):
            notes.append(f"[project] dependencies are dynamic; add {quote(RUNTIME)} where they come from")
        else:
            editor.require("project", "dependencies", RUNTIME)
    if not has_table:
        lines, left_out = _table(project, usage, document, choice)
        editor.append(lines)
        notes += left_out
    new = editor.text()
    _verify(new, project)
    return Proposal(path, old, new, tuple(notes))


def _let_build(editor: _Editor, root: Path, document: Mapping[str, Any], wrapped: Mapping[str, Any]) -> list[str]:
    """Add what makes builds ship the registry, and return what the author should know of that."""
    if _mapping(document, "build-system").get("build-backend") == "hatchling.build":
        editor.require("build-system", "requires", HOOK)
        if "build" in _hatch_file(root):
            if TABLE[1] not in _mapping(_hatch_file(root), "build", "hooks"):
                return ["hatch.toml configures the build; add [build.hooks.deferred-imports] to it"]
        elif not has_hook(document):
            editor.append("[tool.hatch.build.hooks.deferred-imports]\n")
    elif wrapped:
        editor.wrap(document["build-system"])
        return [f"{quote(wrapped['backend'])} builds as before, and {OURS} adds the registry to its wheels"]
    elif not is_wrapping(document):
        return ['the registry is in the tree: run "deferred-imports generate" before each build']
    return []


def write(proposal: Proposal) -> None:
    """Write what was proposed: all of it or nothing.

    Raises:
        UnchangeableError: when the file has changed since.
        OSError: when it cannot be written.
    """
    path = Path(os.path.realpath(proposal.path))  # a symbolic link stays one
    if path.read_bytes() != proposal.old.encode("utf-8"):
        raise UnchangeableError("pyproject.toml has changed meanwhile and stays as it is; try again")
    write_whole(path, proposal.new.encode("utf-8"))


class _Editor:
    """Adds to the text of a TOML file; comments, order and line endings survive."""

    def __init__(self, text: str) -> None:
        self._windows = 0 < text.count("\n") == text.count("\r\n")
        self._document: Any = tomlkit.parse(text)
        self._tables: list[str] = []
        self._inserted = ""

    def require(self, table: str, key: str, distribution: str) -> None:
        """Add a requirement to an array of them, unless it is there in any version."""
        if table not in self._document:
            raise UnchangeableError(f"pyproject.toml has no [{table}]; add {key} = [{quote(distribution)}] to it")
        array = self._document[table].setdefault(key, tomlkit.array())
        if not isinstance(array, list):
            raise UnchangeableError(
                f"[{table}] {key} in pyproject.toml is not an array; add {quote(distribution)} to it"
            )
        if _name_of(distribution) not in map(_name_of, array):
            array.append(distribution)

    def wrap(self, system: Mapping[str, object]) -> None:
        """Have builds go through another backend."""
        if "build-system" not in self._document:
            self.append("[build-system]\n" + _lines({**system, "requires": [f"{RUNTIME}[build]", SETUPTOOLS]}))
            return
        self.require("build-system", "requires", f"{RUNTIME}[build]")
        table = self._document["build-system"]
        for key in set(table) - set(system):
            del table[key]
        table["build-backend"] = system["build-backend"]

    def insert(self, keys: Mapping[str, object]) -> None:
        """Add keys to our own table, which is there already."""
        self._inserted = _lines(keys)

    def append(self, table: str) -> None:
        """Add the lines of a table at the end of the file."""
        self._tables.append(table)

    def text(self) -> str:
        """Return the whole file."""
        text = tomlkit.dumps(self._document)
        if self._inserted:
            header = re.escape(".".join(TABLE))
            text, count = re.subn(rf"(?m)^\[{header}\][^\n]*\n", lambda found: found[0] + self._inserted, text, count=1)
            if not count:
                new = f"[{'.'.join(TABLE)}]\n{self._inserted}\n"
                text = re.sub(rf"(?m)^(?=\[{header}\.)", lambda _: new, text, count=1)
        if self._tables:
            text = "\n".join([text.rstrip("\r\n") + "\n", *self._tables])
        # Where both kinds of line endings stand, each stays as it is.
        return text.replace("\r\n", "\n").replace("\n", "\r\n") if self._windows else text


def _verify(new: str, project: Project) -> None:
    """Raise unless the new text is a valid file with a valid table."""
    try:
        document = tomllib.loads(new)
    except tomllib.TOMLDecodeError as error:
        what = "[tool], or what is in it, in pyproject.toml cannot be added to, as it stands on one line"
        raise UnchangeableError(f"{what}; write a table of its own") from error
    parse(document, project.shipped)


def _table(
    project: Project, usage: Usage, document: Mapping[str, object], choice: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """Return the lines of our table, with what functions import, and notes on what cannot be declared yet."""
    entries = candidates(usage, project.requirements)
    left_out: list[str] = []
    while entries:
        try:
            parse(_with_table(document, {**choice, "imports": entries}), project.shipped)
            break
        except ManifestError as error:
            wrong = {name: error for name in entries for found in error.problems if _is_about(found.address, name)}
            if not wrong:
                raise
            for name in wrong:
                module = entries.pop(name)["module"]
                left_out.append(f"left out {quote(module)}: no declared requirement is known to provide it")
    header, chosen = ".".join(TABLE), _lines(choice)
    if not entries:
        return f"[{header}]\n{chosen}discover = true  # what functions import\n{_NO_CANDIDATES}\n", left_out
    lines = [f"{name} = {quote(entry if len(entry) > 1 else entry['module'])}\n" for name, entry in entries.items()]
    start = f"[{header}]\n{chosen}\n" if chosen else ""
    return f"{start}[{header}.imports]\n{''.join(lines)}", left_out


def _is_about(address: str, name: str) -> bool:
    return f"{address}.".startswith(f"imports.{name}.") or address.startswith(f"imports.{name}[")


def _hatch_file(root: Path) -> Mapping[str, object]:
    """Return hatch.toml, which takes precedence over [tool.hatch]."""
    path = root / "hatch.toml"
    return read(path) if path.is_file() else {}


def _with_table(document: Mapping[str, object], table: Mapping[str, object]) -> dict[str, object]:
    return {**document, TABLE[0]: {**_mapping(document, TABLE[0]), TABLE[1]: table}}


def _lines(keys: Mapping[str, object]) -> str:
    return "".join(f"{key} = {quote(value)}\n" for key, value in keys.items())


def _mapping(value: object, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _strings(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _name_of(requirement: object) -> str:
    try:
        return canonicalize_name(Requirement(str(requirement)).name)
    except InvalidRequirement:
        return ""
