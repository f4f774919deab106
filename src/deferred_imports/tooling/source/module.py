"""All that one source says, from one parse: its imports, and what it does with the names that they bind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deferred_imports.tooling.source.imports import Facts, read_imports
from deferred_imports.tooling.source.names import Names, read_names
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse


@dataclass(frozen=True)
class Module:
    """One module, analysed."""

    facts: Facts
    names: Names
    is_package: bool


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
    tree, lazy = parse(text)
    try:
        facts = read_imports(tree, lazy, module, is_package=is_package, constants=constants)
        return Module(facts, read_names(tree, annotations_deferred=annotations_deferred), is_package)
    except RecursionError as error:
        raise UnreadableSourceError(TOO_DEEP) from error
