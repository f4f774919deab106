"""The verb `generate`: the registry, written into the source tree."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, root_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.epilog = "Example: deferred-imports generate"
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a diff when the registry is out of date"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the registry or compare it, say so, and return the exit code."""
    from deferred_imports.tooling.cli.output import note, print_difference, print_lines, say, tell, working
    from deferred_imports.tooling.project.generation import prepare

    with working("reading the package"):
        generation = prepare(root_of(arguments))
    say(*generation.skipped)
    if not arguments.check:
        print_lines([generation.write()])
        note(*generation.notes)
        return 0
    state = generation.compare()
    print_difference(state.difference)
    tell(state.message) if state.difference else print_lines([state.message])
    return FOUND if state.difference else 0
