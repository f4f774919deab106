"""Whether the modules that the table has export something do so. Syntax only."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.source.text import UnreadableSourceError, decode, parse_source
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import Entry
from deferred_imports.tooling.table.problems import quote

#: The function of the registry that a module calls to serve what the table exports from it.
ATTACH = "attach"


def find_unexported(project: Project, usage: Usage) -> Iterator[Finding]:
    """Yield what keeps an export from being served, or from being deferred."""
    package, registry = project.manifest.package, project.manifest.registry
    exports: dict[str, list[Entry]] = {}
    for entry in project.manifest.exports:
        exports.setdefault(package + entry.name.rpartition(".")[0], []).append(entry)
    for module, entries in exports.items():
        path = project.modules[module]
        if not _attaches(path.read_bytes()):
            dots = "." * (1 + module.removeprefix(package).count(".") - (path.name != "__init__.py"))
            names = "*" if module == package else ATTACH
            yield Finding(
                "not-exported",
                path,
                1,
                f"the table exports {_some(entries)} from {quote(module)}, which does not serve it",
                f"add the lines from {dots}{registry} import {names} and {ATTACH}(globals())",
            )
        for item in usage.imports:
            if item.importer != module or item.when != "import":
                continue
            names_here = {item.module, *(f"{item.module}.{name}" for name in item.names or ())}
            for entry in entries:
                if names_here & set(targets_of(entry, package)):
                    message = f"{entry.name} is deferred, but this line imports what it is with the module"
                    yield Finding("not-deferred", path, item.line, message, "remove this line")


def _attaches(source: bytes) -> bool:
    """Tell whether a module asks the registry to serve what it exports; true where that is unknown."""
    try:
        tree, _ = parse_source(decode(source))
    except UnreadableSourceError:
        return True
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(ATTACH in {getattr(function, "id", None), getattr(function, "attr", None)} for function in calls)


def _some(entries: list[Entry]) -> str:
    names = [quote(entry.name.rpartition(".")[2]) for entry in entries]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
