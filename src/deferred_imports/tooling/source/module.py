"""All that one source says, from one parse: its imports, and what it does with the names that they bind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from deferred_imports.tooling.source.annotations import reads_annotations
from deferred_imports.tooling.source.facts import Facts
from deferred_imports.tooling.source.imports import read_imports
from deferred_imports.tooling.source.mentions import Names
from deferred_imports.tooling.source.names import read_names
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse_source

_KEEP = re.compile(r"#\s*deferred-imports: keep\b(?:\s*--\s*(.*\S))?")


@dataclass(frozen=True)
class Module:
    """One module, analysed.

    Attributes:
        facts: What it imports.
        names: What it does with the names that its imports bind.
        is_package: Whether it is a package.
        reads_annotations: Whether something in it may evaluate annotations.
        keeps: The lines with a comment that says to keep the import there, with why.
    """

    facts: Facts
    names: Names
    is_package: bool
    reads_annotations: bool
    keeps: Mapping[int, str]


def read_module(
    text: str,
    module: str,
    *,
    is_package: bool,
    constants: Mapping[str, frozenset[str]] | None = None,
    annotations_deferred: bool = False,
) -> Module:
    """Analyse a module.

    Args:
        text: Its source.
        module: Its absolute name.
        is_package: Whether that is a package, which relative imports start from.
        constants: The platform constants of each module of the project.
        annotations_deferred: Whether every Python that it is for evaluates annotations only on demand (PEP 649).

    Raises:
        UnreadableSourceError: when it cannot be parsed.
    """
    tree, lazy = parse_source(text)
    try:
        facts = read_imports(tree, lazy, module, is_package=is_package, constants=constants)
        names = read_names(tree, annotations_deferred=annotations_deferred)
    except RecursionError as error:
        raise UnreadableSourceError(TOO_DEEP) from error
    return Module(facts, names, is_package, reads_annotations(text), _keeps(text))


def _keeps(text: str) -> dict[int, str]:
    if "deferred-imports: keep" not in text:
        return {}
    found = ((number, _KEEP.search(line)) for number, line in enumerate(text.split("\n"), 1))
    return {number: match[1] or "" for number, match in found if match}
