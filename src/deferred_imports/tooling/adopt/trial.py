"""Trying moves in the copy: starts, imports of each module alone, tests; each compared with what was before."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.package import AdoptedPackage
from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.starts import TrialStart, profiled, start, variables_for
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Startup

_CHILD = Path(__file__).parents[1] / "child" / "alone.py"
_NO_SUBMODULE = re.compile(r"AttributeError: (?:partially initialized )?module '([\w.]+)' has no attribute '(\w+)'")


class Trial:
    """One copy of a package, with the starts that prove it.

    Attributes:
        extra: What some modules have to import themselves, since nothing else does any more.
        before: The starts of the package as it is.
    """

    def __init__(
        self,
        package: AdoptedPackage,
        scratch: Scratch,
        launches: Sequence[Launch],
        directory: Path,
        register: Callable[[frozenset[Name]], None] = lambda _: None,
    ) -> None:
        self._package = package
        self._scratch = scratch
        self._launches = tuple(launches)
        self._directory = directory
        self._register = register  # writes the registry that the moves need
        self.extra: dict[str, set[str]] = {}
        self.before = self.starts(frozenset())

    def write(self, names: Iterable[Name]) -> None:
        """Let some names have moved in the copy, and no others."""
        names = frozenset(names)
        self._scratch.write(self._package.rewritten(names, self._extra_for(names)))
        self._register(names)

    def starts(self, names: Iterable[Name]) -> tuple[TrialStart, ...]:
        """Start everything when some names have moved."""
        self.write(names)
        return tuple(start(launch, self._scratch, self._directory) for launch in self._launches)

    def wrong(self, starts: Iterable[TrialStart]) -> str:
        """Return what goes wrong in some starts and did not before, or nothing."""
        found = (f"{launch.shown}: {told}" for launch, told in self._differences(starts) if told)
        return next(found, "")

    def holds(self, names: frozenset[Name]) -> bool:
        """Tell whether all starts do what they did when some names have moved; mend what can be mended."""
        while told := self.wrong(self.starts(names)):
            if not self._mend(told):
                return False
        return True

    def alone(self, names: Iterable[Name], modules: Iterable[str]) -> dict[str, str]:
        """Import modules each by itself; return why some cannot be imported."""
        self.write(names)
        with temporary_directory() as directory:
            report, request = Path(directory, "report"), Path(directory, "request")
            own = {module.partition(".")[0] for module in self._package.files}
            others = (name for one in self.before for name in one.loaded if name.partition(".")[0] not in own)
            request.write_text(f"{' '.join(dict.fromkeys(others))}\n{' '.join(modules)}", encoding="utf-8")
            variables = variables_for(self._scratch)
            command = [sys.executable, str(_CHILD), str(report), variables["PYTHONPATH"], str(request)]
            run_tied(command, cwd=self._directory, env={**os.environ, **variables}, stdin=subprocess.DEVNULL)
            try:
                found: dict[str, str] = json.loads(report.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return {}
        return found

    def measured(self, names: Iterable[Name]) -> Startup:
        """Return all that happens in the first start when some names have moved."""
        self.write(names)
        return profiled(self._launches[0], self._scratch, self._directory)

    def _differences(self, starts: Iterable[TrialStart]) -> Iterable[tuple[Launch, str]]:
        for launch, now, then in zip(self._launches, starts, self.before, strict=True):
            yield launch, now.differs_from(then)

    def _extra_for(self, names: Iterable[Name]) -> Mapping[str, set[str]]:
        return self.extra if any(True for _ in names) else {}

    def _mend(self, told: str) -> bool:
        """Let modules import what only another import made an attribute of its package; tell whether any does."""
        found = _NO_SUBMODULE.search(told)
        submodule = ".".join(found.groups()) if found else ""
        if not any(submodule in start.loaded for start in self.before):
            return False
        mended = False
        for module, plan in self._package.plans.items():
            bound = {kept.name for kept in plan.kept}
            if submodule.partition(".")[0] in bound and _reads(self._package.plan(module).module.tree, submodule):
                known = self.extra.setdefault(module, set())
                mended = mended or submodule not in known
                known.add(submodule)
        return mended


def _reads(tree: ast.Module, dotted: str) -> bool:
    last = dotted.rpartition(".")[2]
    return any(
        isinstance(node, ast.Attribute) and node.attr == last and ast.unparse(node) == dotted for node in ast.walk(tree)
    )
