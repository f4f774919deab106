"""The command `deferred-imports`: reads the arguments, calls the tools, prints what they say; nobody else prints.

Each verb imports what it needs when it runs, so that `--help` costs what argparse costs. Exit codes: 0 all is well,
1 a check found something, 2 wrong usage or a file that cannot be written, 3 a pyproject.toml that cannot be used.
"""

from __future__ import annotations

import argparse
import io
import os
import sys

from deferred_imports.tooling.cli.arguments import make_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from deferred_imports.tooling.check.drift import Finding
    from deferred_imports.tooling.project.tree import Project
    from deferred_imports.tooling.table.manifest import Entry

FOUND = 1
FAILED = 2
BAD_MANIFEST = 3
_INTERRUPTED = 130  # what a shell reports for a program that SIGINT ends
_BROKEN_PIPE = 141  # and for one that SIGPIPE ends


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: The arguments; by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # else there is none, or a caller's own
            stream.reconfigure(errors="backslashreplace")  # names that the terminal cannot show
    try:
        try:
            return _run(argv)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:  # by the user, who knows
        return _INTERRUPTED


def _run(argv: list[str] | None) -> int:
    parser = make_parser(_Version)
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
        from argcomplete import autocomplete

        autocomplete(parser)
    arguments = parser.parse_args(argv)
    from deferred_imports.tooling.table.problems import ManifestError

    try:
        return _VERBS[arguments.verb](arguments)
    except BrokenPipeError:
        raise
    except ManifestError as error:
        print(error, file=sys.stderr)
        return BAD_MANIFEST
    except OSError as error:
        from pathlib import Path

        from deferred_imports.tooling.project.tree import shown

        reason = f"{shown(Path(os.fsdecode(error.filename)))}: {error.strerror}" if error.filename else str(error)
        print(f"deferred-imports: {reason}", file=sys.stderr)
        return FAILED


class _Version(argparse.Action):
    """Prints the version; looked up only then, since that costs more than all the rest of `--help`."""

    def __init__(self, option_strings: list[str], dest: str, **others: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **others)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"deferred-imports {version('deferred-imports')}")
        parser.exit()


