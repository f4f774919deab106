"""Run time: what modules of a source tree use since their registry was made, as in an editable install.

What is installed was made in one go, and nothing here looks at it. Only syntax is read, of files that are newer than
the registry beside them; what a registry cannot know is reported once, with the remedy.
"""

import os
import sys

from deferred_imports._entries import namespace_of

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    ast, abc, _registries = _named("ast", "collections.abc", "deferred_imports._registries")
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deferred_imports import _registries

_INSTALLED = ("site-packages", "dist-packages")
_warned: "set[tuple[str, str]]" = set()


def is_in_tree(registry: "_registries.Registry") -> bool:
    """Tell whether a registry lies among sources that may be edited."""
    file = _file_of(registry)
    return os.path.isfile(file) and not any(part in _INSTALLED for part in file.replace("\\", "/").split("/"))


def source_of(registry: "_registries.Registry", module: str) -> "str | None":
    """Return the path of a module's source in the package of a registry, if there is one."""
    below = f"{module}.".partition(f"{registry.package}.")
    if below[0] or not below[1]:
        return None
    path = os.path.join(os.path.dirname(_file_of(registry)), *filter(None, below[2].split(".")))
    return next(filter(os.path.isfile, (os.path.join(path, "__init__.py"), f"{path}.py")), None)


def found_since(registry: "_registries.Registry", module: str) -> "tuple[set[str], set[str]]":
    """Return the keys that a module uses, and the modules of its package that it imports, if it is newer.

    Args:
        registry: A registry in a tree.
        module: The absolute name of a module.
    """
    source = source_of(registry, module)
    if source is None or os.stat(source).st_mtime_ns <= os.stat(_file_of(registry)).st_mtime_ns:
        return set(), set()
    import ast

    try:
        with open(source, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):  # importing it says so
        return set(), set()
    package = module if os.path.basename(source) == "__init__.py" else module.rpartition(".")[0]
    return _read(tree, registry, module, package)


def _read(
    tree: "ast.Module", registry: "_registries.Registry", module: str, package: str
) -> "tuple[set[str], set[str]]":
    import ast

    name = registry.module.__name__
    named = {entry.key for entry in registry.entries}
    of_target = {target: entry.key for entry in registry.entries for target in entry.targets}
    in_functions = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    keys: set[str] = set()
    modules: set[str] = set()
    aliases: set[str] = set()
    for node in ast.walk(tree):
        for base, taken, bound in _imported(node, package):
            whole = f"{base}.{taken}" if taken else base
            if whole == name:
                aliases.add(bound)
            elif base == name:
                keys.add(taken)
            modules.update(found for found in (base, whole) if source_of(registry, found))
            if id(node) in in_functions:
                key = of_target.get(f"{base}:{taken}") or of_target.get(whole) or of_target.get(base)
                keys.add(key or "")
                if key is None and base not in sys.modules and any(known[0] == "<" for known in named):
                    _warn(module, base, registry)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            keys.add(node.attr)
    return keys & named, modules - {registry.package, name}


def _imported(node: "ast.AST", package: str) -> Iterator[tuple[str, str, str]]:
    """Yield for an import the module, what is taken from it, and the name that it gets."""
    import ast

    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, "", alias.asname or alias.name
    elif isinstance(node, ast.ImportFrom):
        parents = package.split(".")
        base = ".".join(parents[: len(parents) + 1 - node.level]) if node.level else ""
        for alias in node.names:
            yield ".".join(filter(None, (base, node.module))), alias.name, alias.asname or alias.name


def _warn(module: str, imported: str, registry: "_registries.Registry") -> None:
    if (module, imported) not in _warned:
        import warnings

        _warned.add((module, imported))
        warnings.warn(
            f'"{module}" imports "{imported}" in a function, which the registry of {registry.package} does not know: '
            f'it is older; run "deferred-imports generate", or install {registry.data["project"]} again',
            RuntimeWarning,
            stacklevel=2,
        )


def _file_of(registry: "_registries.Registry") -> str:
    return str(namespace_of(registry.module).get("__file__") or "")
