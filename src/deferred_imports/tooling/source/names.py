"""What one module does with the names that its imports bind: what must be there while it is imported, and what later.

Builds on `statements`, which finds the imports themselves. Syntax only; nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.conditions import TRIES, Scope
from deferred_imports.tooling.source.imports import Chain
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse

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
            the annotation belongs to, as in `Module`.
    """

    line: int
    chain: Chain
    role: Role
    owner: str
    detail: str


@dataclass
class Module:
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


def read_module(text: str, *, annotations_deferred: bool = False) -> Module:
    """Analyse a module.

    Args:
        text: Its source.
        annotations_deferred: Whether every Python that it is for evaluates annotations only on demand (PEP 649).

    Raises:
        UnreadableSourceError: when it cannot be parsed.
    """
    tree, _ = parse(text)
    reader = _Reader(annotations_deferred or _postponed(tree))
    try:
        reader.collect(tree.body, "")
        for node in tree.body:
            reader.visit(node, _Place())
    except RecursionError as error:
        raise UnreadableSourceError(TOO_DEEP) from error
    return reader.found


def _postponed(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


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

_SELF = frozenset({"self", "cls"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class _Place(NamedTuple):
    """What holds where an expression stands."""

    role: Role = "module"
    owner: str = ""  # the function around it
    path: str = ""  # what definitions here are called, with a dot
    local: frozenset[str] = frozenset()  # what does not stand for a name of the module
    in_class: bool = False
    evaluating: str = ""  # what may evaluate the annotations of the class around it
    dataclass: str = ""  # what makes that a dataclass
    detail: str = ""

    @property
    def at_import(self) -> bool:
        return self.role not in {"call", "typing", "main", "unread"}

    def used_as(self, role: Role, detail: str = "") -> _Place:
        """Return what holds for something that is used as this, unless it is only used later."""
        return self._replace(role=role, detail=detail) if self.at_import else self


class _Reader:
    """Walks through one module: `collect` what it binds first, then `visit` what uses that."""

    def __init__(self, annotations_deferred: bool) -> None:
        self.found = Module()
        self._deferred = annotations_deferred
        self._scope = Scope("", {})
        self._tops: dict[str, str] = {}  # the top-level package behind a name
        self._names: set[str] = set()

    # What the module binds

    def collect(self, body: Iterable[ast.stmt], block: str) -> None:
        """Note what statements outside of functions bind."""
        for node in body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._collect_import(node, block)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._names.add(node.name)
            elif isinstance(node, ast.ClassDef):
                self._names.add(node.name)
                self.collect((child for child in node.body if isinstance(child, ast.Import | ast.ImportFrom)), "class")
            elif isinstance(node, TRIES):
                for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                    self.collect(part, "try")
            elif isinstance(node, ast.With):
                self.collect(node.body, block or "with")
            elif isinstance(node, ast.If | ast.For | ast.While):
                self.collect(node.body, block)
                self.collect(node.orelse, block)

    def _collect_import(self, node: ast.Import | ast.ImportFrom, block: str) -> None:
        base = node.module or "" if isinstance(node, ast.ImportFrom) else None
        if block:
            self.found.blocks[node.lineno] = block
        for alias in node.names:
            bound = alias.asname or (alias.name.partition(".")[0] if base is None else alias.name)
            self.found.bound[node.lineno, alias.name] = bound
            if alias.asname == alias.name:
                self.found.renamed.add((node.lineno, alias.name))
            if block != "class":
                self._names.add(bound)
                local = isinstance(node, ast.ImportFrom) and node.level
                self._tops[bound] = "" if local else (base or alias.name).partition(".")[0]
                if base is not None:
                    self._scope.bind(bound, base, alias.name)

    # What uses it

    def visit(self, node: ast.AST, place: _Place) -> None:
        """Note what a part of the module uses."""
        handler = self._HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, place)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child, place)

    def _all(self, nodes: Iterable[ast.AST | None], place: _Place) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, place)

    def _mention(self, line: int, chain: Chain, place: _Place) -> None:
        if chain[0] in self._names and chain[0] not in place.local:
            self.found.mentions.append(Mention(line, chain, place.role, place.owner, place.detail))

    def _name(self, node: ast.Name, place: _Place) -> None:
        if isinstance(node.ctx, ast.Load):
            self._mention(node.lineno, (node.id,), place)
        elif not place.in_class or isinstance(node.ctx, ast.Del):
            # What a function binds that is not its own, it says `global` of.
            rebound = place._replace(role="rebound") if place.role == "call" else place.used_as("rebound")
            self._mention(node.lineno, (node.id,), rebound)

    def _attribute(self, node: ast.Attribute, place: _Place) -> None:
        chain = chain_of(node)
        if chain is None:
            self.visit(node.value, place)
        else:
            self._mention(node.lineno, chain, place)

    def _call(self, node: ast.Call, place: _Place) -> None:
        self._called(node.func, place)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if reader := self._evaluates(node.func):
            self.found.handed += [(chain, reader) for argument in arguments if (chain := chain_of(argument))]
        self._all([node.func, *arguments], place)

    def _called(self, node: ast.expr, place: _Place) -> None:
        chain = chain_of(node.func if isinstance(node, ast.Call) else node)
        if (
            chain is not None
            and (chain[0] in _SELF or chain[0] not in place.local)
            and place.role not in {"typing", "main"}
        ):
            self.found.calls.append((place.owner, chain, place.at_import))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> None:
        for decorator in node.decorator_list:
            self._called(decorator, place)
            self.visit(decorator, place.used_as("decorator", node.name))
        self._defaults(node.args, place.used_as("default", node.name))
        reader = next(filter(None, map(self._evaluates, node.decorator_list)), "")
        path = f"{place.path}{node.name}"
        for argument in _arguments(node.args):
            self._annotation(argument.annotation, place, path, reader)
        self._annotation(node.returns, place, path, reader)
        self._all(getattr(node, "type_params", ()), place._replace(role="typing"))  # evaluated on demand (PEP 695)
        if place.role not in {"typing", "main"}:
            # As code objects have it: decorators come first.
            self.found.functions[path] = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        self._body(node.body, node, path, place)

    def _lambda(self, node: ast.Lambda, place: _Place) -> None:
        self._defaults(node.args, place)
        path = f"{place.path}<lambda:{node.lineno}>"
        self.found.functions[path] = node.lineno
        self._body([node.body], node, path, place)

    def _body(
        self,
        body: Iterable[ast.AST],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        path: str,
        place: _Place,
    ) -> None:
        role: Role = "call" if place.at_import else place.role
        own = _locals(node)
        inner = _Place(role, path, f"{path}.", place.local | own, detail=place.detail)
        # What a nested function is called hides nothing from calls: it is looked up there first.
        self._all(body, inner)

    def _defaults(self, arguments: ast.arguments, place: _Place) -> None:
        self._all([*arguments.defaults, *arguments.kw_defaults], place)

    def _class(self, node: ast.ClassDef, place: _Place) -> None:
        path = f"{place.path}{node.name}"
        bases = [chain for base in node.bases if (chain := chain_of(_unsubscripted(base)))]
        self.found.classes[path] = tuple(bases)
        for decorator in node.decorator_list:
            self._called(decorator, place)
            self.visit(decorator, place.used_as("decorator", node.name))
        self._all([*node.bases, *(keyword.value for keyword in node.keywords)], place.used_as("base", node.name))
        self._all(getattr(node, "type_params", ()), place._replace(role="typing"))
        readers = map(self._evaluates, [*node.decorator_list, *node.bases])
        if evaluating := next(filter(None, readers), ""):
            self.found.readers[path] = evaluating
        makers = (_called_chain(decorator) or ("",) for decorator in node.decorator_list)
        dataclass = next((".".join(maker) for maker in makers if maker[-1] == "dataclass"), "")
        body = place._replace(path=f"{path}.", in_class=True, evaluating=evaluating, dataclass=dataclass)
        self._all(node.body, body)

    def _assignment(self, node: ast.AnnAssign, place: _Place) -> None:
        if place.role == "call":  # never evaluated
            self._annotation(node.annotation, place._replace(role="typing"), "", "")
        else:
            self._annotation(node.annotation, place, place.path.removesuffix("."), place.evaluating)
            if place.dataclass:
                self._pseudo_field(node.annotation, place)
        self._all([node.value], place)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target, place)

    def _pseudo_field(self, node: ast.expr, place: _Place) -> None:
        """Note what a dataclass looks up in the module to tell whether an attribute is a field."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = re.match(r"\s*(?:\w+\s*\.\s*)?\w+", node.value)  # what dataclasses see of it
            chain: Chain | None = tuple(re.findall(r"\w+", match[0])) if match else None
        else:
            chain = chain_of(_unsubscripted(node))
        if chain is not None:
            origins = {name for _, name in self._scope.bound.get(chain[0], ())} if len(chain) == 1 else {chain[-1]}
            if not origins.isdisjoint(_PSEUDO_FIELDS):
                detail = f"`{place.dataclass}` may evaluate"
                self._mention(node.lineno, chain, place.used_as("annotation", detail))

    def _annotation(self, node: ast.expr | None, place: _Place, path: str, reader: str) -> None:
        """Note what an annotation of the class or function `path` uses; `reader` may evaluate it early."""
        if node is None:
            return
        detail = f"`{reader}` may evaluate" if reader else path
        read = place.used_as("annotation" if reader else "unread", detail)
        now = read if self._deferred else place.used_as("annotation")
        self._annotated(node, now, read)

    def _annotated(self, node: ast.expr, now: _Place, quoted: _Place) -> None:
        for part in _unnested(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                try:
                    inner, _ = parse(part.value.strip())
                except UnreadableSourceError:
                    continue
                for name in ast.walk(inner):
                    name.lineno = part.lineno  # type: ignore[attr-defined]  # only some nodes have one, none minds
                self.visit(inner, quoted)
        self.visit(node, now)

    def _evaluates(self, node: ast.expr) -> str:
        """Return the name of a decorator or base class that may evaluate annotations, or nothing."""
        chain = _called_chain(node)
        if chain is None:
            return ""
        top = self._tops.get(chain[0], "")
        if top in _HARMLESS_PACKAGES or not (top in _EVALUATING_PACKAGES or chain[-1] in _EVALUATING):
            return ""
        return ".".join(chain)

    def _if(self, node: ast.If, place: _Place) -> None:
        body = orelse = place
        kind = self._scope.judge(node.test) if place.role == "module" else ""
        if kind == "typing":
            body = place._replace(role="typing")
        elif kind == "main":
            body = place._replace(role="main")
        elif kind == "running":
            orelse = place._replace(role="typing")
        self.visit(node.test, place)
        self._all(node.body, body)
        self._all(node.orelse, orelse)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, place: _Place) -> None:
        stored = {
            part.id
            for generator in node.generators
            for part in ast.walk(generator.target)
            if isinstance(part, ast.Name)
        }
        inner = place._replace(local=place.local | stored)
        for child in ast.iter_child_nodes(node):
            self.visit(child, inner)

    def _assign(self, node: ast.Assign | ast.AugAssign, place: _Place) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            self._export(node.value)
        if reader := self._evaluates(node.value) if isinstance(node.value, ast.Call) else "":
            for target in targets:
                if isinstance(target, ast.Name):  # Base = declarative_base()
                    path = f"{place.path}{target.id}"
                    self.found.classes[path], self.found.readers[path] = (), reader
        self._all([node.value, *targets], place)

    def _expression(self, node: ast.Expr, place: _Place) -> None:
        match node.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"))):
                self._export(node.value)
        self.visit(node.value, place)

    def _export(self, node: ast.expr) -> None:
        parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
        self.found.exported.update(value for value in parts if isinstance(value, str))

    def _alias(self, node: Any, place: _Place) -> None:  # ast.TypeAlias, which Python 3.12 brought
        self._all([*node.type_params, node.value], place._replace(role="typing"))

    def _import(self, node: ast.Import | ast.ImportFrom, place: _Place) -> None:
        """Imports bind names; they use none."""

    _HANDLERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, _Place], None]]] = {
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
        **dict.fromkeys(_COMPREHENSIONS, _comprehension),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }


def chain_of(node: ast.expr) -> Chain | None:
    """Return the name and the attributes that an expression consists of, if it does."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None