def _completion(arguments: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    script = shellcode(["deferred-imports"], shell=arguments.shell)
    if arguments.shell == "zsh":  # its completion has to be switched on; the first line stays, for those who save it
        first, _, rest = script.partition("\n")
        script = f"{first}\n(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}\n{rest}"
    print(script)
    return 0


def _record(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from deferred_imports.tooling.readahead.record import NothingRecordedError, record

    command = _command(arguments)
    if not command:
        return FAILED
    try:
        made = record(command, Path(arguments.output) if arguments.output else None)
    except NothingRecordedError as error:
        print(f"deferred-imports: {error}", file=sys.stderr)
        return FAILED
    for path in made.left_out:
        print(f"deferred-imports: {path}: left out, it is large and nobody knows what of it was read", file=sys.stderr)
    files = f"{made.files} file{'s' if made.files != 1 else ''}"
    print(f"wrote {made.path}: {made.size / 2**20:.1f} MiB in {files}")
    if made.exit_code:
        print(f"deferred-imports: {command[0]} ended with exit code {made.exit_code}", file=sys.stderr)
        return FOUND
    return 0


def _command(arguments: argparse.Namespace) -> list[str]:
    """Return the command after the two dashes; if there is none, say so."""
    command: list[str] = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        print("deferred-imports: expected a command to run after --, got nothing", file=sys.stderr)
    return command


def _profile(arguments: argparse.Namespace) -> int:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from deferred_imports.tooling.readahead.profile import (
        CannotProfileError,
        FailedCommandError,
        measure,
        prepare,
        require_root,
    )
    from deferred_imports.tooling.readahead.record import NothingRecordedError
    from deferred_imports.tooling.readahead.report import COLUMNS, as_json, describe, summary, table

    command = _command(arguments)
    if not command:
        return FAILED
    try:
        require_root()
        with TemporaryDirectory() as scratch:
            plan = prepare(command, arguments.record, Path(scratch))
            print("\n".join(describe(plan)), file=sys.stderr)
            found = measure(plan, arguments.rounds)
    except (CannotProfileError, NothingRecordedError) as error:
        print(f"deferred-imports: {error}", file=sys.stderr)
        return FOUND if isinstance(error, FailedCommandError) else FAILED
    if arguments.json:
        import json

        print(json.dumps(as_json(found), indent=2))
        return 0
    print(_table(COLUMNS, table(found)), end="")
    print("\n".join(summary(found)))
    return 0


def _load(arguments: argparse.Namespace) -> Project:
    from deferred_imports.tooling.project.tree import load

    return load(_root(arguments))


def _root(arguments: argparse.Namespace) -> Path:
    from pathlib import Path

    from deferred_imports.tooling.project.tree import find_root

    return Path(arguments.project) if "project" in arguments else find_root(Path())


def _generate(arguments: argparse.Namespace) -> int:
    from deferred_imports.tooling.cli.output import as_difference
    from deferred_imports.tooling.project.discover import discover_in
    from deferred_imports.tooling.project.initializer import import_of, is_out_of_reach, out_of_reach
    from deferred_imports.tooling.project.tree import has_hook, read_registry, shown, write_registry
    from deferred_imports.tooling.registry.render import render, summary

    project = _load(arguments)
    path = project.registry_path
    usage = discover_in(project)
    for skipped in usage.skipped if project.manifest.discover else ():
        print(f"deferred-imports: {skipped}", file=sys.stderr)
    text = render(project.manifest, usage)
    if arguments.check:
        found = read_registry(path)
        if found != text:
            print(as_difference(found, text, shown(path), f"{shown(path)} (generated)"), end="")
            state = "missing" if found is None else "not up to date"
            print(f'{shown(path)} is {state}; "deferred-imports generate" writes it', file=sys.stderr)
            return FOUND
        print(f"{shown(path)} is up to date")
        return 0
    try:
        written = write_registry(path, text)
    except OSError as error:
        print(f'deferred-imports: "{shown(path)}" cannot be written: {error.strerror}', file=sys.stderr)
        return FAILED
    if not has_hook(project.document) and is_out_of_reach(project.manifest, usage):  # else wheels see to it
        remedy = f'add the line "{import_of(project.manifest)}" to {shown(project.modules[project.manifest.package])}'
        print(f"note: {out_of_reach(project.manifest)}; {remedy}", file=sys.stderr)
    content = summary(project.manifest, usage)
    print(f"wrote {shown(path)}: {content}" if written else f"{shown(path)} is up to date: {content}")
    return 0


def _init(arguments: argparse.Namespace) -> int:
    from deferred_imports.tooling.cli.output import as_difference
    from deferred_imports.tooling.init.proposal import UnchangeableError, propose, write
    from deferred_imports.tooling.project.tree import shown

    try:
        proposal = propose(_root(arguments), package=arguments.package, runtime=arguments.runtime)
        name = shown(proposal.path)
        difference = as_difference(proposal.old, proposal.new, name, f"{name} (proposed)")
        print(difference, end="")
        for note in proposal.notes:
            print(f"note: {note}", file=sys.stderr)
        if not difference:
            print(f"{name} has all that it needs")
            return 0
        if not arguments.yes:
            if sys.stdin is None or not sys.stdin.isatty():
                print("nothing is written, as there is nobody to ask; --yes writes it", file=sys.stderr)
                return FOUND
            try:
                answer = input(f"Write this to {name}? [y/N] ")
            except EOFError:
                answer = ""
            if answer.strip().lower() not in {"y", "yes"}:
                return FOUND
        write(proposal)
    except UnchangeableError as error:
        print(f"deferred-imports: {error}", file=sys.stderr)
        return FAILED
    print(f"wrote {name}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from deferred_imports.tooling.check.drift import check, from_problems
    from deferred_imports.tooling.cli.output import as_annotation, as_line
    from deferred_imports.tooling.table.problems import ManifestError

    if arguments.forbid and not arguments.startup:
        print(
            "deferred-imports: --forbid says what --startup must not load, and there is no --startup", file=sys.stderr
        )
        return FAILED
    found: list[Finding] = []
    try:
        if arguments.startup:
            from deferred_imports.tooling.check.startup import UnknownProgramError, check_startups

            try:
                found = check_startups(_root(arguments), arguments.startup, arguments.forbid)
            except UnknownProgramError as error:
                print(f"deferred-imports: {error}", file=sys.stderr)
                return FAILED
        else:
            from deferred_imports.tooling.project.discover import discover_in
            from deferred_imports.tooling.registry.render import render

            project = _load(arguments)
            usage = discover_in(project)
            found = check(project, render(project.manifest, usage), usage, environment=not arguments.no_environment)
    except ManifestError as error:
        if arguments.format == "github":
            for finding in from_problems(_root(arguments), error):
                print(as_annotation(finding))
        raise
    for finding in found:
        print(as_annotation(finding) if arguments.format == "github" else as_line(finding))
    failures = sum(not finding.note for finding in found)
    counts = [(failures, "problem"), (len(found) - failures, "note")]
    said = ", ".join(f"{count} {what}{'s' if count != 1 else ''}" for count, what in counts if count)
    print(said or "no problems")
    return FOUND if failures else 0


def _scan(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from deferred_imports.tooling.project.tree import find_root
    from deferred_imports.tooling.scan.packages import ScanError, launch_of, locate
    from deferred_imports.tooling.scan.pipeline import describe, scan
    from deferred_imports.tooling.scan.report import COLUMNS, as_json, summary, table
    from deferred_imports.tooling.table.problems import ManifestError

    try:
        root: Path | None = Path(arguments.project) if "project" in arguments else find_root(Path())
    except ManifestError:  # an installed package needs none
        root = None
    try:
        package = locate(arguments.package, root)
        launch = None if arguments.static else launch_of(package, arguments.startup)
    except ScanError as error:
        print(f"deferred-imports: {error}", file=sys.stderr)
        return FAILED
    if launch is not None:
        print(f"starting in a child process: {describe(launch)}", file=sys.stderr)
    found = scan(package, launch)
    for skipped in found.skipped:
        print(f"deferred-imports: {skipped.path}: {skipped.message}", file=sys.stderr)
    if found.failure is not None:
        print(f"deferred-imports: the start failed: {found.failure}", file=sys.stderr)
    if arguments.json:
        import json

        print(json.dumps(as_json(found), indent=2))
        return 0
    rows, left_out = table(found, everything=arguments.all)
    if rows:
        print(_table(COLUMNS, rows), end="")
        print()
    print("\n".join(summary(found, left_out)))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    if arguments.installed:
        return _list_installed(as_json=arguments.json)
    from deferred_imports.tooling.project.discover import discover_in
    from deferred_imports.tooling.registry.render import entries_of, record

    project = _load(arguments)
    usage = discover_in(project)
    if arguments.json:
        print(record(project.manifest, usage), end="")
    else:
        columns = ("name", "import", "distribution", "extra", "groups", "optional", "marker")
        print(_table(columns, map(_cells, entries_of(project.manifest, usage))), end="")
    return 0


def _cells(entry: Entry) -> list[str | None]:
    name = "" if entry.name.startswith("<") else entry.name
    cells = [name, " or ".join(map(str, entry.targets)), entry.distribution, entry.extra]
    return [*cells, ", ".join(entry.groups), "yes" if entry.optional else "", entry.marker]


def _list_installed(*, as_json: bool) -> int:
    from deferred_imports.tooling.registry.installed import Unreadable, find_installed

    found = find_installed()
    imports = [item for item in found if not isinstance(item, Unreadable)]
    for item in found:
        if isinstance(item, Unreadable):
            print(f"deferred-imports: {item.path}: {item.reason}", file=sys.stderr)
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(item) for item in imports], indent=2))
    elif imports:
        columns = ("project", "package", "name", "import", "extra", "state", "marker")
        rows: list[list[str | None]] = []
        for item in imports:
            state = item.state + (" (optional)" if item.optional else "")
            names = [f"{item.project} {item.version}", item.package, item.name, " or ".join(item.modules)]
            rows.append([*names, item.extra, state, item.marker])
        print(_table(columns, rows), end="")
    else:
        print("nothing that is installed here records deferred imports")
    return 0


def _table(columns: Sequence[str], rows: Iterable[Iterable[str | None]]) -> str:
    """Return a table, as wide as the terminal; in a pipe, or where the terminal is too narrow, as wide as it needs."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", min_width=len(column))
    for row in rows:
        table.add_row(*(Text(cell or "") for cell in row))  # as Text, brackets and colons mean themselves
    console = Console()
    if not console.is_terminal or console.width < sum(len(column) + 2 for column in columns):
        widest = console.options.update(width=10_000)
        console.width = Measurement.get(console, widest, table).maximum
    with console.capture() as capture:  # print, not rich, shall meet a broken pipe
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


_VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "completion": _completion,
    "generate": _generate,
    "init": _init,
    "list": _list,
    "profile": _profile,
    "record": _record,
    "scan": _scan,
}
