"""The package's `__init__.py` as its wheel has it: with a statement at the end that imports the registry.

Where functions hide what they import, nothing imports the registry, and neither `PYDEFER_EAGER` nor a call that names
no package would know of it. Bytes in, bytes out; nothing is read, written or run.
"""

from __future__ import annotations

import ast
import re
import symtable

from deferred_imports.tooling.project.entrances import surely_loaded
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, decode, parse_source
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import Manifest
from deferred_imports.tooling.table.problems import quote

# However a package replaces itself, this does not make its import fail: no file tells for sure what other modules do to
# it. What the registry itself raises is another matter: `PYDEFER_EAGER` has asked for that.
_STATEMENT = """\
try:  # noqa - added by deferred-imports so that applications reach what functions import
    {line}
except ImportError as _not_reached:  # what now stands in the place of this package holds no modules
    if _not_reached.__class__.__module__ != "builtins":
        raise
"""
# What the import system goes by when a module of the package is imported.
_IDENTITY = frozenset({"__name__", "__package__", "__path__", "__spec__"})


class UnsuitableError(Exception):
    """An `__init__.py` to which nothing can be added safely; its text says why."""


def is_out_of_reach(manifest: Manifest, usage: Usage) -> bool:
    """Tell whether the registry holds what functions import, and importing the package does not surely import it."""
    hidden = manifest.discover and (manifest.entries or usage.entries)
    return bool(hidden) and surely_loaded(manifest.package, usage).isdisjoint(usage.openers)


def is_inert(manifest: Manifest, usage: Usage) -> bool:
    """Tell whether the table only has names, and nothing in the package ever imports the registry to use one."""
    return bool(manifest.entries) and not manifest.discover and not usage.openers and not usage.uses


def out_of_reach(manifest: Manifest) -> str:
    """Return what that means, in words."""
    because = f"nothing in {quote(manifest.package)} imports the registry"
    return f"{because}, so PYDEFER_EAGER and a bare resolve_now() do not reach it"


def import_of(manifest: Manifest) -> str:
    """Return the statement that imports the registry into its package."""
    return f"from . import {manifest.registry} as {manifest.registry}"


def with_import(source: bytes, manifest: Manifest) -> bytes:
    """Return the source of the package's `__init__.py` with one more statement, at its end; all others stay.

    Raises:
        UnsuitableError: when it would not do what it should, or could do the package harm.
    """
    try:
        text = decode(source)
        before = parse_source(text)[0]
        line = import_of(manifest)
        if "__getattr" in text:
            # The statement alone would first ask the package for the name, which may answer anything, warn or fail.
            line = f'__import__("{manifest.registry}", globals(), None, (), 1); {line}'
        newline: bytes = (re.findall(rb"\r\n?|\n", source) or [b"\n"])[-1]
        start = b"" if source.endswith((b"\n", b"\r")) or not source else newline
        statement = _STATEMENT.format(line=line)
        longer = source + start + statement.encode("utf-8").replace(b"\n", newline)
        _refuse_swallowed(before, parse_source(decode(longer))[0], parse_source(statement)[0])
        _refuse_unsuitable(before, manifest, has_parts="extend_path" in text)
    except UnreadableSourceError as error:
        raise UnsuitableError(str(error)) from error
    except RecursionError as error:
        raise UnsuitableError(TOO_DEEP) from error
    return longer


def _refuse_swallowed(before: ast.Module, after: ast.Module, added: ast.Module) -> None:
    """Raise unless what was added is what it should be, and all before it is what it was."""
    count = len(before.body)
    unchanged = list(map(_dumped, after.body[:count])) == list(map(_dumped, before.body))
    if not unchanged or list(map(ast.dump, after.body[count:])) != list(map(ast.dump, added.body)):
        raise UnsuitableError("a statement cannot be added at its end")


def _dumped(statement: ast.stmt) -> str:
    return ast.dump(statement, include_attributes=True)


def _refuse_unsuitable(tree: ast.Module, manifest: Manifest, *, has_parts: bool) -> None:
    """Raise when the package is not what its files say, or has another use for the registry's name."""
    nodes, assigned = list(ast.walk(tree)), _assigned(tree)
    if manifest.registry in assigned or any(_binds_other(node, manifest.registry) for node in nodes):
        raise UnsuitableError(f"it uses the name {quote(manifest.registry)} itself; choose another registry")
    if not assigned.isdisjoint(_IDENTITY) and not has_parts:
        raise UnsuitableError("it assigns __name__, __package__, __path__ or __spec__")
    if not assigned.isdisjoint({"__import__", "globals"}):
        raise UnsuitableError("it assigns __import__ or globals, which the statement calls")
    if any(_may_replace(node, manifest.package) for node in nodes):
        raise UnsuitableError("it assigns to sys.modules and may replace the package")


def _assigned(tree: ast.Module) -> set[str]:
    """Return the names that a module assigns, defines or deletes when it is imported; imports are another matter."""
    try:
        # From the tree, in which what only Python 3.15 understands is plain already.
        table = symtable.symtable(ast.unparse(tree), "__init__.py", "exec")
    except SyntaxError as error:  # some mistakes the parser does not see
        raise UnsuitableError("it is not valid Python") from error
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}


def _binds_other(node: ast.AST, registry: str) -> bool:
    """Tell whether a node is an import that binds the registry's name to something else."""
    match node:
        case ast.Import(names=names):
            return any((alias.asname or alias.name.partition(".")[0]) == registry for alias in names)
        case ast.ImportFrom(names=names):
            return any(alias.asname == registry != alias.name for alias in names)
    return False


def _may_replace(node: ast.AST, package: str) -> bool:
    """Tell whether a node is something like `sys.modules[__name__] = ...`, unless it names another module."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="modules") | ast.Name(id="modules"), slice=key):
            is_other = isinstance(key, ast.Constant) and key.value != package
            return not isinstance(node.ctx, ast.Load) and not is_other
    return False
