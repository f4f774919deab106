"""The verb `record`: what a program's imports read, for the next start to read ahead."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, command_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Run a command and record which files its imports read, so that the next start can read them
        ahead: for deferred_imports.prefetch.prefetch() or PYDEFER_PREFETCH. Made for a step of a
        container's build. Exits with 1 when the command fails; the record is written all the same."""
    parser.epilog = "Example: deferred-imports record -- python -m weather --help"
    # Of its own, since argparse leaves out the two dashes.
    parser.usage = "deferred-imports record [-h] [-C DIR] [-o FILE] -- COMMAND ..."
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="where to write (default: deferred-imports.record in the sys.prefix of the command's Python)",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Run the command, write the record, and return the exit code."""
    from pathlib import Path

    from deferred_imports.tooling.cli.output import say
    from deferred_imports.tooling.readahead.record import record
    from deferred_imports.tooling.readahead.report import failure, left_out, written

    command = command_of(arguments)
    made = record(command, Path(arguments.output) if arguments.output else None)
    say(*left_out(made))
    print(written(made))
    if made.exit_code:
        say(failure(made, command))
        return FOUND
    return 0
