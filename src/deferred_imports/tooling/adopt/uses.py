"""Uses of names, as values: where each stands, and what for. `scopes` finds them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

UseRole: TypeAlias = Literal[
    "base", "decorator", "default", "annotation", "class", "module", "call", "unread", "typing"
]
"""What a name is used as.

A "call" happens in a function. What is "unread" stands in an annotation that Python does not evaluate, or in a text
that stands for a type. "typing" is what only type checkers see. All others happen while the module is imported.
"""
Late: TypeAlias = Literal["shutdown", "interrupt"]


@dataclass(eq=False)
class NameScope:
    """A scope of Python: the module, a class, a function, a lambda or a comprehension."""

    node: ast.AST
    parent: NameScope | None
    bound: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)  # global or nonlocal
    reader: str = ""  # what may evaluate the annotations in this class

    @property
    def is_class(self) -> bool:
        """Whether it is that of a class, which functions in it do not see."""
        return isinstance(self.node, ast.ClassDef)


@dataclass(frozen=True, eq=False)
class PlacedUse:
    """One place that uses a name.

    Attributes:
        node: The name, or the text that stands for a type.
        name: The name.
        attributes: What is read from it, in turn.
        role: What for.
        scope: Where.
        annotation: The annotation that it stands in.
        reader: What may evaluate this annotation, such as a decorator or a base class.
    """

    node: ast.expr
    name: str
    attributes: tuple[str, ...]
    role: UseRole
    scope: NameScope
    annotation: ast.expr | None
    reader: str


@dataclass
class PlacedUses:
    """What a module does with names.

    Attributes:
        uses: Where the names are used, as names of the module.
        bound: Names that something else than a top-level import binds in the module, and the first line that does.
        unclear: Names that the body of a class inside of a function reads and binds, and the line.
        late: Functions that run when imports may fail: when the interpreter ends, or between any two instructions.
    """

    uses: list[PlacedUse] = field(default_factory=list)
    bound: dict[str, int] = field(default_factory=dict)
    unclear: dict[str, int] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)
