"""The project's own tests, run in a copy of it: which fail, before and after."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.starts import variables_for
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.project.tied import run_tied

_FAILED = re.compile(r"(?m)^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
_SUMMARY = re.compile(r"\b\d+ (?:passed|failed|errors?|skipped|deselected)\b.* in [\d.]+s")
# What pytest says when it has run none; its usage, which it calls an error, is no reason.
_REASON = re.compile(r"(?i)\berror\b(?!: usage:)")
_PYTEST = re.compile(r"(.*[/\\])?(pytest|py\.test)(\.exe)?")
# What unittest says of them.
_FAILED_THERE = re.compile(r"(?m)^(?:FAIL|ERROR): (\S+ \(\S+\))")
_RUN_THERE = re.compile(r"(?m)^Ran (\d+) tests? in ")


@dataclass(frozen=True)
class Result:
    """What a run of the tests has told.

    Attributes:
        code: The exit code.
        failed: The tests that failed, or could not be run; empty unless pytest or unittest has run them.
        counts: How many passed, failed and so on.
        last: The last line of the output.
    """

    code: int
    failed: frozenset[str]
    counts: Mapping[str, int]
    last: str

    def worse_than(self, before: Result) -> tuple[str, ...]:
        """Return the tests that fail and did not before; a run that fails for another reason has one without a name."""
        new = tuple(sorted(self.failed - before.failed))
        passed = (self.counts.get("passed", 0), before.counts.get("passed", 0))
        if new or (self.code == before.code and passed[0] >= passed[1]):
            return new
        fails = self.code != 0 and before.code == 0
        return (self.last or f"exit code {self.code}",) if fails or passed[0] < passed[1] else ()

    def __str__(self) -> str:
        told = [f"{count} {what}" for what, count in self.counts.items()]
        return ", ".join(told) or f"exit code {self.code}"


def run_tests(
    command: str, scratch: Scratch, only: Collection[str] = (), variables: Mapping[str, str] | None = None
) -> Result:
    """Run the tests in a copy of the project.

    Args:
        command: How the user runs them.
        scratch: The copy.
        only: Tests to run instead of all, by what pytest calls them.
        variables: Variables of the environment that are set for them.
    """
    words = shlex.split(command)
    pytest = next((place for place, word in enumerate(words[:4], 1) if _PYTEST.fullmatch(word)), 0)
    if pytest:
        if only:
            rest = (word for word in words[pytest:] if not _names_tests(word, scratch.root))
            words = [*words[:pytest], *rest, *sorted(only)]
        words += ["-rfE", "--color=no"]
    folder = os.path.dirname(sys.executable)
    environment = {
        **os.environ,
        **variables_for(scratch),
        "PATH": os.pathsep.join([folder, os.environ.get("PATH", "")]),
        "COLUMNS": "1000",
        **(variables or {}),
    }
    with temporary_directory() as directory:
        told = Path(directory, "output")
        with open(told, "wb") as file:
            code = run_tied(
                _found(words, environment),
                cwd=scratch.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        output = told.read_text(encoding="utf-8", errors="replace")
    return _read(output, code, is_pytest=bool(pytest))


def _read(output: str, code: int, *, is_pytest: bool) -> Result:
    lines = [line for line in output.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    if is_pytest:
        told = next((line for line in reversed(lines) if _SUMMARY.search(line)), "")  # warnings may follow
        counts = {what.removesuffix("s"): int(count) for count, what in _COUNT.findall(told)}
        last = told or next((line for line in lines if _REASON.search(line)), last).strip()
        return Result(code, frozenset(found.strip() for found in _FAILED.findall(output)), counts, last)
    failed = frozenset(_FAILED_THERE.findall(output))
    if found := _RUN_THERE.search(output):
        count = int(found[1])
        return Result(code, failed, {"passed": count - len(failed), "failed": len(failed)}, last)
    return Result(code, frozenset(), {}, last)


def _names_tests(word: str, root: Path) -> bool:
    """Tell whether an argument of pytest is a file, a directory or a test, and no option and no value of one."""
    return word[:1] not in {"", "-"} and (root / word.partition("::")[0]).exists()


def _found(words: list[str], environment: Mapping[str, str]) -> list[str]:
    return [shutil.which(words[0], path=environment["PATH"]) or words[0], *words[1:]]
