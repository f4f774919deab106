"""The verb `list`: what the project declares, or what is installed in this environment."""

from __future__ import annotations

import argparse

from deferred_imports.tooling.cli.arguments import add_python, project_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from deferred_imports.tooling.project.tree import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.epilog = "Example: deferred-imports list --json"
    add_python(parser, when=lambda arguments: arguments.installed or arguments.format)
    parser.add_argument("--json", action="store_true", help="print JSON, as in the wheel's dist-info")
    parser.add_argument(
        "--installed",
        action="store_true",
        help="show what the installed distributions declare, and whether each import can be found",
    )

    parser.add_argument(
        "--format",
        choices=("names", "nuitka", "pyinstaller", "cx-freeze"),
        help="print the modules that this environment has, in the form that a freezer takes",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what is declared, and return the exit code."""
    if arguments.installed:
        return _installed(as_json=arguments.json)
    if arguments.format:
        return _for_freezers(project_of(arguments), arguments.format)
    from deferred_imports.tooling.cli.tables import print_table
    from deferred_imports.tooling.project.discover import discover_in
    from deferred_imports.tooling.registry.render import declaration_text
    from deferred_imports.tooling.registry.report import BELOW, DECLARED, NOTHING_DECLARED, declared

    project = project_of(arguments)
    usage = discover_in(project)
    if arguments.json:
        print(declaration_text(project.manifest, usage), end="")
        return 0
    rows = list(declared(project.manifest, usage))
    if rows:
        print_table(DECLARED, rows, BELOW)
    else:
        print(NOTHING_DECLARED)
    return 0


def _for_freezers(project: Project, form: str) -> int:
    from deferred_imports.tooling.cli.output import print_raw, say
    from deferred_imports.tooling.project.discover import discover_in
    from deferred_imports.tooling.registry.environment import here
    from deferred_imports.tooling.registry.freezing import freezer_lines, modules

    found, absent = modules(project.manifest, discover_in(project))
    say(*(f"{name}: left out, {here()} does not have it" for name in absent))
    print_raw(freezer_lines(project.manifest, found, form))
    return 0


def _installed(*, as_json: bool) -> int:
    from dataclasses import asdict

    from deferred_imports.tooling.cli.output import print_json, print_lines, say
    from deferred_imports.tooling.cli.tables import print_table
    from deferred_imports.tooling.registry.installed import Unreadable, find_installed
    from deferred_imports.tooling.registry.report import BELOW, INSTALLED, installed, nothing_installed

    found = find_installed()
    imports = [item for item in found if not isinstance(item, Unreadable)]
    say(*(f"{item.path}: {item.reason}" for item in found if isinstance(item, Unreadable)))
    if as_json:
        print_json([asdict(item) for item in imports])
    elif imports:
        print_table(INSTALLED, installed(imports), BELOW)
    else:
        print_lines([nothing_installed()])
    return 0
