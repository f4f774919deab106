"""Adoption from top to bottom: what can move, what has to, what is proven. The user's tree is only read.

read      what can move in each module, and why the rest stays (`package`, `plan`)
frontier  all moves are tried in a copy; those count whose importer is still loaded, and whose target is not
proof     the same starts print and return the same; each module can be imported alone; the tests fail as before
result    the new sources, what they gain, what was taken back and why (`report` puts it into words)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from deferred_imports.tooling.adopt.culprits import innocent
from deferred_imports.tooling.adopt.found import Adoption, Gain, T, TakenBack
from deferred_imports.tooling.adopt.frontier import Name, all_names, frontier, targets
from deferred_imports.tooling.adopt.generating import (
    registry_for,
    with_exports,
    with_hot,
    with_registry,
    write_registry_into,
)
from deferred_imports.tooling.adopt.hanging import find_hanging, staying
from deferred_imports.tooling.adopt.outline import Outline, OutlinedMove
from deferred_imports.tooling.adopt.package import AdoptedPackage, read_package
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.registering import Registered
from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.starts import TrialStart, profiled
from deferred_imports.tooling.adopt.target import AdoptedProject, AdoptionError
from deferred_imports.tooling.adopt.testing import Result, run_tests
from deferred_imports.tooling.adopt.trial import Trial
from deferred_imports.tooling.adopt.wishes import Wishes
from deferred_imports.tooling.adopt.worth import worthwhile
from deferred_imports.tooling.project.garbage import no_garbage_collection
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.start.launch import Launch

REGISTERED: tuple[Registered, ...] = ("names", "native")


def adopt(
    target: AdoptedProject,
    wishes: Wishes,
    tell: Callable[[str], None],
    finish: Callable[[Path], T],
) -> Adoption[T]:
    """Find out which imports of a project move, and prove it.

    Args:
        target: The project.
        wishes: What the user wants.
        tell: Hears what is being done.
        finish: Is called with the directory of the copy when that is as the project shall be.

    Raises:
        AdoptionError: when a program does not start as it is, or the tests do not run, or what moves cannot be proven.
    """
    with temporary_directory() as directory:
        scratch = Scratch(target, Path(directory))
        empty = Path(directory, "empty")
        empty.mkdir()
        started = [(launch, profiled(launch, scratch, empty)) for launch in wishes.launches]
        with no_garbage_collection():
            package = read_package(
                target.root,
                target.files,
                target.entry_points,
                only=wishes.only,
                minimum=target.minimum,
                registered=wishes.registered,
                called=scratch.called(startup for _, startup in started),
            )
        if wishes.doubts is not None:
            tried = package

            def loaded() -> list[frozenset[str]]:
                tell("starting with all that can move, what is risky included")
                return _least_loaded(_tried(target, tried, wishes, scratch, empty)[1], tried)

            package = package.keeping(wishes.doubts(started, loaded))
        package, trial = _tried(target, package, wishes, scratch, empty)
        found = _Adopting(package, wishes, trial, scratch, tell).run()
        trial.write(found.names)
        return Adoption(**{**vars(found), "finished": finish(scratch.root)})


def _tried(
    target: AdoptedProject, package: AdoptedPackage, wishes: Wishes, scratch: Scratch, directory: Path
) -> tuple[AdoptedPackage, Trial]:
    """Return a package with what a registry serves of it, and what tries its moves in the copy."""
    if form := next((form for form in REGISTERED if form in wishes.forms), None):
        package = with_registry(target, package, form, scratch.root)
    elif wishes.hot:
        package = with_hot(target, package, scratch.root)
    if wishes.registered:
        package = with_exports(target, package, scratch.root)

    def write_registry(names: frozenset[Name]) -> None:
        needed = registry_for(package, names)
        if any(needed):
            write_registry_into(scratch.root, target, *needed)

    return package, Trial(package, scratch, wishes.launches, directory, write_registry)


def _least_loaded(trial: Trial, package: AdoptedPackage) -> list[frozenset[str]]:
    """Return what each start loads when all has moved that can; nothing where that fails."""
    names = all_names(package.plans)
    starts = trial.starts(names) if trial.holds(names) else ()
    trial.write(frozenset())
    return [frozenset(start.loaded) for start in starts]


class _Adopting:
    def __init__(
        self, package: AdoptedPackage, wishes: Wishes, trial: Trial, scratch: Scratch, tell: Callable[[str], None]
    ) -> None:
        self._package = package
        self._wishes = wishes
        self._trial = trial
        self._scratch = scratch
        self._tell = tell
        self._taken_back: list[TakenBack] = []

    def run(self) -> Adoption[None]:
        """Try, prove, and return what is left."""
        if failure := next((f"{one.shown} {two.failure}" for one, two in self._before if two.failure), None):
            raise AdoptionError(f"{failure}, before anything has moved; it was started in {here()}")
        everything = self._allowed(all_names(self._package.plans))
        self._tell(f"trying {len(everything)} names that can move")
        names = self._frontier(everything)
        names, declined = worthwhile(names, self._package.plans, self._trial, self._wishes)
        names = self._importable(names)
        tests = None
        if self._wishes.test is not None and names:
            names, tests = self._tested(names)
        after = self._trial.starts(names)
        if wrong := self._trial.wrong(after):
            raise AdoptionError(f"{wrong}; nothing can be proven")
        extra = {module: tuple(sorted(one)) for module, one in self._trial.extra.items() if one and names}
        sources = self._package.rewritten(names, extra)
        again = self._verify(names, sources)
        plans = self._package.plans
        kept = {module: staying(plan, again.get(module, plan)) for module, plan in plans.items()}
        own = {module.partition(".")[0] for module in self._package.files}
        hanging = tuple(find_hanging(self._trial.measured(names), kept, own))
        taken_back = tuple(self._taken_back)
        gains = [Gain(one.shown, one.command, two, now) for (one, two), now in zip(self._before, after, strict=True)]
        idle = len(everything) - len(names) - len(self._taken_back) - declined.names
        return Adoption(
            self._package, names, sources, extra, tuple(gains), idle, declined, taken_back, tests, hanging, None
        )

    @property
    def _before(self) -> list[tuple[Launch, TrialStart]]:
        return list(zip(self._wishes.launches, self._trial.before, strict=True))

    def _allowed(self, names: Iterable[Name]) -> frozenset[Name]:
        """Return what may move in the forms that are wanted."""
        found = set()
        for name in names:
            move = self._package.plans[name.module].moves[name.name]
            if self._parts(name, move) <= {*self._wishes.forms, *(["names"] if self._wishes.hot else [])}:
                found.add(name)
        return frozenset(found)

    def _parts(self, name: Name, move: OutlinedMove) -> set[str]:
        """Return the forms that a move consists of."""
        registering = self._package.registering
        is_registered = registering is not None and name in registering.entries
        if registering is not None and registering.form == "native":
            return {"native"} if is_registered else {"functions", "native", ""}
        parts = {"names" if is_registered else "functions"} if move.functions else set()
        return parts | ({"exports"} if move.offered else {"typing"} if move.typing and not is_registered else set())

    # The frontier

    def _frontier(self, everything: frozenset[Name]) -> frozenset[Name]:
        if not self._trial.holds(everything):
            everything = self._without_culprits(everything, self._trial.holds, "a start fails with it")
        least = self._trial.starts(everything)
        plans = self._package.plans
        names: frozenset[Name] = frozenset()
        for then, now in zip(self._trial.before, least, strict=True):
            names |= frontier(plans, then.loaded, now.loaded) & everything
        for _ in range(3):
            self._tell(f"{len(names)} of them load less; starting again with these alone")
            if not self._trial.holds(names):
                names = self._without_culprits(names, self._trial.holds, "a start fails with it")
            more: set[Name] = set()
            for now, then in zip(self._trial.starts(names), least, strict=True):
                left = set(now.loaded) - set(then.loaded)
                more.update(
                    name
                    for name in everything - names
                    if name.module in now.loaded and not left.isdisjoint(targets(plans, name, now.loaded))
                )
            if not more:
                break
            names |= more
        return names

    # The proof

    def _importable(self, names: frozenset[Name]) -> frozenset[Name]:
        """Return the moves without those that keep a module from being imported by itself."""
        modules = [name for name in self._package.files if name.rpartition(".")[2] != "__main__"]
        self._tell(f"importing {len(modules)} modules, each alone")
        before = self._trial.alone(frozenset(), modules)
        sound = [module for module in modules if module not in before]
        failed = self._trial.alone(names, sound)
        if not failed:
            return names

        def holds(some: frozenset[Name]) -> bool:
            return not self._trial.alone(some, failed)

        module, reason = next(iter(failed.items()))
        return self._without_culprits(names, holds, f"`import {module}` alone fails: {reason}")

    def _tested(self, names: frozenset[Name]) -> tuple[frozenset[Name], tuple[Result, Result]]:
        """Return the moves without those that make tests fail, and what the tests have told before and after."""
        command = self._wishes.test or ""
        self._tell(f"running {command}, before")
        self._scratch.write({})
        before = run_tests(command, self._scratch)
        if before.code and not before.counts.get("passed"):
            raise AdoptionError(f"{command} fails before anything has moved: {before.last}")
        while True:
            self._tell(f"running {command}, after")
            self._trial.write(names)
            after = run_tests(command, self._scratch)
            new = after.worse_than(before)
            if not new or not names:
                return names, (before, after)
            names = self._passing(names, command, before, new)

    def _passing(self, names: frozenset[Name], command: str, before: Result, new: Sequence[str]) -> frozenset[Name]:
        self._tell(f"{len(new)} tests fail that did not, such as {new[0]}; looking for the moves that do it")
        some = new if all("::" in test for test in new) else ()

        def holds(tried: frozenset[Name]) -> bool:
            self._trial.write(tried)
            result = run_tests(command, self._scratch, some)
            return result.failed.isdisjoint(new) if some else not result.worse_than(before)

        return self._without_culprits(names, holds, f"{new[0]} fails")

    def _without_culprits(
        self, names: frozenset[Name], holds: Callable[[frozenset[Name]], bool], why: str
    ) -> frozenset[Name]:
        groups: dict[str, list[Name]] = {}
        for name in sorted(names):
            groups.setdefault(name.module, []).append(name)
        kept = innocent(groups.values(), holds)
        for name in sorted(names - kept):
            self._taken_back.append(TakenBack(name, why))
            self._tell(f"taken back: {name.name} in {name.module}, as {why}")
        return kept

    def _verify(self, names: Iterable[Name], sources: Mapping[str, bytes]) -> dict[str, Outline]:
        """Return the plans of the new sources; raise unless they are valid, and what moved is not at the top."""
        plans = {}
        by_module: dict[str, set[str]] = {}
        for module, name in names:
            by_module.setdefault(module, set()).add(name)
        for module, source in sources.items():
            compile(source, module, "exec", dont_inherit=True)
            one = self._package.plan(module).module
            again = make_plan(source, module, is_package=one.is_package, wanted=one.wanted).outline()
            plans[module] = again
            if self._package.registering is not None and self._package.registering.form == "native":
                continue  # these stay where they are
            left = by_module.get(module, set()) & {*again.moves, *(kept.name for kept in again.kept)}
            if left:
                raise AdoptionError(f"{module}: {', '.join(sorted(left))} would still be imported at the top")
        return plans
