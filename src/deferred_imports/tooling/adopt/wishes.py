"""What the user wants of `adopt`, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from deferred_imports.tooling.adopt.generating import registry_of
from deferred_imports.tooling.adopt.registering import NATIVE
from deferred_imports.tooling.adopt.target import AdoptedProject
from deferred_imports.tooling.project.judged import Judged
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Startup

FORMS = ("functions", "typing", "exports")


def default_forms(target: AdoptedProject, version: tuple[int, int]) -> tuple[str, ...]:
    """Return the forms that moves take if the user names none, given the Python that tries them."""
    is_native = target.minimum is not None and min(target.minimum, version) >= NATIVE and registry_of(target)
    return ("native",) if is_native else FORMS


@dataclass(frozen=True)
class Wishes:
    """What the user wants.

    Attributes:
        launches: The programs whose start shall load less.
        test: How the project's own tests are run; None when they shall not be.
        only: The modules in which imports may move, with all below them; empty for all.
        forms: The forms that they may take.
        least: The modules that a group of moves has to save at least.
        milliseconds: The time that it has to save at least, instead; 0 for any.
        files: How many files may change at most; None for any number.
        table: Whether the table may say what modules export.
        hot: Whether functions that are called often read names from the registry, whatever the forms.
        doubts: Tells what had better stay although it could move, given what happens in each start, and what tells
            what each would load if all moved.
    """

    launches: tuple[Launch, ...]
    test: str | None = None
    only: tuple[str, ...] = ()
    forms: tuple[str, ...] = FORMS
    least: int = 1
    milliseconds: float = 0
    files: int | None = None
    table: bool = True
    hot: bool = False
    doubts: (
        Callable[[Sequence[tuple[Launch, Startup]], Callable[[], list[frozenset[str]]]], Iterable[Judged]] | None
    ) = None

    @property
    def registered(self) -> bool:
        """Whether a registry may serve what others take."""
        return self.table and "exports" in self.forms
