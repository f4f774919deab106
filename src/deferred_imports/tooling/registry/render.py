"""From a manifest to the text of its registry, ``_deferred.py``, and to the declaration in dist-info. No I/O here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from deferred_imports.tooling.registry import formats
from deferred_imports.tooling.registry.code import MARKER, code
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.lifetimes import when_it_is_there
from deferred_imports.tooling.table.manifest import Entry, Manifest, ManifestError, Target
from deferred_imports.tooling.table.markers import compile_marker
from deferred_imports.tooling.table.problems import Problem, quote
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

_FIRST_LINE = f'{MARKER} from [tool.deferred-imports] in pyproject.toml; "deferred-imports generate" renews it.\n'
# Whoever checks the project cannot mend this file, so it says nothing about modules that are not installed.
_LINTERS = """\
# fmt: off
# isort: skip_file
# autoflake: skip_file
# flake8: noqa
# ruff: noqa: PGH004,RUF105
# pylint: skip-file
# mypy: ignore-errors
# ty: ignore
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
# pyright: reportUnsupportedDunderAll=false, reportAttributeAccessIssue=false
"""
_TYPED = """\
# No constant, so that compilers that drop what never runs find the modules below.
TYPE_CHECKING = "" in globals()  # pragma: no cover
if TYPE_CHECKING:  # pragma: no cover
"""
_DEEPEST = 100  # dots of a reference; what compiles beyond that depends on the Python


def registry_text(manifest: Manifest, usage: Usage | None = None) -> str:
    """Return the text of the registry: deterministic, LF, and ASCII unless a declared name is not.

    Args:
        manifest: What the table says.
        usage: What the sources say; without it the registry does not know which module uses what.
    """
    text = "".join(
        [
            _LINTERS,
            # The package takes its exports by a star, and `__all__` has no other names.
            "# mypy: implicit-reexport\n" if manifest.exports else "",
            f'"""What {manifest.package} imports when it is used; its pyproject.toml declares it."""\n\n',
            "import os, sys  # pragma: no cover\n\n",
            _TYPED,
            *(f"    {line}\n" for line in _typed(manifest)),
            "\n__deferred_imports__ = {  # pragma: no cover\n",
            *_protocol(manifest, usage),
            "}\n\n",
            code(exports=bool(manifest.exports)),
        ]
    )
    # PEP 263 wants the encoding on one of the first two lines; the first says whose the file is.
    text = _FIRST_LINE + ("" if text.isascii() else "# -*- coding: utf-8 -*-\n") + text
    try:
        _refuse_deep(manifest)
        compile(text, f"{manifest.registry}.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ManifestError([Problem("imports", f"cannot be written as Python: {error}")]) from error
    return text


def _refuse_deep(manifest: Manifest) -> None:
    """Raise for a target that this Python may compile, and an older one may not."""
    for entry in (*manifest.entries, *manifest.exports):
        if any(str(target).count(".") > _DEEPEST for target in entry.targets):
            raise RecursionError(f"{entry.name} has more than {_DEEPEST} dots")


def entries_of(manifest: Manifest, usage: Usage | None = None) -> tuple[Entry, ...]:
    """Return what the registry holds: the entries of the table, what it exports, then those without names."""
    return (*manifest.entries, *manifest.exports, *(usage.entries if usage else ()))


def count_of(manifest: Manifest, usage: Usage) -> str:
    """Return what the registry holds in a few words: `7 names`, or `7 names, 2 imports in functions`."""
    counts = {"name": len(manifest.entries), "export": len(manifest.exports), "import": len(usage.entries)}
    words = [f"{count} {word}{'s' if count != 1 else ''}" for word, count in counts.items()]
    words[2] += " in functions"
    wanted = [True, bool(manifest.exports), manifest.discover]
    return ", ".join(word for word, is_wanted in zip(words, wanted, strict=True) if is_wanted)


def declaration_text(manifest: Manifest, usage: Usage | None = None) -> str:
    """Return the registry's content as JSON, for dist-info: what one can ask an environment without importing."""
    imports = {
        entry.name: {
            "module": [str(target) for target in entry.targets],
            "extra": entry.extra,
            "groups": list(entry.groups),
            "marker": entry.marker,
            "distribution": entry.distribution,
            "optional": entry.optional,
            **({} if entry.eager else {"eager": False}),
        }
        for entry in entries_of(manifest, usage)
    }
    value = {
        "format": formats.DECLARATION,
        "project": manifest.project,
        "package": manifest.package,
        "registry": manifest.registry,
        "imports": imports,
    }
    return json.dumps(value, indent=2, sort_keys=False) + "\n"


