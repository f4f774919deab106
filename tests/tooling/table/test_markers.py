"""Markers compiled to Python: the expression says on every system what packaging says of the marker."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from computers import COMPARISONS, COMPUTERS, Computer
from deferred_imports.tooling.table.markers import compile_marker

if TYPE_CHECKING:
    from pathlib import Path


def _joined(markers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    words = st.sampled_from([" and ", " or "])
    several = st.tuples(markers, words, markers, words, markers).map("".join) | st.tuples(markers, words, markers).map(
        "".join
    )
    return several | several.map(lambda text: f"({text})")


@given(st.recursive(st.sampled_from(COMPARISONS), _joined, max_leaves=8), st.sampled_from(COMPUTERS))
def test_marker(marker: str, computer: Computer) -> None:
    """So does any marker made of them: `and` binds tighter than `or`, parentheses tighter than both."""
    expression = compile_marker(marker)

    assert computer.evaluate(expression) is Marker(marker).evaluate({**computer.environment})


@given(st.recursive(st.sampled_from(COMPARISONS), _joined, max_leaves=4), st.sampled_from(COMPUTERS))
def test_expression_stands_anywhere(marker: str, computer: Computer) -> None:
    """An expression keeps its meaning beside `not`, `and` and `or`."""
    expression = compile_marker(marker)
    value = computer.evaluate(expression)

    assert computer.evaluate(f"not {expression}") is (not value)
    assert computer.evaluate(f"False and {expression} or {expression}") is value
    assert computer.evaluate(f"True and {expression} and True") is value


@given(st.recursive(st.sampled_from(COMPARISONS), _joined, max_leaves=4))
def test_expression_uses_sys_and_os_only(marker: str) -> None:
    """An expression is one line of ASCII with no names but `sys` and `os`."""
    expression = compile_marker(marker)

    names = {node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)}
    assert names <= {"sys", "os"}
    assert expression.isascii()
    assert "\n" not in expression


def test_a_quote_within_quotes_stays_text() -> None:
    """A text cannot end early and become a part of the expression."""
    computer = COMPUTERS[0]

    expression = compile_marker("""os_name == 'x" or "posix' or os_name == '\\x22 or \\x22'""")

    assert computer.evaluate(expression) is False


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "python_version",
        "python_version > 3.11",
        "python_version >= '3.11' and",
        "python_version >= 'three'",
        "python_version >= '3.15rc1'",
        "python_version ~= '3'",
        "python_version < '3.*'",
        "'3.11' ~= python_version",
        "'3.11.*' == python_version",
        "'3.15.0rc1' < python_full_version",
        "'3.11' === python_full_version",
        "python_full_version >= '1!3.11'",
        "python_full_version >= '3.11.0.1'",
        "python_full_version == '3.11.0+local'",
        "python_full_version >= '3.11.dev1'",
        "python_full_version > '3.11.post1'",
        "implementation_version in '3.11'",
        "implementation_version === '3.11'",
        "sys_platform < 'win32'",
        "sys_platform ~= 'win32'",
        "sys_platform === 'win32'",
        "platform_release >= '5.10'",
        "platform_release == '5.10'",
        "os_name == sys_platform",
        "'nt' == 'nt'",
        "extra == 'plot'",
        "os_name == 'nt' or 'plot' in extras",
        "'dev' in dependency_groups",
        "platform == 'win32'",
        "os_name is 'nt'",
        "os_name == 'nt' == 'nt'",
        "not os_name == 'nt'",
        "os_name == 'a\nb'",
        "os_name == '\\x'",
        "__import__('os').remove('x')",
        "(" * 10_000 + "os_name == 'nt'" + ")" * 10_000,
    ],
    ids=lambda marker: marker[:40],
)
def test_refusal(marker: str) -> None:
    """What is no marker, or has no faithful translation, is a ValueError that says what was expected."""
    with pytest.raises(ValueError, match=r"^expected .*, got "):
        compile_marker(marker)


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_type_checkers_accept_the_expressions(platform: str, tmp_path: Path) -> None:
    """On each system, mypy takes every kind of expression: a registry is checked with the package that it is in."""
    lines = [f"flag_{number}: bool = {compile_marker(marker)}" for number, marker in enumerate(COMPARISONS)]
    module = tmp_path / "expressions.py"
    module.write_text("\n".join(["import os", "import sys", *lines, ""]), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--platform", platform, "--cache-dir", os.devnull, str(module)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
