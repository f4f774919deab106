"""What a project says of itself outside of [project]: its name and requirements, where its backend has them.

Read where that is plain text, as of `[tool.poetry]`, `[tool.flit.metadata]`, `setup.cfg` and the literals in
`setup.py`; none of it is run. The result is what [project] would say (PEP 621).
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from deferred_imports.tooling.project.paths import content_of
from deferred_imports.tooling.table.document import table_at, text_at

KEYS = ("name", "dependencies", "optional-dependencies")
_COMPARED = re.compile(r"(<=|>=|<|>)\s*(\d+\.\d+)")
_SOMEWHERE = "extra == ''"  # a marker that nobody can ask: installed in some places, and nothing tells in which


def described_elsewhere(root: Path, document: Mapping[str, object]) -> dict[str, object]:
    """Return the values of `KEYS`, as far as they can be read."""
    found: dict[str, object] = {}
    for source in (_poetry(document), _flit(document), _setuptools(root, document), _setup_cfg(root), _setup_py(root)):
        for key in KEYS:
            if source.get(key):
                found.setdefault(key, source[key])
    return found


def _poetry(document: Mapping[str, object]) -> dict[str, object]:
    """Read Poetry's own table: https://python-poetry.org/docs/pyproject/."""
    always: list[str] = []
    optional: dict[str, str] = {}
    for name, value in table_at(document, "tool", "poetry", "dependencies").items():
        if name == "python":
            continue
        about = value if isinstance(value, Mapping) else {}
        marker = _marker_of(about) or (_SOMEWHERE if isinstance(value, list) else "")
        requirement = f"{name}; {marker}" if marker else name
        if about.get("optional") is True:
            optional[name.lower()] = requirement
        else:
            always.append(requirement)
    extras = {
        extra: [optional.get(str(name).lower(), str(name)) for name in names]
        for extra, names in table_at(document, "tool", "poetry", "extras").items()
        if isinstance(names, list)
    }
    return {
        "name": text_at(document, "tool", "poetry", "name"),
        "dependencies": always,
        "optional-dependencies": extras,
    }


def _marker_of(about: Mapping[str, object]) -> str:
    """Return where Poetry installs a dependency, as a marker."""
    parts = []
    if markers := text_at(about, "markers"):
        parts.append(f"({markers})" if " or " in markers else markers)
    if platform := text_at(about, "platform"):
        parts.append(f"sys_platform == '{platform}'")
    if python := text_at(about, "python"):
        compared = [_COMPARED.fullmatch(part.strip()) for part in python.split(",")]
        parts += [f"python_version {one[1]} '{one[2]}'" if one else _SOMEWHERE for one in compared]
    return " and ".join(parts)


def _flit(document: Mapping[str, object]) -> dict[str, object]:
    """Read the table of flit before [project]: https://flit.pypa.io/en/latest/pyproject_toml.html#old-style-metadata."""
    table = table_at(document, "tool", "flit", "metadata")
    return {
        "name": text_at(table, "dist-name") or text_at(table, "module"),
        "dependencies": _texts(table.get("requires")),
        "optional-dependencies": {key: _texts(value) for key, value in table_at(table, "requires-extra").items()},
    }


def _setuptools(root: Path, document: Mapping[str, object]) -> dict[str, object]:
    """Read the files that `[tool.setuptools.dynamic]` names."""
    dynamic = table_at(document, "tool", "setuptools", "dynamic")
    extras = table_at(dynamic, "optional-dependencies")
    return {
        "dependencies": list(_lines_of(root, table_at(dynamic, "dependencies").get("file"))),
        "optional-dependencies": {
            extra: list(_lines_of(root, table_at(extras, extra).get("file"))) for extra in extras
        },
    }


def _setup_cfg(root: Path) -> dict[str, object]:
    """Read setup.cfg: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(content_of(root / "setup.cfg").decode("utf-8"))
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}
    extras = dict(parser.items("options.extras_require")) if parser.has_section("options.extras_require") else {}
    return {
        "name": parser.get("metadata", "name", fallback=""),
        "dependencies": _listed(parser.get("options", "install_requires", fallback="")),
        "optional-dependencies": {extra: _listed(text) for extra, text in extras.items()},
    }


def _setup_py(root: Path) -> dict[str, object]:
    """Read what setup.py hands to `setup()` as literals."""
    try:
        tree = ast.parse(content_of(root / "setup.py"))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                value = _literal(keyword.value, tree)
                if value is not None:
                    found.setdefault(str(keyword.arg), value)
    always, extras = _texts(found.get("install_requires")), found.get("extras_require")
    optional: dict[str, list[str]] = {}
    for key, value in extras.items() if isinstance(extras, Mapping) else ():
        extra, _, marker = str(key).partition(":")  # as was written before requirements had markers
        wanted = optional.setdefault(extra, []) if extra else always
        wanted += [_restricted(text, marker) for text in _texts(value)]
    return {
        "name": found["name"] if isinstance(found.get("name"), str) else "",
        "dependencies": always,
        "optional-dependencies": optional,
    }


def _literal(node: ast.expr, tree: ast.Module) -> object:
    """Return what an expression is: a literal, or a name that the file gives to a literal once; None for others."""
    if isinstance(node, ast.Name):
        stored = [name for name in ast.walk(tree) if isinstance(name, ast.Name) and name.id == node.id]
        given = [
            line.value
            for line in tree.body
            if isinstance(line, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in line.targets)
        ]
        changed = any(isinstance(use, ast.Attribute | ast.Subscript) and _is(use.value, node) for use in ast.walk(tree))
        if changed or len(given) != 1 or sum(isinstance(name.ctx, ast.Store) for name in stored) != 1:
            return None
        node = given[0]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None


def _is(node: ast.expr, name: ast.Name) -> bool:
    return isinstance(node, ast.Name) and node.id == name.id


def _restricted(text: str, marker: str) -> str:
    """Return a requirement that holds only where a marker does as well."""
    requirement, _, own = map(str.strip, text.partition(";"))
    both = " and ".join(f"({part})" for part in (own, marker.strip()) if part)
    return f"{requirement}; {both}" if both else requirement


def _lines_of(root: Path, files: object) -> Iterator[str]:
    for file in [files] if isinstance(files, str) else _texts(files):
        try:
            yield from _listed(content_of(root / file).decode("utf-8"))
        except (OSError, UnicodeDecodeError):
            continue


def _listed(text: str) -> list[str]:
    """Return the requirements of a text of one a line, comments and options of pip left out."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):  # setuptools takes lines
        return _listed(value)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []
