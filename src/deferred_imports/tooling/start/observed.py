"""A start as tests ask about it: which modules it loads, and what brought one that it should not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.scripts import console_scripts
from deferred_imports.tooling.start.copies import Copy, copy_of
from deferred_imports.tooling.start.launch import Launch, parse_launch
from deferred_imports.tooling.start.timing import Startup, measure, statements_to


class Observed:
    """What a program loads when it starts.

    Attributes:
        program: What was started, as the user names it.
        modules: The modules that it loads, beyond those of a bare interpreter.
    """

    def __init__(self, program: str, startup: Startup) -> None:
        self.program = program
        self.modules = frozenset(startup.loaded) - startup.before
        self._startup = startup

    def __repr__(self) -> str:
        return f"<{self.program}: {len(self.modules)} modules>"

    def loads_not(self, *modules: str) -> None:
        """Fail if the start loads a module, or anything below it.

        Args:
            modules: Absolute names.

        Raises:
            AssertionError: when it does; with the statements that led there, outermost first.
        """
        __tracebackhide__ = True  # pytest then shows the line of the test
        wrong = [found for module in modules for found in self._below(module)]
        if wrong:
            raise AssertionError("\n".join(self._told(module) for module in wrong))

    def _below(self, module: str) -> list[str]:
        """Return the module if the start loads it, else the first that it loads below it."""
        inside = [name for name in self._startup.loaded if f"{name}.".startswith(f"{module}.") and name in self.modules]
        return [module] if module in inside else inside[:1]

    def _told(self, module: str) -> str:
        steps = [f"  {edge.file}:{edge.line}" for edge in statements_to(module, self._startup)]
        return "\n".join([f"{self.program} loads {module}", *steps])


def observer(root: Path) -> Callable[[str], Observed]:
    """Return what starts the programs of a project, each once.

    Args:
        root: The directory of its `pyproject.toml`; where there is none, only what is installed can be started.
    """
    path = root / "pyproject.toml"
    document = read_toml(path) if path.exists() else {}
    copy = copy_of([place for place in (root / "src", root) if place.is_dir()])

    @cache
    def startup(program: str) -> Observed:
        return _observe(parse_launch(program, console_scripts(document), copy.places), copy)

    return startup


def _observe(launch: Launch, copy: Copy) -> Observed:
    startup = measure(launch, copy)
    if startup.failure:
        raise AssertionError(f"{launch.command}: the start {startup.failure}")
    return Observed(launch.command, startup)
