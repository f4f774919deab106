"""For each import of a package the verdict: deferred, can be, cannot be and why, or must not be. By the sources alone.

Values in, values out. `savings` adds what a start of the program shows, and what deferring would save.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.scan.calls import Ran
from deferred_imports.tooling.scan.program import Program
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.imports import Statement, When
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.source.names import Mention, Role

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
_BY_BLOCK: Mapping[str, Reason] = {"try": Reason.TRY, "with": Reason.WITH, "class": Reason.CLASS}
# How a name is used that must be there while its module is imported; the first of several is told.
_BY_ROLE: Mapping[Role, Reason] = {
    "base": Reason.BASE,
    "decorator": Reason.DECORATOR,
    "default": Reason.DEFAULT,
    "annotation": Reason.ANNOTATION,
    "rebound": Reason.REBOUND,
    "module": Reason.MODULE,
}
_LATER: frozenset[Role] = frozenset({"call", "main"})  # the roles for which an import would stand elsewhere


def judge(program: Program) -> list[Judged]:
    """Judge every import of a program by its sources."""
    return [judged for name in sorted(program.modules) for judged in _module(name, program)]


def _module(name: str, program: Program) -> Iterator[Judged]:
    module = program.modules[name]
    mentions: dict[str, list[Mention]] = {}
    for mention in module.names.mentions:
        mentions.setdefault(mention.chain[0], []).append(_as_read(name, mention, program))
    borrowed = _borrowed(module, program)
    for statement in module.facts.statements:
        for imported, names in program.imported(statement):
            judged = Judged(name, statement.line, imported, names, Reason.FUNCTIONS)
            reason = _by_place(judged, statement, module)
            judged = replace(judged, reason=reason) if reason else _by_use(judged, statement, mentions, program)
            lines = borrowed.get(imported.partition(".")[0])
            if judged.verdict == "can" and lines:
                judged = replace(judged, reason=Reason.MODULE, lines=lines, owners=())
            yield judged


def _as_read(name: str, mention: Mention, program: Program) -> Mention:
    """Return a mention in an annotation as one that is evaluated, if something may do that."""
    if mention.role == "unread" and (reader := program.readers.get((name, mention.detail))):
        return mention._replace(role="annotation", detail=f"`{reader}` may evaluate")
    return mention


def _borrowed(module: Module, program: Program) -> dict[str, tuple[int, ...]]:
    """Return the packages of which the module uses, while it is imported, modules that it does not import itself.

    After `import a.b`, `a.c` is there if something else has imported it: whatever the module imports from that
    package may have, so all of that has to stay. The values are the lines of such uses.
    """
    imported = {found for statement in module.facts.statements for found, _ in program.imported(statement)}
    tops = {name.partition(".")[0] for (_, name), bound in module.names.bound.items() if name.startswith(bound)}
    found: dict[str, set[int]] = {}
    for use in module.names.mentions:
        if use.role in _BY_ROLE and use.chain[0] in tops:
            whole = ".".join(use.chain[:2])
            own = any(f"{one}.".startswith(f"{whole}.") for one in imported)
            if "." in whole and whole in program.known and not own:
                found.setdefault(use.chain[0], set()).add(use.line)
    return {top: tuple(sorted(lines)) for top, lines in found.items()}


def _by_place(judged: Judged, statement: Statement, module: Module) -> Reason | None:
    """Judge an import by where it stands and what it imports, if that is enough."""
    reason: Reason | None = None
    if statement.when != "import":
        reason = _BY_TIME[statement.when]
    elif statement.listed:
        reason = Reason.NATIVE
    elif judged.module in _LOADED:
        reason = Reason.LOADED
    elif judged.module == "__future__":
        reason = Reason.COMPILER
    elif judged.names == ("*",):
        reason = Reason.STAR
    elif block := module.names.blocks.get(judged.line):
        reason = _BY_BLOCK[block]
    return reason


def _by_use(judged: Judged, statement: Statement, mentions: Mapping[str, list[Mention]], program: Program) -> Judged:
    """Judge an import by what is done with the names that it binds."""
    names = program.modules[judged.importer].names
    wanted = judged.names or ((judged.module.rpartition(".")[2],) if statement.names else (statement.module,))
    uses: list[Mention] = []
    idle = 0
    for name in wanted:
        bound = names.bound.get((judged.line, name), name.partition(".")[0])
        siblings = [other for (_, other), its in names.bound.items() if its == bound]
        own = [use for use in mentions.get(bound, ()) if _is_use(use.chain, bound, name, siblings)]
        if detail := _exported(judged, name, bound, program, used=bool(own)):
            return replace(judged, reason=Reason.EXPORTED, detail=detail)
        uses += own
        idle += not own
    if needed := _needed(judged, uses, program):
        return needed
    if idle == len(wanted):
        return replace(judged, reason=Reason.EFFECT)
    if detail := program.registering.get(judged.module, ""):
        return replace(judged, reason=Reason.REGISTERS, detail=detail)
    later = [use for use in uses if use.role in _LATER]
    return replace(
        judged,
        reason=Reason.FUNCTIONS if later else Reason.ANNOTATIONS,
        lines=_lines(later),
        owners=tuple(sorted({use.owner for use in uses if use.role == "call"})),
    )


def _needed(judged: Judged, uses: list[Mention], program: Program) -> Judged | None:
    """Return the verdict on an import that something needs while the module is imported."""
    for role, reason in _BY_ROLE.items():
        if needed := [use for use in uses if use.role == role]:
            detail = needed[0].detail or ("is evaluated at import" if role == "annotation" else "")
            return replace(judged, reason=reason, detail=detail, lines=_lines(needed))
    if early := [use for use in uses if use.role == "call" and Ran(judged.importer, use.owner) in program.ran]:
        return replace(judged, reason=Reason.CALLS, detail=early[0].owner, lines=_lines(early))
    return None


def _lines(uses: Iterable[Mention]) -> tuple[int, ...]:
    return tuple(sorted({use.line for use in uses}))


def _exported(judged: Judged, name: str, bound: str, program: Program, *, used: bool) -> str:
    """Return how a name is offered to others, if it is."""
    module = program.modules[judged.importer]
    if bound in module.names.exported:
        return "in `__all__`"
    if (judged.line, name) in module.names.renamed:
        return "imported under its own name"
    if (judged.importer, bound) in program.entry_points:
        return "an entry point takes it from here"
    if takers := program.takers.get((judged.importer, bound)):
        return f"`{min(takers)}` takes it from here"
    # What a package takes from its own modules is its API, whether it needs that itself or not.
    api = judged.module.startswith(f"{judged.importer}.")
    if module.is_package and judged.names is not None and not bound.startswith("_") and (api or not used):
        return "in `__init__`"
    return ""


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
