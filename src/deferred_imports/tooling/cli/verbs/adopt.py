"""The verb `adopt`: moves imports to where they are used, proven by starts and tests."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import FOUND, add_python, root_with_setup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deferred_imports.tooling.adopt.found import Adoption
    from deferred_imports.tooling.adopt.target import AdoptedProject
    from deferred_imports.tooling.adopt.wishes import Wishes
    from deferred_imports.tooling.init.proposal import Proposal
    from deferred_imports.tooling.scan.packages import Package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Move the imports of a project to where they are used, as far as that makes its start load
        less. Everything is tried in a copy of the tree: the program is started before and after, each module is
        imported alone, and with --test the project's own tests are run. Shows the difference; --write writes what is
        proven."""
    parser.epilog = "Example: deferred-imports adopt --startup 'weather --help' --test 'pytest -q' --write"
    parser.add_argument(
        "package", nargs="?", metavar="PACKAGE", help="the package in which imports move (default: all of the project)"
    )
    parser.add_argument(
        "--startup",
        action="append",
        default=[],
        metavar="PROGRAM",
        help="what to start, as in 'weather --help'; may be repeated (default: the console script with --help)",
    )
    parser.add_argument("--test", metavar="COMMAND", help="run the project's tests before and after, as in 'pytest -q'")
    parser.add_argument(
        "--form",
        action="append",
        choices=("functions", "typing", "exports", "names", "native"),
        help="only moves of this form; may be repeated (default: functions, typing, exports, and names in functions "
        "that are called often; for Python 3.15 native)",
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="MODULE", help="only in this module, and below; may be repeated"
    )
    parser.add_argument(
        "--min-saving",
        type=_least,
        default=(1, 0.0),
        metavar="N|MSms",
        help="leave out what saves fewer modules, or less time, as in '3' or '5ms' (default: 1 module)",
    )
    parser.add_argument(
        "--max-files",
        type=_most,
        metavar="N",
        help="change so many sources at most, and leave out those first that save least (default: any number)",
    )
    parser.add_argument(
        "--no-table", action="store_true", help="leave pyproject.toml as it is; else it gets what init would write"
    )
    parser.add_argument(
        "--risky",
        action="store_true",
        help="move what scan calls risky, too, if the starts and tests are as before",
    )
    parser.add_argument("--write", action="store_true", help="write what is proven, after asking")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--allow-dirty", action="store_true", help="write although there are changes to commit")
    parser.add_argument("--all", action="store_true", help="show what stays, too, and why")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_python(parser)


def _least(text: str) -> tuple[int, float]:
    """Return the modules and the milliseconds that `--min-saving` asks for."""
    import re

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*ms|(\d+)(?:\s*modules?)?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f'expected modules or milliseconds, as in "3" or "5ms", got "{text}"')
    return (1, float(found[1])) if found[1] else (int(found[2]), 0.0)


def _most(text: str) -> int:
    """Return the number of files that `--max-files` allows."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f'expected a number of files, such as "5", got "{text}"')
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Show what moves, write it if that is wanted, and return the exit code."""
    import sys

    from deferred_imports.tooling.adopt.pipeline import adopt
    from deferred_imports.tooling.adopt.report import NOTHING, as_json, difference, kept, left_out, summary, useless
    from deferred_imports.tooling.adopt.target import TargetError, check_package, find_target, launches
    from deferred_imports.tooling.adopt.wishes import FORMS, Wishes, default_forms
    from deferred_imports.tooling.adopt.writing import refuse_dirty
    from deferred_imports.tooling.cli.output import (
        note,
        print_difference,
        print_findings,
        print_json,
        print_lines,
        tell,
        working,
    )
    from deferred_imports.tooling.scan.doubts import find_doubts

    target = find_target(root_with_setup(arguments))
    only = [check_package(target, name) for name in (*filter(None, [arguments.package]), *arguments.only)]
    if arguments.write and not arguments.allow_dirty:
        refuse_dirty(target.root)
    by_default = FORMS if arguments.no_table else default_forms(target, sys.version_info[:2])
    forms = tuple(dict.fromkeys(arguments.form or by_default))
    if "native" in forms and len(forms) > 1:
        raise TargetError("expected --form native alone: it moves nothing, so that no other form goes with it")
    wishes = Wishes(
        launches=tuple(launches(target, arguments.startup)),
        test=arguments.test,
        only=tuple(only),
        forms=forms,
        least=arguments.min_saving[0],
        milliseconds=arguments.min_saving[1],
        files=arguments.max_files,
        table=not arguments.no_table,
        hot=not arguments.no_table and not arguments.form and forms == FORMS,
        doubts=lambda *seen: find_doubts(_scanned(target), *seen, risky=not arguments.risky),
    )
    note(*_rules(target, wishes))
    with working("trying what can move"):
        found = adopt(target, wishes, tell, lambda root: _proposed(root, target, arguments))
    note(*left_out(found), *useless(found), *([found.finished] if isinstance(found.finished, str) else []))
    if arguments.json:
        print_json(as_json(found))
    else:
        print_difference(difference(found))
        if found.names and not isinstance(found.finished, str | None):
            from deferred_imports.tooling.init import report

            print_difference(report.difference(found.finished))
        if arguments.all:
            print_findings(kept(found))
        print_lines(summary(found) if found.names else [*summary(found), NOTHING])
    return _write(found, arguments) if found.names else 0


