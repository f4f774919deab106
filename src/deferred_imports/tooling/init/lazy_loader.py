"""Packages that lazy-loader serves (SPEC 1 of Scientific Python): from its `attach` and `attach_stub` to our exports.

Syntax only. What a call says that only running would show, or that the table cannot say, stays, and is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from deferred_imports.tooling.source.text import UnreadableSourceError, decode, parse_source
from deferred_imports.tooling.table.entries import is_dunder, is_name
from deferred_imports.tooling.table.names import parents
from deferred_imports.tooling.table.problems import TABLE, quote

_LIBRARY = "lazy_loader"


class InconvertibleError(Exception):
    """An `__init__.py` that lazy-loader serves, and that only its author can convert; its text says why."""


@dataclass(frozen=True)
class ConvertedInit:
    """An `__init__.py` without lazy-loader.

    Attributes:
        text: Its new text.
        submodules: The submodules that it offers.
        attributes: The names that it offers of each submodule, with what they are called there.
    """

    text: str
    submodules: tuple[str, ...]
    attributes: Mapping[str, Mapping[str, str]]


@dataclass
class _Offers:
    submodules: list[str] = field(default_factory=list)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)


def convert_init(source: bytes, stub: bytes | None, module: str, package: str, registry: str) -> ConvertedInit | None:
    """Return an `__init__.py` as it is with our exports, or None when lazy-loader does not serve it.

    Args:
        source: What it says.
        stub: What the stub beside it says (`.pyi`), if there is one.
        module: The package that it makes.
        package: The package that has the registry.
        registry: The name of the registry.

    Raises:
        InconvertibleError: when it cannot be converted.
    """
    if _LIBRARY.encode() not in source:
        return None
    try:
        tree, _ = parse_source(decode(source))
    except UnreadableSourceError as error:
        raise InconvertibleError(str(error)) from error
    library, functions = _names_of_library(tree)
    found = [(node, *known) for node in tree.body if (known := _attaching(node, library, functions)) is not None]
    if not found:
        return None
    if len(found) > 1:
        raise InconvertibleError(f"line {found[1][0].lineno} calls {_LIBRARY} once more")
    statement, function, call = found[0]
    offers = _offers_of_stub(stub) if function == "attach_stub" else _offers_of_call(call)
    for name in (*offers.submodules, *(one for names in offers.attributes.values() for one in names)):
        if not is_name(name) or is_dunder(name) or name == "attach":
            raise InconvertibleError(f"it offers {quote(name)}, which the table cannot say; import that in the module")
    text = _Rewriting(source, tree, statement, library, functions).text(module, package, registry)
    taken = {*offers.submodules}
    attributes = {
        where: {name: original for name, original in names.items() if name not in taken}
        for where, names in offers.attributes.items()
    }
    return ConvertedInit(text, tuple(offers.submodules), attributes)


def exports_table(converted: Mapping[str, ConvertedInit], package: str) -> str:
    """Return the lines of the table `exports`, without the first header.

    Args:
        converted: What was converted, by the absolute name of the package.
        package: The package that has the registry.
    """
    own = converted.get(package)
    tables = {module.removeprefix(package) for module in converted}  # each takes the key that an array would have
    lines = [*_lines_for(own, "", tables)] if own else []
    for module, one in sorted(converted.items()):
        if one is not own:
            relative = module.removeprefix(package)
            lines += ["", f"[{'.'.join(TABLE)}.exports.{quote(relative)}]", *_lines_for(one, relative, set())]
    return "".join(f"{line}\n" for line in lines)


def _lines_for(one: ConvertedInit, module: str, tables: Container[str]) -> Iterator[str]:
    for name in one.submodules:
        yield f"{name} = {quote(f'{module}.{name}')}"
    for where, names in one.attributes.items():
        at_once = [name for name, original in names.items() if name == original and f"{module}.{where}" not in tables]
        if at_once:
            yield f"{quote(f'{module}.{where}')} = {quote(at_once)}"
        for name, original in names.items():
            if name not in at_once:
                yield f"{name} = {quote(f'{module}.{where}:{original}')}"


# What it says


def _names_of_library(tree: ast.Module) -> tuple[set[str], dict[str, str]]:
    """Return the names of the library in a module, and those of its functions."""
    library: set[str] = set()
    functions: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            library |= {alias.asname or alias.name for alias in node.names if alias.name == _LIBRARY}
        elif isinstance(node, ast.ImportFrom) and node.module == _LIBRARY and not node.level:
            functions |= {alias.asname or alias.name: alias.name for alias in node.names}
    return library, functions


def _attaching(node: ast.stmt, library: set[str], functions: Mapping[str, str]) -> tuple[str, ast.Call] | None:
    """Return which function a statement calls to serve the module, and the call."""
    call = node.value if isinstance(node, ast.Assign) else None
    if not isinstance(call, ast.Call):
        return None
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=function) if name in library:
            pass
        case ast.Name(id=name) if name in functions:
            function = functions[name]
        case _:
            return None
    return (function, call) if function in {"attach", "attach_stub"} else None


def _offers_of_call(call: ast.Call) -> _Offers:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    parts = dict(zip(("submodules", "submod_attrs"), call.args[1:], strict=False))
    values = {}
    for name in ("submodules", "submod_attrs"):
        node = parts.get(name, keywords.get(name))
        try:
            values[name] = None if node is None else ast.literal_eval(node)
        except ValueError:
            raise InconvertibleError(f"line {call.lineno} computes what it offers") from None
    attributes = values["submod_attrs"] or {}
    if not isinstance(attributes, dict):
        raise InconvertibleError(f"line {call.lineno} offers names in a way that lazy-loader does not know")
    found = {str(where): {str(name): str(name) for name in names} for where, names in attributes.items()}
    return _Offers(sorted(map(str, values["submodules"] or ())), found)


def _offers_of_stub(stub: bytes | None) -> _Offers:
    if stub is None:
        raise InconvertibleError("there is no stub beside it")
    try:
        tree, _ = parse_source(decode(stub))
    except UnreadableSourceError as error:
        raise InconvertibleError(f"its stub: {error}") from error
    found = _Offers()
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level != 1:
            continue
        for alias in node.names:
            if alias.name == "*":
                raise InconvertibleError(f"line {node.lineno} of its stub imports all of a module")
            if node.module is None and alias.asname in {None, alias.name}:
                found.submodules.append(alias.name)
            elif node.module is None:
                raise InconvertibleError(f"line {node.lineno} of its stub gives a submodule another name")
            else:
                found.attributes.setdefault(node.module, {})[alias.asname or alias.name] = alias.name
    return found


# What it becomes


class _Rewriting:
    def __init__(
        self, source: bytes, tree: ast.Module, statement: ast.stmt, library: set[str], functions: Mapping[str, str]
    ) -> None:
        self._text = source.decode("utf-8", "surrogateescape")
        self._newline = "\r\n" if "\r\n" in self._text else "\n"
        self._lines = self._text.split(self._newline)
        self._tree = tree
        self._statement = statement
        self._library = library | set(functions)

    def text(self, module: str, package: str, registry: str) -> str:
        """Return the text with our two lines in the place of theirs."""
        depth = 1 + len(parents(module)) - len(parents(package))
        is_root = module == package
        names = "*  # noqa: F403" if is_root else "attach"
        importing = f"from {'.' * depth}{registry} import {names}"
        attaching = "attach(globals())  # noqa: F405" if is_root else "attach(globals())"
        self._refuse_uses()
        imports = [node for node in self._tree.body if self._is_of_library(node)]
        others = any(
            isinstance(node, ast.Name) and node.id in self._library
            for one in self._tree.body
            if one is not self._statement
            for node in ast.walk(one)
        )
        edits = [(self._statement, [attaching])]
        for index, node in enumerate(imports):
            kept = self._lines[node.lineno - 1 : node.end_lineno] if others else []
            edits.append((node, [*kept, importing] if index == 0 else kept))
        lines = list(self._lines)
        for node, new in sorted(edits, key=lambda edit: -edit[0].lineno):
            self._refuse_shared(node)
            lines[node.lineno - 1 : node.end_lineno] = new
        return self._newline.join(lines)

    def _is_of_library(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names] == [_LIBRARY]
        return isinstance(node, ast.ImportFrom) and node.module == _LIBRARY

    def _refuse_uses(self) -> None:
        """Raise where the module goes on with what the call has returned."""
        targets = {
            node.id
            for target in getattr(self._statement, "targets", ())
            for node in ast.walk(target)
            if isinstance(node, ast.Name)
        }
        for one in self._tree.body:
            for node in ast.walk(one) if one is not self._statement else ():
                if isinstance(node, ast.Name) and node.id in targets and node.id != "_":
                    raise InconvertibleError(f"line {node.lineno} goes on with {node.id}")

    def _refuse_shared(self, node: ast.stmt) -> None:
        """Raise where other statements stand on a statement's lines."""
        before = self._lines[node.lineno - 1].encode("utf-8", "surrogateescape")[: node.col_offset]
        after = self._lines[(node.end_lineno or node.lineno) - 1].encode("utf-8", "surrogateescape")
        if before.strip() or after[node.end_col_offset :].lstrip()[:1] not in {b"", b"#"}:
            raise InconvertibleError(f"another statement stands on line {node.lineno}")
