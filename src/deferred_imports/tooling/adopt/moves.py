"""What moves and what stays, as values: names, the statements that bind them, the reasons."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

ImportStatement: TypeAlias = ast.Import | ast.ImportFrom
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

StayReason: TypeAlias = Literal[
    "annotation",
    "base",
    "block",
    "class",
    "compiled",
    "decorator",
    "default",
    "doctest",
    "dynamic",
    "effect",
    "exported",
    "fallback",
    "holds",
    "idle",
    "interrupt",
    "kept",
    "lambda",
    "module",
    "order",
    "rebound",
    "served",
    "shutdown",
    "skip",
    "star",
    "submodule",
    "unclear",
]
"""Why an import stays; these words stay the same, and machines may rely on them."""
ScanReason: TypeAlias = Literal[
    "by-name", "calls", "compiler", "configures", "patches", "registers", "reported", "starts"
]
"""Why it does by the verdict of `scan`, whose words come with it."""

REASONS: Mapping[StayReason, str] = {
    "annotation": "{} may evaluate an annotation with it",
    "base": "a base class, or an argument of one",
    "block": "it stands in a block of {}",
    "class": "used in the body of a class",
    "compiled": "used in {}, which something other than Python compiles",
    "decorator": "used as a decorator",
    "default": "used in a default value",
    "doctest": "used in a doctest",
    "dynamic": "{} the module",
    "effect": "never used here: imported for its effect, or for others to take from here",
    "exported": "taken from here by {}, which this module cannot serve later",
    "idle": "moved to {}, it would be loaded all the same: the start runs that, or other lines load it, too",
    "fallback": "{} does without this module where it is missing",
    "holds": "used in {}, which reads all that it holds",
    "interrupt": "used in {}, which a signal or a fork calls",
    "kept": "it is to be kept{}",
    "lambda": "used in a lambda that stands in no function",
    "module": "used while the module is imported",
    "order": "stands after a line that changes what an import finds or does",
    "rebound": "bound again",
    "served": "taken from here by others, and this module serves such names in its own way",
    "shutdown": "used in {}, which runs when the interpreter ends",
    "skip": "a comment excludes it from formatting",
    "star": "it does not say which names it binds",
    "submodule": "a submodule has this name, too",
    "unclear": "the body of a class reads and binds it",
}


@dataclass(frozen=True, eq=False)
class Member:
    """One name of a top-level import statement."""

    statement: ImportStatement
    alias: ast.alias
    module: str
    """What stands after `from` or `import`, as an absolute name."""

    @property
    def bound(self) -> str:
        """The name that it binds."""
        if self.alias.asname or isinstance(self.statement, ast.ImportFrom):
            return self.alias.asname or self.alias.name
        return self.alias.name.partition(".")[0]

    @property
    def target(self) -> str:
        """What it imports; of `from a import b` that is `a.b`, be that a module or not."""
        return f"{self.module}.{self.alias.name}" if isinstance(self.statement, ast.ImportFrom) else self.module

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.statement.lineno


@dataclass(frozen=True, eq=False)
class Choice:
    """An `if` or `try` at the top that only chooses what some names stand for: it moves whole, or stays.

    Attributes:
        statement: It.
        leaves: The statements in its blocks, each with the names that it binds.
        members: Its imports.
        tested: The names that its conditions read.
        fails_over: Whether it goes on by what fails; then all that it imports is needed together.
    """

    statement: ast.If | ast.Try
    leaves: Mapping[ast.stmt, tuple[str, ...]]
    members: tuple[Member, ...]
    tested: frozenset[str]
    fails_over: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order in which they are bound."""
        return tuple(dict.fromkeys(name for names in self.leaves.values() for name in names))

    @property
    def word(self) -> str:
        """The word that it begins with."""
        return "`if`" if isinstance(self.statement, ast.If) else "`try`"


@dataclass(frozen=True, eq=False)
class BlockPlace:
    """A place below the head of a function.

    Attributes:
        block: The statements among which it is.
        index: The one of these in front of which the import stands.
    """

    block: list[ast.stmt]
    index: int

    @property
    def statement(self) -> ast.stmt:
        """The statement in front of which the import stands."""
        return self.block[self.index]


