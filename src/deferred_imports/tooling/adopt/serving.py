"""The lines by which a module serves later what others take from it: by the registry, by its own, or by both."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from deferred_imports.tooling.adopt.exporting import ATTACH
from deferred_imports.tooling.adopt.moves import Move


def serving_lines(moves: Iterable[Move], by_registry: Collection[str], quote: str) -> list[str]:
    """Return the lines, indented as they stand below a condition.

    Args:
        moves: What the module offers.
        by_registry: The names of these that the registry serves.
        quote: The quotation mark for texts.
    """
    own = sorted((move for move in moves if move.name not in by_registry), key=lambda move: move.name)
    lines = [f"_{ATTACH}ed = {ATTACH}(globals())"] if own else [f"__getattr__ = {ATTACH}(globals())"]
    if own:
        lines = [*(lines if by_registry else []), "", *_getattr(own, quote, is_attached=bool(by_registry))]
    return [f"    {line}" if line else "" for line in lines]


def _getattr(moves: list[Move], quote: str, *, is_attached: bool) -> list[str]:
    """Return the lines of a function of the module's own."""
    lines = ["def __getattr__(name):", '    """Import what others take from here, when they do (PEP 562)."""']
    word = "if"
    for move in moves:
        lines.append(f"    {word} name == {quote}{move.name}{quote}:")
        lines += [f"        {statement}" for statement in as_value(move)]
        word = "elif"
    error = f"f{quote}module {{__name__!r}} has no attribute {{name!r}}{quote}"
    rest = f"return _{ATTACH}ed(name)" if is_attached else f"raise AttributeError({error})"
    lines += ["    else:", f"        {rest}", "    globals()[name] = value", "    return value"]
    names = [move.name for move in moves if move.listed]
    return [*lines, *_dir(names, quote, is_attached=is_attached)] if names else lines


def _dir(names: list[str], quote: str, *, is_attached: bool) -> list[str]:
    """Return the lines of a function that lists names which are not there yet, where something looks for them."""
    known = "*_listed()," if is_attached else "*globals(),"
    items = [known, *(f"{quote}{name}{quote}," for name in names)]
    lines = ["    names = {", *(f"        {item}" for item in items), "    }", "    return sorted(names)"]
    return [*(["", f"_listed = globals()[{quote}__dir__{quote}]"] if is_attached else []), "", "def __dir__():", *lines]


def as_value(move: Move) -> list[str]:
    """Return the statements that import what a name stands for, as `value`."""
    found = []
    for member in move.members:
        node, alias = member.statement, member.alias
        if isinstance(node, ast.ImportFrom):
            found.append(f"from {'.' * node.level}{node.module or ''} import {alias.name} as value")
        elif alias.asname or "." not in alias.name:
            found.append(f"import {alias.name} as value")
        else:
            found += [f"import {move.name} as value", f"import {alias.name}"]
    return list(dict.fromkeys(found))
