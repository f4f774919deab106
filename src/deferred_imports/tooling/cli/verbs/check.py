"""The verb `check`: whether what is declared stays deferred."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from deferred_imports.tooling.check.finding import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Check that what is declared stays deferred: the table, the registry and the sources. Runs
        no code of the project, except with --startup, which starts a program in a child process and checks what it
        loads, and with --eager, which resolves everything that is deferred."""
    parser.epilog = "Example: deferred-imports check --format github"
    parser.add_argument(
        "--format",
        choices=("text", "github", "json", "sarif"),
        default="text",
        help="github: annotations for a workflow; json; sarif: for code scanning",
    )
    parser.add_argument(
        "--no-environment", action="store_true", help="do not check whether the declared modules are installed"
    )
    add_python(parser, when=lambda found: found.startup or found.eager is not None or not found.no_environment)
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
        help="another module that the program of --startup must not load; may be repeated; needs no table",
    )

    parser.add_argument(
        "--lock",
        action="store_true",
        help="with --startup: fail when it loads other modules than deferred-imports.lock lists, and say why",
    )
    parser.add_argument("--update", action="store_true", help="with --lock: write the lock anew")
    parser.add_argument("--max-modules", type=_number, metavar="N", help="with --startup: it may load N modules")
    parser.add_argument(
        "--max-ms",
        type=_number,
        metavar="N",
        help="with --startup: it may take N milliseconds; the median of several starts, judged only when that is sure",
    )
    parser.add_argument(
        "--eager",
        action="append",
        nargs="?",
        const="",
        metavar="PROGRAM",
        help="in a child process, resolve all that is deferred and tell all that fails; PROGRAM is started with "
        "PYDEFER_EAGER as well",
    )


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'expected a positive integer, got "{text}"')
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found, and return the exit code."""
    from deferred_imports.tooling.check.finding import from_problems
    from deferred_imports.tooling.table.problems import ManifestError

    root = root_of(arguments)
    try:
        found = _found(arguments, root)
    except ManifestError as error:
        if arguments.format != "text":
            _print(from_problems(root, error), arguments.format)
        raise
    _print(found, arguments.format)
    return FOUND if any(not finding.note for finding in found) else 0


def _found(arguments: argparse.Namespace, root: Path) -> list[Finding]:
    from deferred_imports.tooling.check.locking import FILE_NAME
    from deferred_imports.tooling.check.pipeline import Limits, check, check_resolved, check_starts
    from deferred_imports.tooling.check.startup import plan
    from deferred_imports.tooling.cli.output import tell, working
    from deferred_imports.tooling.project.paths import shown
    from deferred_imports.tooling.start.running import will_start
    from deferred_imports.tooling.table.problems import RefusalError

    if arguments.update and not arguments.lock:
        raise RefusalError("--update needs --lock")
    needing = {
        "--forbid": arguments.forbid,
        "--lock": arguments.lock,
        "--max-modules": arguments.max_modules,
        "--max-ms": arguments.max_ms,
    }
    if not arguments.startup and (given := [option for option, value in needing.items() if value]):
        raise RefusalError(f"{given[0]} needs --startup")
    found: list[Finding] = []
    if arguments.eager is not None:
        with working("resolving all that is deferred"):
            found += check_resolved(root, arguments.eager)
    if arguments.startup:
        limits = Limits(arguments.lock, arguments.update, arguments.max_modules, arguments.max_ms)
        starts = plan(root, arguments.startup, arguments.forbid, limited=limits.any)
        tell(*(will_start(launch, starts.copy) for launch in starts.launches))
        with working("starting the program"):
            found += check_starts(starts, limits)
        if limits.update and not found:
            tell(f"wrote {shown(root / FILE_NAME)}")
    elif arguments.eager is None:
        with working("reading the package"):
            found += check(root, environment=not arguments.no_environment)
    return found


def _print(found: Sequence[Finding], form: str) -> None:
    from deferred_imports.tooling.check.report import as_annotation, as_json, as_line, as_sarif, summary
    from deferred_imports.tooling.cli.output import print_findings, print_json, print_lines, print_raw

    if form == "json":
        print_json(as_json(found))
    elif form == "sarif":
        print_json(as_sarif(found))
    elif form == "github":
        print_raw(map(as_annotation, found))
        print_lines([summary(found)])
    else:
        print_findings(map(as_line, found))
        print_lines([summary(found)])
