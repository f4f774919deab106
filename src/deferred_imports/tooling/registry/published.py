"""What a generated registry publishes, read from its text: nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from deferred_imports.tooling.registry import formats
from deferred_imports.tooling.registry.code import MARKER

PROTOCOL = "__deferred_imports__"


class OtherFormatError(ValueError):
    """Something that a later version has written."""


def is_registry(source: bytes) -> bool:
    """Tell whether a source begins as generated registries do."""
    return source.startswith(MARKER.encode("ascii"))


def published(source: bytes, package: str) -> dict[str, object]:
    """Return what a registry declares, in the form of the declaration that wheels carry.

    Args:
        source: The text of the generated file.
        package: The import package that it lies in.

    Raises:
        OtherFormatError: when it has a later format than this version writes.
        ValueError: when it does not hold what registries hold; also SyntaxError, which is none, and its like.
    """
    data = _data(ast.parse(source))
    if data["format"] not in range(1, formats.REGISTRY + 1):
        raise OtherFormatError(f"it has format {data['format']}, which this version does not know")
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    optional = texts.get("optional", "").split()
    extras, groups, markers = (_words(data.get(key)) for key in ("extras", "groups", "markers"))
    imports = {}
    for line in filter(str.strip, texts["imports"].splitlines()):
        key, references = line.split()
        imports[key] = {
            "module": references.split("|"),
            "extra": next((extra for extra, names in extras.items() if key in names.split()), None),
            "groups": [group for group, names in groups.items() if key in names.split()],
            "marker": markers.get(key),
            "optional": key in optional,
        }
    return {"format": formats.DECLARATION, "project": data.get("project"), "package": package, "imports": imports}


def _data(module: ast.Module) -> dict[str, object]:
    """Return the dictionary that the protocol names; of what would have to be run, there is what stands before it."""
    for statement in module.body:
        if isinstance(statement, ast.Assign) and any(_is_protocol(target) for target in statement.targets):
            if not isinstance(statement.value, ast.Dict):
                break
            pairs = zip(statement.value.keys, statement.value.values, strict=True)
            return {str(_value(key)): _value(value) for key, value in pairs if key is not None}
    raise ValueError(f"no {PROTOCOL}")


def _is_protocol(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == PROTOCOL


def _value(node: ast.expr) -> object:
    """Return a literal; of a tuple its first item, which says what the second one computes."""
    if isinstance(node, ast.Dict):
        keys: Iterable[ast.expr] = filter(None, node.keys)
        return {str(_value(key)): _value(value) for key, value in zip(keys, node.values, strict=True)}
    return _value(node.elts[0]) if isinstance(node, ast.Tuple) and node.elts else ast.literal_eval(node)


def _words(value: object) -> Mapping[str, str]:
    return {str(key): str(words) for key, words in value.items()} if isinstance(value, Mapping) else {}
