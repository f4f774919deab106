"""Annotations: which names stand in them, and what may evaluate them although Python does not. Syntax only."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from deferred_imports.tooling.source.chains import Chain, called_chain, chain_of, unsubscripted
from deferred_imports.tooling.source.conditions import Binding
from deferred_imports.tooling.source.text import UnreadableSourceError, parse

# Decorators and base classes that evaluate annotations as soon as they see them, or soon after, by their last name;
# which of them do cannot be seen from where they are used.
_EVALUATING = frozenset(
    """
    command callback register get post put patch delete route websocket validate_call validate_arguments beartype
    typechecked inject tool task BaseModel BaseSettings RootModel GenericModel SQLModel Struct Schema Model
    DeclarativeBase DeclarativeBaseNoMeta MappedAsDataclass declarative_base Depends Security get_type_hints
    """.split()
)
_EVALUATING_PACKAGES = frozenset(
    {"mashumaro", "msgspec", "pydantic", "pydantic_settings", "sqlmodel", "strawberry", "typer"}
)
# These have names as above, and evaluate nothing.
_HARMLESS_PACKAGES = frozenset({"click", "rich_click", "cloup", "atexit", "abc"})

# What dataclasses look for in annotations that are text: they look the name up in the module, and if it is not there
# take a class variable for a field. https://docs.python.org/3/library/dataclasses.html#class-variables
_PSEUDO_FIELDS = frozenset({"ClassVar", "InitVar", "KW_ONLY"})


def are_postponed(tree: ast.Module) -> bool:
    """Tell whether a module says `from __future__ import annotations` (PEP 563)."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def reader_in(nodes: Iterable[ast.expr], tops: Mapping[str, str]) -> str:
    """Return the first decorator, base class or call that may evaluate annotations, or nothing.

    Args:
        nodes: These.
        tops: The top-level package behind each name.
    """
    return next((".".join(chain) for node in nodes if (chain := called_chain(node)) and _evaluates(chain, tops)), "")


def _evaluates(chain: Chain, tops: Mapping[str, str]) -> bool:
    top = tops.get(chain[0], "")
    return top not in _HARMLESS_PACKAGES and (top in _EVALUATING_PACKAGES or chain[-1] in _EVALUATING)


def quoted(node: ast.expr) -> Iterator[ast.Module]:
    """Yield what stands in an annotation as text, parsed, with the lines of the text."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                tree, _ = parse(part.value.strip())
            except UnreadableSourceError:
                continue
            for inner in ast.walk(tree):
                inner.lineno = part.lineno  # type: ignore[attr-defined]  # only some nodes have one, none minds
            yield tree


def pseudo_field(node: ast.expr, bound: Mapping[str, Collection[Binding]]) -> Chain | None:
    """Return what a dataclass looks up in the module to tell whether an attribute is a field, if it does.

    Args:
        node: The annotation of the attribute.
        bound: What imports bind names to.
    """
    chain = _leading(node.value) if isinstance(node, ast.Constant) else chain_of(unsubscripted(node))
    if chain is None:
        return None
    origins = {name for _, name in bound.get(chain[0], ())} if len(chain) == 1 else {chain[-1]}
    return None if origins.isdisjoint(_PSEUDO_FIELDS) else chain


def _leading(text: object) -> Chain | None:
    """Return what dataclasses see of an annotation that is text."""
    match = re.match(r"\s*(?:\w+\s*\.\s*)?\w+", text) if isinstance(text, str) else None
    return tuple(re.findall(r"\w+", match[0])) if match else None
