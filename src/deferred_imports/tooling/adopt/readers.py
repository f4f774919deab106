"""What decorators and base classes do with what they get: some evaluate annotations, some compile functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

# By their last name; which of them do cannot be seen from where they are used.
_READERS = frozenset(
    """
    command callback register get post put patch delete route websocket validate_call validate_arguments beartype
    typechecked inject tool task BaseModel BaseSettings RootModel GenericModel SQLModel Struct Schema Model
    DeclarativeBase DeclarativeBaseNoMeta MappedAsDataclass
    """.split()
)
_PACKAGES = frozenset({"mashumaro", "msgspec", "pydantic", "pydantic_settings", "sqlmodel", "strawberry", "typer"})
# These have names as above, and evaluate nothing.
_HARMLESS = frozenset({"click", "rich_click", "cloup", "atexit", "abc"})
_COMPILERS = frozenset({"numba", "numba_cuda", "triton", "taichi", "cupyx", "pythran"})
# What dataclasses look for in annotations: https://docs.python.org/3/library/dataclasses.html#class-variables
PSEUDO_FIELDS = frozenset({"ClassVar", "InitVar", "KW_ONLY"})


# What code mentions that evaluates annotations itself.
_EVALUATING = re.compile(r"\b(?:get_type_hints|get_annotations|__annotations__|__annotate__|eval_str)\b")


def evaluates(text: str) -> bool:
    """Tell whether a source mentions what evaluates annotations."""
    return _EVALUATING.search(text) is not None


class AnnotationReaders:
    """Tells which decorators and base classes of one module may evaluate annotations."""

    def __init__(self, tree: ast.Module, heirs: Iterable[str] = (), *, reads: bool = False) -> None:
        """Note where the names of a module come from.

        Args:
            tree: The module.
            heirs: Classes of the project that inherit from such a base class, and decorators that evaluate them.
            reads: Whether the module itself may evaluate annotations.
        """
        self.by_itself = "the module itself" if reads else ""
        self._words = _READERS.union(heirs)
        self._tops: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                origin = node.module or "" if isinstance(node, ast.ImportFrom) and not node.level else ""
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    self._tops[bound] = (origin or alias.name).partition(".")[0]
                    if alias.asname and isinstance(node, ast.ImportFrom):
                        self._renamed[bound] = alias.name

    def __call__(self, node: ast.expr) -> str:
        """Return what to call a decorator or base class that may evaluate annotations, or nothing."""
        while isinstance(node, ast.Call | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        last, first = _ends(node)
        top = self._tops.get(first, "")
        if isinstance(node, ast.Name):
            last = self._renamed.get(last, last)
        if not last or top in _HARMLESS or not (top in _PACKAGES or last in self._words):
            return ""
        return ast.unparse(node)

    def compiles(self, node: ast.expr) -> bool:
        """Tell whether a decorator compiles the function below it by other means, which know no imports."""
        while isinstance(node, ast.Call | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        top = self._tops.get(_ends(node)[1], "")
        return top in _COMPILERS or (top == "torch" and "jit" in ast.unparse(node))


class Heirs:
    """The classes that inherit from one whose annotations are evaluated, by their names alone."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bases: dict[str, set[str]] = {}

    def add(self, tree: ast.Module, *, reads: bool) -> None:
        """Add those of a module; where that may evaluate annotations, so may all that it defines."""
        for node in tree.body if reads else ():
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                self._bases.setdefault(node.name, set()).add("BaseModel")
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self._bases.setdefault(node.name, set()).update(_ends(_plain(base))[0] for base in node.bases)

    def names(self) -> frozenset[str]:
        """Return their names."""
        return frozenset(_reached(self._bases))


def _reached(bases: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    while more := {name for name, its in bases.items() if its & (_READERS | found)} - found:
        found |= more
    return found


def _plain(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _ends(node: ast.expr) -> tuple[str, str]:
    """Return the last and the first name of a chain, or nothing."""
    last = ""
    while isinstance(node, ast.Attribute):
        last = last or node.attr
        node = node.value
    return (last or node.id, node.id) if isinstance(node, ast.Name) else ("", "")
