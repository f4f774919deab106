"""What a module does to and with the names that it binds: mentions, calls, what these are handed, acts. Syntax only.

`names` walks through the module; here stands what of all that it meets counts.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from deferred_imports.tooling.source.chains import Chain, chain_of, spine_of
from deferred_imports.tooling.source.collecting import Bound
from deferred_imports.tooling.source.lookups import lookup
from deferred_imports.tooling.source.mentions import Act, Handed, Mention, Names
from deferred_imports.tooling.source.spots import Spot

_FILTERS = frozenset({"filterwarnings", "resetwarnings", "simplefilter"})
_SELF = frozenset({"self", "cls"})
_BUILTINS = frozenset(dir(builtins))
_RUNNING = frozenset({"map", "filter", "sorted", "min", "max", "sum", "any", "all"})  # what calls what it is handed


class Notes:
    """Notes what is met on the way through a module, where that concerns a name which the module binds."""

    def __init__(self, found: Names, bound: Bound) -> None:
        self._found = found
        self._bound = bound
        self._undone = False

    def mention(self, line: int, chain: Chain, spot: Spot) -> None:
        """Note a name, with the attributes that are read from it."""
        if self._is_ours(chain, spot):
            self._found.mentions.append(Mention(line, chain, spot.role, spot.owner, spot.start, spot.detail))

    def looked_up(self, node: ast.AST, spot: Spot) -> None:
        """Note the names that a node looks up by their text."""
        line = node.iter.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
        for name in lookup(node, in_function=bool(spot.owner)):
            if name is None:
                self._found.lookups.append(line)
            elif name in self._bound.imported:
                self._found.mentions.append(Mention(line, (name,), "by-name", spot.owner, spot.start))

    def called(self, node: ast.expr, spot: Spot) -> None:
        """Note what is called, or used as a decorator."""
        if not spot.runs:
            return
        if isinstance(node, ast.Lambda):
            self._found.calls.append((spot.owner, (spot.lambda_path(node),), spot.at_import))
            return
        chain = chain_of(node.func if isinstance(node, ast.Call) else node) or _of_super(node)
        # What a nested function is called hides nothing from calls: it is looked up there first.
        if chain and (chain[0] not in spot.local or chain[0] in _SELF or chain[0] in spot.nested):
            self._found.calls.append((spot.owner, chain, spot.at_import))

    def operated(self, node: ast.expr, spot: Spot) -> None:
        """Note what an operator, a loop or `with` is applied to, if a call has made that, whose class may say more."""
        made: Chain | None = None
        if isinstance(node, ast.Name):
            made = self._found.instances.get(node.id) if node.id not in spot.local else None
        elif isinstance(node, ast.Call):
            made = chain_of(node.func)
        if made is not None and spot.runs and self._is_ours(made, spot):
            self._found.operands.append((spot.owner, made, spot.at_import))

    def made_in_class(self, node: ast.expr | None, spot: Spot) -> None:
        """Note what is made in the body of a class, which may hear what it is called there (`__set_name__`)."""
        made = chain_of(node.func) if isinstance(node, ast.Call) else None
        if made is not None and spot.in_class and self._is_ours(made, spot):
            path = spot.path.removesuffix(".")
            self._found.attributes[path] = (*self._found.attributes.get(path, ()), made)

    def handed(self, node: ast.Call, to: Chain, spot: Spot) -> None:
        """Note the functions and classes that a call is handed."""
        is_builtin = to[0] in _BUILTINS and to[0] not in self._bound.names
        if not spot.runs or (is_builtin and to[-1] not in _RUNNING):
            return
        to = ("", *to[1:]) if to[0] in spot.local else to
        within = spot.path.removesuffix(".") if spot.in_class else ""
        arguments = [*((one, "") for one in node.args), *((one.value, one.arg or "") for one in node.keywords)]
        for argument, keyword in arguments:
            for part in _things(argument):
                if isinstance(part, ast.Lambda):
                    chain: Chain | None = (spot.lambda_path(part),)
                else:
                    chain = chain_of(part)
                    chain = chain if chain and self._is_ours(chain, spot) else None
                if chain is not None:
                    self._found.handed.append(Handed(chain, to, keyword, spot.owner, spot.at_import, within))

    def act(self, node: ast.expr, how: Literal["set", "call", "value", "decorator"], chain: Chain, spot: Spot) -> None:
        """Note what is done to, or with, something that the module has imported or made."""
        if self._undone and chain[-1] in _FILTERS:
            return
        ours = chain[0] in self._bound.imported or chain[0] in self._found.assigned
        if spot.runs and ours and chain[0] not in spot.local and not _is_null(node):
            self._found.acts.append(Act(node.lineno, how, chain, spot.owner, spot.at_import, _arguments(node)))

    @contextmanager
    def undone(self, ends: bool) -> Iterator[None]:
        """Note no filters of warnings in the meantime, if what is around them ends them (`warnings.catch_warnings`)."""
        before, self._undone = self._undone, self._undone or ends
        yield
        self._undone = before

    def _is_ours(self, chain: Chain, spot: Spot) -> bool:
        return chain[0] in self._bound.names and chain[0] not in spot.local


def _of_super(node: ast.expr) -> Chain | None:
    """Return the chain of `super().method`, which begins with `super()`."""
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=method):
            return ("super()", method)
    return None


def _arguments(node: ast.expr) -> tuple[Chain, ...]:
    """Return what a call is handed, or an item's key: names as chains, constants as nothing, all else an empty name."""
    values: list[ast.expr] = []
    match node:
        case ast.Call(args=args, keywords=keywords):
            values = [*args, *(keyword.value for keyword in keywords)]
        case ast.Subscript(slice=key):
            values = [key]
    return tuple(() if isinstance(value, ast.Constant) else chain_of(value) or ("",) for value in values)


def _things(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what is handed on in an argument: it itself, or what is listed in it."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Lambda():
            yield node
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
            for part in parts:
                yield from _things(part)
        case ast.Subscript(value=value, slice=inner):  # list[Item]
            yield from _things(value)
            yield from _things(inner)


def _is_null(node: ast.expr) -> bool:
    """Tell whether a call adds the handler that does nothing, as libraries are asked to."""
    return isinstance(node, ast.Call) and any(
        isinstance(argument, ast.Call) and (spine_of(argument.func) or ("",))[-1] == "NullHandler"
        for argument in node.args
    )
