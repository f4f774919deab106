"""What one module imports, and what it reads from that, as values: `imports` reads them from a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.conditions import BoundTo
from deferred_imports.tooling.source.place import When


@dataclass(frozen=True)
class Statement:
    """One `from` statement, or one module of an `import` statement.

    Attributes:
        line: Where it stands.
        module: The absolute name after `from` or `import`.
        names: What `from` takes; None for `import`.
        bound: What it calls that, each in its turn.
        when: When it runs.
        optional: Whether the code goes on without it.
        marker: The environment marker that holds wherever it runs; None for everywhere.
        chain: The number of the fallback chain that it is part of: try this, else the next.
        caught: The errors of it that have the next one of the chain answer.
        listed: Whether a registry's `__lazy_modules__` decides here if it is lazy.
        keyword: Whether the keyword says that it is lazy; every Python that reads that obeys, a list only 3.15 does.
    """

    line: int
    module: str
    names: tuple[str, ...] | None
    bound: tuple[str, ...]
    when: When
    optional: bool
    marker: str | None
    chain: int | None
    caught: tuple[str, ...]
    listed: bool
    keyword: bool


@dataclass(frozen=True)
class Read:
    """Attributes read from a name: `d.np` is the chain `("d", "np")`.

    Attributes:
        line: Where.
        chain: The name, and what is read from it.
        when: When that happens.
        bound: What imports bind the name to, in the scope where Python finds it.
        aliases: What the name is assigned there.
    """

    line: int
    chain: Chain
    when: When
    bound: frozenset[BoundTo] = frozenset()
    aliases: frozenset[Chain] = frozenset()


@dataclass(frozen=True)
class Facts:
    """What one module says.

    Attributes:
        statements: Its imports.
        bound: What they bind names to: modules, or names in modules.
        aliases: What it assigns to names, where that begins with a name in `bound` or another alias.
        reads: What it reads from these names.
        conditional: Whether it refuses to be imported on some platforms or Pythons.
        defined: What it binds by other means than imports.
    """

    statements: tuple[Statement, ...]
    bound: Mapping[str, frozenset[BoundTo]]
    aliases: Mapping[str, frozenset[Chain]]
    reads: tuple[Read, ...]
    conditional: bool
    defined: frozenset[str] = frozenset()
