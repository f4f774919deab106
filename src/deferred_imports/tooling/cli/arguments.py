"""What a shell gives the command and gets from it: the verbs, the arguments that all have in common, the exit codes."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any, NoReturn

    from deferred_imports.tooling.project.tree import Project

FOUND = 1
FAILED = 2
BAD_MANIFEST = 3

#: The verbs in the order in which a newcomer needs them, each with its file in `verbs` and its purpose.
VERBS = {
    "init": ("init", "Add the table, the hook and their requirement to pyproject.toml"),
    "scan": ("scan", "Find the imports that can be deferred"),
    "adopt": ("adopt", "Move imports to where they are used, and prove it"),
    "check": ("check", "Check that what is declared stays deferred"),
    "generate": ("generate", "Write the registry into the source tree"),
    "bake": ("bake", "Put the registry into a finished wheel"),
    "list": ("listing", "Show what the project declares"),
    "help": ("help", "Read the manuals, or a section of them"),
    "record": ("record", "Record which files a program's imports read"),
    "profile": ("profile", "Measure how much faster a program starts when it reads ahead"),
    "completion": ("completion", "Print a shell completion script"),
}


def make_parser(version: type[argparse.Action]) -> argparse.ArgumentParser:
    """Return the parser; what it finds has the function that does the work in `run`.

    Args:
        version: The action of `--version`.
    """
    parser = _CommandParser(
        prog="deferred-imports",
        description="Tools for packages that declare in pyproject.toml what they import only at run time.",
        epilog="Example: deferred-imports init",
    )
    _add_project(parser)
    parser.add_argument("--version", action=version, help="print the version and exit")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", parser_class=VerbParser)
    for name, (file, purpose) in VERBS.items():
        verb = verbs.add_parser(name, help=purpose, description=f"{purpose}.")
        verb.file = file
        _add_project(verb)
    return parser


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-C",
        "--project",
        metavar="DIR",
        default=argparse.SUPPRESS,  # the verb's own default must not undo what stands before it
        help="the directory with the pyproject.toml (default: the nearest one here or above)",
    )


class _HarmlessParser(argparse.ArgumentParser):
    """A parser whose messages show what they were given, and no terminal obeys it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and exit."""
        from deferred_imports.tooling.cli.output import harmless

        super().error(harmless(message))


class _CommandParser(_HarmlessParser):
    """The parser of the command, which knows what verb was meant."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            from deferred_imports.tooling.table.problems import alternatives, did_you_mean, quote

            what = f"expected {alternatives(action.choices)}, got {quote(value)}{did_you_mean(value, action.choices)}"
            raise argparse.ArgumentError(action, what)


class VerbParser(_HarmlessParser):
    """The parser of a verb, which has its arguments from the verb's file as soon as there is something to parse."""

    file = ""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]  # typeshed's overloads say no more
        """Parse as every parser does."""
        self.learn()
        return super().parse_known_args(args, namespace)

    def learn(self) -> None:
        """Load the verb's file, and take from there the arguments, and the function that runs with them."""
        if self.get_default("run") is None:
            from importlib import import_module

            verb = import_module(f"deferred_imports.tooling.cli.verbs.{self.file}")
            verb.add_arguments(self)
            self.set_defaults(run=verb.run)


def learn_all(parser: argparse.ArgumentParser) -> None:
    """Load all verbs, for a shell that asks what could come next."""
    for action in parser._actions:  # noqa: SLF001 - what argcomplete itself walks
        if isinstance(action.choices, dict):
            for verb in action.choices.values():
                verb.learn()


def add_python(parser: argparse.ArgumentParser, when: Callable[[argparse.Namespace], object] = lambda _: True) -> None:
    """Let a verb look at the project's own environment, wherever the command is installed; see `environment`.

    Args:
        parser: The verb's.
        when: Tells from the arguments whether the verb looks at an environment at all.
    """
    parser.set_defaults(looks_at_environment=when)
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        help="the environment of the project, or its interpreter (default: the active environment, else .venv beside "
        "pyproject.toml, else the one that the command is installed in)",
    )


def root_of(arguments: argparse.Namespace) -> Path:
    """Return the directory of the project that the arguments name, or in which the command was called."""
    from pathlib import Path

    from deferred_imports.tooling.project.pyproject import find_root

    return Path(arguments.project) if "project" in arguments else find_root(Path())


def root_with_setup(arguments: argparse.Namespace) -> Path:
    """Return that directory; where there is no pyproject.toml but a setup.py here, this one."""
    from pathlib import Path

    from deferred_imports.tooling.project.pyproject import has_setup
    from deferred_imports.tooling.table.problems import ManifestError

    try:
        return root_of(arguments)
    except ManifestError:
        if not has_setup(Path()):
            raise
        return Path()


def project_of(arguments: argparse.Namespace) -> Project:
    """Return that project, with a table that is valid."""
    from deferred_imports.tooling.project.tree import load_project

    return load_project(root_of(arguments))


def command_of(arguments: argparse.Namespace) -> list[str]:
    """Return the command after the two dashes, which argparse leaves in place."""
    from deferred_imports.tooling.table.problems import RefusalError

    command: list[str] = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        raise RefusalError("expected a command to run after --, got nothing")
    if meant := _in_environment(arguments, command[0]):
        raise RefusalError(f'{command[0]}: not on PATH; write "{meant}", or activate the environment')
    return command


def _in_environment(arguments: argparse.Namespace, word: str) -> str:
    """Return where a program lies that is not on PATH, if the environment beside the project has it."""
    import os
    import shutil

    from deferred_imports.tooling.project.paths import shown
    from deferred_imports.tooling.project.workspace import workspace_of
    from deferred_imports.tooling.table.problems import ManifestError

    if os.path.basename(word) != word or shutil.which(word) is not None:
        return ""
    try:
        root = root_of(arguments)
    except ManifestError:
        return ""
    places = [place / ".venv" / folder for place in (root, workspace_of(root)) for folder in ("bin", "Scripts")]
    return next((shown(place / word) for place in places if shutil.which(place / word) is not None), "")
