"""What others want of a module's names: what the project and its tests import, read and replace. Syntax only."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field
from importlib.util import resolve_name

from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.readers import Heirs
from deferred_imports.tooling.adopt.viewing import ALL, find_views

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_REPLACING = frozenset({"setattr", "delattr", "object", "multiple", "dict", "swap_attr", "stub", "spy"})


@dataclass(frozen=True)
class Source:
    """One file: its module, for those of the package, its syntax, and whether it may evaluate annotations."""

    module: str
    path: str
    is_package: bool
    tree: ast.Module
    reads: bool = False

    def origin(self, node: ast.ImportFrom) -> str | None:
        """Return the absolute name of what a statement imports from; None for what leaves the package."""
        package = self.module if self.is_package else self.module.rpartition(".")[0]
        try:
            return resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
        except ImportError:
            return None


@dataclass
class _Gathered:
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    patched: dict[str, set[str]] = field(default_factory=dict)
    all_patched: set[str] = field(default_factory=set)
    anywhere: set[str] = field(default_factory=set)
    starred: dict[str, str] = field(default_factory=dict)
    looked_up: dict[str, str] = field(default_factory=dict)
    viewed: dict[str, str] = field(default_factory=dict)
    views: dict[str, list[str]] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def find_wanted(
    modules: Collection[str],
    package: Iterable[Source],
    others: Iterable[Source],
    entry_points: Iterable[str],
    documents: Iterable[tuple[str, str]] = (),
) -> dict[str, Wanted]:
    """Return what is wanted of each module of a package.

    Args:
        modules: The names of its modules.
        package: These modules, of which each is read once, and not kept.
        others: Tests and whatever else the project holds.
        entry_points: What its entry points refer to.
        documents: Its documentation: paths and texts.
    """
    found, heirs = _Gathered(), Heirs()
    for source in package:
        _WantedFinder(source, modules, found, is_test=False).read()
        heirs.add(source.tree, reads=source.reads)
    for source in others:
        _WantedFinder(source, modules, found, is_test=True).read()
    for reference in entry_points:
        module, _, attribute = reference.partition("[")[0].partition(":")
        name = attribute.strip().partition(".")[0]
        found.taken.setdefault(module.strip(), {}).setdefault(name, "an entry point")
    tops = {module.partition(".")[0] for module in modules}
    for path, text in documents:
        for dotted in _DOTTED.findall(text):
            module, rest = split(dotted, modules) if dotted.partition(".")[0] in tops else ("", [])
            if module and rest:
                found.taken.setdefault(module, {}).setdefault(rest[0], f"`{path}`")
    inherited = heirs.names()
    submodules: dict[str, set[str]] = {}
    for module in modules:
        parent, _, last = module.rpartition(".")
        submodules.setdefault(parent, set()).add(last)
    return {
        module: Wanted(
            taken=found.taken.get(module, {}),
            patched=frozenset(found.patched.get(module, set()) | found.anywhere),
            all_patched=module in found.all_patched,
            starred=found.starred.get(module, ""),
            looked_up=found.looked_up.get(module, ""),
            viewed=found.viewed.get(module, ""),
            views="|".join(found.views.get(module, ())),
            listed=found.listed.get(module, ""),
            lists="|".join(found.lists.get(module, ())),
            submodules=frozenset(submodules.get(module, ())),
            heirs=inherited,
        )
        for module in modules
    }


def split(dotted: str, modules: Container[str]) -> tuple[str, list[str]]:
    """Return the longest module that a dotted text begins with, and what comes after it."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        if (module := ".".join(parts[:end])) in modules:
            return module, parts[end:]
    return "", []


