"""Run time: what one source uses of a registry, and what of its package it imports, by its syntax alone.

It is read where a registry is older than the source. To find more than the generator would is no harm, to find less is
one: so a name counts wherever it is taken from something that was imported from the package.
"""

from deferred_imports._entries import is_within

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    ast, _registries = _named("ast", "deferred_imports._registries")
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deferred_imports import _registries


class Reading:
    """What a source says.

    Attributes:
        keys: The keys of the registry that it uses.
        modules: The absolute names that it imports from its package, most of them modules.
        unknown: What it imports in functions, and no target of the registry is: the module, and with what is taken.
    """

    def __init__(self, text: bytes, package: str, registry: "_registries.Registry") -> None:
        from ast import parse

        self.keys: set[str] = set()
        self.modules: set[str] = set()
        self.unknown: list[tuple[str, str]] = []
        self._own = registry.package
        self._registry = registry.module.__name__
        self._names = {entry.key for entry in registry.entries}
        self._of_target = {target: entry.key for entry in registry.entries for target in entry.targets}
        self._of_module = {target.partition(":")[0]: key for target, key in self._of_target.items()}
        # What was imported from the package, and by which absolute name, by the name that it has here.
        self._bound: dict[str, str] = {}
        nodes = list(_walk(parse(text)))
        is_lazy = any(
            base == self._registry and taken == "__lazy_modules__"
            for node, _ in nodes
            for base, taken, _ in _imported(node, package)
        )
        for node, is_in_function in nodes:
            for base, taken, bound in _imported(node, package):
                self._add_import(base, taken, bound, waits=is_in_function or is_lazy)
        for node, _ in nodes:
            self._add_alias(node)
        for node, _ in nodes:
            self._add_chain(node)
        self.keys &= self._names
        own = {target for target, key in self._of_target.items() if key in self.keys and is_within(target, self._own)}
        self.modules |= {target.partition(":")[0] for target in own}
        self.modules -= {self._own, self._registry}

    def _add_import(self, base: str, taken: str, bound: str, *, waits: bool) -> None:
        whole = f"{base}.{taken}" if taken else base
        if is_within(whole, self._own) or is_within(self._own, whole):
            self._bound[bound] = whole if taken or bound != self._own.partition(".")[0] else bound
            self._add_path(whole.split("."))
        if base == self._registry:
            self.keys.update(self._names if taken == "*" else {taken})
        elif waits and whole not in (self._own, self._registry):
            key = self._of_target.get(f"{base}:{taken}") or self._of_target.get(whole) or self._of_target.get(base)
            if key is None:
                self.unknown.append((base, whole))
            self.keys.add(key or self._of_module.get(base, ""))  # which imports the module as well

    def _add_alias(self, node: "ast.AST") -> None:
        from ast import Assign, Name

        if isinstance(node, Assign):
            root, rest = _chain_of(node.value)
            for target in node.targets if root in self._bound else ():
                if isinstance(target, Name):
                    self._bound.setdefault(target.id, ".".join([self._bound[root], *rest]))

    def _add_chain(self, node: "ast.AST") -> None:
        from ast import Call, Constant

        if isinstance(node, Call) and len(node.args) > 1 and isinstance(node.args[1], Constant):
            root, rest = _chain_of(node.args[0])  # getattr(_deferred, "np")
            rest = [*rest, str(node.args[1].value)]
        else:
            root, rest = _chain_of(node)
        if root in self._bound:
            self.keys.update(rest)
            self._add_path([*self._bound[root].split("."), *rest])

    def _add_path(self, parts: "list[str]") -> None:
        paths = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        self.modules.update(path for path in paths if is_within(path, self._own))
        self.keys.update(path[len(self._own) :] for path in paths)  # the key of what the package exports


def _walk(tree: "ast.AST") -> Iterator["tuple[ast.AST, bool]"]:
    """Yield all that may run, from the outside inwards, with whether it stands in a function."""
    from ast import AsyncFunctionDef, FunctionDef, If, Lambda, iter_child_nodes

    waiting = [(tree, False)]
    for node, is_in_function in waiting:
        yield node, is_in_function
        inside = is_in_function or isinstance(node, (FunctionDef, AsyncFunctionDef, Lambda))
        skipped = node.body if isinstance(node, If) and _is_for_checkers(node.test) else []
        waiting.extend((child, inside) for child in iter_child_nodes(node) if child not in skipped)


def _is_for_checkers(test: "ast.AST") -> bool:
    root, rest = _chain_of(test)
    return [root, *rest][-1] == "TYPE_CHECKING"


def _chain_of(node: "ast.AST") -> "tuple[str, list[str]]":
    """Return `a` and `["b", "c"]` for `a.b.c`; nothing for what is no such chain."""
    from ast import Attribute, Name

    names: list[str] = []
    while isinstance(node, Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, names[::-1]) if isinstance(node, Name) else ("", [])


def _imported(node: "ast.AST", package: str) -> Iterator[tuple[str, str, str]]:
    """Yield for an import the module, what is taken from it, and the name that it gets."""
    from ast import Import, ImportFrom

    if isinstance(node, Import):
        for alias in node.names:
            yield alias.name, "", alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ImportFrom):
        parents = package.split(".")
        base = ".".join(parents[: len(parents) + 1 - node.level]) if node.level else ""
        for alias in node.names:
            yield ".".join(filter(None, (base, node.module))), alias.name, alias.asname or alias.name
