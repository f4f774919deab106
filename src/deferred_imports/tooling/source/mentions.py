"""What one module binds and uses, as values: `names` reads it from a source, `scan` joins modules by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.exports import Export

Role: TypeAlias = Literal[
    "base",
    "decorator",
    "default",
    "field",
    "rebound",
    "by-name",
    "module",
    "annotation",
    "unread",
    "call",
    "typing",
    "main",
]
"""What a name is used as. Up to "module" it has to be there while the module is imported.

An "annotation" is evaluated by Python when the module is imported, an "unread" one is not, but something else may do
that, such as a base class. A "field" is what a dataclass looks for. "by-name" is what `globals()` is asked for.
"""


class Mention(NamedTuple):
    """One place where a name is used.

    Attributes:
        line: Where.
        chain: The name, and the attributes read from it.
        role: What it is used as.
        owner: The function that it is used in, as `Class.method`; empty where no function has to be called.
        start: The line that the code of the owner begins at.
        detail: What it is used for: the class or function that it is a base, decorator, default value or annotation
            of, as `Names` calls that.
    """

    line: int
    chain: Chain
    role: Role
    owner: str = ""
    start: int = 0
    detail: str = ""


class Act(NamedTuple):
    """Something that a module does to, or with, what it has imported or made.

    Attributes:
        line: Where.
        how: It sets an attribute or an item of it ("set"), calls it and drops the result ("call"), calls it for a
            value ("value"), or decorates with it ("decorator").
        chain: What.
        owner: The function in which that happens; empty where no function has to be called.
        at_import: Whether it happens while the module is imported, without any call.
        handed: What a call is handed, or which item is set: of a name the chain, of a constant nothing, of all else an
            empty name.
    """

    line: int
    how: Literal["set", "call", "value", "decorator"]
    chain: Chain
    owner: str
    at_import: bool
    handed: tuple[Chain, ...] = ()


class Handed(NamedTuple):
    """A function or class that is handed to a call.

    Attributes:
        chain: What is handed.
        to: What is called; the first part is empty where that is a name of the function around it.
        keyword: The name of the argument, if it has one.
        owner: The function in which that happens.
        at_import: Whether it happens while the module is imported, without any call.
        within: The class in whose body that happens, if it does.
    """

    chain: Chain
    to: Chain
    keyword: str
    owner: str
    at_import: bool
    within: str = ""


@dataclass
class Names:
    """What one module binds and uses.

    Attributes:
        blocks: The lines of imports at the top that stand in a `try`, a `with` or a class.
        conditions: The lines of imports at the top that stand below an `if`, with the line of that.
        ends: The lines that imports at the top begin at, with those that they end at.
        mentions: Where names that imports or definitions bind are used.
        calls: What is called, or used as a decorator: who does it (as an owner), the chain, and whether it happens
            while the module is imported.
        factories: The decorators among these that are called to make the decorator.
        functions: The functions in it by qualified name, methods, nested ones and lambdas included, with the lines
            that their code begins at: a property has several of one name.
        classes: Its classes, with the chains of their bases.
        type_aliases: Its type aliases (PEP 695), the values of which are evaluated on demand.
        metaclasses: The classes that name a metaclass, with its chain.
        class_options: The classes with other keywords, and these: of `class A(B, table=True)` that is `table`.
        decorated: The functions and classes with decorators, and the chains of these.
        assigned: What names of the module are made from: of `app = typer.Typer()` that is `typer.Typer`.
        same: Names of the module that stand for another: of `run = main` that is `main`.
        instances: Names of the module that stand for what a call makes: of `app = App()` that is `App`.
        attributes: The classes in whose bodies something is made by calls, and what is called.
        operands: What operators, loops and `with` are applied to: who does it (as an owner), what is called to make it,
            and whether that happens while the module is imported.
        numbers: Names of the module that stand for a number.
        handed: Functions and classes that are handed to calls.
        acts: What it does to, or with, what it has imported or made.
        exports: What stands in `__all__`.
        renamed: The names that are imported as themselves: `import a as a`, `from a import b as b`.
        lookups: The lines that may look up any name of the module by its text.
    """

    blocks: dict[int, str] = field(default_factory=dict)
    conditions: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    calls: list[tuple[str, Chain, bool]] = field(default_factory=list)
    factories: list[tuple[str, Chain, bool]] = field(default_factory=list)
    functions: dict[str, tuple[int, ...]] = field(default_factory=dict)
    classes: dict[str, tuple[Chain, ...]] = field(default_factory=dict)
    type_aliases: set[str] = field(default_factory=set)
    metaclasses: dict[str, Chain] = field(default_factory=dict)
    class_options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    decorated: dict[str, tuple[Chain, ...]] = field(default_factory=dict)
    assigned: dict[str, Chain] = field(default_factory=dict)
    same: dict[str, Chain] = field(default_factory=dict)
    instances: dict[str, Chain] = field(default_factory=dict)
    attributes: dict[str, tuple[Chain, ...]] = field(default_factory=dict)
    operands: list[tuple[str, Chain, bool]] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    handed: list[Handed] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    renamed: set[tuple[int, str]] = field(default_factory=set)
    lookups: list[int] = field(default_factory=list)
