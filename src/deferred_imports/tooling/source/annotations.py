"""Annotations: when Python evaluates them, and which names stand in them as text. Syntax only."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from deferred_imports.tooling.source.chains import Chain, chain_of, unsubscripted
from deferred_imports.tooling.source.conditions import BoundTo
from deferred_imports.tooling.source.text import UnreadableSourceError, parse_source

# What dataclasses look for in annotations that are text: they look the name up in the module, and if it is not there
# take a class variable for a field. https://docs.python.org/3/library/dataclasses.html#class-variables
_PSEUDO_FIELDS = frozenset({"ClassVar", "InitVar", "KW_ONLY"})
# What is subscripted with texts that stand for themselves.
_OWN_TEXTS = frozenset({"Annotated", "Literal"})
# What code mentions that evaluates annotations: by the standard library's ways, or by a library that does.
_READING = re.compile(
    r"get_type_hints|get_annotations|__annotations__|__annotate__|eval_str|ForwardRef|evaluate_forward_ref|"
    r"\b(?:beartype|cattrs|mashumaro|msgspec|plum|pydantic|typeguard)\b"
)


def are_postponed(tree: ast.Module) -> bool:
    """Tell whether a module says `from __future__ import annotations` (PEP 563)."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def reads_annotations(text: str) -> bool:
    """Tell whether a source mentions what evaluates annotations; one that does not cannot."""
    return _READING.search(text) is not None


def quoted(node: ast.expr, bound: Mapping[str, Collection[BoundTo]]) -> Iterator[ast.Module]:
    """Yield what stands in an annotation as text that is a type, parsed, with the lines of the text.

    Args:
        node: The annotation.
        bound: What imports bind names to.
    """
    for part, text in texts_of_types(node, bound):
        try:
            tree, _ = parse_source(text.strip())
        except UnreadableSourceError:
            continue
        for inner in ast.walk(tree):
            inner.lineno = part.lineno  # type: ignore[attr-defined]  # only some nodes have one, none minds
        yield tree


def texts_of_types(node: ast.AST, bound: Mapping[str, Collection[BoundTo]]) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the texts in an annotation that stand for types: not those of `Literal`, nor what `Annotated` adds."""
    stack = [node]
    while stack:
        part = stack.pop()
        match part:
            case ast.Constant(value=str(text)):
                yield part, text
            case ast.Subscript(value=holder, slice=index) if (kind := _typing_name(holder, bound)) in _OWN_TEXTS:
                first = index.elts[:1] if isinstance(index, ast.Tuple) else [index]
                stack += [holder, *(first if kind == "Annotated" else [])]
            case ast.Call():  # as in the metadata of a field
                continue
            case _:
                stack += ast.iter_child_nodes(part)


def _typing_name(node: ast.expr, bound: Mapping[str, Collection[BoundTo]]) -> str:
    """Return what something of `typing` is called there."""
    chain = chain_of(node)
    if chain is None:
        return ""
    names = {name for _, name in bound.get(chain[0], ()) if name} if len(chain) == 1 else {chain[-1]}
    return next(iter(names & _OWN_TEXTS), chain[-1])


def pseudo_field(node: ast.expr, bound: Mapping[str, Collection[BoundTo]]) -> Chain | None:
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
