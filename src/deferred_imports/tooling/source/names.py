"""What one module does with the names that its imports bind: what must be there while it is imported, and what later.

Builds on `imports`, which finds the imports themselves. Syntax only; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.annotations import are_postponed, pseudo_field, quoted, reader_in
from deferred_imports.tooling.source.bindings import COMPREHENSIONS, bindings, bound_by, locals_of, parameters
from deferred_imports.tooling.source.chains import Chain, called_chain, chain_of, unsubscripted
from deferred_imports.tooling.source.conditions import TRIES, Scope

Role: TypeAlias = Literal[
    "base", "decorator", "default", "annotation", "rebound", "module", "call", "typing", "main", "unread"
]
"""What a name is used as; the last four do not need it while the module is imported.

What is "unread" stands in an annotation that Python does not evaluate; something else may, such as a base class.
"""


class Mention(NamedTuple):
    """One place where a name is used.

    Attributes:
        line: Where.
        chain: The name, and the attributes read from it.
        role: What it is used as.
        owner: The function that it is used in, as `Class.method`; empty where no function has to be called.
        detail: The class, function or decorator that it is used for; where it is unread, the class or function that
            the annotation belongs to, as in `Names`.
    """

    line: int
    chain: Chain
    role: Role
    owner: str
    detail: str


@dataclass
class Names:
    """What one module binds and uses.

    Attributes:
        bound: What its imports bind at the top, by line and by what is imported (`numpy.linalg`, or the `b` of `from
            a import b`).
        blocks: The lines of imports at the top that stand in a `try`, a `with` or a class.
        mentions: Where names that imports or definitions bind are used.
        calls: What is called, or used as a decorator or base class: who does it (as an owner), the chain, and whether
            it happens while the module is imported.
        functions: The functions in it by qualified name, methods, nested ones and lambdas included, with the lines
            that their code begins at.
        classes: Its classes, with the chains of their bases.
        readers: What may evaluate the annotations of a class: its own decorators and bases that are known to.
        handed: Functions and classes that are handed to what may evaluate their annotations, as chains, with what does.
        exported: The names in `__all__`.
        renamed: The names that are imported as themselves: `import a as a`, `from a import b as b`.
    """

    bound: dict[tuple[int, str], str] = field(default_factory=dict)
    blocks: dict[int, str] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    calls: list[tuple[str, Chain, bool]] = field(default_factory=list)
    functions: dict[str, int] = field(default_factory=dict)
    classes: dict[str, tuple[Chain, ...]] = field(default_factory=dict)
    readers: dict[str, str] = field(default_factory=dict)
    handed: list[tuple[Chain, str]] = field(default_factory=list)
    exported: set[str] = field(default_factory=set)
    renamed: set[tuple[int, str]] = field(default_factory=set)


def read_names(tree: ast.Module, *, annotations_deferred: bool = False) -> Names:
    """Analyse a module.

    Args:
        tree: Its source, parsed.
        annotations_deferred: Whether every Python that it is for evaluates annotations only on demand (PEP 649).

    Raises:
        RecursionError: when it is nested too deeply.
    """
    reader = _NameReader(annotations_deferred or are_postponed(tree))
    for node, block in _outside_functions(tree.body, ""):
        reader.collect(node, block)
    for node in tree.body:
        reader.visit(node, _Spot())
    return reader.found


_SELF = frozenset({"self", "cls"})


class _Spot(NamedTuple):
    """What holds where an expression stands."""

    role: Role = "module"
    owner: str = ""  # the function around it
    path: str = ""  # what definitions here are called, with a dot
    local: frozenset[str] = frozenset()  # what does not stand for a name of the module
    nested: frozenset[str] = frozenset()  # which of these are functions and classes
    in_class: bool = False
    evaluating: str = ""  # what may evaluate the annotations of the class around it
    dataclass: str = ""  # what makes that a dataclass
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


def _outside_functions(body: Iterable[ast.stmt], block: str) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the statements outside of functions, each with the block around it that keeps an import where it is."""
    for node in body:
        yield node, block
        for part, kind in _parts(node, block):
            yield from _outside_functions(part, kind)


