"""The arguments of the command: its verbs, each with its options and an example."""

from __future__ import annotations

import argparse


def make_parser(version: type[argparse.Action]) -> argparse.ArgumentParser:
    """Return the parser; what it finds has the name of the verb in `verb`.

    Args:
        version: The action of `--version`.
    """
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "-C",
        "--project",
        metavar="DIR",
        default=argparse.SUPPRESS,  # the verb's own default must not undo what stands before it
        help="the directory of the pyproject.toml (default: the nearest one, from here upwards)",
    )
    parser = argparse.ArgumentParser(
        prog="deferred-imports",
        description="Tools for packages that declare in pyproject.toml what they import only at run time.",
        epilog="Example: deferred-imports generate",
        parents=[everywhere],
    )
    parser.add_argument("--version", action=version, help="print the version and exit")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def add(name: str, purpose: str, example: str) -> argparse.ArgumentParser:
        epilog = f"Example: {example}"
        verb = verbs.add_parser(name, help=purpose, description=f"{purpose}.", epilog=epilog, parents=[everywhere])
        verb.set_defaults(verb=name)
        return verb

    generate = add("generate", "Write the registry into the source tree", "deferred-imports generate")
    generate.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a diff when the registry is not up to date"
    )
    init = add("init", "Write the table, and what it needs, into pyproject.toml", "deferred-imports init")
    init.description = """Add to an existing pyproject.toml what it lacks: the table, with what functions import, the
        build hook with its requirement, and the dependency on the runtime if it is used. Shows the difference and asks;
        without a terminal, writes nothing and exits with 1."""
    init.add_argument("--yes", action="store_true", help="do not ask")
    init.add_argument("--package", help="the import package that gets the registry, where there are several")
    init.add_argument(
        "--runtime",
        action=argparse.BooleanOptionalAction,
        help="depend on deferred-imports at run time (default: if the project imports deferred_imports)",
    )
    check = add("check", "Check that what is declared stays deferred", "deferred-imports check --format github")
    check.description = """Check that what is declared stays deferred: the table, the registry and the sources. Nothing
        of the project is run, but with --startup, which starts a program in a child process and checks what it loads
        instead."""
    check.add_argument(
        "--format", choices=("text", "github"), default="text", help="github: annotations for a workflow"
    )
    check.add_argument(
        "--no-environment", action="store_true", help="do not look for the declared modules in this environment"
    )
    check.add_argument(
        "--startup",
        action="append",
        metavar="PROGRAM",
        help="run PROGRAM in a child process, a module as in weather.cli or a command line as in 'weather --help', and "
        "fail when it loads a declared module; may be repeated",
    )
    check.add_argument(
        "--forbid",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module that --startup must not load either; may be repeated, and needs no table",
    )
    scan = add("scan", "Find the imports that can be deferred", "deferred-imports scan --startup 'weather --help'")
    scan.description = """Find the imports that can be deferred, and what that would save. Reads the sources, and starts
        the program once in a child process to see what it loads and how long that takes: the only code of the project
        that runs."""
    scan.add_argument("package", nargs="?", metavar="PACKAGE", help="the import package (default: that of the project)")
    what = scan.add_mutually_exclusive_group()
    what.add_argument(
        "--startup",
        metavar="PROGRAM",
        help="what to start: a module as in weather.cli, or a console script as in 'weather --version' (default: the "
        "package's console script with --help)",
    )
    what.add_argument("--static", action="store_true", help="start nothing; read the sources only")
    scan.add_argument("--all", action="store_true", help="show the imports that cannot or need not be deferred, too")
    scan.add_argument("--json", action="store_true", help="print all that is known as JSON")
    listing = add("list", "Show what the project declares", "deferred-imports list --json")
    listing.add_argument("--json", action="store_true", help="print JSON, as the wheel's dist-info records it")
    listing.add_argument(
        "--installed",
        action="store_true",
        help="show what the distributions installed in this environment declare, and whether it can be found",
    )
    record = add(
        "record", "Record what a program's imports read", "deferred-imports record -- python -m weather --help"
    )
    record.description = """Run a command to its end, and write a record of what its imports read, so that the next
        start can read ahead: for deferred_imports.prefetch.prefetch() or PYDEFER_PREFETCH. Made for a step of a
        container's build. Exits with 1 when the command fails; the record is written all the same."""
    record.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="where to write (default: deferred-imports.record in the sys.prefix of the command's Python)",
    )
    # Of its own, since argparse leaves out the two dashes.
    record.usage = "deferred-imports record [-h] [-C DIR] [-o FILE] -- COMMAND ..."
    record.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")
    profile = add(
        "profile",
        "Measure what reading ahead gains for a program",
        "sudo deferred-imports profile --cold -- python -m weather --help",
    )
    profile.description = """Start a command again and again, with an empty page cache and with a full one, with reading
        ahead and without, and compare. Empties the page cache of the whole machine each time, for which it
        needs root on Linux."""
    profile.usage = "deferred-imports profile [-h] [-C DIR] --cold [-n ROUNDS] [--record FILE] [--json] -- COMMAND ..."
    profile.add_argument("--cold", action="store_true", required=True, help="measure cold starts")
    profile.add_argument(
        "-n", "--rounds", type=_count, default=5, metavar="ROUNDS", help="starts of each kind (default: %(default)s)"
    )
    profile.add_argument(
        "--record",
        metavar="FILE",
        help="what to read ahead (default: what PYDEFER_PREFETCH names, or deferred-imports.record in the sys.prefix "
        "of the command's Python, or a new record)",
    )
    profile.add_argument("--json", action="store_true", help="print JSON")
    profile.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")
    completion = add("completion", "Print what makes a shell complete the command", "deferred-imports completion bash")
    completion.description = """Print what makes a shell complete the command. Let its start-up file run: eval
        "$(deferred-imports completion bash)", the same with zsh, or deferred-imports completion fish | source."""
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {text!r}")
    return int(text)
