"""Environment markers (PEP 508) as Python expressions over `sys` and `os`: all that a registry has at hand."""

from __future__ import annotations

import ast
import re

from packaging.markers import InvalidMarker, Marker

from deferred_imports.tooling.table.clauses import VARIABLES, Clause
from deferred_imports.tooling.table.problems import did_you_mean, quote

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
        if word not in {*VARIABLES, "and", "or", "not", "in"}:
            near = did_you_mean(word, VARIABLES) or f"; if it is a text, write '{word}'"
            raise ValueError(f"expected a marker, got {quote(text)}, where {quote(word)} is no variable{near}")
    try:
        Marker(text)
        # Not str(Marker): it does not escape quotes within quotes.
        tree = ast.parse(f"({_TOKEN.sub(_as_python, text)})", mode="eval")
    except (InvalidMarker, SyntaxError, RecursionError):
        example = "as in \"sys_platform == 'win32'\""
        raise ValueError(f"expected a marker, {example}, got {quote(text)}") from None
    return _translate(tree.body)


def _as_python(token: re.Match[str]) -> str:
    text = token[0]
    return _STAND_INS.get(text) or _OLD_SPELLINGS.get(text, text)


def _translate(node: ast.expr) -> str:
    if isinstance(node, ast.BoolOp):
        joiner = " and " if isinstance(node.op, ast.And) else " or "
        return f"({joiner.join(map(_translate, node.values))})"
    if isinstance(node, ast.Compare):
        operator = _OPERATORS[type(node.ops[0])]
        left, right = node.left, node.comparators[0]
        if isinstance(left, ast.Name) and isinstance(right, ast.Constant):
            return Clause(left.id, operator, str(right.value), mirrored=False).translate()
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name):
            return Clause(right.id, operator, str(left.value), mirrored=True).translate()
        got = f"{ast.unparse(left)} {operator} {ast.unparse(right)}"
        raise ValueError(f"expected a variable and a text, got {quote(got)}")
    raise AssertionError("a marker consists of comparisons")
