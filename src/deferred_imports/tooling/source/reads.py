"""What expressions read from names that imports may have bound, and which other names they give them. Syntax only."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from deferred_imports.tooling.source.bindings import read_block, read_function
from deferred_imports.tooling.source.chains import Chain, chain_by_name, chain_of, innermost
from deferred_imports.tooling.source.facts import Read
from deferred_imports.tooling.source.place import When
from deferred_imports.tooling.source.walking import children, walk


class ChainReader:
    """Reads expressions, each in the scope that it stands in.

    What names stand for is noted of all functions of the module together. What is read counts only where Python would
    find the name in a scope that an import may have bound it in.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._reads: list[Read] = []
        self._aliases: dict[str, set[Chain]] = {}
        named = {name for node in walk(tree) if isinstance(node, ast.Global) for name in node.names}
        # Outermost first: the names of a scope, those of them that may be an import's, and whether it is a class's.
        self._scopes: list[tuple[set[str], set[str], bool]] = [(set(), read_block(tree.body).standing | named, False)]

    @contextmanager
    def inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[None]:
        """Read in the scope of a function or class."""
        if isinstance(node, ast.ClassDef):
            block = read_block(node.body)
            self._scopes.append(({binding.name for binding in block.bindings}, block.standing, True))
        else:
            block, own = read_function(node)
            self._scopes.append((own, block.standing, False))
        yield
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
        while more := {name for name in self._aliases if name not in names and self._leads_to(name, names)}:
            names |= more
        reads = tuple(read for read in self._reads if read.chain[0] in names)
        kept = {name: [one for one in chains if one[0] in names] for name, chains in self._aliases.items()}
        return reads, {name: frozenset(chains) for name, chains in kept.items() if chains}

    def _leads_to(self, alias: str, names: set[str]) -> bool:
        return any(chain[0] in names for chain in self._aliases[alias])

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
                block, own = read_function(node)
                self._scopes.append((own, block.standing, False))
                self.read([node.body], "call" if when == "import" else when)
                self._scopes.pop()
                return [(node.args, when)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets = [inner for generator in node.generators for inner in walk(generator.target)]
                self._scopes.append(({name.id for name in targets if isinstance(name, ast.Name)}, set(), False))
                self.read(children(node), when)
                self._scopes.pop()
                return []
            case ast.NamedExpr():
                self.alias(node.target.id, node.value)
            case ast.Call():
                if chain := chain_by_name(node):
                    self._note(node.lineno, chain, when)
        return [(child, when) for child in children(node)]

    def _note(self, line: int, chain: Chain, when: When) -> None:
        """Note what is read from a name, unless that is surely another one than an import binds."""
        innermost_scope = len(self._scopes) - 1
        for index in range(innermost_scope, 0, -1):
            names, may_be, is_class = self._scopes[index]
            if chain[0] in names and (not is_class or index == innermost_scope):
                if chain[0] in may_be:
                    break
                return
        else:
            module = self._scopes[0][1]
            if chain[0] not in module and "*" not in module:
                return
        self._reads.append(Read(line, chain, when))
