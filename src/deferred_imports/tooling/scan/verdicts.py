"""For each import of a package the verdict: deferred, can be, cannot be and why, or must not be. By the sources alone.

Values in, values out. `savings` adds what a start of the program shows, and what deferring would save.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from deferred_imports.tooling.scan.calls import Calls, Ran, Source
from deferred_imports.tooling.source.imports import Chain, Statement
from deferred_imports.tooling.source.names import Mention

Verdict: TypeAlias = Literal["can", "deferred", "cannot", "must not"]

Reason: TypeAlias = Literal[
    # can
    "functions",
    "annotations",
    "together",
    "called",
    # deferred
    "in-function",
    "native",
    "typing",
    "main",
    # cannot
    "base",
    "decorator",
    "default",
    "annotation",
    "rebound",
    "module",
    "calls",
    "exported",
    "star",
    "try",
    "with",
    "class",
    "effect",
    "registers",
    "shared",
    "compiler",
    # must not
    "loaded",
]
"""Why; these words stay the same, and machines may rely on them."""

# What every Python that we support has loaded before it runs anything; a start shows what else this one has.
_LOADED = frozenset(
    "_imp _io _thread _warnings _weakref abc builtins codecs io marshal os os.path stat sys time zipimport".split()
)
_WHEN: Mapping[str, Reason] = {"call": "in-function", "lazy": "native", "typing": "typing", "main": "main"}
_BLOCKS: Mapping[str, Reason] = {"try": "try", "with": "with", "class": "class"}


@dataclass(frozen=True)
class Judged:
    """One import and the verdict on it.

    Attributes:
        importer: The module that imports.
        line: Where.
        module: What is imported; for `from a import b` that is `a.b` if that is known to be a module.
        names: What `from` takes from it; None for a module as a whole.
        verdict: Whether it can be deferred.
        reason: Why, in one word.
        detail: What there is to say beyond that word: which class, function or module.
        lines: Where that shows: the lines that use it.
        owners: The functions that use it.
        loaded: Whether the start loaded it; None if nothing was started.
        saves: What would not be loaded if this, and all else that imports the same module and can be, was deferred.
        saves_us: The microseconds that this takes.
    """

    importer: str
    line: int
    module: str
    names: tuple[str, ...] | None
    verdict: Verdict
    reason: Reason
    detail: str = ""
    lines: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    loaded: bool | None = None
    saves: tuple[str, ...] = ()
    saves_us: int = 0


def judge(
    sources: Mapping[str, Source], known: Iterable[str] = (), entry_points: Iterable[tuple[str, str]] = ()
) -> list[Judged]:
    """Judge every import of a package by its sources.

    Args:
        sources: Its modules.
        known: Other modules that are known to be modules.
        entry_points: What entry points take: the module, and the name there.
    """
    judge = _Judge(sources, frozenset(known), entry_points)
    return [judged for name in sorted(sources) for judged in judge.module(name)]


# Which of several reasons is told.
_ORDER: tuple[str, ...] = ("base", "decorator", "default", "annotation", "rebound", "module")


class _Judge:
    def __init__(
        self, sources: Mapping[str, Source], known: frozenset[str], entry_points: Iterable[tuple[str, str]]
    ) -> None:
        self._sources = sources
        self._modules = known | sources.keys()
        self._entry_points = frozenset(entry_points)
        self._calls = Calls(sources, self._modules)
        self._ran = self._calls.at_import()
        self._readers = self._calls.readers()
        self._taken = self._taken_from()
        self._registering = self._registering_below()

    def module(self, name: str) -> Iterator[Judged]:
        source = self._sources[name]
        mentions: dict[str, list[Mention]] = {}
        for mention in source.module.mentions:
            mentions.setdefault(mention.chain[0], []).append(self._read(name, mention))
        borrowed = self._borrowed(source)
        for statement in source.facts.statements:
            for module, names in self._imported(statement):
                plain = Judged(name, statement.line, module, names, "can", "functions")
                judged = self._one(plain, statement, source, mentions)
                lines = borrowed.get(module.partition(".")[0])
                if judged.verdict == "can" and lines:
                    judged = replace(plain, verdict="cannot", reason="module", lines=lines)
                yield judged

    def _read(self, name: str, mention: Mention) -> Mention:
        """Return a mention in an annotation as one that is evaluated, if something may do that."""
        if mention.role == "unread" and (reader := self._readers.get((name, mention.detail))):
            return mention._replace(role="annotation", detail=f"`{reader}` may evaluate")
        return mention

    def _borrowed(self, source: Source) -> dict[str, tuple[int, ...]]:
        """Return the packages of which the module uses, while it is imported, modules that it does not import itself.

        After `import a.b`, `a.c` is there if something else has imported it: whatever the module imports from that
        package may have, so all of that has to stay. The values are the lines of such uses.
        """
        imported = {module for statement in source.facts.statements for module, _ in self._imported(statement)}
        tops = {name.partition(".")[0] for (_, name), bound in source.module.bound.items() if name.startswith(bound)}
        found: dict[str, set[int]] = {}
        for use in source.module.mentions:
            if use.role in _ORDER and use.chain[0] in tops:
                whole = ".".join(use.chain[:2])
                own = any(f"{module}.".startswith(f"{whole}.") for module in imported)
                if "." in whole and whole in self._modules and not own:
                    found.setdefault(use.chain[0], set()).add(use.line)
        return {top: tuple(sorted(lines)) for top, lines in found.items()}

    def _imported(self, statement: Statement) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        """Yield the modules that a statement imports, each with what is taken from it."""
        if statement.names is None:
            yield statement.module, None
            return
        submodules = [name for name in statement.names if f"{statement.module}.{name}" in self._modules]
        for name in submodules:
            yield f"{statement.module}.{name}", None
        if others := tuple(name for name in statement.names if name not in submodules):
            yield statement.module, others

    def _one(
        self, plain: Judged, statement: Statement, source: Source, mentions: Mapping[str, list[Mention]]
    ) -> Judged:
        if fixed := _by_place(plain, statement, source):
            verdict, reason = fixed
            return replace(plain, verdict=verdict, reason=reason)
        if statement.names is None:
            wanted = [statement.module]
        else:
            wanted = list(plain.names or (plain.module.rpartition(".")[2],))
        return self._by_use(plain, wanted, source, mentions)

    def _by_use(
        self, plain: Judged, wanted: list[str], source: Source, mentions: Mapping[str, list[Mention]]
    ) -> Judged:
        """Judge an import by what is done with the names that it binds."""
        uses: list[Mention] = []
        idle = []
        for name in wanted:
            bound = source.module.bound.get((plain.line, name), name.partition(".")[0])
            siblings = [other for (_, other), its in source.module.bound.items() if its == bound]
            own = [use for use in mentions.get(bound, ()) if _is_use(use.chain, bound, name, siblings)]
            if detail := self._exported(plain, name, bound, source, used=bool(own)):
                return replace(plain, verdict="cannot", reason="exported", detail=detail)
            uses += own
            if not own:
                idle.append(name)
        for role in _ORDER:
            if needed := [use for use in uses if use.role == role]:
                lines = tuple(sorted({use.line for use in needed}))
                return replace(plain, verdict="cannot", reason=role, detail=needed[0].detail, lines=lines)  # type: ignore[arg-type]  # the roles above are reasons
        called = [use for use in uses if use.role == "call"]
        if early := [use for use in called if Ran(plain.importer, use.owner) in self._ran]:
            lines = tuple(sorted({use.line for use in early}))
            return replace(plain, verdict="cannot", reason="calls", detail=early[0].owner, lines=lines)
        if idle and len(idle) == len(wanted):
            return replace(plain, verdict="cannot", reason="effect")
        if detail := self._registering.get(plain.module, ""):
            return replace(plain, verdict="cannot", reason="registers", detail=detail)
        return replace(
            plain,
            reason="functions" if any(use.role in {"call", "main"} for use in uses) else "annotations",
            lines=tuple(sorted({use.line for use in uses if use.role in {"call", "main"}})),
            owners=tuple(sorted({use.owner for use in called})),
        )

    def _exported(self, plain: Judged, name: str, bound: str, source: Source, *, used: bool) -> str:
        """Return how a name is offered to others, if it is."""
        if bound in source.module.exported:
            return "in `__all__`"
        if (plain.line, name) in source.module.renamed:
            return "imported under its own name"
        if (plain.importer, bound) in self._entry_points:
            return "an entry point takes it from here"
        if takers := self._taken.get((plain.importer, bound)):
            return f"`{min(takers)}` takes it from here"
        # What a package takes from its own modules is its API, whether it needs that itself or not.
        api = plain.module.startswith(f"{plain.importer}.")
        if source.is_package and plain.names is not None and not bound.startswith("_") and (api or not used):
            return "in `__init__`"
        return ""

    def _registering_below(self) -> dict[str, str]:
        """Return the modules that register something by being imported, or by what they import that lies in them."""
        imported: dict[str, set[str]] = {}
        for name, source in self._sources.items():
            for statement in source.facts.statements:
                if statement.when == "import":
                    imported.setdefault(name, set()).update(module for module, _ in self._imported(statement))
        found: dict[str, str] = {}
        for name, call in self._calls.registering().items():
            waiting = [name]
            for below in waiting:
                if below not in found:
                    found[below] = f"`{call}` in {name}"
                    waiting += [
                        above for above in imported if below.startswith(f"{above}.") and below in imported[above]
                    ]
        return found

    # What one module takes from another

    def _taken_from(self) -> dict[tuple[str, str], set[str]]:
        """Return who takes which name out of which module of the package, when that name is not a module."""
        found: dict[tuple[str, str], set[str]] = {}
        for taker, source in self._sources.items():
            for module, name in (*self._taken_by_import(source), *self._taken_by_read(taker, source)):
                if module in self._sources and taker != module and f"{module}.{name}" not in self._modules:
                    found.setdefault((module, name), set()).add(taker)
        return found

    def _taken_by_import(self, source: Source) -> Iterator[tuple[str, str]]:
        for statement in source.facts.statements:
            if statement.when != "typing":
                for name in statement.names or ():
                    for one in self._offered(statement.module) if name == "*" else (name,):
                        yield statement.module, one

    def _taken_by_read(self, taker: str, source: Source) -> Iterator[tuple[str, str]]:
        for read in source.facts.reads:
            if read.when != "typing":
                for module, rest in self._calls.follow(taker, read.chain):
                    if rest:
                        yield module, rest[0]

    def _offered(self, module: str) -> Iterable[str]:
        """Return what `from module import *` takes."""
        source = self._sources.get(module)
        if source is None:
            return ()
        return source.module.exported or {name for name in source.facts.bound if not name.startswith("_")}


def _by_place(plain: Judged, statement: Statement, source: Source) -> tuple[Verdict, Reason] | None:
    """Judge an import by where it stands and what it imports, if that is enough."""
    found: tuple[Verdict, Reason] | None = None
    if statement.when != "import":
        found = "deferred", _WHEN[statement.when]
    elif statement.listed:
        found = "deferred", "native"
    elif plain.module in _LOADED:
        found = "must not", "loaded"
    elif plain.module == "__future__":
        found = "cannot", "compiler"
    elif plain.names == ("*",):
        found = "cannot", "star"
    elif block := source.module.blocks.get(plain.line):
        found = "cannot", _BLOCKS[block]
    return found


def _is_use(chain: Chain, bound: str, name: str, siblings: Iterable[str]) -> bool:
    """Tell whether a chain uses what was imported: where `a.b` and `a.c` are imported, `a.c.d` is no use of `a.b`.

    If it uses none of the imports that bind its name, it uses what one of them brought along, and may use any.
    """

    def leads_to(imported: str) -> bool:
        parts = tuple(imported.split("."))
        return len(parts) == 1 or chain[: len(parts)] == parts[: len(chain)]

    if "." not in name or bound != name.partition(".")[0]:
        return True
    return leads_to(name) or not any("." in other and leads_to(other) for other in siblings)