def _typed(manifest: Manifest) -> Iterable[str]:
    """Yield the statements that type checkers see instead of the table."""
    offered = {entry.name[1:]: entry for entry in manifest.exports if entry.name.rindex(".") == 0}
    named = {entry.name: entry for entry in manifest.entries} | offered
    for name, entry in named.items():
        yield from _typed_entry(name, entry)
    others = [entry for entry in manifest.exports if entry.name.rindex(".")]
    modules = {tuple(Target(target.module) for target in entry.targets): entry for entry in others}
    for targets, entry in modules.items():  # for freezers; checkers read the modules that export these
        yield from _typed_entry("_", replace(entry, targets=targets))
    # Strict checkers take `import a as b` for the registry's own affair.
    names = [*offered, "attach"] if manifest.exports else named
    yield "__all__ = ["
    yield from (f"    {_quote(name)}," for name in names)
    yield "]"
    yield '__lazy_modules__ = frozenset([""])'
    if manifest.exports:
        yield 'def attach(namespace: "dict[str, object]") -> "object":'
        yield '    "Has a module offer what [tool.deferred-imports.exports] says of it."'


def _typed_entry(name: str, entry: Entry) -> list[str]:
    lines = _typed_candidates(name, entry.targets)
    if entry.marker:
        return [f"if {compile_marker(entry.marker)}:", *(f"    {line}" for line in lines)]
    return lines


def _typed_candidates(name: str, targets: tuple[Target, ...]) -> list[str]:
    first, *others = targets
    if not others:
        return _statements(name, first)
    return [
        "try:",
        *(f"    {line}" for line in _statements(name, first)),
        "except ImportError:",
        *(f"    {line}" for line in _typed_candidates(name, tuple(others))),
    ]


def _statements(name: str, target: Target) -> list[str]:
    """Return what binds a name to a target."""
    if target.attribute is None:
        parent, _, module = target.module.rpartition(".")
        if target.module.startswith("."):
            return [f"from {parent or '.'} import {module} as {name}"]
        return [f"import {target.module} as {name}"]
    first, _, rest = target.attribute.partition(".")
    if not rest:
        return [f"from {target.module} import {first} as {name}"]
    whole = f"_{name}_"  # a name of its own: checkers do not let one name have two types
    return [f"from {target.module} import {first} as {whole}", f"{name} = {whole}.{rest}"]


