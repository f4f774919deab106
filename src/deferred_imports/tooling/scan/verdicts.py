"""For each name that an import binds the verdict: deferred, can be, or not and why. By the sources alone.

Values in, values out. `savings` adds what a start of the program shows, and what deferring would save.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from deferred_imports.tooling.project.judged import Judged, NameUse, Reason
from deferred_imports.tooling.scan.calls import Ran
from deferred_imports.tooling.scan.program import Program
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.facts import Statement
from deferred_imports.tooling.source.mentions import Mention, Role
from deferred_imports.tooling.source.place import When

# What every Python that we support has loaded before it runs anything; a start shows what else this one has.
_LOADED = frozenset(
    "_imp _io _thread _warnings _weakref abc builtins codecs io marshal os os.path stat sys time zipimport".split()
)
_BY_TIME: Mapping[When, Reason] = {
    "call": Reason.IN_FUNCTION,
    "lazy": Reason.NATIVE,
    "typing": Reason.TYPING,
    "main": Reason.MAIN,
}
_NATIVE = sys.version_info >= (3, 15)  # only then `__lazy_modules__` is obeyed (PEP 810)
_BY_BLOCK: Mapping[str, Reason] = {"try": Reason.TRY, "with": Reason.WITH, "class": Reason.CLASS}
# How a name is used that must be there while its module is imported; the first of several is told.
_BY_ROLE: Mapping[Role, Reason] = {
    "base": Reason.BASE,
    "decorator": Reason.DECORATOR,
    "default": Reason.DEFAULT,
    "field": Reason.ANNOTATION,
    "rebound": Reason.REBOUND,
    "by-name": Reason.BY_NAME,
    "module": Reason.MODULE,
}
_LATER: frozenset[Role] = frozenset({"call", "main"})  # the roles for which an import would stand elsewhere


def judge(program: Program) -> list[Judged]:
    """Judge every import of a program by its sources."""
    return [judged for name in sorted(program.modules) for judged in _Judge(name, program).all()]


class _Judge:
    """Judges the imports of one module."""

    def __init__(self, name: str, program: Program) -> None:
        self._name = name
        self._program = program
        self._module = program.modules[name]
        self._mentions: dict[str, list[Mention]] = {}
        for mention in self._module.names.mentions:
            self._mentions.setdefault(mention.chain[0], []).append(mention)
        self._bound: dict[str, list[str]] = {}  # the modules that `import` binds to each name
        for statement in self._module.facts.statements:
            if statement.names is None:
                self._bound.setdefault(statement.bound[0].partition(".")[0], []).append(statement.module)

    def all(self) -> Iterator[Judged]:
        """Yield the verdicts, in the order of the source."""
        borrowed = self._borrowed()
        for statement in self._module.facts.statements:
            for module, name, bound in self._program.imported(statement):
                uses = [use for use in self._mentions.get(bound, ()) if self._is_use(use.chain, bound, statement)]
                judged = Judged(
                    self._name,
                    statement.line,
                    module,
                    name,
                    bound,
                    Reason.FUNCTIONS,
                    uses=tuple(NameUse(use.line, use.role, use.owner, use.start) for use in uses),
                    condition=self._module.names.conditions.get(statement.line, 0),
                )
                judged = self._by_place(judged, statement) or self._by_use(judged, uses)
                lines = borrowed.get(module.partition(".")[0])
                if judged.verdict in {"can", "change"} and lines:
                    judged = replace(judged, reason=Reason.MODULE, detail="", lines=lines)
                yield judged

    def _by_place(self, judged: Judged, statement: Statement) -> Judged | None:
        """Judge an import by where it stands and what it imports, if that is enough."""
        reason: Reason | None = None
        native = statement.keyword or _NATIVE
        if statement.when in _BY_TIME and (native or statement.when != "lazy"):
            reason = _BY_TIME[statement.when]
        elif statement.listed and native:
            reason = Reason.NATIVE
        elif judged.module in _LOADED:
            reason = Reason.LOADED
        elif judged.module == "__future__":
            reason = Reason.COMPILER
        elif judged.name == "*":
            reason = Reason.STAR
        elif block := self._module.names.blocks.get(judged.line):
            reason = _BY_BLOCK[block]
        return replace(judged, reason=reason) if reason else None

    def _by_use(self, judged: Judged, uses: list[Mention]) -> Judged:
        """Judge an import by what is done with the name that it binds."""
        if needed := self._needed(judged, uses):
            return needed
        if detail := self._exported(judged):
            return replace(judged, reason=Reason.EXPORTED, detail=detail)
        if detail := self._offered(judged, used=bool(uses)):  # it can be, before it is there
            return replace(judged, reason=Reason.RE_EXPORT, detail=detail)
        if not uses:
            return replace(judged, reason=Reason.EFFECT)
        annotated = [use for use in uses if use.role == "annotation"]
        if annotated:
            return replace(judged, reason=Reason.TYPE_ONLY, lines=_lines(annotated))
        later = [use for use in uses if use.role in _LATER]
        return replace(judged, reason=Reason.FUNCTIONS if later else Reason.ANNOTATIONS, lines=_lines(later))

    def _needed(self, judged: Judged, uses: list[Mention]) -> Judged | None:
        """Return the verdict on an import that something needs while the module is imported."""
        for role, reason in _BY_ROLE.items():
            if needed := [use for use in uses if use.role == role]:
                return replace(judged, reason=reason, detail=needed[0].detail, lines=_lines(needed))
        for use in uses:
            reader = self._program.readers.get((self._name, use.detail))
            if reader and use.role in {"annotation", "unread"}:
                detail = f"`{reader}` may evaluate"
                return replace(judged, reason=Reason.ANNOTATION, detail=detail, lines=(use.line,))
        if early := [use for use in uses if use.role == "call" and Ran(self._name, use.owner) in self._program.ran]:
            return replace(judged, reason=Reason.CALLS, detail=early[0].owner, lines=_lines(early))
        if self._module.names.lookups:
            return replace(judged, reason=Reason.BY_NAME, lines=tuple(sorted(set(self._module.names.lookups))))
        return None

    def _exported(self, judged: Judged) -> str:
        """Return how a name is offered to others in a way that needs it to be there, if it is."""
        if self._program.offers[self._name].computed and not judged.bound.startswith("_"):
            return "`__all__`, which only running tells, may hold it"
        readers = self._program.borrowers.get(judged.module, frozenset()) if judged.name is None else frozenset()
        others = readers - {self._name}
        return f"`{min(others)}` reads it as an attribute of its package" if others and not self._binds(judged) else ""

    def _binds(self, judged: Judged) -> bool:
        """Tell whether an import binds a module to a name of its own package, which can offer it."""
        return judged.module == f"{self._name}.{judged.bound}"

    def _offered(self, judged: Judged, *, used: bool) -> str:
        """Return how a name is offered to others, if it is."""
        program, bound = self._program, judged.bound
        renamed = judged.name or judged.module.rpartition(".")[2]
        takers = program.takers.get((self._name, bound), frozenset())
        # What a package takes from its own modules is its API, whether it needs that itself or not.
        public = judged.name is not None and not bound.startswith("_")
        api = judged.module.startswith(f"{self._name}.") or not used
        found = ""
        if bound in program.offers[self._name].names:
            found = "in `__all__`"
        elif (judged.line, renamed) in self._module.names.renamed:
            found = "imported under its own name"
        elif (self._name, bound) in program.entry_points:
            found = "an entry point takes it from here"
        elif takers:
            found = f"`{min(takers)}` takes it from here"
        elif program.borrowers.get(judged.module, frozenset()) - {self._name} and self._binds(judged):
            found = "others read it as an attribute of the package"
        elif self._module.is_package and public and api:
            found = "in `__init__`"
        return found

    def _borrowed(self) -> dict[str, tuple[int, ...]]:
        """Return the packages of which the module uses, while it is imported, modules that it does not import itself.

        After `import a.b`, `a.c` is there if something else has imported it: whatever the module imports from that
        package may have, so all of that has to stay. The values are the lines of such uses.
        """
        statements = self._module.facts.statements
        imported = {module for statement in statements for module, _, _ in self._program.imported(statement)}
        found: dict[str, set[int]] = {}
        for use in self._module.names.mentions:
            top = use.chain[0]
            if use.role in _BY_ROLE and any(module.partition(".")[0] == top for module in self._bound.get(top, ())):
                whole = ".".join(use.chain[:2])
                own = any(f"{one}.".startswith(f"{whole}.") for one in imported)
                if "." in whole and whole in self._program.known and not own:
                    found.setdefault(top, set()).add(use.line)
        return {top: tuple(sorted(lines)) for top, lines in found.items()}

    def _is_use(self, chain: Chain, bound: str, statement: Statement) -> bool:
        """Tell whether a chain uses what was imported: with `a.b` and `a.c` imported, `a.c.d` is no use of `a.b`.

        If it uses none of the imports that bind its name, it uses what one of them brought along, and may use any.
        """

        def leads_to(module: str) -> bool:
            parts = tuple(module.split("."))
            return len(parts) == 1 or chain[: len(parts)] == parts[: len(chain)]

        if statement.names is not None or "." not in statement.bound[0]:
            return True
        module = statement.module
        return leads_to(module) or not any("." in other and leads_to(other) for other in self._bound[bound])


def _lines(uses: Iterable[Mention]) -> tuple[int, ...]:
    return tuple(sorted({use.line for use in uses}))
