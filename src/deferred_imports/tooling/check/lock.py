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

STANDARD_LIBRARY = "standard library"
FORMAT = 1
_HEAD = f"""\
# The modules that these programs load when they start, kept by `deferred-imports check --startup PROGRAM --lock`.
# After a change that is meant, `--lock --update` renews it. It belongs under version control.
format {FORMAT}
"""
_SECTION = re.compile(r"\[(?P<program>.+)\] python (?P<python>\d+\.\d+) on (?P<platforms>[\w.-]+(?:, [\w.-]+)*)")
_GROUP = re.compile(r"(?P<owner>\S+)(?: (?P<version>\S.*))?")
_MODULE = re.compile(r"  (?P<module>\S+)(?:  # (?P<platforms>[\w.-]+(?:, [\w.-]+)*))?")


class LockError(Exception):
    """A lock that cannot be read; its text says on which line, what was expected, and what stands there."""


@dataclass(frozen=True)
class Start:
    """What one start loaded.

    Attributes:
        program: What was started, as the user names it.
        python: The minor version, as in `3.11`.
        platform: As `sys.platform` says.
        modules: Whose each module is: the name of a distribution, or `STANDARD_LIBRARY`.
        versions: The versions of these distributions.
    """

    program: str
    python: str
    platform: str
    modules: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """What a lock says of a program on one version of Python.

    Attributes:
        platforms: Where it was started.
        modules: For each module whose it is, and on which of these platforms it was loaded.
        versions: The versions of the distributions, at the last update.
    """

    platforms: frozenset[str]
    modules: Mapping[str, tuple[str, frozenset[str]]]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """How a start differs from its section.

    Attributes:
        new: The modules that the lock does not have, with their owners.
        gone: The modules that only the lock has, with their owners.
        versions: For each owner of these whose version is another one: locked and found; empty for none.
    """

    new: Mapping[str, str]
    gone: Mapping[str, str]
    versions: Mapping[str, tuple[str, str]]


def is_kept(module: str, owner: str) -> bool:
    """Tell whether a lock holds such a module: of the standard library only what is public."""
    if owner != STANDARD_LIBRARY:
        return True
    return not module.startswith("encodings.") and not any(part.startswith("_") for part in module.split("."))


def compare(start: Start, section: Section) -> Difference:
    """Compare a start with its section."""
    known_platform = start.platform in section.platforms

    def counts(owner: str) -> bool:
        return known_platform or owner != STANDARD_LIBRARY

    now = {name: owner for name, owner in start.modules.items() if is_kept(name, owner)}
    new = {name: owner for name, owner in now.items() if counts(owner) and name not in section.modules}
    if known_platform:  # else nobody has seen which of the others' modules it lacks
        new |= {
            name: owner
            for name, owner in now.items()
            if name in section.modules and start.platform not in section.modules[name][1]
        }
    gone = {
        name: owner
        for name, (owner, platforms) in section.modules.items()
        if name not in now and (start.platform in platforms if known_platform else platforms == section.platforms)
        if counts(owner)
    }
    owners = {*new.values(), *gone.values()} - {STANDARD_LIBRARY}
    versions = {owner: (section.versions.get(owner, ""), start.versions.get(owner, "")) for owner in sorted(owners)}
    return Difference(
        new=dict(sorted(new.items())),
        gone=dict(sorted(gone.items())),
        versions={owner: both for owner, both in versions.items() if both[0] != both[1]},
    )


def update(section: Section | None, start: Start) -> Section:
    """Return what a lock says after a start: of its platform what it showed, of others what the lock said before."""
    old = section or Section(frozenset(), {}, {})
    elsewhere = {
        name: (owner, platforms - {start.platform})
        for name, (owner, platforms) in old.modules.items()
        if platforms - {start.platform}
    }
    modules = dict(elsewhere)
    for name, owner in start.modules.items():
        if is_kept(name, owner):
            modules[name] = (owner, elsewhere.get(name, (owner, frozenset()))[1] | {start.platform})
    owners = {owner for owner, _ in modules.values()}
    versions = {owner: version for owner, version in {**old.versions, **start.versions}.items() if owner in owners}
    return Section(old.platforms | {start.platform}, modules, versions)


# The text


def render(sections: Mapping[tuple[str, str], Section]) -> str:
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


def _lines(program: str, python: str, section: Section) -> Iterator[str]:
    yield f"[{program}] python {python} on {', '.join(sorted(section.platforms))}"
    owners = sorted({owner for owner, _ in section.modules.values()} - {STANDARD_LIBRARY}, key=str.casefold)
    for owner in [*owners, STANDARD_LIBRARY]:
        names = sorted(name for name, (its, _) in section.modules.items() if its == owner)
        if names:
            yield f"{owner} {section.versions[owner]}" if owner in section.versions else owner
        for name in names:
            platforms = section.modules[name][1]
            yield f"  {name}" + (f"  # {', '.join(sorted(platforms))}" if platforms != section.platforms else "")


def parse(text: str) -> dict[tuple[str, str], Section]:
    """Return the sections of a lock.

    Raises:
        LockError: when a line is not of its form, with all such lines.
    """
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            reader.read(number, line.rstrip())
    if reader.problems:
        raise LockError("\n".join(reader.problems))
    return reader.sections()


class _Reader:
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

    def sections(self) -> dict[tuple[str, str], Section]:
        """Return what has been read."""
        return {key: Section(one.platforms, one.modules, one.versions) for key, one in self._sections.items()}

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
