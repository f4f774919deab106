"""The verb `bake`: a finished wheel with the registry in it."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import root_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = (
        "Put the registry, and the table as JSON in dist-info, into a wheel of this project, built by any backend."
    )
    parser.epilog = "Example: deferred-imports bake dist/weather-1.0-py3-none-any.whl -o wheelhouse"
    parser.add_argument("wheel", metavar="FILE.whl", help="the wheel")
    parser.add_argument("-o", "--output", metavar="DIR", help="the directory for the new wheel (default: replace it)")


def run(arguments: argparse.Namespace) -> int:
    """Make the wheel, say so, and return the exit code."""
    from pathlib import Path

    from deferred_imports.tooling.bake.bake import bake
    from deferred_imports.tooling.bake.wheel import UnsuitableWheelError
    from deferred_imports.tooling.cli.output import note, print_lines, say
    from deferred_imports.tooling.project.paths import shown
    from deferred_imports.tooling.table.problems import RefusalError

    path = Path(arguments.wheel)
    out = Path(arguments.output) if arguments.output else None
    try:
        made = bake(path, root_of(arguments), out)
    except UnsuitableWheelError as error:
        raise RefusalError(f"{shown(path)} stays as it is: {error}") from error
    say(*made.warnings)
    note(*made.notes[:-1])
    print_lines([f"{'wrote' if made.changed else 'nothing to do for'} {shown(made.path)}: {made.notes[-1]}"])
    return 0
