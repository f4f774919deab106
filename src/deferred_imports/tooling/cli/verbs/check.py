"""The verb `check`: whether what is declared stays deferred."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, root_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Check that what is declared stays deferred: the table, the registry and the sources. Nothing
        of the project is run, but with --startup, which starts a program in a child process and checks what it loads
        instead."""
    parser.epilog = "Example: deferred-imports check --format github"
    parser.add_argument(
        "--format", choices=("text", "github"), default="text", help="github: annotations for a workflow"
    )
    parser.add_argument(
        "--no-environment", action="store_true", help="do not look for the declared modules in this environment"
    )
    add_python(parser, when=lambda arguments: arguments.startup or not arguments.no_environment)
    parser.add_argument(
        "--startup",
        action="append",
        metavar="PROGRAM",
        help="run PROGRAM in a child process: a command line as in 'weather --help' or 'python -m weather', or a "
        "module as in weather.cli; fail when it loads a declared module; may be repeated",
    )
    parser.add_argument(
        "--forbid",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module that --startup must not load either; may be repeated, and needs no table",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what was found, and return the exit code."""
    from deferred_imports.tooling.check.drift import from_problems
    from deferred_imports.tooling.check.pipeline import check, check_starts
    from deferred_imports.tooling.check.report import as_annotation, as_line, summary
    from deferred_imports.tooling.check.startup import plan
    from deferred_imports.tooling.cli.output import print_findings, print_lines, print_raw, tell, working
    from deferred_imports.tooling.start.running import will_start
    from deferred_imports.tooling.table.problems import ManifestError, RefusalError

    github = arguments.format == "github"
    root = root_of(arguments)
    try:
        if arguments.startup:
            starts = plan(root, arguments.startup, arguments.forbid)
            tell(*(will_start(launch, starts.copy) for launch in starts.launches))
            with working("starting the program"):
                found = check_starts(starts)
        elif arguments.forbid:
            raise RefusalError("--forbid says what --startup must not load, and there is no --startup")
        else:
            with working("reading the package"):
                found = check(root, environment=not arguments.no_environment)
    except ManifestError as error:
        if github:
            print_raw(map(as_annotation, from_problems(root, error)))
        raise
    if github:
        print_raw(map(as_annotation, found))
    else:
        print_findings(map(as_line, found))
    print_lines([summary(found)])
    return FOUND if any(not finding.note for finding in found) else 0
