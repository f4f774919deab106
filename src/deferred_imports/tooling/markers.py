"""Environment markers (PEP 508) as Python expressions over `sys` and `os`: all that a registry has at hand.

Versions compare as PEP 440 says, pre-releases included. `platform` is not used: loading it costs more than a whole
registry. What has no faithful translation is refused.
"""

from __future__ import annotations

import ast
import re

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import InvalidVersion, Version

from deferred_imports.tooling.problems import did_you_mean, quote

# Which sequence of numbers a version variable stands for, and how many of them it has.
_VERSIONS = {
    "python_version": ("sys.version_info", 2),
    "python_full_version": ("sys.version_info", 3),
    "implementation_version": ("sys.implementation.version", 3),
}
# Type checkers know what `sys.platform` means for `os`, and do not know it of `os.name`.
_NOT_WINDOWS = 'sys.platform != "win32"'
_TEXTS = {
    "os_name": "os.name",
    "sys_platform": "sys.platform",
    "implementation_name": "sys.implementation.name",
    "python_version": '"%d.%d" % sys.version_info[:2]',
    "python_full_version": "sys.version.split()[0]",
    "platform_system": f'(os.uname().sysname if {_NOT_WINDOWS} else "Windows")',
    "platform_release": f"(os.uname().release if {_NOT_WINDOWS} else str(sys.getwindowsversion().major))",
    "platform_version": f'(os.uname().version if {_NOT_WINDOWS} else "%d.%d.%d" % sys.getwindowsversion()[:3])',
    "platform_machine": (
        f"(os.uname().machine if {_NOT_WINDOWS} else"
        ' os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", ""))'
    ),
}
# What `platform` computes from a name that `sys` has: by marker value, that name.
_SYNONYMS = {
    "platform_system": (
        "sys_platform",
        {"Windows": "win32", "Linux": "linux", "Darwin": "darwin", "Android": "android", "iOS": "ios"},
    ),
    "platform_python_implementation": (
        "implementation_name",
        {"CPython": "cpython", "GraalVM": "graalpy", "IronPython": "ironpython", "Jython": "jython", "PyPy": "pypy"},
    ),
}
# The other way round, for where the value is not compared but searched for.
_TEXTS["platform_python_implementation"] = "{%s}.get(sys.implementation.name, sys.implementation.name)" % ", ".join(
    f'"{name}": "{value}"' for value, name in _SYNONYMS["platform_python_implementation"][1].items()
)
_VARIABLES = {*_VERSIONS, *_TEXTS, *_SYNONYMS}
_OLD_SPELLINGS = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_EXTRAS = {"extra", "extras", "dependency_groups"}
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|===|~=|[A-Za-z_][\w.]*""")
# Python has neither operator; these two of its own compare as tightly and no marker has them.
_STAND_INS = {"===": " is ", "~=": " is not "}
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "===",
    ast.IsNot: "~=",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_LEVELS = {"a": "alpha", "b": "beta", "rc": "candidate"}


def compile_marker(text: str) -> str:
    """Translate a marker into a Python expression over `sys` and `os`.

    The expression can stand anywhere: one with `and` or `or` in it is in parentheses.

    Raises:
        ValueError: When the text is no marker, or one that cannot be translated; says so as a problem does.
    """
    words = [_OLD_SPELLINGS.get(token, token) for token in _TOKEN.findall(text) if token[0] not in "'\"=~"]
    for word in words:
        if word in _EXTRAS:
            raise ValueError(f'expected a marker without "{word}", got {quote(text)}; use the key extra')
        if word not in _VARIABLES and word not in {"and", "or", "not", "in"}:
            near = did_you_mean(word, _VARIABLES) or "; texts stand in quotes"
            raise ValueError(f"expected a marker, got {quote(text)}, where {quote(word)} is no variable{near}")
    try:
        Marker(text)
        # The text rather than str(Marker): that does not escape quotes within quotes.
        tree = ast.parse(f"({_TOKEN.sub(_as_python, text)})", mode="eval")
    except (InvalidMarker, SyntaxError, RecursionError):
        example = "as in \"sys_platform == 'win32'\""
        raise ValueError(f"expected a marker, {example}, got {quote(text)}") from None
    return _expression(tree.body)


def _as_python(token: re.Match[str]) -> str:
    text = token[0]
    return _STAND_INS.get(text) or _OLD_SPELLINGS.get(text, text)


def _expression(node: ast.expr) -> str:
    if isinstance(node, ast.BoolOp):
        joiner = " and " if isinstance(node.op, ast.And) else " or "
        return f"({joiner.join(map(_expression, node.values))})"
    if isinstance(node, ast.Compare):
        operator = _OPERATORS[type(node.ops[0])]
        left, right = node.left, node.comparators[0]
        if isinstance(left, ast.Name) and isinstance(right, ast.Constant):
            return _comparison(left.id, operator, str(right.value), mirrored=False)
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name):
            return _comparison(right.id, operator, str(left.value), mirrored=True)
    raise ValueError("expected comparisons of one variable with one text")


def _comparison(variable: str, operator: str, literal: str, *, mirrored: bool) -> str:
    """Translate `variable operator literal`; with `mirrored` the literal was on the left."""
    if variable in _VERSIONS and operator not in {"in", "not in", "==="}:
        return _version_comparison(variable, operator, literal, mirrored=mirrored)
    if operator in {"==", "!="} and variable in _SYNONYMS and literal in _SYNONYMS[variable][1]:
        variable, values = _SYNONYMS[variable]
        literal = values[literal]
    if variable == "platform_release" and operator in {"==", "!="} and _is_version(literal):
        raise ValueError(_refusal(variable, operator, literal, "which is no version on every system; compare with in"))
    if variable not in _TEXTS:
        raise ValueError(_refusal(variable, operator, literal, "which only compares as a version"))
    allowed = ("==", "!=", "===", "in", "not in") if variable in _VERSIONS else ("==", "!=", "in", "not in")
    if operator not in allowed or (operator == "===" and mirrored):
        raise ValueError(_refusal(variable, operator, literal, "which is text: compare with == or !="))
    sides = [_TEXTS[variable], _python_text(literal.lower() if operator == "===" else literal)]
    return f" {operator.replace('===', '==')} ".join(reversed(sides) if mirrored else sides)


def _version_comparison(variable: str, operator: str, literal: str, *, mirrored: bool) -> str:
    try:
        spec = Specifier(f"{operator}{literal}")
        version = Version(spec.version.removesuffix(".*"))
    except (InvalidSpecifier, InvalidVersion):
        raise ValueError(_refusal(variable, operator, literal, "which only compares with a version")) from None
    parts = version.release
    while len(parts) > 1 and parts[-1] == 0:
        parts = parts[:-1]
    pinned = version.epoch or version.local or version.is_postrelease or version.is_devrelease
    if pinned or len(parts) > 3 or (version.pre and variable == "python_version"):
        raise ValueError(_refusal(variable, operator, literal, "which never has such a version"))
    prefix = spec.version.endswith(".*")
    if mirrored and (version.pre or prefix or operator == "~="):
        raise ValueError(_refusal(variable, operator, literal, "which has to stand on the left for this"))
    if operator == "~=":
        least = _compare(variable, ">=", version)
        return f"({least} and {_starts_with(variable, '==', version.release[:-1])})"
    if prefix:
        return _starts_with(variable, operator, version.release)
    return _compare(variable, _MIRRORED[operator] if mirrored else operator, version, strict=not mirrored)


def _compare(variable: str, operator: str, version: Version, *, strict: bool = True) -> str:
    """Compare as PEP 440 does; `strict` keeps 3.15.0rc1 out of `< 3.15.0`, which holds from left to right only."""
    info, length = _VERSIONS[variable]
    release = (*version.release, 0, 0)[:3]
    if length == 2:
        # 3.11 has no place between 3.11.0 and 3.11.1: all comparisons come down to "before" and "from ... on".
        floor, ceiling = release[:2], (release[0], release[1] + 1)
        if operator in {"==", "!="}:
            return f"{info}[:2] {operator} {floor}" if not release[2] else str(operator == "!=")
        border = floor if operator in {">=", "<"} and not release[2] else ceiling
        return f"{info} {'>=' if operator in {'>=', '>'} else '<'} {_python_tuple(border)}"
    if version.pre is not None:
        kind, serial = version.pre
        return f"{info} {operator} {_python_tuple((*release, _LEVELS[kind], serial))}"
    if operator in {">", "<="} or (operator == "<" and strict):
        return f"{info}[:3] {operator} {_python_tuple(release)}"
    return f"{info}[:4] {operator} {_python_tuple((*release, 'final'))}"


def _starts_with(variable: str, operator: str, prefix: tuple[int, ...]) -> str:
    info, length = _VERSIONS[variable]
    if any(prefix[length:]):
        return str(operator == "!=")
    prefix = prefix[:length]
    return f"{info}[:{len(prefix)}] {operator} {_python_tuple(prefix)}"


def _is_version(literal: str) -> bool:
    try:
        Specifier(f"=={literal}")
    except InvalidSpecifier:
        return False
    return True


def _refusal(variable: str, operator: str, literal: str, reason: str) -> str:
    return f"expected a comparison that makes sense for {variable}, {reason}; got {quote(f'{operator} {literal}')}"


def _python_tuple(values: tuple[int | str, ...]) -> str:
    items = ", ".join(_python_text(value) if isinstance(value, str) else str(value) for value in values)
    return f"({items},)" if len(values) == 1 else f"({items})"


def _python_text(text: str) -> str:
    """Write a Python string in ASCII and double quotes."""
    escaped = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"'
