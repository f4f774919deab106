"""What binds each name at the top of a module, in groups that move together or stay; what stays by its place alone."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from deferred_imports.tooling.adopt.choices import find_choice
from deferred_imports.tooling.adopt.moves import Choice, Definition, ImportStatement, Kept, Member, is_for_checkers
from deferred_imports.tooling.adopt.parsed import ParsedModule
from deferred_imports.tooling.adopt.regions import changes_finding, temporary_lines


class Groups(NamedTuple):
    """What binds the names at the top of a module.

    Attributes:
        imports: The imports that might move, by the name that they bind.
        choices: The blocks that might, each as a whole.
        kept: What stays where it stands.
    """

    imports: dict[str, list[Member]]
    choices: list[Choice]
    kept: list[Kept]


def find_groups(module: ParsedModule) -> Groups:
    """Return what might move, and what stays by its place alone."""
    kept: list[Kept] = []
    groups: dict[str, list[Member]] = {}
    is_other = False
    temporary = temporary_lines(module.tree, module.text)
    bound_elsewhere: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = module.origin(node)
            if origin == "__future__" or origin is None or module.is_lazy(node):
                continue
            for alias in node.names:
                member = Member(node, alias, origin or alias.name)
                if not module.wanted.registries.isdisjoint({member.module, member.target}):
                    continue  # it costs nothing, and has to be there
                if alias.name == "*":
                    kept.append(Kept(f"{origin}.*", node.lineno, "star", "", ()))
                elif is_other or node.lineno in temporary:
                    kept.append(Kept(member.bound, node.lineno, "order", "", ()))
                    bound_elsewhere.add(member.bound)
                else:
                    groups.setdefault(member.bound, []).append(member)
        elif not is_other and not isinstance(node, Definition | ast.ClassDef):
            is_other = changes_finding(node, module.text)
    choices = _choices(module, [*groups, *bound_elsewhere], temporary)
    known = {choice.statement for choice in choices}
    for node in module.tree.body:
        kept += _in_blocks(node) if node not in known else ()
    imports = {name: members for name, members in groups.items() if name not in bound_elsewhere}
    return Groups(imports, choices, kept)


def _choices(module: ParsedModule, names: Iterable[str], temporary: Container[int]) -> list[Choice]:
    """Return the choices between imports whose names nothing else binds, up to a line that changes what they find."""
    found = []
    for node in module.tree.body:
        if not isinstance(node, Definition | ast.ClassDef | ImportStatement) and changes_finding(node, module.text):
            break
        if node.lineno not in temporary and (choice := find_choice(node, module)):
            found.append(choice)
    count = Counter([*names, *(name for choice in found for name in choice.names)])
    return [choice for choice in found if all(count[name] == 1 for name in choice.names)]


def _in_blocks(node: ast.stmt, block: str = "") -> Iterator[Kept]:
    """Yield the imports that stand in blocks at the top: they stay."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names if block else ():
            name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
            yield Kept(name, node.lineno, "block", block, ())
    elif not isinstance(node, Definition) and not is_for_checkers(node):
        word = type(node).__name__.lower().removesuffix("def").removesuffix("star")
        parts = (getattr(node, name, ()) for name in ("body", "handlers", "orelse", "finalbody", "cases"))
        for child in (child for part in parts for child in part):
            for inner in (child,) if isinstance(child, ast.stmt) else child.body:
                yield from _in_blocks(inner, block or f"`{word}`")
