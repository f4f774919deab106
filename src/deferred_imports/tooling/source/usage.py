"""What is known about the imports of a package, as values: `discover` finds it, the other tools build on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deferred_imports.tooling.source.place import When
from deferred_imports.tooling.table.entries import Entry, Target


@dataclass(frozen=True)
class Import:
    """One module that a module of the package imports.

    Attributes:
        importer: The module that imports it.
        line: Where.
        module: What is imported. Of `from a import b` this is `a.b` where that is a module of the project, else `a`.
        names: What `from` takes from it; None for `import`.
        when: When that happens: with the module ("import"), in a function ("call"), natively lazy ("lazy"), and for
            type checkers ("typing") or when the module is run as a script ("main").
        optional: Whether the code goes on without it: it is in a `try` that catches ImportError, or depends on the
            platform or the version of Python in a way that no marker tells.
        marker: The environment marker that holds wherever the import runs; None for everywhere.
        candidates: The modules of the fallback chain that it is part of, in order; just the module when it is in none.
        targets: What has to be resolved to have all that it imports: for each piece, one or more candidates. Of a
            foreign `from a import b` this is `a:b`, since only running it would tell whether `b` is a module.
        caught: The errors that lead from each candidate to the next one.
    """

    importer: str
    line: int
    module: str
    names: tuple[str, ...] | None
    when: When
    optional: bool
    marker: str | None
    candidates: tuple[str, ...]
    targets: tuple[tuple[Target, ...], ...]
    caught: tuple[tuple[str, ...], ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether it happens on every platform and Python, and nothing goes on without just this module."""
        return not self.optional and self.marker is None and len(self.candidates) == 1


@dataclass(frozen=True)
class Use:
    """One place where a module uses a name of the registry.

    Attributes:
        importer: The module.
        line: Where.
        name: The name, declared or not.
        when: As for an import.
        taken: Whether the place is a `from` statement, which resolves the name at once.
    """

    importer: str
    line: int
    name: str
    when: When
    taken: bool


@dataclass(frozen=True)
class Skipped:
    """A source that could not be analysed."""

    module: str
    reason: str

    def __str__(self) -> str:
        return f"the imports of {self.module} are left out: {self.reason}"


@dataclass(frozen=True)
class Usage:
    """All that was found; every part is in a fixed order.

    Attributes:
        imports: Every import, by module and line.
        uses: Every use of a name of the registry, by module and line.
        openers: The modules that import the registry when they are imported.
        entries: What functions import and the table does not name, as entries without names (`<numpy.linalg>`); empty
            unless the table says `discover = true`.
        keys: For each module, the names of the entries, these and those of the table, that it uses.
        graph: For each module, the modules of the package that it imports, the parents of these included. Neither the
            package itself nor a parent of the importing module counts as imported because something below it is;
            otherwise an importer would stand for all that `__init__.py` imports. What `__init__.py` of the package
            imports never counts, even where a module names it.
        caught: For each import in functions that has several candidates, by the name of its entry: the errors that lead
            from each candidate to the next one.
        undeclared: Imports that run and that no declared requirement covers.
        skipped: The sources that are not in any of this.
    """

    imports: tuple[Import, ...]
    uses: tuple[Use, ...]
    openers: tuple[str, ...]
    entries: tuple[Entry, ...]
    keys: Mapping[str, tuple[str, ...]]
    graph: Mapping[str, tuple[str, ...]]
    caught: Mapping[str, tuple[tuple[str, ...], ...]]
    undeclared: tuple[Import, ...]
    skipped: tuple[Skipped, ...]
