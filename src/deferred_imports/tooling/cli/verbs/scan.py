"""The verb `scan`: which imports can be deferred, and what that would save."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, root_with_setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Find the imports that can be deferred, and what that would save. Reads the sources, and
        starts the program once in a child process to see what it loads and how long that takes: the only code of the
        project that runs."""
    parser.epilog = "Example: deferred-imports scan --startup 'weather --help'"
    parser.add_argument(
        "package", nargs="*", metavar="PACKAGE", help="the import packages (default: those of the project)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--startup",
        metavar="PROGRAM",
        action="append",
        help="what to start: a command line as in 'weather --version' or 'python -m weather', or a module as in "
        "weather.cli (default: the package's console script with --help)",
    )
    what.add_argument("--static", action="store_true", help="start nothing; read the sources only")
    parser.add_argument(
        "-n",
        "--runs",
        type=int,
        default=1,
        metavar="COUNT",
        help="number of starts, of which medians are given (default: 1)",
    )
    parser.add_argument(
        "--lifeguard", metavar="FILE", help="the JSON of Lifeguard: what it reports as having effects is risky"
    )
    add_python(parser)
    parser.add_argument("--all", action="store_true", help="show the imports that cannot or need not be deferred, too")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--html", metavar="FILE", help="write a page of one start, for any browser")
    parser.add_argument(
        "--format", choices=("trace",), help="trace: print the start as trace events, for Perfetto or speedscope"
    )
    parser.add_argument("--baseline", metavar="FILE", help="compare the start with an earlier one, whose JSON is FILE")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found, and return the exit code."""
    from contextlib import suppress
    from pathlib import Path

    from deferred_imports.tooling.cli.output import print_json, print_lines, say, tell, working
    from deferred_imports.tooling.cli.tables import print_table
    from deferred_imports.tooling.project.paths import shown
    from deferred_imports.tooling.project.writing import write_whole
    from deferred_imports.tooling.scan.baseline import compare, read_baseline, said
    from deferred_imports.tooling.scan.lifeguard import read_report
    from deferred_imports.tooling.scan.packages import launch_of, locate
    from deferred_imports.tooling.scan.page import render_page
    from deferred_imports.tooling.scan.pipeline import scan
    from deferred_imports.tooling.scan.report import BELOW, COLUMNS, WORK, closing, rows, troubles
    from deferred_imports.tooling.scan.timeline import as_trace, timeline
    from deferred_imports.tooling.scan.values import as_json
    from deferred_imports.tooling.start.running import will_start
    from deferred_imports.tooling.table.problems import ManifestError, RefusalError

    if (arguments.html or arguments.baseline or arguments.format) and (
        arguments.static or len(arguments.startup or ()) > 1
    ):
        raise RefusalError("--html, --baseline and --format show one start: expected one --startup, and no --static")
    baseline = read_baseline(Path(arguments.baseline)) if arguments.baseline else None
    root: Path | None = None
    with suppress(ManifestError):  # an installed package needs none
        root = root_with_setup(arguments)
    package = locate(arguments.package, root)
    report = read_report(Path(arguments.lifeguard)) if arguments.lifeguard else None
    commands = () if arguments.static else arguments.startup or (None,)
    launches = [launch_of(package, command) for command in commands]
    for launch in launches:
        tell(will_start(launch, package.copy))
    with working(WORK):
        found = scan(package, launches, runs=max(1, arguments.runs), report=report)
    say(*troubles(found))
    failed = any(start.timed.failure is not None for start in found.starts)
    exit_code = FOUND if failed else 0
    comparison = compare(baseline, as_json(found)) if baseline is not None and not failed else None
    if arguments.html and not failed:
        write_whole(Path(arguments.html), render_page(as_json(found), comparison).encode("utf-8"))
        tell(f"wrote {shown(Path(arguments.html))}")
    if arguments.json:
        print_json(as_json(found))
        return exit_code
    if arguments.format:
        (start,) = found.starts
        print_json(as_trace(timeline(start.timed.startup), start.timed.command, found.owners))
        return exit_code
    table, left_out = rows(found, everything=arguments.all)
    if table:
        print_table(COLUMNS, table, BELOW)
        print()
    print_lines(closing(found, left_out))
    if comparison is not None:
        print_lines(said(comparison))
    return exit_code