def _protocol(manifest: Manifest, usage: Usage | None) -> Iterable[str]:
    """Yield the protocol, line by line: keys with plain data, of which the larger are text until they are read."""
    entries = entries_of(manifest, usage)
    yield f'    "format": {formats.REGISTRY},\n'
    yield f'    "project": {_quote(manifest.project)},\n'
    # A line for each name, whose length depends on no other: so two branches that add names can be merged.
    yield from _text("imports", [f"{entry.name} {'|'.join(map(str, entry.targets))}" for entry in entries])
    yield from _text("remedies", [f"{entry.name}: {_remedy(manifest, entry)}" for entry in entries])
    words = {
        "optional": [entry.name for entry in entries if entry.optional],
        "not_eager": [entry.name for entry in entries if not entry.eager],
        "over_submodules": manifest.over_submodules,
    }
    for key, names in words.items():
        if names:
            yield from _text(key, names)
    # Each candidate but the last stands in an `except ImportError` as long as nothing else is said. What has a name
    # falls back so only where functions do.
    caught = {entry.name: usage.caught.get(entry.name, ()) if usage else () for entry in entries}
    others = {
        name: "|".join(map(" ".join, links))
        for name, links in caught.items()
        if {*links} - ({("ImportError",)} if name[0] == "<" else set())
    }
    if others:
        yield '    "caught": {\n'
        yield from (f"        {_quote(name)}: {_quote(kinds)},\n" for name, kinds in others.items())
        yield "    },\n"
    if manifest.discover and not (usage and usage.entries):  # otherwise what is found in functions tells it
        yield '    "discover": True,\n'
    yield from _mapping("extras", [((entry.extra,) if entry.extra else (), entry.name) for entry in entries])
    yield from _mapping("groups", [(entry.groups, entry.name) for entry in entries])
    marked = {entry.name: entry.marker for entry in entries if entry.marker}
    if marked:
        yield '    "markers": {\n'
        for name, marker in marked.items():
            yield f"        {_quote(name)}: ({_quote(marker)}, {compile_marker(marker)}),\n"
        yield "    },\n"
    if usage and usage.keys:
        relative = {module: _relative(module, manifest.package) for module in usage.graph}
        yield from _text("uses", [f"{relative[module]}: {' '.join(keys)}" for module, keys in usage.keys.items()])
        graph = [(relative[module], map(relative.__getitem__, others)) for module, others in _leading(usage)]
        yield from _text("graph", [f"{module}: {' '.join(others)}" for module, others in graph])


def _relative(module: str, package: str) -> str:
    return "." if module == package else module.removeprefix(package)


def _text(key: str, rows: Iterable[str], indent: str = "    ") -> Iterable[str]:
    """Yield a key with a text that has a line for each row."""
    yield f'{indent}{_quote(key)}: """\n'
    for row in rows:
        if not row.isprintable() or "\\" in row or '"""' in row:  # it would be read as something else
            raise ManifestError([Problem("imports", f"{quote(row)} cannot stand in a registry")])
        yield f"{indent}{row}".rstrip() + "\n"
    yield f'{indent}""",\n'


def _leading(usage: Usage) -> Iterable[tuple[str, list[str]]]:
    """Yield the graph, every module of it, without the edges that lead to no use of any entry."""
    importers: dict[str, list[str]] = {}
    for module, imported in usage.graph.items():
        for other in imported:
            importers.setdefault(other, []).append(module)
    leading = set(usage.keys)
    waiting = list(leading)
    while waiting:
        found = set(importers.get(waiting.pop(), ())) - leading
        leading |= found
        waiting += found
    for module, imported in usage.graph.items():
        yield module, [other for other in imported if other in leading]


def _mapping(key: str, pairs: Iterable[tuple[Iterable[str], str]]) -> Iterable[str]:
    """Yield a table of words to the names that have them, as text."""
    found: dict[str, list[str]] = {}
    for words, name in pairs:
        for word in words:
            found.setdefault(word, []).append(name)
    if found:
        yield f'    "{key}": {{\n'
        for word, names in found.items():
            yield from _text(word, names, indent=" " * 8)
        yield "    },\n"


def _remedy(manifest: Manifest, entry: Entry) -> str:
    """Return what a user does who lacks an entry's module."""
    if entry.extra:
        return f'pip install "{manifest.project}[{entry.extra}]"'
    if entry.distribution:
        return f"pip install {entry.distribution}"
    if any(target.module.startswith(".") for target in entry.targets):
        return f"it is part of {manifest.project} itself; install {manifest.project} again"
    if all(target.module.partition(".")[0] in STANDARD_LIBRARY for target in entry.targets):
        if len(entry.targets) == 1 and (words := when_it_is_there(entry.targets[0].module)):
            return words
        return "it is part of the standard library, but this Python was built without it"
    return "install the distribution that provides it"


def _quote(text: str) -> str:
    """Return text as a Python literal, in ASCII."""
    return json.dumps(text) if max(map(ord, text), default=0) < 0x10000 else ascii(text)
