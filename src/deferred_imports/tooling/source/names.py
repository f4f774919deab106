"""What one module does with the names that its imports bind: what must be there while it is imported, and what later.

Builds on `imports`, which finds the imports themselves. Syntax only; nothing is run, and nothing is judged: what a
decorator or a call does that other modules hold is for the program as a whole to tell. It is long as one walk, with a
handler for each kind of node.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal

from deferred_imports.tooling.source.annotations import are_postponed, pseudo_field, quoted
from deferred_imports.tooling.source.bindings import COMPREHENSIONS, bindings, parameters, read_function
from deferred_imports.tooling.source.chains import called_chain, chain_of, spine_of, unsubscripted
from deferred_imports.tooling.source.collecting import Bound, collect, rebound
from deferred_imports.tooling.source.exports import exports_in
from deferred_imports.tooling.source.mentions import Names, Role
from deferred_imports.tooling.source.notes import Notes
from deferred_imports.tooling.source.spots import Spot
from deferred_imports.tooling.source.walking import children


def read_names(tree: ast.Module, *, annotations_deferred: bool = False) -> Names:
    """Analyse a module.

    Args:
        tree: Its source, parsed.
        annotations_deferred: Whether every Python that it is for evaluates annotations only on demand (PEP 649).

    Raises:
        RecursionError: when it is nested too deeply.
    """
    found = Names()
    bound = collect(tree.body, found)
    reader = _NameReader(found, bound, annotations_deferred or are_postponed(tree))
    for node in tree.body:
        reader.visit(node, Spot())
    found.exports = exports_in(tree.body)
    return found


class _NameReader:
    """Walks through one module, and says of each part where it stands; `Notes` has what of that counts."""

    def __init__(self, found: Names, bound: Bound, annotations_deferred: bool) -> None:
        self._found = found
        self._bound = bound
        self._notes = Notes(found, bound)
        self._deferred = annotations_deferred
        self._statement: ast.AST | None = None  # the call of which nobody takes the result

    # Names

    def visit(self, node: ast.AST, spot: Spot) -> None:
        """Note what a part of the module uses."""
        handler = self._HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, spot)
            return
        for child in children(node):
            self.visit(child, spot)

    def _all(self, nodes: Iterable[ast.AST | None], spot: Spot) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, spot)

    def _name(self, node: ast.Name, spot: Spot) -> None:
        if isinstance(node.ctx, ast.Load):
            self._notes.mention(node.lineno, (node.id,), spot)
        elif not spot.in_class or isinstance(node.ctx, ast.Del):
            # What a function binds that is not its own, it says `global` of.
            again = spot._replace(role="rebound") if spot.role == "call" else spot.used_as("rebound")
            self._notes.mention(node.lineno, (node.id,), again)

    def _attribute(self, node: ast.Attribute, spot: Spot) -> None:
        chain = chain_of(node)
        if chain is None:
            self.visit(node.value, spot)
        else:
            self._notes.mention(node.lineno, chain, spot)

    def _searching(self, node: ast.AST, spot: Spot) -> None:
        """Read what may look names up by their text, and go on as with everything else."""
        self._notes.looked_up(node, spot)
        self._operation(node, spot)

    def _operation(self, node: ast.AST, spot: Spot) -> None:
        """Read what calls methods of what it is applied to."""
        for operand in _operands(node):
            self._notes.operated(operand, spot)
        self._all(children(node), spot)

    # Calls

    def _call(self, node: ast.Call, spot: Spot) -> None:
        self._notes.looked_up(node, spot)
        self._notes.called(node.func, spot)
        spine = spine_of(node.func)
        if spine is not None:
            how: Literal["call", "value"] = "call" if node is self._statement else "value"
            if spot.at_import or how == "call":
                self._notes.act(node, how, spine, spot)
            self._notes.handed(node, spine, spot)
        self._all([node.func, *node.args, *(keyword.value for keyword in node.keywords)], spot)

    def _expression(self, node: ast.Expr, spot: Spot) -> None:
        self._statement = node.value
        self.visit(node.value, spot)

    # Definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, spot: Spot) -> None:
        path = f"{spot.path}{node.name}"
        self._decorators(node, path, spot)
        self._defaults(node.args, spot.used_as("default", node.name))
        spot = self._with_type_parameters(node, path, spot)
        for argument in parameters(node.args):
            self._annotation(argument.annotation, path, spot)
        self._annotation(node.returns, path, spot)
        # As code objects have it: decorators come first.
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        self._body(node.body, node, path, start, spot)

    def _lambda(self, node: ast.Lambda, spot: Spot) -> None:
        self._defaults(node.args, spot)
        self._body([node.body], node, spot.lambda_path(node), node.lineno, spot)

    def _body(
        self,
        body: Iterable[ast.AST],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        path: str,
        start: int,
        spot: Spot,
    ) -> None:
        body = list(body)
        if spot.runs:
            self._found.functions[path] = (*self._found.functions.get(path, ()), start)
        block, own = read_function(node)
        found = block.bindings
        if declared := {binding.name for binding in found if binding.by == "global"}:
            self._found.mentions += rebound(found, self._bound.imported, declared)
        nested = {binding.name for binding in found if binding.by == "definition"}
        role: Role = "call" if spot.at_import else spot.role
        local = (spot.local - declared) | own  # a function around this one may have a local of that name
        self._all(body, Spot(role, path, start, f"{path}.", local, spot.nested | nested, detail=spot.detail))

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, path: str, spot: Spot) -> None:
        chains = []
        for decorator in node.decorator_list:
            self._notes.called(decorator, spot)
            chain = called_chain(decorator)
            if chain is not None:
                chains.append(("", *chain[1:]) if chain[0] in spot.local else chain)
                if spot.at_import:
                    self._notes.act(decorator, "decorator", chain, spot)
                if isinstance(decorator, ast.Call) and spot.runs:
                    self._found.factories.append((spot.owner, chain, spot.at_import))
            elif (spine := spine_of(decorator)) is not None:
                chains.append(("", *spine[1:]) if spine[0] in spot.local else spine)
            self.visit(decorator, spot.used_as("decorator", node.name))
        if chains:
            self._found.decorated[path] = (*self._found.decorated.get(path, ()), *chains)

    def _defaults(self, arguments: ast.arguments, spot: Spot) -> None:
        self._all([*arguments.defaults, *arguments.kw_defaults], spot)

    def _with_type_parameters(self, node: ast.AST, path: str, spot: Spot) -> Spot:
        """Read type parameters, which are evaluated on demand (PEP 695); return what holds where they are bound."""
        parameters = getattr(node, "type_params", ())
        if parameters:
            spot = spot._replace(local=spot.local.union(one.name for one in parameters))
            self._all(parameters, spot.used_as("unread", path))
        return spot

    def _class(self, node: ast.ClassDef, spot: Spot) -> None:
        path = f"{spot.path}{node.name}"
        self._found.classes[path] = tuple(chain for base in node.bases if (chain := chain_of(unsubscripted(base))))
        for keyword in node.keywords:
            if keyword.arg == "metaclass" and (chain := chain_of(keyword.value)):
                self._found.metaclasses[path] = chain
            elif keyword.arg:
                self._found.class_options[path] = (*self._found.class_options.get(path, ()), keyword.arg)
        self._decorators(node, path, spot)
        spot = self._with_type_parameters(node, path, spot)
        self._all([*node.bases, *(keyword.value for keyword in node.keywords)], spot.used_as("base", node.name))
        makers = (called_chain(decorator) or ("",) for decorator in node.decorator_list)
        dataclass = next((".".join(maker) for maker in makers if maker[-1] == "dataclass"), "")
        found = bindings(node.body)
        if declared := {binding.name for binding in found if binding.by == "global"}:
            self._found.mentions += rebound(found, self._bound.imported, declared, of_class=True)
        self._all(node.body, spot._replace(path=f"{path}.", in_class=True, dataclass=dataclass))

    def _if(self, node: ast.If, spot: Spot) -> None:
        kind = self._bound.scope.judge(node.test) if spot.role == "module" else ""
        body: Role = "typing" if kind == "typing" else "main" if kind == "main" else spot.role
        orelse: Role = "typing" if kind == "running" else spot.role
        self._notes.operated(node.test, spot)
        self.visit(node.test, spot)
        self._all(node.body, spot._replace(role=body))
        self._all(node.orelse, spot._replace(role=orelse))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, spot: Spot) -> None:
        first, *others = node.generators
        self._notes.operated(first.iter, spot)
        self.visit(first.iter, spot)  # of the scope around it
        self._notes.looked_up(first, spot)
        stored = {binding.name for binding in bindings(generator.target for generator in node.generators)}
        inner = spot._replace(local=spot.local | stored)
        self._all([first.target, *first.ifs, *others], inner)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._all(parts, inner)

    def _with(self, node: ast.With, spot: Spot) -> None:
        for item in node.items:
            self._notes.operated(item.context_expr, spot)
        self._all(node.items, spot)
        chains = [called_chain(item.context_expr) or ("",) for item in node.items]
        with self._notes.undone(any(chain[-1] == "catch_warnings" for chain in chains)):
            self._all(node.body, spot)

    # Assignments

    def _assign(self, node: ast.Assign | ast.AugAssign, spot: Spot) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        self._set(targets, spot)
        if spot.in_class:
            self._notes.made_in_class(node.value, spot)
        if isinstance(node, ast.AugAssign):
            self._notes.operated(node.target, spot)
        self._all([node.value, *targets], spot)

    def _delete(self, node: ast.Delete, spot: Spot) -> None:
        self._set(node.targets, spot)
        self._all(node.targets, spot)

    def _set(self, targets: Iterable[ast.expr], spot: Spot) -> None:
        """Note what is set, or deleted, in something else."""
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript) and (spine := spine_of(target)):
                self._notes.act(target, "set", spine, spot)

    def _alias(self, node: Any, spot: Spot) -> None:  # ast.TypeAlias, which Python 3.12 brought
        path = f"{spot.path}{node.name.id}"
        self._found.type_aliases.add(path)
        self.visit(node.name, spot)
        self._all([node.value], self._with_type_parameters(node, path, spot).used_as("unread", path))

    def _import(self, node: ast.Import | ast.ImportFrom, spot: Spot) -> None:
        """Imports bind names; they use none."""

    # Annotations

    def _assignment(self, node: ast.AnnAssign, spot: Spot) -> None:
        self._set([node.target], spot)
        self._notes.made_in_class(node.value, spot)
        if spot.role == "call":  # never evaluated
            self._annotation(node.annotation, "", spot._replace(role="typing"))
        else:
            self._annotation(node.annotation, spot.path.removesuffix("."), spot)
            chain = pseudo_field(node.annotation, self._bound.scope.bound) if spot.dataclass else None
            if chain is not None:
                self._notes.mention(node.lineno, chain, spot.used_as("field", f"`{spot.dataclass}` may evaluate"))
        self._all([node.value], spot)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target, spot)

    def _annotation(self, node: ast.expr | None, path: str, spot: Spot) -> None:
        """Note what an annotation of the class or function `path` uses."""
        if node is None:
            return
        unread = spot.used_as("unread", path)
        for inner in quoted(node, self._bound.scope.bound):
            self.visit(inner, unread)
        self.visit(node, unread if self._deferred else spot.used_as("annotation", path))

    _HANDLERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, Spot], None]]] = {
        ast.AnnAssign: _assignment,
        ast.Assign: _assign,
        ast.AsyncFunctionDef: _function,
        ast.Attribute: _attribute,
        ast.AugAssign: _assign,
        ast.BinOp: _operation,
        ast.Call: _call,
        ast.ClassDef: _class,
        ast.Compare: _searching,
        ast.Delete: _delete,
        ast.Expr: _expression,
        ast.For: _searching,
        ast.FunctionDef: _function,
        ast.If: _if,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Lambda: _lambda,
        ast.Name: _name,
        ast.Subscript: _searching,
        ast.UnaryOp: _operation,
        ast.With: _with,
        **dict.fromkeys(COMPREHENSIONS, _comprehension),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }


def _operands(node: ast.AST) -> list[ast.expr]:
    """Return what an expression or a loop calls methods of, though nothing there looks like a call."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Subscript(value=value) | ast.For(iter=value):
            return [value]
    return []
