"""Verdicts on imports, as values: `scan` gives them, `adopt` and reports build on them.

Each reason stands here once, with its code, its verdict and its sentence. The codes stay the same: machines, comments
and tables in `pyproject.toml` rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.mentions import Role

Verdict: TypeAlias = Literal["can", "change", "risky", "no gain", "deferred", "cannot", "must not"]
"""Whether an import can be deferred, from what is best to what is not.

It can ("can"), with a small change that is shown ("change"), but importing it does something that others may rely on
("risky"), but it would be loaded all the same ("no gain"); it is already ("deferred"); it cannot, or must not.
"""

DEFERRABLE: frozenset[Verdict] = frozenset({"can", "change", "risky", "no gain"})


class Reason(Enum):
    """Why an import has its verdict.

    Attributes:
        code: One word for machines.
        verdict: What it comes to.
        sentence: The words for people; `{detail}` and `{lines}` stand for what the finding adds.
    """

    FUNCTIONS = "functions", "can", "used only in functions{lines}"
    ANNOTATIONS = "annotations", "can", "used only in annotations, which nothing evaluates"
    TOGETHER = "together", "can", "used only in functions{lines}; saves only with others"

    TYPE_ONLY = "type-only", "change", "used at import in annotations only{lines}: import it under TYPE_CHECKING"
    RE_EXPORT = "re-export", "change", "re-exported, {detail}: let the module load it when it is first asked for"

    REGISTERS = "registers", "risky", "importing it registers something: {detail}"
    PATCHES = "patches", "risky", "importing it changes another module: {detail}"
    CONFIGURES = "configures", "risky", "importing it configures the process: {detail}"
    STARTS = "starts", "risky", "importing it starts a thread or a process: {detail}"
    REPORTED = "reported", "risky", "Lifeguard reports that importing it has an effect"

    SHARED = "shared", "no gain", "{detail} loads it anyway"
    CALLED = "called", "no gain", "used only in functions{lines}, but {detail} ran during this start"
    HELD = "held", "no gain", "`{detail}` of the same statement keeps it"

    IN_FUNCTION = "in-function", "deferred", "in a function {detail}"
    NATIVE = "native", "deferred", "natively lazy {detail}"
    TYPING = "typing", "deferred", "for type checkers {detail}"
    MAIN = "main", "deferred", "for scripts {detail}"

    KEPT = "kept", "cannot", "to be kept {detail}"
    BASE = "base", "cannot", "base class of {detail}{lines}"
    DECORATOR = "decorator", "cannot", "decorates {detail}{lines}"
    DEFAULT = "default", "cannot", "in a default value of {detail}{lines}"
    ANNOTATION = "annotation", "cannot", "in an annotation that {detail}{lines}"
    REBOUND = "rebound", "cannot", "the name is bound again{lines}"
    BY_NAME = "by-name", "cannot", "may be looked up in the module by its name{lines}"
    MODULE = "module", "cannot", "used when the module is imported{lines}"
    CALLS = "calls", "cannot", "used in {detail}, which is called when the package is imported{lines}"
    EXPORTED = "exported", "cannot", "offered to others: {detail}"
    STAR = "star", "cannot", "a star import"
    TRY = "try", "cannot", "inside try"
    WITH = "with", "cannot", "inside with"
    CLASS = "class", "cannot", "inside a class"
    EFFECT = "effect", "cannot", "never used by name: it may be imported for its effect"
    COMPILER = "compiler", "cannot", "an instruction to the compiler"

    LOADED = "loaded", "must not", "Python itself loads it"

    def __init__(self, code: str, verdict: Verdict, sentence: str) -> None:
        self.code = code
        self.verdict: Verdict = verdict
        self.sentence = sentence

    def __lt__(self, other: Reason) -> bool:
        """Order what is on one line by the codes."""
        return self.code < other.code


class NameUse(NamedTuple):
    """One place that uses what an import binds.

    Attributes:
        line: Where.
        role: As what.
        owner: The function, as `Class.method`; empty outside of functions.
        start: The line that the code of the function begins at.
    """

    line: int
    role: Role
    owner: str
    start: int


@dataclass(frozen=True)
class Judged:
    """One name that an import binds, and the verdict on it.

    Attributes:
        importer: The module that imports.
        line: Where the statement begins.
        module: What is imported; for `from a import b` that is `a.b` if that is known to be a module.
        name: What `from` takes from the module; None for the module as a whole.
        bound: The name that this has here.
        reason: Why it has its verdict.
        detail: The class, function or module behind it.
        lines: Where that shows: the lines that use it.
        uses: All that uses it here, by line.
        condition: The line of the `if` around the statement, which has to move along; 0 where there is none.
        path: How importing it comes to do what makes it risky: module and line, step by step.
        elsewhere: What makes it risky on other platforms, or Pythons, than this.
        loaded: Whether a start loaded it; None if nothing was started.
        saves: What would not be loaded if this, and all else that imports the same module and can be, was deferred.
        saves_us: The microseconds that this takes.
        holds: What would not be loaded, once all else is deferred that can be, if the lines that need it did not: the
            modules that hang on a "cannot".
        within: The module further up whose deferral saves this one, too; empty where there is none.
    """

    importer: str
    line: int
    module: str
    name: str | None
    bound: str
    reason: Reason
    detail: str = ""
    lines: tuple[int, ...] = ()
    uses: tuple[NameUse, ...] = ()
    condition: int = 0
    path: tuple[str, ...] = ()
    elsewhere: str = ""
    loaded: bool | None = None
    saves: tuple[str, ...] = ()
    saves_us: int = 0
    holds: tuple[str, ...] = ()
    within: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether it can be deferred."""
        return self.reason.verdict

    @property
    def told(self) -> str:
        """Why it has its verdict, as a sentence."""
        shown = ", ".join(map(str, self.lines[:3])) + (", ..." if len(self.lines) > 3 else "")
        lines = f" (line{'s' if len(self.lines) > 1 else ''} {shown})" if self.lines else ""
        return self.reason.sentence.format(detail=self.detail, lines=lines).rstrip()

    @property
    def site(self) -> tuple[str, int, str]:
        """The statement and the module: what is imported there is imported as long as one of its names is."""
        return self.importer, self.line, self.module