def _parts(node: ast.stmt, block: str) -> Iterator[tuple[list[ast.stmt], str]]:
    if isinstance(node, TRIES):
        for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
            yield part, "try"
    elif isinstance(node, ast.With):
        yield node.body, block or "with"
    elif isinstance(node, ast.If | ast.For | ast.While):
        yield node.body, block
        yield node.orelse, block
    elif isinstance(node, ast.ClassDef):
        yield [child for child in node.body if isinstance(child, ast.Import | ast.ImportFrom)], "class"


class _NameReader:
    """Walks through one module: `collect` what its statements bind first, then `visit` what uses that."""

    def __init__(self, annotations_deferred: bool) -> None:
        self.found = Names()
        self._deferred = annotations_deferred
        self._scope = Scope("", {})
        self._tops: dict[str, str] = {}  # the top-level package behind a name
        self._names: set[str] = set()

    # What the module binds

    def collect(self, node: ast.stmt, block: str) -> None:
        """Note what a statement outside of functions binds."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if block:
                self.found.blocks[node.lineno] = block
            for alias in node.names:
                self._collect_import(node, alias, block)

    def _collect_import(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, block: str) -> None:
        bound = bound_by(alias)
        self.found.bound[node.lineno, alias.name] = bound
        if alias.asname == alias.name:
            self.found.renamed.add((node.lineno, alias.name))
        if block == "class":
            return
        self._names.add(bound)
        if isinstance(node, ast.Import):
            self._tops[bound] = alias.name.partition(".")[0]
        else:
            module = node.module or ""
            self._tops[bound] = "" if node.level else module.partition(".")[0]
            self._scope.bind(bound, module, alias.name)

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
            self.found.mentions.append(Mention(line, chain, spot.role, spot.owner, spot.detail))

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

    def _call(self, node: ast.Call, spot: _Spot) -> None:
        self._called(node.func, spot)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if reader := reader_in([node.func], self._tops):
            self.found.handed += [(chain, reader) for argument in arguments if (chain := chain_of(argument))]
        self._all([node.func, *arguments], spot)

    def _called(self, node: ast.expr, spot: _Spot) -> None:
        chain = chain_of(node.func if isinstance(node, ast.Call) else node)
        if chain is None or not spot.runs:
            return
        # What a nested function is called hides nothing from calls: it is looked up there first.
        if chain[0] not in spot.local or chain[0] in _SELF or chain[0] in spot.nested:
            self.found.calls.append((spot.owner, chain, spot.at_import))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, spot: _Spot) -> None:
        self._decorators(node, spot)
        self._defaults(node.args, spot.used_as("default", node.name))
        reader = reader_in(node.decorator_list, self._tops)
        path = f"{spot.path}{node.name}"
        for argument in parameters(node.args):
            self._annotation(argument.annotation, spot, path, reader)
        self._annotation(node.returns, spot, path, reader)
        self._type_parameters(node, spot)
        if spot.runs:  # as code objects have it: decorators come first
            self.found.functions[path] = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        self._body(node.body, node, path, spot)

    def _lambda(self, node: ast.Lambda, spot: _Spot) -> None:
        self._defaults(node.args, spot)
        path = f"{spot.path}<lambda:{node.lineno}>"
        self.found.functions[path] = node.lineno
        self._body([node.body], node, path, spot)

    def _body(
        self,
        body: Iterable[ast.AST],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        path: str,
        spot: _Spot,
    ) -> None:
        body = list(body)
        role: Role = "call" if spot.at_import else spot.role
        nested = {binding.name for binding in bindings(body) if binding.by == "definition"}
        local = spot.local | locals_of(node)
        self._all(body, _Spot(role, path, f"{path}.", local, spot.nested | nested, detail=spot.detail))

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, spot: _Spot) -> None:
        for decorator in node.decorator_list:
            self._called(decorator, spot)
            self.visit(decorator, spot.used_as("decorator", node.name))

    def _defaults(self, arguments: ast.arguments, spot: _Spot) -> None:
        self._all([*arguments.defaults, *arguments.kw_defaults], spot)

    def _type_parameters(self, node: ast.AST, spot: _Spot) -> None:
        """Read what is evaluated on demand (PEP 695)."""
        self._all(getattr(node, "type_params", ()), spot._replace(role="typing"))

    def _class(self, node: ast.ClassDef, spot: _Spot) -> None:
        path = f"{spot.path}{node.name}"
        self.found.classes[path] = tuple(chain for base in node.bases if (chain := chain_of(unsubscripted(base))))
        self._decorators(node, spot)
        self._all([*node.bases, *(keyword.value for keyword in node.keywords)], spot.used_as("base", node.name))
        self._type_parameters(node, spot)
        if evaluating := reader_in([*node.decorator_list, *node.bases], self._tops):
            self.found.readers[path] = evaluating
        makers = (called_chain(decorator) or ("",) for decorator in node.decorator_list)
        dataclass = next((".".join(maker) for maker in makers if maker[-1] == "dataclass"), "")
        body = spot._replace(path=f"{path}.", in_class=True, evaluating=evaluating, dataclass=dataclass)
        self._all(node.body, body)

    def _if(self, node: ast.If, spot: _Spot) -> None:
        kind = self._scope.judge(node.test) if spot.role == "module" else ""
        body: Role = "typing" if kind == "typing" else "main" if kind == "main" else spot.role
        orelse: Role = "typing" if kind == "running" else spot.role
        self.visit(node.test, spot)
        self._all(node.body, spot._replace(role=body))
        self._all(node.orelse, spot._replace(role=orelse))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, spot: _Spot) -> None:
        stored = {binding.name for binding in bindings(generator.target for generator in node.generators)}
        inner = spot._replace(local=spot.local | stored)
        self._all(ast.iter_child_nodes(node), inner)

    def _assign(self, node: ast.Assign | ast.AugAssign, spot: _Spot) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if "__all__" in names:
            self._export(node.value)
        if reader := reader_in([node.value], self._tops) if isinstance(node.value, ast.Call) else "":
            for name in names:  # Base = declarative_base()
                path = f"{spot.path}{name}"
                self.found.classes[path], self.found.readers[path] = (), reader
        self._all([node.value, *targets], spot)

    def _expression(self, node: ast.Expr, spot: _Spot) -> None:
        match node.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"))):
                self._export(node.value)
        self.visit(node.value, spot)

    def _export(self, node: ast.expr) -> None:
        parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
        self.found.exported.update(value for value in parts if isinstance(value, str))

    def _alias(self, node: Any, spot: _Spot) -> None:  # ast.TypeAlias, which Python 3.12 brought
        self._all([*node.type_params, node.value], spot._replace(role="typing"))

    def _import(self, node: ast.Import | ast.ImportFrom, spot: _Spot) -> None:
        """Imports bind names; they use none."""

    # Annotations

    def _assignment(self, node: ast.AnnAssign, spot: _Spot) -> None:
        if spot.role == "call":  # never evaluated
            self._annotation(node.annotation, spot._replace(role="typing"), "", "")
        else:
            self._annotation(node.annotation, spot, spot.path.removesuffix("."), spot.evaluating)
            chain = pseudo_field(node.annotation, self._scope.bound) if spot.dataclass else None
            if chain is not None:
                self._mention(node.lineno, chain, spot.used_as("annotation", f"`{spot.dataclass}` may evaluate"))
        self._all([node.value], spot)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target, spot)

    def _annotation(self, node: ast.expr | None, spot: _Spot, path: str, reader: str) -> None:
        """Note what an annotation of the class or function `path` uses; `reader` may evaluate it early."""
        if node is None:
            return
        detail = f"`{reader}` may evaluate" if reader else path
        read = spot.used_as("annotation" if reader else "unread", detail)
        for inner in quoted(node):
            self.visit(inner, read)
        self.visit(node, read if self._deferred else spot.used_as("annotation"))

    _HANDLERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, _Spot], None]]] = {
        ast.AnnAssign: _assignment,
        ast.Assign: _assign,
        ast.AsyncFunctionDef: _function,
        ast.Attribute: _attribute,
        ast.AugAssign: _assign,
        ast.Call: _call,
        ast.ClassDef: _class,
        ast.Expr: _expression,
        ast.FunctionDef: _function,
        ast.If: _if,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Lambda: _lambda,
        ast.Name: _name,
        **dict.fromkeys(COMPREHENSIONS, _comprehension),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }
