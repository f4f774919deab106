"""The verb `profile`: what reading ahead gains for a program."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, command_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Compare starts of a command with and without reading ahead, from an empty page cache and
        from a full one. Empties the page cache of the whole machine for each cold start, which needs root on Linux."""
    parser.epilog = "Example: sudo deferred-imports profile -- python -m weather --help"
    parser.usage = "deferred-imports profile [-h] [-C DIR] [-n ROUNDS] [--record FILE] [--json] -- COMMAND ..."
    parser.add_argument("--cold", action="store_true", help=argparse.SUPPRESS)  # once it had to be there
    parser.add_argument(
        "-n", "--rounds", type=_count, default=5, metavar="ROUNDS", help="starts of each kind (default: %(default)s)"
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="what to read ahead (default: what PYDEFER_PREFETCH names, or deferred-imports.record in the sys.prefix "
        "of the command's Python, or a new record)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print what was measured, and return the exit code."""
    from contextlib import ExitStack

    from deferred_imports.tooling.cli.output import print_json, print_lines, say, tell, working
    from deferred_imports.tooling.cli.tables import print_table
    from deferred_imports.tooling.readahead.pipeline import profile
    from deferred_imports.tooling.readahead.profile import FailedCommandError, Plan
    from deferred_imports.tooling.readahead.report import COLUMNS, as_json, planned, rows, summary

    command = command_of(arguments)
    try:
        with ExitStack() as measuring:

            def begin(plan: Plan) -> None:
                tell(*planned(plan))
                measuring.enter_context(working("starting the program again and again"))

            found = profile(command, arguments.record, arguments.rounds, begin)
    except FailedCommandError as error:
        say(error)
        return FOUND
    if arguments.json:
        print_json(as_json(found))
        return 0
    print_table(COLUMNS, rows(found))
    print_lines(summary(found))
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'expected a positive integer, got "{text}"')
    return int(text)