class _WantedFinder:
    def __init__(self, source: Source, modules: Collection[str], found: _Gathered, *, is_test: bool) -> None:
        self._source = source
        self._modules = modules
        self._found = found
        self._is_test = is_test
        self._bound: dict[str, str] = {}
        self._views: dict[ast.expr, str] = {}

    def read(self) -> None:
        """Note all that the file wants."""
        nodes = list(ast.walk(self._source.tree))
        self._views = find_views(nodes)
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._bound[alias.asname or name] = name
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node)
        for node in nodes:
            self._node(node)

    def _node(self, node: ast.AST) -> None:
        if isinstance(node, ast.Attribute):
            self._attribute(node)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
                self._text(node.value)
        elif isinstance(node, ast.JoinedStr):
            self._joined(node)
        elif isinstance(node, ast.Call):
            self._look_up(node)
            if self._is_test:
                self._call(node)

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = self._source.origin(node) or ""
        for alias in node.names:
            whole = f"{module}.{alias.name}"
            if alias.name == "*":
                self._found.starred.setdefault(module, f"`{self._source.path}`")
                continue
            self._bound[alias.asname or alias.name] = whole
            if module in self._modules and whole not in self._modules and module != self._source.module:
                self._take(module, alias.name)

    def _take(self, module: str, name: str) -> None:
        self._found.taken.setdefault(module, {}).setdefault(name, f"`{self._source.path}`")

    def _attribute(self, node: ast.Attribute) -> None:
        parts = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self._bound:
            module, rest = split(".".join([self._bound[inner.id], *reversed(parts)]), self._modules)
            if module and rest and module != self._source.module:
                self._take(module, rest[0])

    def _text(self, text: str) -> None:
        module, rest = split(text, self._modules)
        if module and rest:
            if self._is_test:
                self._found.patched.setdefault(module, set()).add(rest[0])
            elif module != self._source.module:
                self._take(module, rest[0])

    def _joined(self, node: ast.JoinedStr) -> None:
        """Note a text that is put together at run time, such as `f"weather.cli.{name}"`."""
        first = node.values[0] if node.values else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and len(node.values) > 1:
            module, dot, _ = first.value.rpartition(".")
            if dot and module in self._modules and first.value.endswith("."):
                self._found.all_patched.add(module)

    def _look_up(self, node: ast.Call) -> None:
        """Note what reads any name of a module: `getattr(module, name)` and `dir`, which it can serve, and `vars`."""
        every, views = self._found, None
        match node:
            case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[holder, index, *_]):
                found = every.looked_up
                names = {index.value} if isinstance(index, ast.Constant) and isinstance(index.value, str) else None
            case ast.Call(func=ast.Name(id="vars"), args=[holder, *_]):
                found, views, names = every.viewed, every.views, None
            case ast.Call(func=ast.Name(id="dir") | ast.Attribute(attr="getmembers"), args=[holder, *_]):
                found, views, names = every.listed, every.lists, None
            case _:
                return
        module, rest = split(self._dotted(holder) or "", self._modules)
        if module and not rest:
            if names is None:
                found.setdefault(module, f"`{self._source.path}`")
            if views is not None:
                views.setdefault(module, []).append(self._views.get(node, ALL))
            for name in names or ():
                self._take(module, name)

    def _call(self, node: ast.Call) -> None:
        """Note what replaces an attribute: `monkeypatch.setattr(module, "name", ...)` and its like."""
        function = node.func
        last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if last not in _REPLACING or not node.args:
            return
        names = [keyword.arg for keyword in node.keywords if keyword.arg] if last == "multiple" else []
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
            names.append(node.args[1].value)
        holder = node.args[0]
        dotted = holder.value if isinstance(holder, ast.Constant) else self._dotted(holder)
        if isinstance(dotted, str):
            module, rest = split(dotted, self._modules)
            if module and not rest:
                self._found.patched.setdefault(module, set()).update(names)
        elif isinstance(holder, ast.Name):  # a fixture, a parameter
            self._found.anywhere.update(names)

    def _dotted(self, node: ast.expr) -> str | None:
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in self._bound:
            return ".".join([self._bound[node.id], *reversed(parts)])
        return None