def _called_chain(node: ast.expr) -> Chain | None:
    """Return the chain that a decorator or base class consists of, called or subscripted or not."""
    return chain_of(_unsubscripted(node.func if isinstance(node, ast.Call) else node))


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _unnested(node: ast.expr) -> Iterable[ast.AST]:
    return ast.walk(node) if not isinstance(node, ast.Name | ast.Attribute) else ()


def _arguments(node: ast.arguments) -> list[ast.arg]:
    more = [argument for argument in (node.vararg, node.kwarg) if argument is not None]
    return [*node.posonlyargs, *node.args, *node.kwonlyargs, *more]


def _locals(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Return the names that are the function's own."""
    found = {argument.arg for argument in _arguments(node.args)}
    declared: set[str] = set()
    stack: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Name):
            if not isinstance(part.ctx, ast.Load):
                found.add(part.id)
            continue
        if isinstance(part, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.Global | ast.Nonlocal):
            declared.update(part.names)
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            found.add(part.name)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stack += part.decorator_list
        elif isinstance(part, _COMPREHENSIONS):
            found.update(inner.target.id for inner in ast.walk(part) if isinstance(inner, ast.NamedExpr))
        elif not isinstance(part, ast.Lambda):
            stack += ast.iter_child_nodes(part)
    return found - declared
