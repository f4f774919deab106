"""Of the moves that make a start load less, those that are worth their edits: `--min-saving` and `--max-files`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from deferred_imports.tooling.adopt.found import Declined
from deferred_imports.tooling.adopt.frontier import Name, frontier, targets
from deferred_imports.tooling.adopt.outline import Outline
from deferred_imports.tooling.adopt.trial import Trial
from deferred_imports.tooling.adopt.wishes import Wishes

OneLoaded: TypeAlias = "tuple[int, str]"
"""A module that a start loads; the number is that of the start."""


def worthwhile(
    names: frozenset[Name], plans: Mapping[str, Outline], trial: Trial, wishes: Wishes
) -> tuple[frozenset[Name], Declined]:
    """Return the moves that are worth their edits, and how much the others would have saved.

    Args:
        names: What moves and makes a start load less.
        plans: What can move.
        trial: What tries it.
        wishes: What a group of moves has to save, and how many files may change.
    """
    if wishes.least <= 1 and not wishes.milliseconds and wishes.files is None:
        return names, Declined(0, 0)
    weighing = _Weighing(plans, trial)
    kept = weighing.groups(names, wishes) if wishes.least > 1 or wishes.milliseconds else names
    if wishes.files is not None:
        kept = weighing.in_files(kept, wishes.files)
    more = weighing.more(names, kept) if kept != names else ()
    return kept, Declined(len(names - kept), len(more))


def least_saving(saved: Mapping[str, AbstractSet[OneLoaded]], most: int) -> list[str]:
    """Return the files to leave out, one after the other that which then saves least, until so many are left.

    Args:
        saved: What would be loaded if the moves in one file alone were left out.
        most: How many files may change.
    """
    left = set(saved)
    back: set[OneLoaded] = set()
    out: list[str] = []
    while len(left) > most:
        # What is loaded again for one file is no longer saved by any other.
        one = min(left, key=lambda file: (len(saved[file] - back), file))
        left.remove(one)
        back |= saved[one]
        out.append(one)
    return out


class _Weighing:
    def __init__(self, plans: Mapping[str, Outline], trial: Trial) -> None:
        self._plans = plans
        self._trial = trial

    def more(self, names: AbstractSet[Name], fewer: AbstractSet[Name]) -> set[OneLoaded]:
        """Return what the starts load more when fewer names have moved."""
        return self._loaded(fewer) - self._loaded(names)

    def groups(self, names: frozenset[Name], wishes: Wishes) -> frozenset[Name]:
        """Return the moves without those groups that save too little, which are tried with the least saving first."""
        groups: dict[str, set[Name]] = {}
        loaded = {module for start in self._trial.before for module in start.loaded}
        for name in names:
            groups.setdefault(min(targets(self._plans, name, loaded)), set()).add(name)
        costs = self._trial.measured(frozenset()).costs if wishes.milliseconds else {}

        def saved(some: AbstractSet[Name], without: AbstractSet[Name]) -> float:
            """Return what a group saves, in modules or milliseconds: what would be loaded if it had stayed."""
            more = self.more(some, some - without)
            us = sum(costs[module].self_us for _, module in more if module in costs)
            return us / 1000 if wishes.milliseconds else len(more)

        at_first = {target: saved(names, group) for target, group in groups.items()}
        least = wishes.milliseconds or wishes.least
        for target in sorted(groups, key=lambda target: (at_first[target], target)):
            if saved(names, groups[target]) < least:
                names -= groups[target]
        return names

    def in_files(self, names: frozenset[Name], most: int) -> frozenset[Name]:
        """Return the moves in so many files, without those that save nothing when those elsewhere have stayed."""
        files: dict[str, set[Name]] = {}
        for name in names:
            files.setdefault(name.module, set()).add(name)
        if len(files) <= most:
            return names
        least = self._loaded(names)
        out = least_saving({file: self._loaded(names - its) - least for file, its in files.items()}, most)
        names -= {name for file in out for name in files[file]}
        saving: frozenset[Name] = frozenset()
        for then, now in zip(self._trial.before, self._trial.starts(names), strict=True):
            saving |= frontier(self._plans, then.loaded, now.loaded)
        return names & saving

    def _loaded(self, names: Iterable[Name]) -> set[OneLoaded]:
        starts = enumerate(self._trial.starts(names))
        return {(number, module) for number, start in starts for module in start.loaded}
