"""The verb `generate`: the registry, written into the source tree."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, root_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.epilog = "Example: deferred-imports generate"
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a diff when the registry is not up to date"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the registry or compare it, say so, and return the exit code."""
    import sys

    from deferred_imports.tooling.cli.output import note, say
    from deferred_imports.tooling.project.generation import prepare

    generation = prepare(root_of(arguments))
    say(*generation.skipped)
    if not arguments.check:
        print(generation.write())
        note(*generation.notes)
        return 0
    state = generation.compare()
    print(state.difference, end="")
    print(state.message, file=sys.stderr if state.difference else sys.stdout)
    return FOUND if state.difference else 0
