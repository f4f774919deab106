"""The command `deferred-imports`: reads the arguments, calls a room, prints its answer; no other room prints.

A verb is a file in `verbs` and a line in `arguments.VERBS`. The file has

- `add_arguments(parser)`: its options, its `parser.description` where the purpose in the table does not say all, and
  in `parser.epilog` an example that works. It imports no room.
- `run(arguments) -> int`: imports its room, calls it, prints what it returns, and returns an exit code. The words are
  the room's, in a `report.py` beside what it finds; tables go through `tables.print_table`.

A verb that asks what is installed calls `arguments.add_python(parser)`: it then runs in the project's environment.

An option for a verb that is there is one more `parser.add_argument` in its file, and `arguments.NAME` in `run`. What
cannot be done is raised as `RefusalError` (exit 2, or its own), a bad pyproject.toml as `ManifestError` (exit 3);
`main` prints both. The tests of a verb stand in `tests/tooling/cli/verbs/test_<file>.py`; `test_cli.py` holds what all
verbs promise.

Each verb is loaded when it is asked for, and imports what it needs when it runs, so that `--help` costs what argparse
costs. Exit codes: 0 all is well, 1 a check found something, 2 wrong usage or a file that cannot be written, 3 a
pyproject.toml that cannot be used, or moves that `adopt` could not prove.
"""

from __future__ import annotations

import argparse
import io
import os
import sys

from deferred_imports.tooling.cli.arguments import BAD_MANIFEST, FAILED, learn_all, make_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_INTERRUPTED = 130  # what a shell reports for a program that SIGINT ends
_BROKEN_PIPE = 141  # and for one that SIGPIPE ends


def main(argv: list[str] | None = None, *, here: bool = False) -> int:
    """Run the command and return its exit code.

    Args:
        argv: The arguments; by default those of the process.
        here: Whether this environment is the one to look at, and not to ask again.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # else there is none, or a caller's own
            stream.reconfigure(errors="backslashreplace")  # names that the terminal cannot show
    try:
        try:
            return _run(argv, here=here)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:  # by the user, who knows
        return _INTERRUPTED


def _run(argv: list[str] | None, *, here: bool) -> int:
    parser = make_parser(_Version)
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
        from argcomplete import autocomplete

        learn_all(parser)
        autocomplete(parser)
    arguments = parser.parse_args(argv)
    if "run" not in arguments:
        parser.print_help(sys.stderr)
        parser.exit(FAILED)
    from deferred_imports.tooling.table.problems import ManifestError, RefusalError

    try:
        if not here and "python" in arguments and arguments.looks_at_environment(arguments):
            from deferred_imports.tooling.cli.environment import run_elsewhere

            told = run_elsewhere(arguments, sys.argv[1:] if argv is None else argv)
            if told is not None:
                return told
        exit_code: int = arguments.run(arguments)
    except BrokenPipeError:
        raise
    except ManifestError as error:
        _output().tell(error)
        return BAD_MANIFEST
    except RefusalError as error:
        _output().say(error)
        return error.exit_code
    except OSError as error:
        from pathlib import Path

        from deferred_imports.tooling.project.paths import shown

        reason = f"{shown(Path(os.fsdecode(error.filename)))}: {error.strerror}" if error.filename else str(error)
        _output().say(reason)
        return FAILED
    return exit_code


def _output() -> ModuleType:
    """Return what prints; loaded only where there is something to say."""
    from deferred_imports.tooling.cli import output

    return output


class _Version(argparse.Action):
    """Prints the version; looked up only then, since that costs more than all the rest of `--help`."""

    def __init__(self, option_strings: list[str], dest: str, **others: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **others)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from deferred_imports.tooling.registry.distributions import installed_project

        found = installed_project("deferred-imports")
        print(f"deferred-imports {found.version if found else '(not installed)'}")
        parser.exit()
