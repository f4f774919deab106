"""Verdicts on imports, as values: `scan` gives them, `adopt` and reports build on them.

Each reason stands here once, with its code, its verdict and its sentence. The codes stay the same: machines, comments
and tables in `pyproject.toml` rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["can", "deferred", "cannot", "must not"]


class Reason(Enum):
    """Why an import has its verdict.

    Attributes:
        code: One word for machines.
        verdict: What it comes to.
        sentence: The words for people; `{detail}` and `{lines}` stand for what the finding adds.
    """

    FUNCTIONS = "functions", "can", "used only in functions{lines}"
    ANNOTATIONS = "annotations", "can", "used only in annotations that nobody evaluates"
    TOGETHER = "together", "can", "used only in functions{lines}; saves only with others"
    CALLED = "called", "can", "used only in functions{lines}, but {detail} ran during this start"

    IN_FUNCTION = "in-function", "deferred", "in a function {detail}"
    NATIVE = "native", "deferred", "natively lazy {detail}"
    TYPING = "typing", "deferred", "for type checkers {detail}"
    MAIN = "main", "deferred", "for scripts {detail}"

    BASE = "base", "cannot", "base class of {detail}{lines}"
    DECORATOR = "decorator", "cannot", "decorates {detail}{lines}"
    DEFAULT = "default", "cannot", "in a default value of {detail}{lines}"
    ANNOTATION = "annotation", "cannot", "in an annotation that {detail}{lines}"
    REBOUND = "rebound", "cannot", "the name is bound again{lines}"
    MODULE = "module", "cannot", "used when the module is imported{lines}"
    CALLS = "calls", "cannot", "used in {detail}, which is called when the package is imported{lines}"
    EXPORTED = "exported", "cannot", "re-exported: {detail}"
    STAR = "star", "cannot", "a star import"
    TRY = "try", "cannot", "inside try"
    WITH = "with", "cannot", "inside with"
    CLASS = "class", "cannot", "inside a class"
    EFFECT = "effect", "cannot", "never used by name: importing it may be what counts"
    REGISTERS = "registers", "cannot", "importing it registers something: {detail}"
    SHARED = "shared", "cannot", "shared: {detail} imports it anyway"
    COMPILER = "compiler", "cannot", "an instruction to the compiler"

    LOADED = "loaded", "must not", "a bare interpreter has loaded it"

    def __init__(self, code: str, verdict: Verdict, sentence: str) -> None:
        self.code = code
        self.verdict: Verdict = verdict
        self.sentence = sentence


@dataclass(frozen=True)
class Judged:
    """One import and the verdict on it.

    Attributes:
        importer: The module that imports.
        line: Where.
        module: What is imported; for `from a import b` that is `a.b` if that is known to be a module.
        names: What `from` takes from it; None for a module as a whole.
        reason: Why it has its verdict.
        detail: What there is to say beyond that: which class, function or module.
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
    reason: Reason
    detail: str = ""
    lines: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    loaded: bool | None = None
    saves: tuple[str, ...] = ()
    saves_us: int = 0

    @property
    def verdict(self) -> Verdict:
        """Whether it can be deferred."""
        return self.reason.verdict
