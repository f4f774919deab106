"""Which of the imports that can be deferred are risky: importing the module does something that others may rely on.

It may do so through a module that it imports in turn. What the importing module loads anyway is no risk, nor is what
all that rely on it load by themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from deferred_imports.tooling.project.judged import Judged
from deferred_imports.tooling.scan.abroad import look_abroad
from deferred_imports.tooling.scan.effects import Effect
from deferred_imports.tooling.scan.observers import Step, steps_to_keep
from deferred_imports.tooling.scan.program import Program
from deferred_imports.tooling.table.names import with_parents


def with_risks(judged: list[Judged], program: Program, loaded: Iterable[frozenset[str]] = ()) -> list[Judged]:
    """Return the verdicts, those as risky that are.

    Args:
        judged: The verdicts.
        program: Knows what has effects.
        loaded: What each start loads although all is deferred that can be.
    """
    risks = _Risks(judged, program, list(loaded))
    return [risks.look_at(item) if item.verdict in {"can", "change"} else item for item in judged]


class _Risks:
    def __init__(self, judged: list[Judged], program: Program, loaded: list[frozenset[str]]) -> None:
        self._program = program
        self._always = loaded[0].intersection(*loaded[1:]) if loaded else frozenset()
        abroad = look_abroad(self._abroad(judged), program.sources)
        self._effects = {**program.effects, **{name: one.effects for name, one in abroad.items() if one.effects}}
        # What each module imports while it is imported, and where; and what of that stays.
        self._imports: dict[str, dict[str, int]] = {name: dict(one.imports) for name, one in abroad.items()}
        self._kept: dict[str, set[str]] = {name: set(one.imports) for name, one in abroad.items()}
        self._gather((item for item in judged if item.verdict != "deferred"), program.modules.keys() | abroad.keys())
        self._sure: dict[str, frozenset[str]] = {}
        self._reaching = self._all_reaching()
        self._started = {module for module, _ in program.entry_points}
        self._to_keep = {
            effect: self._needed(module, effect) for module, every in self._effects.items() for effect in every
        }

    def _gather(self, judged: Iterable[Judged], known: Container[str]) -> None:
        """Note which modules the program's own import, and which of these imports stay."""
        for item in judged:
            for module in filter(known.__contains__, with_parents(item.module)):
                self._imports.setdefault(item.importer, {}).setdefault(module, item.line)
                if item.verdict in {"cannot", "must not"}:
                    self._kept.setdefault(item.importer, set()).add(module)

    def _abroad(self, judged: list[Judged]) -> list[str]:
        """Return the modules of other distributions that are imported, those first that can be deferred."""
        wanted = (item for item in judged if item.verdict != "deferred" and item.module not in self._always)
        able = {item.module: item.verdict in {"can", "change"} for item in wanted}
        return sorted(able, key=lambda name: (not able[name], name))

    def look_at(self, item: Judged) -> Judged:
        """Return a verdict, as risky if it is."""
        if self._reaching.isdisjoint(with_parents(item.module)):
            return item
        elsewhere = ""
        for path in self._effects_of(item.module, self._sure_with(item.importer)):
            for effect in self._effects[path[-1]]:
                if not self._is_relied_on(effect, item.importer, path[0]):
                    continue
                detail = f"{effect.text} in {effect.place}"
                if not effect.marker:
                    steps = (f"{one}:{self._imports[one][below]}" for one, below in pairwise(path))
                    last = dict.fromkeys([f"{path[-1]}:{effect.line}", effect.place])
                    return replace(item, reason=effect.reason, detail=detail, path=(*steps, *last))
                elsewhere = elsewhere or f"where {effect.marker}, {effect.reason.sentence.format(detail=detail)}"
        return replace(item, elsewhere=elsewhere)

    def _needed(self, module: str, effect: Effect) -> frozenset[Step] | None:
        """Return the imports that have to stay for the sake of an effect; None for all that lead to it."""
        if not effect.target or effect.target in self._started:
            return None
        return steps_to_keep(module, effect, self._program.uses[effect.target], self._way)

    def _is_relied_on(self, effect: Effect, importer: str, imported: str) -> bool:
        """Tell whether something may miss an effect when an import that leads to it is deferred."""
        keep = self._to_keep[effect]
        return keep is None or (importer, imported) in keep

    def _all_reaching(self) -> frozenset[str]:
        """Return the modules that have an effect when they are imported, or import one that has."""
        importers: dict[str, list[str]] = {}
        for importer, modules in self._imports.items():
            for module in modules:
                importers.setdefault(module, []).append(importer)
        found = set(self._effects)
        waiting = list(found)
        while waiting:
            for importer in importers.get(waiting.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    waiting.append(importer)
        return frozenset(found)

    def _sure_with(self, module: str) -> frozenset[str]:
        if module not in self._sure:
            self._sure[module] = frozenset(self._surely_loaded_with(module))
        return self._sure[module]

    def _surely_loaded_with(self, module: str) -> Iterator[str]:
        """Yield what is loaded whenever a module is, whatever is deferred; it itself and its packages included."""
        seen = {*with_parents(module), *self._always}
        waiting = list(seen)
        while waiting:
            one = waiting.pop()
            yield one
            new = self._kept.get(one, set()) - seen
            seen |= new
            waiting += new

    def _effects_of(self, module: str, sure: frozenset[str]) -> Iterator[tuple[str, ...]]:
        """Yield the ways from an import to the modules whose import has an effect, the nearest first."""
        first = [one for one in with_parents(module) if one in self._reaching and one not in sure]
        yield from self._ways(first[::-1], sure)

    def _ways(self, first: list[str], known: frozenset[str]) -> Iterator[tuple[str, ...]]:
        queue: deque[tuple[str, ...]] = deque((one,) for one in first)
        seen = {*first, *known}
        while queue:
            path = queue.popleft()
            if path[-1] in self._effects:
                yield path
            for below in self._imports.get(path[-1], ()):
                if below not in seen and below in self._reaching:
                    seen.add(below)
                    queue.append((*path, below))

    def _way(self, module: str, wanted: str) -> tuple[str, ...] | None:
        """Return how a module comes to load another that has an effect; nothing where that stays anyway."""
        if wanted in self._sure_with(module):
            return ()
        return next((way for way in self._ways(with_parents(module)[::-1], frozenset()) if way[-1] == wanted), None)
