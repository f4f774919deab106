"""Imports that would run in the place of others, where modules offer names before these are there. Values in and out.

A module that imports a name in order to offer it can load it when it is first asked for (PEP 562). Whoever takes that
name while it is imported itself, or starts the program by it, then loads what the module would have loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.scan.graph import Passed
from deferred_imports.tooling.scan.program import Program
from deferred_imports.tooling.source.mentions import Role
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Edge

_PROGRAM = "__main__"
_AT_IMPORT: frozenset[Role] = frozenset({"base", "decorator", "default", "field", "module", "annotation"})


def passed_on(judged: Iterable[Judged], program: Program, launch: Launch) -> tuple[Passed, ...]:
    """Return the imports that would run if all re-exports were offered lazily.

    Args:
        judged: The verdicts.
        program: Knows who takes what from whom.
        launch: What is started, which may take a name by itself.
    """
    judged = list(judged)
    taken: dict[tuple[str, str], list[Judged]] = {}
    for item in judged:
        if item.name is not None and item.verdict != "deferred":
            taken.setdefault((item.module, item.name), []).append(item)
    found: dict[Passed, None] = {}
    for item in judged:
        if item.reason is Reason.RE_EXPORT:
            found.update(dict.fromkeys(_by_statement(item, taken)))
            found.update(dict.fromkeys(_by_reading(item, program)))
            if launch.how == "call" and _is_called(item, launch.what):
                found[_passed(_PROGRAM, 0, item, body=False)] = None
    return tuple(found)


def _by_statement(item: Judged, taken: dict[tuple[str, str], list[Judged]]) -> Iterator[Passed]:
    for taker in taken.get((item.importer, item.bound), ()):
        yield _passed(taker.importer, taker.line, item, body=True)


def _by_reading(item: Judged, program: Program) -> Iterator[Passed]:
    """Yield the modules that read the name as an attribute while they are imported."""
    for taker in program.takers.get((item.importer, item.bound), ()):
        for mention in program.modules[taker].names.mentions:
            if mention.role in _AT_IMPORT and mention.chain[-1:] == (item.bound,) and len(mention.chain) > 1:
                yield _passed(taker, 0, item, body=False)
                break


def _is_called(item: Judged, reference: str) -> bool:
    module, _, attribute = reference.partition(":")
    return item.importer == module and attribute.partition(".")[0] == item.bound


def _passed(taker: str, line: int, item: Judged, *, body: bool) -> Passed:
    edge = Edge(taker, taker, "", line, body=body, module=item.module)
    return Passed(edge, (taker, line, item.importer if body else item.module))