def _rules(target: AdoptedProject, wishes: Wishes) -> Iterator[str]:
    """Yield the rules of the project's own linters that moves may break, each with what to do."""
    from deferred_imports.tooling.adopt.generating import registry_of
    from deferred_imports.tooling.adopt.rules import endangered, forbidding

    if rule := forbidding(target.root):
        yield f"{rule} forbids what moves most imports; leave it out for the modules that change"
    registry = registry_of(target)
    if registry and (wishes.registered or {"names", "native"}.intersection(wishes.forms)):
        yield from endangered(target.root, registry)


def _scanned(target: AdoptedProject) -> Package:
    """Return the project as `scan` takes it."""
    from deferred_imports.tooling.scan.packages import Package, kept_by_table
    from deferred_imports.tooling.start.copies import Copy

    return Package(
        names=tuple(sorted({module.partition(".")[0] for module in target.files})),
        copy=Copy(target.places),
        files=target.files,
        scripts=target.scripts,
        entry_points=target.entry_points,
        minimum=target.minimum,
        keep=kept_by_table(target.document),
    )


def _proposed(root: Path, target: AdoptedProject, arguments: argparse.Namespace) -> Proposal | str | None:
    """Return what to write beside the sources, given a copy of the project as it shall be; or why nothing.

    That is what `init` would write, and the entries of those forms that go through the registry.
    """
    from dataclasses import replace

    from deferred_imports.tooling.init.advice import MOVE
    from deferred_imports.tooling.init.proposal import Change, Proposal, propose
    from deferred_imports.tooling.project.paths import shown
    from deferred_imports.tooling.project.pyproject import has_setup
    from deferred_imports.tooling.table.document import table_at
    from deferred_imports.tooling.table.problems import ManifestError, RefusalError

    path = target.root / "pyproject.toml"
    if not target.document and not has_setup(target.root):
        return None
    old, new = (file.read_bytes().decode("utf-8") if file.is_file() else None for file in (path, root / path.name))
    entries = [Change(path, old, new)] if new is not None and old != new else []
    if arguments.no_table or table_at(target.document, "tool", "deferred-imports"):
        return Proposal(path, tuple(entries), (), ()) if entries else None
    try:
        proposal = propose(root, is_generated=True)  # in the copy, where the registry is made for trials
    except (ManifestError, RefusalError) as error:
        why = " ".join(str(error).split())
        return Proposal(path, tuple(entries), (why,), ()) if entries else f"pyproject.toml stays as it is: {why}"
    changes = [replace(change, path=target.root / change.path.relative_to(root)) for change in proposal.changes]
    if entries:  # init has seen the table with these
        changes = [replace(change, old=old) if change.path == path else change for change in changes]
        changes = changes if any(change.path == path for change in changes) else [*entries, *changes]
    # What it says is of the project, not of the copy.
    here = shown(target.root / "_").removesuffix("_")
    steps = [step.replace(shown(root / "_").removesuffix("_"), here) for step in proposal.steps if MOVE not in step]
    return replace(proposal, path=path, changes=tuple(changes), steps=tuple(steps))


def _write(found: Adoption[Proposal | str | None], arguments: argparse.Namespace) -> int:
    import sys

    from deferred_imports.tooling.adopt.report import unbuilt, written
    from deferred_imports.tooling.adopt.writing import write_all
    from deferred_imports.tooling.cli.output import tell

    if not arguments.write:
        return FOUND
    if not arguments.yes and (sys.stdin is None or not sys.stdin.isatty() or not _agreed(len(found.sources))):
        tell("nothing written; --yes writes without asking")
        return FOUND
    package, files = found.package, found.package.files
    write_all({files[module]: (package.plan(module).module.text.source, new) for module, new in found.sources.items()})
    tell(*written(found))
    if not isinstance(found.finished, str | None):
        from deferred_imports.tooling.init import proposal, report

        proposal.write(found.finished)
        tell(*report.written(found.finished))
    if found.has_registry:
        from deferred_imports.tooling.project.generation import prepare

        generation = prepare(found.package.root)
        tell(generation.write(), *unbuilt(found, generation.project.registry_path))
    return 0


def _agreed(count: int) -> bool:
    try:
        answer = input(f"write {count} files? [y/N] ")
    except EOFError:
        answer = ""
    return answer.strip().lower() in {"y", "yes"}
