"""The verb `help`: the manuals that the package carries, or a section of them; no network."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Print a section of the manuals that this package carries: by its heading, or a part of it,
        or by a name that it explains: a call, a variable, a key of the table, a reason in brackets. Without a topic,
        list the headings."""
    parser.epilog = "Example: deferred-imports help PYDEFER_EAGER"
    parser.add_argument("topic", nargs="*", metavar="TOPIC", help="what to read about")


def run(arguments: argparse.Namespace) -> int:
    """Print a section or the list of them, and return the exit code."""
    from deferred_imports.tooling.cli.manual import find, sections, topics
    from deferred_imports.tooling.cli.output import print_markdown

    found = sections()
    if arguments.topic:
        print_markdown("\n".join(section.text for section in find(found, " ".join(arguments.topic))))
    else:
        print(topics(found), end="")
    return 0
