"""The file `deferred-imports.lock`: which modules a start loads, as text that people review. Values in, values out.

A section for each program and minor version of Python. Below it a heading for each distribution, with the version that
was there, and its modules, one a line, sorted; those of the standard library come last. What not every platform loads
carries the platforms that do:

    [weather --help] python 3.11 on linux, win32
    click 8.1.7
      click
      click._winconsole  # win32
    weather 1.0
      weather
    standard library
      argparse

The standard library is compared only on platforms that the section names, and without what is private in it: which of
its modules are compiled in, or have a compiled half, differs from one build of Python to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deferred_imports.tooling.check.lock import STANDARD_LIBRARY, LockSection

FORMAT = 1
_HEAD = f"""\
# The modules that these programs load when they start, kept by `deferred-imports check --startup PROGRAM --lock`.
# After a change that is meant, `--lock --update` renews it. It belongs under version control.
format {FORMAT}
"""
_SECTION = re.compile(r"\[(?P<program>.+)\] python (?P<python>\d+\.\d+) on (?P<platforms>[\w.-]+(?:, [\w.-]+)*)")
_GROUP = re.compile(r"(?P<owner>\S+)(?: (?P<version>\S.*))?")
_MODULE = re.compile(r"  (?P<module>\S+)(?:  # (?P<platforms>[\w.-]+(?:, [\w.-]+)*))?")
_MERGE = ("<<<<<<< ", "||||||| ", ">>>>>>> ")


class LockError(Exception):
    """A lock that cannot be read; its text says on which line, what was expected, and what stands there."""


def render_lock(sections: Mapping[tuple[str, str], LockSection]) -> str:
    """Return the text of a lock; the same for the same sections, whatever their order.

    Args:
        sections: By program and minor version of Python.
    """
    return _HEAD + "".join(
        "\n" + "\n".join(_lines(program, python, sections[program, python])) + "\n"
        for program, python in sorted(sections, key=lambda key: (key[0], _number(key[1])))
    )


def _number(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))


def _lines(program: str, python: str, section: LockSection) -> Iterator[str]:
    yield f"[{program}] python {python} on {', '.join(sorted(section.platforms))}"
    owners = sorted({owner for owner, _ in section.modules.values()} - {STANDARD_LIBRARY}, key=str.casefold)
    for owner in [*owners, STANDARD_LIBRARY]:
        names = sorted(name for name, (its, _) in section.modules.items() if its == owner)
        if names:
            yield f"{owner} {section.versions[owner]}" if owner in section.versions else owner
        for name in names:
            platforms = section.modules[name][1]
            yield f"  {name}" + (f"  # {', '.join(sorted(platforms))}" if platforms != section.platforms else "")


def parse_lock(text: str) -> dict[tuple[str, str], LockSection]:
    """Return the sections of a lock.

    Raises:
        LockError: when a line is not of its form, with all such lines.
    """
    reader = _LockReader()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_MERGE):  # it may look like a distribution with its version
            raise LockError(
                f'line {number}: a merge has left its conflicts; take one side, as in "git checkout --theirs", '
                'and renew it by "--lock --update"'
            )
        if line.strip() and not line.startswith("#"):
            reader.read(number, line.rstrip())
    if reader.problems:
        raise LockError("\n".join(reader.problems))
    return reader.sections()


class _LockReader:
    """Reads a lock line by line, and goes on after a line that is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._sections: dict[tuple[str, str], _Open] = {}
        self._format = False
        self._open: _Open | None = None

    def read(self, number: int, line: str) -> None:
        """Read one line that is neither empty nor a comment."""
        expected = self._line(line) if self._format else self._first(line)
        if expected:
            self.problems.append(f"line {number}: expected {expected}, got {line.strip()!r}")

    def sections(self) -> dict[tuple[str, str], LockSection]:
        """Return what has been read."""
        return {key: LockSection(one.platforms, one.modules, one.versions) for key, one in self._sections.items()}

    def _first(self, line: str) -> str:
        self._format = True  # one complaint is enough
        return "" if line == f"format {FORMAT}" else f'"format {FORMAT}", the only one that this version reads'

    def _line(self, line: str) -> str:
        """Take in a line; return what it should be if it is something else."""
        if found := _SECTION.fullmatch(line):
            key = found["program"], found["python"]
            if key in self._sections:
                return "each program and Python once"
            self._sections[key] = self._open = _Open(frozenset(found["platforms"].split(", ")))
            return ""
        if self._open is None:
            return 'a section such as "[weather --help] python 3.11 on linux"'
        if found := _MODULE.fullmatch(line):
            return self._open.take(found["module"], found["platforms"])
        if found := _GROUP.fullmatch(line):
            self._open.owner = line if line == STANDARD_LIBRARY else found["owner"]
            if found["version"] and line != STANDARD_LIBRARY:
                self._open.versions[found["owner"]] = found["version"]
            return ""
        return "a distribution with its version, or two spaces and a module"


@dataclass
class _Open:
    """A section that is being read."""

    platforms: frozenset[str]
    owner: str = ""
    modules: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def take(self, module: str, platforms: str | None) -> str:
        """Take in a module; return what was expected if that is something else."""
        if not self.owner:
            return "the name of a distribution before its modules"
        some = frozenset(platforms.split(", ")) if platforms else self.platforms
        if not some <= self.platforms:
            return f"platforms of the section ({', '.join(sorted(self.platforms))})"
        self.modules[module] = (self.owner, some)
        return ""
