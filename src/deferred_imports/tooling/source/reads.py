"""What expressions read from names that imports may have bound, and which other names they give them. Syntax only."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.bindings import (
    BoundNames,
    Function,
    bindings,
    bound_by,
    read_block,
    read_function,
)
from deferred_imports.tooling.source.chains import Chain, chain_by_name, chain_of, innermost
from deferred_imports.tooling.source.conditions import BoundTo
from deferred_imports.tooling.source.facts import Read
from deferred_imports.tooling.source.place import When
from deferred_imports.tooling.source.walking import children

Absolute: TypeAlias = Callable[[str, int], "str | None"]
"""Tells what module is meant by a name and the number of dots before it."""


class _ReadScope(NamedTuple):
    """A scope of Python.

    Attributes:
        kind: What sort of block it is of. An annotation scope (PEP 695) hides no class around it.
        names: All names that it has.
        bound: What imports bind names to in it.
        aliases: What names are assigned in it.
    """

    kind: Literal["module", "class", "function", "annotation"]
    names: set[str]
    bound: dict[str, set[BoundTo]]
    aliases: dict[str, set[Chain]]


class ChainReader:
    """Reads expressions, each in the scope that it stands in; what a name stands for is what that scope says."""

    def __init__(self, tree: ast.Module, absolute: Absolute) -> None:
        """Begin in the module.

        Args:
            tree: The module.
            absolute: Resolves relative imports.
        """
        self._reads: list[tuple[int, Chain, When, _ReadScope]] = []
        self._aliases: dict[str, set[Chain]] = {}
        self._absolute = absolute
        block = read_block(tree.body)
        names = {binding.name for binding in block.bindings}
        # Outermost first.
        self._scopes = [self._scope("module", names, block)]

    def _scope(self, kind: Literal["module", "class", "function"], names: set[str], block: BoundNames) -> _ReadScope:
        scope = _ReadScope(kind, names, {}, {})
        self._add(scope, block)
        return scope

    def _add(self, scope: _ReadScope, block: BoundNames, only: set[str] | None = None) -> None:
        """Add what a block binds to a scope: all of it, or only these names."""
        for name, origin in self._imported(block):
            if only is None or name in only:
                scope.bound.setdefault(name, set()).add(origin)
        for name, chain in block.aliases:
            if only is None or name in only:
                scope.aliases.setdefault(name, set()).add(chain)

    def _imported(self, block: BoundNames) -> Iterator[tuple[str, BoundTo]]:
        for node in block.imports:
            for alias in node.names:
                if isinstance(node, ast.Import):
                    yield bound_by(alias), (alias.name if alias.asname else alias.name.partition(".")[0], None)
                elif (module := self._absolute(node.module or "", node.level)) is not None:
                    yield bound_by(alias), (module, alias.name)

    @contextmanager
    def inside(self, node: Function | ast.ClassDef) -> Iterator[None]:
        """Read in the scope of a function or class."""
        if isinstance(node, ast.ClassDef):
            block = read_block(node.body)
            self._scopes.append(self._scope("class", block.own, block))
        else:
            block, own = read_function(node)
            self._scopes.append(self._scope("function", own, block))
        if said := {binding.name for binding in block.bindings if binding.by == "global"}:
            self._add(self._scopes[0], block, said)
        yield
        self._scopes.pop()

    @contextmanager
    def with_parameters(self, node: ast.AST, when: When) -> Iterator[None]:
        """Read where type parameters are bound (PEP 695): the bases of a class, the annotations of a function."""
        parameters: list[ast.AST] = getattr(node, "type_params", [])
        if parameters:
            self._scopes.append(_ReadScope("annotation", {getattr(one, "name", "") for one in parameters}, {}, {}))
            self.read(parameters, later(when))
        yield
        if parameters:
            self._scopes.pop()

    def read(self, nodes: Iterable[object], when: When) -> None:
        """Note what is read from names, in expressions and in what holds some."""
        stack = [(node, when) for node in nodes if isinstance(node, ast.AST)]
        while stack:
            stack += self._expression(*stack.pop())

    def alias(self, name: str, value: ast.expr) -> None:
        """Note that a name is assigned a value."""
        chain = chain_of(value)
        if chain is not None and chain != (name,):
            self._aliases.setdefault(name, set()).add(chain)

    def beginning_with(self, bound: Iterable[str]) -> tuple[tuple[Read, ...], dict[str, frozenset[Chain]]]:
        """Return what is read from these names and from aliases of them, and these aliases.

        Args:
            bound: What imports bind.
        """
        names = set(bound)
        aliases_of: dict[str, list[str]] = {}
        for alias, chains in self._aliases.items():
            for chain in chains:
                aliases_of.setdefault(chain[0], []).append(alias)
        left = list(names)
        while left:
            more = [alias for alias in aliases_of.pop(left.pop(), ()) if alias not in names]
            names.update(more)
            left += more
        reads = tuple(self._read_from(*one) for one in self._reads if one[1][0] in names)
        reads = tuple(read for read in reads if read.bound or read.aliases)
        kept = {name: [one for one in chains if one[0] in names] for name, chains in self._aliases.items()}
        return reads, {name: frozenset(chains) for name, chains in kept.items() if chains}

    def _expression(self, node: ast.AST, when: When) -> list[tuple[ast.AST, When]]:
        """Note what one expression reads; return the parts of it that are left to read."""
        match node:
            case ast.Name() | ast.Constant():
                return []
            case ast.Attribute():
                chain = chain_of(node)
                if chain is None:
                    return [(innermost(node), when)]
                self._note(node.lineno, chain, when)
                return []
            case ast.Lambda():
                with self.inside(node):
                    self.read([node.body], later(when))
                return [(node.args, when)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, when)
                return []
            case ast.NamedExpr():
                self.alias(node.target.id, node.value)
            case ast.Call():
                if chain := chain_by_name(node):
                    self._note(node.lineno, chain, when)
        return [(child, when) for child in children(node)]

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, when: When) -> None:
        first, *others = node.generators
        self.read([first.iter], when)  # in the scope around it
        targets = [generator.target for generator in node.generators]
        self._scopes.append(_ReadScope("function", {binding.name for binding in bindings(targets)}, {}, {}))
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.read([first.target, *first.ifs, *others, *parts], when)
        self._scopes.pop()

    def _note(self, line: int, chain: Chain, when: When) -> None:
        """Note what is read from a name; what that stands for is known at the end, when all has been read."""
        self._reads.append((line, chain, when, self._found_in(chain[0])))

    @staticmethod
    def _read_from(line: int, chain: Chain, when: When, scope: _ReadScope) -> Read:
        bound, aliases = scope.bound.get(chain[0], ()), scope.aliases.get(chain[0], ())
        return Read(line, chain, when, frozenset(bound), frozenset(aliases))

    def _found_in(self, name: str) -> _ReadScope:
        """Return the scope in which Python finds a name; that of the module where it finds it in no other."""
        sees_class = True  # a class hides its names from the functions in it
        for scope in reversed(self._scopes):
            if name in scope.names and (scope.kind != "class" or sees_class):
                return scope
            sees_class = sees_class and scope.kind == "annotation"
        return self._scopes[0]


def later(when: When) -> When:
    """Return when something runs that only a call runs, of something that is defined then."""
    return "call" if when == "import" else when
