"""The verb `record`: what a program's imports read, for the next start to read ahead."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, command_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Run a command and record which files its imports read, so that the next start can read them
        ahead: for deferred_imports.prefetch.prefetch() or PYDEFER_PREFETCH. Made for a step of a container's build.
        Runs add to what earlier ones have recorded. Exits with 1 when the command fails; the record is written all the
        same."""
    parser.epilog = "Example: deferred-imports record -- python -m weather --help"
    # Of its own, since argparse leaves out the two dashes.
    parser.usage = (
        "deferred-imports record [-h] [-C DIR] [-o FILE] [--anew] -- COMMAND ...\n"
        "       deferred-imports record --check [-o FILE]"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="where to write (default: deferred-imports.record in the sys.prefix of the command's Python)",
    )
    parser.add_argument("--anew", action="store_true", help="forget what earlier runs have recorded")
    parser.add_argument(
        "--check", action="store_true", help="run nothing: tell whether the files are as recorded; exit 1 if not"
    )
    add_python(parser, when=lambda arguments: arguments.check)
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Run the command, write the record, and return the exit code."""
    from pathlib import Path

    from deferred_imports.tooling.cli.output import print_lines, say
    from deferred_imports.tooling.readahead.pipeline import record
    from deferred_imports.tooling.readahead.recorded import compare_record
    from deferred_imports.tooling.readahead.report import failure, left_out, standing, written

    output = Path(arguments.output) if arguments.output else None
    if arguments.check:
        compared = compare_record(output)
        print_lines(standing(compared))
        return FOUND if compared.stale else 0
    command = command_of(arguments)
    made = record(command, output, anew=arguments.anew)
    say(*left_out(made))
    print_lines([written(made)])
    if made.exit_code:
        say(failure(made, command))
        return FOUND
    return 0
