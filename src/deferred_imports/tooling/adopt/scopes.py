"""Where a module uses the names that its top-level imports bind: in which function, and as what. Syntax only.

What `source.names` tells of lines, this tells of nodes: an edit needs the function and the expression.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from deferred_imports.tooling.adopt.moves import Definition
from deferred_imports.tooling.adopt.uses import Late, NameScope, PlacedUse, PlacedUses, UseRole
from deferred_imports.tooling.source.annotations import texts_of_types
from deferred_imports.tooling.source.conditions import Scope
from deferred_imports.tooling.source.text import UnreadableSourceError, parse_source

# What calls functions that it is handed when imports may fail, by its last name and what else stands before that.
_CALLING_LATE: Mapping[str, tuple[str, Late]] = {
    "register": ("atexit", "shutdown"),
    "finalize": ("", "shutdown"),
    "signal": ("", "interrupt"),
    "register_at_fork": ("", "interrupt"),
}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Functions that take a type as text, by the position or the keyword of it.
_TYPE_TEXTS: Mapping[str, tuple[int | str, ...]] = {
    "cast": (0,),
    "TypeVar": ("bound", 1, 2, 3, 4),
    "NewType": (1,),
    "ForwardRef": (0,),
}


def find_uses(
    tree: ast.Module,
    names: Iterable[str],
    imports: Iterable[ast.stmt],
    *,
    postponed: bool,
    readers: Callable[[ast.expr], str],
) -> PlacedUses:
    """Find the uses of names.

    Args:
        tree: The module.
        names: What to look for.
        imports: The statements at the top that bind them.
        postponed: Whether Python does not evaluate annotations (PEP 563 or PEP 649).
        readers: Tells of a decorator or a base class what to call it if it may evaluate annotations.
    """
    return _Walker(tree, frozenset(names), set(imports), postponed, readers).run()


class _Walker:
    def __init__(
        self,
        tree: ast.Module,
        names: frozenset[str],
        imports: set[ast.stmt],
        postponed: bool,
        readers: Callable[[ast.expr], str],
    ) -> None:
        self._readers = readers
        self._tree = tree
        self._names = names
        self._imports = imports
        self._postponed = postponed
        self._found = PlacedUses()
        self._all: list[PlacedUse] = []
        self._reader = ""
        self._conditions = Scope("", {})

    def run(self) -> PlacedUses:
        module = NameScope(self._tree, None)
        for node in ast.iter_child_nodes(self._tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._conditions.bind(alias.asname or alias.name, node.module or "", alias.name)
        self._each(self._tree.body, module, "module", None)
        for use in self._all:
            if self._is_global(use):
                self._found.uses.append(use)
        return self._found

    def _is_global(self, use: PlacedUse) -> bool:
        """Tell whether a use means the name of the module."""
        scope: NameScope | None = use.scope
        first = True
        while scope is not None and scope.parent is not None:
            if use.name in scope.declared and not scope.is_class:
                return scope.parent.parent is None or self._declares_global(scope, use.name)
            if use.name in scope.bound:
                if first and scope.is_class:
                    # Python looks in the class first, and then in the module, never in a function between.
                    self._found.unclear.setdefault(use.name, use.node.lineno)
                    return True
                if not scope.is_class:
                    return False
            first = False
            scope = scope.parent
        return True

    @staticmethod
    def _declares_global(scope: NameScope, name: str) -> bool:
        body: list[ast.stmt] = getattr(scope.node, "body", [])
        return any(isinstance(node, ast.Global) and name in node.names for part in body for node in ast.walk(part))

    # Walking

    def _visit(self, node: ast.AST, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        handler = self._HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, scope, role, annotation)
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope, role, annotation)

    def _each(
        self, nodes: Iterable[ast.AST | None], scope: NameScope, role: UseRole, annotation: ast.expr | None = None
    ) -> None:
        for node in nodes:
            if node is not None:
                self._visit(node, scope, role, annotation)

    def _bind(self, name: str, scope: NameScope, line: int) -> None:
        while isinstance(scope.node, _COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent  # an assignment expression binds in the function around
        scope.bound.add(name)
        if name in self._names and (scope.parent is None or name in scope.declared):
            self._found.bound.setdefault(name, line)

    def _name(self, node: ast.Name, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id in self._names:
                self._all.append(PlacedUse(node, node.id, (), role, scope, annotation, self._reader))
        elif isinstance(scope.node, _COMPREHENSIONS) and isinstance(node.ctx, ast.Store):
            scope.bound.add(node.id)
        else:
            self._bind(node.id, scope, node.lineno)

    def _named(self, node: ast.NamedExpr, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        self._visit(node.value, scope, role, annotation)
        self._bind(node.target.id, scope, node.lineno)

    def _attribute(self, node: ast.Attribute, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        attributes = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            attributes.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            if inner.id in self._names:
                self._all.append(
                    PlacedUse(inner, inner.id, tuple(reversed(attributes)), role, scope, annotation, self._reader)
                )
        else:
            self._visit(inner, scope, role, annotation)

    def _call(self, node: ast.Call, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        function = node.func
        last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if last in _CALLING_LATE:
            self._note_late(node, last)
        for place in _TYPE_TEXTS.get(last, ()):
            for index, argument in enumerate(node.args):
                if index == place:
                    self._texts(argument, scope)
            for keyword in node.keywords:
                if keyword.arg == place:
                    self._texts(keyword.value, scope)
        self._each([function, *node.args, *node.keywords], scope, role, annotation)

    def _note_late(self, node: ast.Call, name: str) -> None:
        """Note the functions that are handed to what calls them late."""
        told, late = _CALLING_LATE[name]
        if told not in ast.unparse(node.func):
            return
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            match value:
                case ast.Name(id=function) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=function):
                    self._found.late.setdefault(function, late)

    def _function(self, node: Definition, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        self._bind(node.name, scope, node.lineno)
        self._each(node.decorator_list, scope, _at(role, "decorator"), annotation)
        if any("atexit" in ast.unparse(decorator) for decorator in node.decorator_list):
            self._found.late.setdefault(node.name, "shutdown")
        reader = next(filter(None, map(self._readers, node.decorator_list)), "")
        around = self._parameters(node, scope, role, reader)
        inner = NameScope(node, around)
        self._each([*node.args.defaults, *node.args.kw_defaults], scope, _at(role, "default"))
        self._arguments(node.args, around, inner, role, reader)
        self._annotated(node.returns, around, role, reader)
        self._declare(node.body, inner)
        self._each(node.body, inner, "typing" if role == "typing" else "call")

    def _lambda(self, node: ast.Lambda, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        inner = NameScope(node, scope)
        self._each([*node.args.defaults, *node.args.kw_defaults], scope, _at(role, "default"))
        self._arguments(node.args, scope, inner, role)
        self._visit(node.body, inner, role if role == "typing" else "call", annotation)

    def _arguments(
        self, node: ast.arguments, outside: NameScope, inside: NameScope, role: UseRole, reader: str = ""
    ) -> None:
        for argument in (*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg):
            if argument is not None:
                inside.bound.add(argument.arg)
                self._annotated(argument.annotation, outside, role, reader)

    def _parameters(self, node: ast.AST, scope: NameScope, role: UseRole, reader: str) -> NameScope:
        """Return the scope of type parameters (PEP 695), whose bounds are evaluated on demand, or this one without."""
        parameters = getattr(node, "type_params", ())
        inner = NameScope(parameters[0], scope) if parameters else scope
        inner.bound.update(parameter.name for parameter in parameters)
        self._reader = reader
        for parameter in parameters:
            self._each(ast.iter_child_nodes(parameter), inner, _at(role, "unread"), parameter)
        self._reader = ""
        return inner

    def _declare(self, body: Iterable[ast.stmt], scope: NameScope) -> None:
        """Note what a function declares before anything in it is read: `global` may stand anywhere in it."""
        stack: list[ast.AST] = list(body)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Global | ast.Nonlocal):
                scope.declared.update(node.names)
            elif (
                (
                    isinstance(node, ast.stmt)
                    and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                )
                or isinstance(node, ast.ExceptHandler)
                or type(node).__name__ == "match_case"
            ):
                stack += (child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))

    def _global(self, node: ast.Global, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        for name in self._names.intersection(node.names):
            self._found.bound.setdefault(name, node.lineno)

    def _class(self, node: ast.ClassDef, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        self._bind(node.name, scope, node.lineno)
        self._each(node.decorator_list, scope, _at(role, "decorator"), annotation)
        reader = next(filter(None, map(self._readers, [*node.decorator_list, *node.bases])), "")
        around = self._parameters(node, scope, role, reader)
        self._each([*node.bases, *node.keywords], around, _at(role, "base"), annotation)
        inner = NameScope(node, around)
        inner.reader = reader
        self._declare(node.body, inner)
        self._each(node.body, inner, _at(role, "class"))

    def _comprehension(self, node: ast.AST, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        inner = NameScope(node, scope)
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        for index, generator in enumerate(generators):
            self._visit(generator.iter, inner if index else scope, role, annotation)
            self._visit(generator.target, inner, role, annotation)
            self._each(generator.ifs, inner, role, annotation)
        parts = [getattr(node, part, None) for part in ("elt", "key", "value")]
        self._each(parts, inner, role, annotation)

    def _assignment(self, node: ast.AnnAssign, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        is_local = role == "call" and not scope.is_class and isinstance(node.target, ast.Name)
        # That of a local name is never evaluated.
        self._annotated(node.annotation, scope, "unread" if is_local else role, scope.reader)
        self._each([node.value, node.target], scope, role, annotation)

    def _annotated(self, node: ast.expr | None, scope: NameScope, role: UseRole, reader: str) -> None:
        if node is None:
            return
        if role != "typing":
            self._reader = reader
            self._texts(node, scope)
            # In a function it is evaluated when that defines the inner one.
            read: UseRole = "call" if role == "call" else "annotation"
            role = "unread" if self._postponed or role == "unread" else read
        self._visit(node, scope, role, node)
        self._reader = ""

    def _texts(self, node: ast.expr, scope: NameScope) -> None:
        """Note the names in texts that stand for types."""
        for part, text in texts_of_types(node, self._conditions.bound):
            if len(text) < 1000:
                try:
                    inner, _ = parse_source(text.strip())
                except UnreadableSourceError:
                    continue
                for found in ast.walk(inner):
                    if isinstance(found, ast.Name) and found.id in self._names:
                        self._all.append(PlacedUse(part, found.id, (), "unread", scope, None, self._reader))

    def _assign(self, node: ast.Assign, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        if node not in self._imports:  # what a choice between imports binds is one of them
            self._each(ast.iter_child_nodes(node), scope, role, annotation)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: NameScope, role: UseRole, _: ast.expr | None) -> None:
        if node not in self._imports and role != "typing":
            for alias in node.names:
                self._bind(alias.asname or alias.name.partition(".")[0], scope, node.lineno)

    def _handler(self, node: ast.ExceptHandler, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        if node.name:
            self._bind(node.name, scope, node.lineno)
        self._each([node.type, *node.body], scope, role, annotation)

    def _pattern(self, node: Any, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self._bind(name, scope, node.lineno)
        self._each(ast.iter_child_nodes(node), scope, role, annotation)

    def _if(self, node: ast.If, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        kind = self._conditions.judge(node.test) if scope.parent is None else ""
        self._visit(node.test, scope, role, annotation)
        self._each(node.body, scope, "typing" if kind == "typing" else role)
        self._each(node.orelse, scope, "typing" if kind == "running" else role)

    def _alias(self, node: Any, scope: NameScope, role: UseRole, annotation: ast.expr | None) -> None:
        self._bind(node.name.id, scope, node.lineno)
        inner = self._parameters(node, scope, role, "")
        self._reader = f"{node.name.id}.__value__"  # whoever asks for that
        self._visit(node.value, inner, _at(role, "unread"), node.value)
        self._reader = ""

    _HANDLERS: ClassVar[Mapping[type[ast.AST], Callable[..., None]]] = {
        ast.AnnAssign: _assignment,
        ast.Assign: _assign,
        ast.AsyncFunctionDef: _function,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.ClassDef: _class,
        ast.ExceptHandler: _handler,
        ast.FunctionDef: _function,
        ast.Global: _global,
        ast.If: _if,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Lambda: _lambda,
        ast.MatchAs: _pattern,
        ast.MatchMapping: _pattern,
        ast.MatchStar: _pattern,
        ast.Name: _name,
        ast.NamedExpr: _named,
        **dict.fromkeys(_COMPREHENSIONS, _comprehension),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }


def _at(role: UseRole, other: UseRole) -> UseRole:
    """Return what a part of a definition is used as, which in a function is only used later."""
    return role if role in {"call", "typing", "unread"} else other