@dataclass(frozen=True, eq=False)
class Move:
    """A name that can move.

    Attributes:
        name: It.
        members: What binds it.
        functions: The functions that get the import, each with what it needs of it.
        below: Of these functions, those that get it below their head, each with the place.
        hot: Why it had better be read from one place than imported in each function, if so.
        choice: The `if` or `try` that binds it, with other names, if one does; these move with it.
        needed: The names of the choice that each function needs, and, by None, type checkers.
        calls: Where they use it.
        typing: Whether type checkers get the import.
        quoted: Annotations that Python must not evaluate any more.
        offered: Whether the module imports it when it is first asked for, and its functions read it from the module.
        used: Whether linters see that the module uses it, or names it in `__all__`.
        hidden: Whether a submodule has this name, too, so that only the registry can serve it.
        listed: Whether something looks for it in a list of the module's names.
    """

    name: str
    members: tuple[Member, ...]
    functions: Mapping[Definition, tuple[Member, ...]]
    calls: tuple[ast.expr, ...]
    typing: bool
    quoted: tuple[ast.expr, ...]
    offered: bool
    used: bool
    hidden: bool = False
    listed: bool = False
    below: Mapping[Definition, BlockPlace] = field(default_factory=dict)
    hot: str = ""
    choice: Choice | None = None
    needed: Mapping[Definition | None, frozenset[str]] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """Its form in words."""
        parts = ["functions"] * bool(self.functions) + ["typing"] * self.typing + ["offered"] * self.offered
        return ", ".join(parts)


@dataclass(frozen=True)
class Kept:
    """A name that stays, and why."""

    name: str
    line: int
    reason: StayReason | ScanReason
    detail: str
    lines: tuple[int, ...]
    text: str = ""  # what `scan` says of it, whose reason it then is

    def __str__(self) -> str:
        return self.text or told(cast("StayReason", self.reason), self.detail, self.lines)


def told(reason: StayReason, detail: str, lines: tuple[int, ...]) -> str:
    """Return a reason in words."""
    where = f" (line {', '.join(map(str, lines[:5]))})" if lines else ""
    return f"{REASONS[reason].format(detail)}{where}"


@dataclass(frozen=True)
class Wanted:
    """What others want of a module's names.

    Attributes:
        taken: Names that others import or read from it, with who does.
        patched: Names that tests replace in it.
        all_patched: Whether tests replace names in it that they put together at run time.
        starred: What takes all its names, by `import *`.
        viewed: What looks at all its names, as `vars(module)` does.
        views: The names that are looked for there, as a regular expression.
        listed: What asks for a list of its names, as `dir(module)` does, in which stands what the module serves.
        lists: The names that are looked for there, as a regular expression.
        looked_up: What asks it for names that are put together at run time.
        submodules: The submodules of a package.
        heirs: Classes and decorators of the project that have annotations evaluated.
        fallback: The file that does without the module where something that it imports is missing.
        registries: The modules that `deferred-imports` has generated.
        registered: Whether a registry may serve what others take.
        called: The first lines of its functions that the starts call.
        missing: What may be missing, or fail for that: top-level packages of others, modules of its own.
    """

    taken: Mapping[str, str] = field(default_factory=dict)
    patched: frozenset[str] = frozenset()
    all_patched: bool = False
    starred: str = ""
    viewed: str = ""
    views: str = ""
    listed: str = ""
    lists: str = ""
    looked_up: str = ""
    submodules: frozenset[str] = frozenset()
    heirs: frozenset[str] = frozenset()
    fallback: str = ""
    missing: frozenset[str] = frozenset()
    registries: frozenset[str] = frozenset()
    registered: bool = False
    called: frozenset[int] = frozenset()


def is_for_checkers(node: ast.stmt) -> bool:
    """Tell whether a statement is a condition that only type checkers take for true."""
    test = node.test if isinstance(node, ast.If) else None
    return getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING"
