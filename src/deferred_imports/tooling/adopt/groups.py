"""What binds each name at the top of a module, in groups that move together or stay; what stays by its place alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deferred_imports.tooling.adopt.moves import Definition, Kept, Member, is_for_checkers
from deferred_imports.tooling.adopt.parsed import ParsedModule
from deferred_imports.tooling.adopt.regions import changes_finding, temporary_lines


def find_groups(module: ParsedModule) -> tuple[dict[str, list[Member]], list[Kept]]:
    """Return the imports that might move, by the name that they bind, and those that stay where they stand."""
    kept: list[Kept] = []
    groups: dict[str, list[Member]] = {}
    is_other = False
    temporary = temporary_lines(module.tree, module.text)
    bound_elsewhere: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = module.origin(node)
            is_lazy = bool(getattr(node, "is_lazy", 0)) or (node.lineno, node.col_offset) in module.lazy
            if origin == "__future__" or origin is None or is_lazy:
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
    for node in module.tree.body:
        kept += _in_blocks(node)
    return {name: members for name, members in groups.items() if name not in bound_elsewhere}, kept


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
