"""What one module does with the names that its imports bind: what must be there while it is imported, and what later.

Builds on `imports`, which finds the imports themselves. Syntax only; nothing is run, and nothing is judged: what a
decorator or a call does that other modules hold is for the program as a whole to tell.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from deferred_imports.tooling.source.annotations import are_postponed, pseudo_field, quoted
from deferred_imports.tooling.source.bindings import COMPREHENSIONS, bindings, bound_by, locals_of, parameters
from deferred_imports.tooling.source.chains import Chain, called_chain, chain_of, spine_of, unsubscripted
from deferred_imports.tooling.source.conditions import TRIES, Scope
from deferred_imports.tooling.source.exports import exports_in
from deferred_imports.tooling.source.lookups import lookup
from deferred_imports.tooling.source.mentions import Act, Handed, Mention, Names, Role


def read_names(tree: ast.Module, *, annotations_deferred: bool = False) -> Names:
    """Analyse a module.

    Args:
        tree: Its source, parsed.
        annotations_deferred: Whether every Python that it is for evaluates annotations only on demand (PEP 649).

    Raises:
        RecursionError: when it is nested too deeply.
    """
    reader = _NameReader(annotations_deferred or are_postponed(tree))
    for node, block in _outside_functions(tree.body, _Block()):
        reader.collect(node, block)
    reader.rebind(tree.body, declared=None)
    for node in tree.body:
        reader.visit(node, _Spot())
    reader.found.exports = exports_in(tree.body)
    return reader.found


_SELF = frozenset({"self", "cls"})
_BUILTINS = frozenset(dir(builtins))
_RUNNING = frozenset({"map", "filter", "sorted", "min", "max", "sum", "any", "all"})  # what calls what it is handed
_REBINDING = frozenset({"definition", "handler", "pattern"})  # an assignment is met on the way


class _Block(NamedTuple):
    """What stands around a statement outside of functions."""

    kind: str = ""  # what keeps an import where it is
    condition: int = 0


class _Spot(NamedTuple):
    """What holds where an expression stands."""

    role: Role = "module"
    owner: str = ""  # the function around it
    start: int = 0
    path: str = ""  # what definitions here are called, with a dot
    local: frozenset[str] = frozenset()  # what does not stand for a name of the module
    nested: frozenset[str] = frozenset()  # which of these are functions and classes
    in_class: bool = False
    dataclass: str = ""  # what makes the class around it a dataclass
    detail: str = ""

    @property
    def at_import(self) -> bool:
        return self.role not in {"call", "typing", "main", "unread"}

    @property
    def runs(self) -> bool:
        return self.role not in {"typing", "main"}

    def used_as(self, role: Role, detail: str = "") -> _Spot:
        """Return what holds for something that is used as this, unless it is only used later."""
        return self._replace(role=role, detail=detail) if self.at_import else self


def _outside_functions(body: Iterable[ast.stmt], block: _Block) -> Iterator[tuple[ast.stmt, _Block]]:
    """Yield the statements outside of functions, each with what stands around it."""
    for node in body:
        yield node, block
        for part, around in _parts(node, block):
            yield from _outside_functions(part, around)


def _parts(node: ast.stmt, block: _Block) -> Iterator[tuple[list[ast.stmt], _Block]]:
    match node:
        case ast.With():
            yield node.body, block._replace(kind=block.kind or "with")
        case ast.If() | ast.For() | ast.While():
            around = block._replace(condition=node.lineno)
            yield node.body, around
            yield node.orelse, around
        case ast.Match():
            for case in node.cases:
                yield case.body, block._replace(condition=node.lineno)
        case ast.ClassDef():
            yield node.body, block._replace(kind="class")
    if isinstance(node, TRIES):
        for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
            yield part, block._replace(kind="class" if block.kind == "class" else "try")


class _NameReader:
    """Walks through one module: `collect` what its statements bind first, then `visit` what uses that."""

    def __init__(self, annotations_deferred: bool) -> None:
        self.found = Names()
        self._deferred = annotations_deferred
        self._scope = Scope("", {})
        self._imported: set[str] = set()
        self._names: set[str] = set()
        self._statement: ast.AST | None = None  # the call of which nobody takes the result

    # What the module binds

    def collect(self, node: ast.stmt, block: _Block) -> None:
        """Note what a statement outside of functions binds."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.found.ends[node.lineno] = node.end_lineno or node.lineno
            if block.kind:
                self.found.blocks[node.lineno] = block.kind
            if block.condition:
                self.found.conditions[node.lineno] = block.condition
            for alias in node.names:
                self._collect_import(node, alias, block)
        elif block.kind == "class":
            return
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            made_from = spine_of(node.value)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if made_from and isinstance(target, ast.Name) and made_from[0] != target.id:
                    self.found.assigned[target.id] = made_from

    def _collect_import(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, block: _Block) -> None:
        bound = bound_by(alias)
        if alias.asname == alias.name:
            self.found.renamed.add((node.lineno, alias.name))
        if block.kind == "class":
            return
        self._names.add(bound)
        self._imported.add(bound)
        if isinstance(node, ast.ImportFrom):
            self._scope.bind(bound, node.module or "", alias.name)

    def rebind(self, body: Iterable[ast.AST], *, declared: set[str] | None) -> None:
        """Note what binds names of the module again: definitions, handlers, patterns, and imports in functions.

        Args:
            body: The block.
            declared: The names of which a function says that they are the module's; None for the module itself.
        """
        for binding in bindings(body):
            kinds = _REBINDING if declared is None else {*_REBINDING, "import"}
            ours = declared is None or binding.name in declared
            if ours and binding.by in kinds and binding.name in self._imported:
                self.found.mentions.append(Mention(binding.line, (binding.name,), "rebound"))

    # What uses it

    def visit(self, node: ast.AST, spot: _Spot) -> None:
        """Note what a part of the module uses."""
        handler = self._HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, spot)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child, spot)

    def _all(self, nodes: Iterable[ast.AST | None], spot: _Spot) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, spot)

    def _mention(self, line: int, chain: Chain, spot: _Spot) -> None:
        if chain[0] in self._names and chain[0] not in spot.local:
            self.found.mentions.append(Mention(line, chain, spot.role, spot.owner, spot.start, spot.detail))

    def _name(self, node: ast.Name, spot: _Spot) -> None:
        if isinstance(node.ctx, ast.Load):
            self._mention(node.lineno, (node.id,), spot)
        elif not spot.in_class or isinstance(node.ctx, ast.Del):
            # What a function binds that is not its own, it says `global` of.
            rebound = spot._replace(role="rebound") if spot.role == "call" else spot.used_as("rebound")
            self._mention(node.lineno, (node.id,), rebound)

    def _attribute(self, node: ast.Attribute, spot: _Spot) -> None:
        chain = chain_of(node)
        if chain is None:
            self.visit(node.value, spot)
        else:
            self._mention(node.lineno, chain, spot)

    def _looked_up(self, node: ast.AST, spot: _Spot) -> None:
        line = node.iter.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
        for name in lookup(node, in_function=bool(spot.owner)):
            if name is None:
                self.found.lookups.append(line)
            elif name in self._imported:
                self.found.mentions.append(Mention(line, (name,), "by-name", spot.owner, spot.start))

    def _searching(self, node: ast.AST, spot: _Spot) -> None:
        """Read what may look names up by their text, and goes on as everything else."""
        self._looked_up(node, spot)
        self._all(ast.iter_child_nodes(node), spot)

    # Calls

    def _call(self, node: ast.Call, spot: _Spot) -> None:
        self._looked_up(node, spot)
        self._called(node.func, spot)
        spine = spine_of(node.func)
        if spine is not None:
            how: Literal["call", "value"] = "call" if node is self._statement else "value"
            if spot.at_import or how == "call":
                self._act(node, how, spine, spot)
            self._hand(node, spine, spot)
        self._all([node.func, *node.args, *(keyword.value for keyword in node.keywords)], spot)

    def _called(self, node: ast.expr, spot: _Spot) -> None:
        if not spot.runs:
            return
        if isinstance(node, ast.Lambda):
            self.found.calls.append((spot.owner, (_lambda_path(node, spot),), spot.at_import))
            return
        chain = chain_of(node.func if isinstance(node, ast.Call) else node)
        # What a nested function is called hides nothing from calls: it is looked up there first.
        if chain and (chain[0] not in spot.local or chain[0] in _SELF or chain[0] in spot.nested):
            self.found.calls.append((spot.owner, chain, spot.at_import))

    def _hand(self, node: ast.Call, to: Chain, spot: _Spot) -> None:
        """Note what a call is handed."""
        if not spot.runs or (to[0] in _BUILTINS and to[0] not in self._names and to[-1] not in _RUNNING):
            return
        to = ("", *to[1:]) if to[0] in spot.local else to
        arguments = [
            *((argument, "") for argument in node.args),
            *((one.value, one.arg or "") for one in node.keywords),
        ]
        for argument, keyword in arguments:
            for part in _things(argument):
                if isinstance(part, ast.Lambda):
                    chain: Chain | None = (_lambda_path(part, spot),)
                else:
                    chain = chain_of(part)
                    chain = chain if chain and chain[0] in self._names and chain[0] not in spot.local else None
                if chain is not None:
                    self.found.handed.append(Handed(chain, to, keyword, spot.owner, spot.at_import))

    def _act(
        self, node: ast.expr, how: Literal["set", "call", "value", "decorator"], chain: Chain, spot: _Spot
    ) -> None:
        ours = chain[0] in self._imported or chain[0] in self.found.assigned
        if spot.runs and ours and chain[0] not in spot.local and not _is_null(node):
            self.found.acts.append(Act(node.lineno, how, chain, spot.owner, spot.at_import))

    def _expression(self, node: ast.Expr, spot: _Spot) -> None:
        self._statement = node.value
        self.visit(node.value, spot)

    # Definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, spot: _Spot) -> None:
        path = f"{spot.path}{node.name}"
        self._decorators(node, path, spot)
        self._defaults(node.args, spot.used_as("default", node.name))
        spot = self._with_type_parameters(node, spot)
        for argument in parameters(node.args):
            self._annotation(argument.annotation, path, spot)
        self._annotation(node.returns, path, spot)
        # As code objects have it: decorators come first.
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        self._body(node.body, node, path, start, spot)

    def _lambda(self, node: ast.Lambda, spot: _Spot) -> None:
        self._defaults(node.args, spot)
        self._body([node.body], node, _lambda_path(node, spot), node.lineno, spot)

    def _body(
        self,
        body: Iterable[ast.AST],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        path: str,
        start: int,
        spot: _Spot,
    ) -> None:
        body = list(body)
        if spot.runs:
            self.found.functions[path] = (*self.found.functions.get(path, ()), start)
        found = list(bindings(body))
        if declared := {binding.name for binding in found if binding.by == "global"}:
            self.rebind(body, declared=declared)
        nested = {binding.name for binding in found if binding.by == "definition"}
        role: Role = "call" if spot.at_import else spot.role
        local = spot.local | locals_of(node)
        self._all(body, _Spot(role, path, start, f"{path}.", local, spot.nested | nested, detail=spot.detail))

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, path: str, spot: _Spot) -> None:
        chains = []
        for decorator in node.decorator_list:
            self._called(decorator, spot)
            chain = called_chain(decorator)
            if chain is not None:
                chains.append(("", *chain[1:]) if chain[0] in spot.local else chain)
                if spot.at_import:
                    self._act(decorator, "decorator", chain, spot)
                if isinstance(decorator, ast.Call) and spot.runs:
                    self.found.factories.append((spot.owner, chain, spot.at_import))
            elif (spine := spine_of(decorator)) is not None:
                chains.append(("", *spine[1:]) if spine[0] in spot.local else spine)
            self.visit(decorator, spot.used_as("decorator", node.name))
        if chains:
            self.found.decorated[path] = (*self.found.decorated.get(path, ()), *chains)

    def _defaults(self, arguments: ast.arguments, spot: _Spot) -> None:
        self._all([*arguments.defaults, *arguments.kw_defaults], spot)

    def _with_type_parameters(self, node: ast.AST, spot: _Spot) -> _Spot:
        """Read type parameters, which are evaluated on demand (PEP 695); return what holds where they are bound."""
        parameters = getattr(node, "type_params", ())
        self._all(parameters, spot._replace(role="typing"))
        return spot._replace(local=spot.local.union(one.name for one in parameters)) if parameters else spot

    def _class(self, node: ast.ClassDef, spot: _Spot) -> None:
        path = f"{spot.path}{node.name}"
        self.found.classes[path] = tuple(chain for base in node.bases if (chain := chain_of(unsubscripted(base))))
        for keyword in node.keywords:
            if keyword.arg == "metaclass" and (chain := chain_of(keyword.value)):
                self.found.metaclasses[path] = chain
        self._decorators(node, path, spot)
        spot = self._with_type_parameters(node, spot)
        self._all([*node.bases, *(keyword.value for keyword in node.keywords)], spot.used_as("base", node.name))
        makers = (called_chain(decorator) or ("",) for decorator in node.decorator_list)
        dataclass = next((".".join(maker) for maker in makers if maker[-1] == "dataclass"), "")
        self._all(node.body, spot._replace(path=f"{path}.", in_class=True, dataclass=dataclass))

    def _if(self, node: ast.If, spot: _Spot) -> None:
        kind = self._scope.judge(node.test) if spot.role == "module" else ""
        body: Role = "typing" if kind == "typing" else "main" if kind == "main" else spot.role
        orelse: Role = "typing" if kind == "running" else spot.role
        self.visit(node.test, spot)
        self._all(node.body, spot._replace(role=body))
        self._all(node.orelse, spot._replace(role=orelse))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, spot: _Spot) -> None:
        first, *others = node.generators
        self.visit(first.iter, spot)  # of the scope around it
        self._looked_up(first, spot)
        stored = {binding.name for binding in bindings(generator.target for generator in node.generators)}
        inner = spot._replace(local=spot.local | stored)
        self._all([first.target, *first.ifs, *others], inner)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._all(parts, inner)

    # Assignments

    def _assign(self, node: ast.Assign | ast.AugAssign, spot: _Spot) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        self._set(targets, spot)
        self._all([node.value, *targets], spot)

    def _delete(self, node: ast.Delete, spot: _Spot) -> None:
        self._set(node.targets, spot)
        self._all(node.targets, spot)

    def _set(self, targets: Iterable[ast.expr], spot: _Spot) -> None:
        """Note what is set, or deleted, in something else."""
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript) and (spine := spine_of(target)):
                self._act(target, "set", spine, spot)

    def _alias(self, node: Any, spot: _Spot) -> None:  # ast.TypeAlias, which Python 3.12 brought
        inner = self._with_type_parameters(node, spot)
        self._all([node.value], inner._replace(role="typing"))

    def _import(self, node: ast.Import | ast.ImportFrom, spot: _Spot) -> None:
        """Imports bind names; they use none."""

    # Annotations

    def _assignment(self, node: ast.AnnAssign, spot: _Spot) -> None:
        self._set([node.target], spot)
        if spot.role == "call":  # never evaluated
            self._annotation(node.annotation, "", spot._replace(role="typing"))
        else:
            self._annotation(node.annotation, spot.path.removesuffix("."), spot)
            chain = pseudo_field(node.annotation, self._scope.bound) if spot.dataclass else None
            if chain is not None:
                self._mention(node.lineno, chain, spot.used_as("field", f"`{spot.dataclass}` may evaluate"))
        self._all([node.value], spot)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target, spot)

    def _annotation(self, node: ast.expr | None, path: str, spot: _Spot) -> None:
        """Note what an annotation of the class or function `path` uses."""
        if node is None:
            return
        unread = spot.used_as("unread", path)
        for inner in quoted(node):
            self.visit(inner, unread)
        self.visit(node, unread if self._deferred else spot.used_as("annotation", path))

    _HANDLERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, _Spot], None]]] = {
        ast.AnnAssign: _assignment,
        ast.Assign: _assign,
        ast.AsyncFunctionDef: _function,
        ast.Attribute: _attribute,
        ast.AugAssign: _assign,
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
        **dict.fromkeys(COMPREHENSIONS, _comprehension),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }


def _lambda_path(node: ast.Lambda, spot: _Spot) -> str:
    return f"{spot.path}<lambda:{node.lineno}>"


def _things(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what is handed on in an argument: it itself, or what is listed in it."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Lambda():
            yield node
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
            for part in parts:
                yield from _things(part)
        case ast.Subscript(value=value, slice=inner):  # list[Item]
            yield from _things(value)
            yield from _things(inner)


def _is_null(node: ast.expr) -> bool:
    """Tell whether a call adds the handler that does nothing, as libraries are asked to."""
    return isinstance(node, ast.Call) and any(
        isinstance(argument, ast.Call) and (spine_of(argument.func) or ("",))[-1] == "NullHandler"
        for argument in node.args
    )
