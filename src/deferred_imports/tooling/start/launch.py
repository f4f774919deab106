"""What `--startup` may say: words in, a `Launch` out, the same for every verb. Nothing is started here.

    weather                     the console script of that name, else the module, which is imported
    weather --help              the console script, with arguments
    weather.cli                 a module, which is imported
    weather.cli:main --help     what an object reference names, called
    python -X dev -m weather    what Python's own command line says: `-m`, `-c` or a file, after its options
    ./run.py --fast             a file with Python in it
    LANG=C weather --help       any of these with variables set, with or without `env` before them

A console script of the project comes before an installed one of that name.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from deferred_imports.tooling.project.scripts import attribute_of, module_of
from deferred_imports.tooling.registry.distributions import installed_script
from deferred_imports.tooling.registry.environment import find_spec, here
from deferred_imports.tooling.table.problems import RefusalError, quote

How: TypeAlias = Literal["import", "call", "module", "file", "code"]

_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_REFERENCE = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
_PYTHON = re.compile(r"python(\d(\.\d+)?t?)?(\.exe)?")
# Python's own options: these stand alone, of the others each takes a value; what ends Python at once is none.
_FLAGS = frozenset("bBdEIOPqRsSuv")
_WITH_VALUE = frozenset("WX")


class UnknownProgramError(RefusalError):
    """What should be started is no program; its text is for the user."""


@dataclass(frozen=True)
class Launch:
    """How to start a program.

    Attributes:
        command: The words of the user.
        how: What is done with `what`: it is imported, called, run as `python -m` does, as a file or as `-c` does.
        what: A module, an object reference, a file or code.
        arguments: What the program finds as `sys.argv`.
        first: What it finds as the first directory of `sys.path`.
        options: Options of the interpreter.
        variables: Variables of the environment that are set for it.
    """

    command: str
    how: How
    what: str
    arguments: tuple[str, ...] = ()
    first: str = ""
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What is started, as one would type it."""
        return f"import {self.what}" if self.how == "import" else self.command


def parse_launch(command: str, scripts: Mapping[str, str], places: Sequence[Path] = ()) -> Launch:
    """Return what a command line starts.

    Args:
        command: What the user has written.
        scripts: The console scripts of the project, each with its object reference; what is installed is known anyway.
        places: The directories to look for modules in, beside those of this interpreter.

    Raises:
        UnknownProgramError: when there is no such program.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UnknownProgramError(f"{quote(command)} is no command line: {str(error).lower()}") from error
    variables: dict[str, str] = {}
    while words and (words[0] == "env" or _VARIABLE.fullmatch(words[0])):
        if found := _VARIABLE.fullmatch(words.pop(0)):
            variables[found[1]] = found[2]
    if not words:
        raise UnknownProgramError("expected a module or a command line to start, got nothing")
    if _PYTHON.fullmatch(os.path.basename(words[0])):
        launch = _of_python(command, words[1:])
    else:
        launch = _of_words(command, words, scripts, places)
    return replace(launch, variables=variables)


def call(command: str, name: str, reference: str, arguments: Sequence[str]) -> Launch:
    """Return the launch of a console script, of which the object reference is known."""
    folder = os.path.dirname(sys.executable)
    what = f"{module_of(reference)}:{attribute_of(reference)}"
    return Launch(command, "call", what, (os.path.join(folder, name), *arguments), folder)


def imported(module: str) -> Launch:
    """Return the launch that only imports a module."""
    return Launch(module, "import", module, (module,))


def _of_words(command: str, words: Sequence[str], scripts: Mapping[str, str], places: Sequence[Path]) -> Launch:
    first, *rest = words
    if reference := scripts.get(first) or installed_script(first):
        return call(command, first, reference, rest)
    if _REFERENCE.fullmatch(first):
        return Launch(command, "call", first, (first, *rest))
    if not rest and _is_module(first, places):
        return imported(first)
    for path in (first, os.path.join(os.path.dirname(sys.executable), first)):
        if os.path.isfile(path) and _is_python(path):
            return Launch(command, "file", path, (path, *rest), os.path.dirname(os.path.abspath(path)))
    what = f"a command, installed in {here()} or one of [project.scripts]," if rest else "a module or a command"
    known = f"; there is {', '.join(map(quote, sorted(scripts)))}" if scripts else ""
    raise UnknownProgramError(f"expected {what} to start, got {quote(first)}{known}")


def _of_python(command: str, words: Sequence[str]) -> Launch:
    """Read what follows `python`, as https://docs.python.org/3/using/cmdline.html describes it."""
    options: list[str] = []
    rest = list(words)
    for option, value in _options(command, rest):
        if option == "-m":
            return Launch(command, "module", value or "", ("-m", *rest), os.getcwd(), tuple(options))
        if option == "-c":
            return Launch(command, "code", value or "", ("-c", *rest), "", tuple(options))
        options += [option] if value is None else [option, value]
    if not rest or not os.path.exists(rest[0]):
        got = quote(rest[0]) if rest else "nothing"
        raise UnknownProgramError(f"expected a file, -m or -c for Python to start, got {got}")
    first = rest[0] if os.path.isdir(rest[0]) else os.path.dirname(os.path.abspath(rest[0]))
    return Launch(command, "file", rest[0], tuple(rest), first, tuple(options))


def _options(command: str, rest: list[str]) -> Iterator[tuple[str, str | None]]:
    """Take Python's options off what follows `python`, and yield each with what it takes, if it does."""
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--check-hash-based-pycs" and rest:
            yield word, rest.pop(0)
            continue
        for letter, attached in _letters(word):
            yield f"-{letter}", None if letter in _FLAGS else _value_of(command, letter, attached, rest)


def _value_of(command: str, letter: str, attached: str, rest: list[str]) -> str:
    """Return what an option takes: what is attached to it, else the next word."""
    if letter not in {*_WITH_VALUE, "m", "c"}:
        raise UnknownProgramError(f"{quote(command)} starts no program: -{letter} has another use for Python")
    if not attached and not rest:
        raise UnknownProgramError(f"{quote(command)} is no command line: -{letter} lacks what it takes")
    return attached or rest.pop(0)


def _letters(word: str) -> Iterator[tuple[str, str]]:
    """Yield the options of a word such as `-OOm`, each with what follows it there if it takes something."""
    for index, letter in enumerate(word[1:], 1):
        if letter in _FLAGS:
            yield letter, ""
        else:
            yield letter, word[index + 1 :]
            return


def _is_module(name: str, places: Sequence[Path]) -> bool:
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    relative = name.replace(".", "/")
    return find_spec(name) is not None or any(
        (place / f"{relative}.py").is_file() or (place / relative).is_dir() for place in places
    )


def _is_python(path: str) -> bool:
    with open(path, "rb") as file:
        line = file.readline(200)
    return path.endswith(".py") or (line.startswith(b"#!") and b"python" in line)
