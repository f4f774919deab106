"""What importing modules of other distributions does to all others, and which modules they import. Nothing is run.

What a distribution does to itself concerns nobody, and what every library does, such as naming its loggers, harms
nobody: told is only what reaches beyond it, whatever the conditions.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan.calls import calls_at_import
from deferred_imports.tooling.scan.effects import Effect
from deferred_imports.tooling.scan.following import Follower, Meaning
from deferred_imports.tooling.scan.foreign import ForeignSources
from deferred_imports.tooling.scan.signs import QUIET, QUIET_METHODS, is_of_process, of_standard_library
from deferred_imports.tooling.source.conditions import TRIES
from deferred_imports.tooling.source.mentions import Act
from deferred_imports.tooling.table.names import with_parents
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

# A source without any of these does nothing of the kind, and need not be analysed.
_TELLING = re.compile(
    r"\benviron\b|\bwarnings\b|\bsignal\b|\bsys\.(?:path|set|stdout|stderr|excepthook|displayhook|addaudit)|\bThread\b|"
    r"\bsubprocess\b|\bos\.(?:fork|system|umask|chdir)|basicConfig|captureWarnings|setlocale|faulthandler|\bcodecs\b|"
    r"register|\bsetattr\(|^[A-Za-z_][\w.]*\.\w+\s*=[^=]|^[A-Za-z_]\w*(?:\.\w+)+\(|install_opener|mimetypes|gc\.",
    re.MULTILINE,
)
# What libraries do for themselves: their own loggers, types, finders and names, and what they close at exit.
_THEIR_OWN = re.compile(
    r"(?:atexit|logging\.getLogger|copyreg|abc|collections|numbers|io|typing|contextlib|sys\.(?:modules|meta_path|"
    r"path_hooks)|os\.PathLike|os\.register_at_fork|os\.umask|codecs\.register_error|logging\.addLevelName|shutil|sqlite3|"
    r"gettext)(?:\.|$)"
)


class AbroadModule(NamedTuple):
    """What a module of another distribution does when it is imported.

    Attributes:
        imports: What it imports, and where.
        effects: What it does to others.
    """

    imports: Mapping[str, int]
    effects: tuple[Effect, ...]


def look_abroad(names: Iterable[str], sources: ForeignSources) -> dict[str, AbroadModule]:
    """Return what modules of other distributions do, and all that they import in turn.

    Args:
        names: The modules to begin with.
        sources: Finds and reads them, as far as it goes.
    """
    found: dict[str, AbroadModule] = {}
    queue = [one for name in names for one in with_parents(name)]
    for name in queue:
        if name not in found and sources.is_foreign(name) and (tree := sources.tree(name)) is not None:
            imports: dict[str, int] = {}
            for module, line in _imports(tree.body, name, sources):
                imports.setdefault(module, line)
            found[name] = AbroadModule(imports, _effects(name, tree, sources))
            queue += imports
    return found


def _imports(body: Iterable[ast.stmt], name: str, sources: ForeignSources) -> Iterator[tuple[str, int]]:
    """Yield what statements import when they run, with the packages around that."""
    package = name if sources.is_package(name) else name.rpartition(".")[0]
    for node in _running(body):
        for module in _imported(node, package, sources):
            if sources.is_foreign(module):
                for one in with_parents(module):
                    yield one, getattr(node, "lineno", 0)


def _imported(node: ast.stmt, package: str, sources: ForeignSources) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*above, *([node.module] if node.module else [])])
        yield module
        if sources.is_foreign(module) and sources.is_package(module):
            inner = (f"{module}.{alias.name}" for alias in node.names)
            yield from (one for one in inner if sources.is_module(one))


def _running(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run with the module, as far as conditions tell."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _running([*([] if _is_false(node.test) else node.body), *node.orelse])
        elif isinstance(node, TRIES):
            yield from _running([*node.body, *node.orelse, *node.finalbody])
        elif isinstance(node, ast.With | ast.ClassDef):
            yield from _running(node.body)


def _is_false(test: ast.expr) -> bool:
    """Tell whether a condition does not hold here: for type checkers, for scripts, for other platforms."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str(value))]):
            here = {"__name__": "", "sys.platform": sys.platform, "os.name": os.name}
            return here.get(ast.unparse(left), value) != value
    return False


def _conditional(body: Iterable[ast.stmt]) -> Iterator[range]:
    """Yield the lines that run under a condition, or on trial."""
    for node in body:
        if isinstance(node, (ast.If, ast.For, ast.While, ast.Match, *TRIES)):
            yield range(node.lineno, (node.end_lineno or node.lineno) + 1)
        elif isinstance(node, ast.With):
            yield from _conditional(node.body)


def _effects(name: str, tree: ast.Module, sources: ForeignSources) -> tuple[Effect, ...]:
    if not _TELLING.search(sources.text(name) or "") or (module := sources.get(name)) is None:
        return ()
    follower = Follower({name: module}, frozenset())
    ran = {one.name for one in calls_at_import({name: module}, follower).onward}
    lines = list(_conditional(tree.body))
    found = []
    for act in module.names.acts:
        if (act.at_import or act.owner in ran) and not any(act.line in one for one in lines):
            origin = follower.origin(name, act.chain)
            beyond = origin.kind == "foreign" and origin.top != name.partition(".")[0]
            if beyond and act.chain[0] in module.facts.bound and (reason := _reason(act, origin)):
                text = ".".join(act.chain) + (" = ..." if act.how == "set" else "")
                found.append(Effect(act.line, reason, f"`{text}`", f"{name}:{act.line}"))
    return tuple(sorted(found))


def _reason(act: Act, origin: Meaning) -> Reason | None:
    """Tell what doing something to another distribution, or to the standard library, comes to."""
    if _THEIR_OWN.match(origin.path) or act.chain[-1] in QUIET_METHODS or origin.top in QUIET:
        return None
    if act.how == "set":
        return Reason.CONFIGURES if is_of_process(origin.path) else Reason.PATCHES
    if origin.path.startswith("warnings."):
        return of_standard_library(origin.path) if _is_for_all(act) else None
    if origin.top in STANDARD_LIBRARY:
        return of_standard_library(origin.path)
    return Reason.REGISTERS if act.how == "call" or act.chain[-1].startswith("register") else None


def _is_for_all(act: Act) -> bool:
    """Tell whether a filter is for the warnings of all libraries: no text, no module, no own class."""
    if len(act.handed) < 2:
        return True
    return len(act.handed) == 2 and len(act.handed[1]) == 1 and hasattr(builtins, act.handed[1][0])
