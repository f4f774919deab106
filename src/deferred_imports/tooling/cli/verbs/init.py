"""The verb `init`: what a pyproject.toml lacks, shown, asked for and written."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, root_with_setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Add to the pyproject.toml what it lacks: the table, the build hook with its
        requirement, and the dependency on the runtime if it is used; and to .gitignore the registry where builds make
        it. Shows the difference and asks; without a terminal, writes nothing and exits with 1. Says what to do next."""
    parser.epilog = "Example: deferred-imports init"
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--package", help="the import package that gets the registry, where there are several")
    add_python(parser)
    parser.add_argument(
        "--runtime",
        action=argparse.BooleanOptionalAction,
        help="depend on deferred-imports at run time (default: if the project imports deferred_imports)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Show what is proposed, write it if that is agreed to, and return the exit code."""
    import sys

    from deferred_imports.tooling.cli.output import note, print_difference, print_lines, tell, working
    from deferred_imports.tooling.init.proposal import propose, write
    from deferred_imports.tooling.init.report import NOBODY_TO_ASK, complete, difference, question, written

    with working("reading the package"):
        proposal = propose(root_with_setup(arguments), package=arguments.package, runtime=arguments.runtime)
    print_difference(difference(proposal))
    note(*proposal.notes)
    if not proposal.changes:
        print_lines([complete(proposal)])
        return 0
    if not arguments.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            tell(NOBODY_TO_ASK)
            return FOUND
        if not _agreed(question(proposal)):
            return FOUND
    write(proposal)
    print_lines(written(proposal))
    return 0


def _agreed(question: str) -> bool:
    try:
        answer = input(question)
    except EOFError:
        answer = ""
    return answer.strip().lower() in {"y", "yes"}
