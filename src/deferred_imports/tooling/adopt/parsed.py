"""One module, read: its text, its syntax, and what others want of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib.util import resolve_name

from deferred_imports.tooling.adopt.moves import ImportStatement, Wanted
from deferred_imports.tooling.adopt.text import Text
from deferred_imports.tooling.source.text import parse_source


@dataclass(frozen=True, eq=False)
class ParsedModule:
    """One module, read.

    Attributes:
        name: Its absolute name.
        is_package: Whether that is a package.
        text: Its source.
        tree: Its syntax.
        lazy: Where `lazy import` stands in it (PEP 810).
        wanted: What others want of its names.
    """

    name: str
    is_package: bool
    text: Text
    tree: ast.Module
    lazy: frozenset[tuple[int, int]]
    wanted: Wanted

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def is_lazy(self, node: ImportStatement) -> bool:
        """Tell whether a statement is lazy by itself, as Python 3.15 says in its tree and our reader elsewhere."""
        return bool(getattr(node, "is_lazy", 0)) or (node.lineno, node.col_offset) in self.lazy

    def origin(self, node: ImportStatement) -> str | None:
        """Return the absolute name after `from`; nothing for `import`, None for what leaves the package."""
        if isinstance(node, ast.Import):
            return ""
        try:
            return resolve_name("." * node.level + (node.module or ""), self.package) if node.level else node.module
        except ImportError:
            return None


def parsed_module(source: bytes, name: str, *, is_package: bool, wanted: Wanted) -> ParsedModule:
    """Read a module.

    Raises:
        UnreadableSourceError: when it cannot be parsed, or not be edited byte for byte.
    """
    text = Text(source)
    tree, lazy = parse_source(text.text)
    return ParsedModule(name, is_package, text, tree, frozenset(lazy), wanted)


def top_statements(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements at the top, those in conditions included."""
    return [
        one for node in tree.body for one in ([node, *node.body, *node.orelse] if isinstance(node, ast.If) else [node])
    ]
