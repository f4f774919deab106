"""One comparison of a marker as Python: what packaging says of it, in the form that a person would write."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker, default_environment

from computers import COMPARISONS, COMPUTERS, Computer
from deferred_imports.tooling.table.markers import compile_marker

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize("computer", COMPUTERS, ids=str)
def test_comparison(computer: Computer) -> None:
    """Each comparison gives the boolean that packaging gives on that computer."""
    wrong = {}
    for marker in COMPARISONS:
        expression = compile_marker(marker)
        expected = Marker(marker).evaluate({**computer.environment})
        if computer.evaluate(expression) is not expected:
            wrong[marker] = (expression, expected)

    assert wrong == {}


@pytest.mark.parametrize("variable", sorted(default_environment()))
def test_this_computer(variable: str) -> None:
    """With the real `sys` and `os`, each variable has the value that packaging finds for this interpreter."""
    value = str({**default_environment()}[variable])
    op = "in" if variable == "platform_release" else "=="
    other = "not in" if variable == "platform_release" else "!="

    assert eval(compile_marker(f"{variable} {op} '{value}'"), {"sys": sys, "os": os}) is True  # noqa: S307 - ours
    assert eval(compile_marker(f"{variable} {other} '{value}'"), {"sys": sys, "os": os}) is False  # noqa: S307 - ours


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("python_version >= '3.11'", "sys.version_info >= (3, 11)"),
        ("python_version < '3.11'", "sys.version_info < (3, 11)"),
        ("python_version <= '3.11'", "sys.version_info < (3, 12)"),
        ("python_version == '3.11'", "sys.version_info[:2] == (3, 11)"),
        ("python_version == '3.*'", "sys.version_info[:1] == (3,)"),
        ("python_version ~= '3.11'", "(sys.version_info >= (3, 11) and sys.version_info[:1] == (3,))"),
        ("python_full_version >= '3.15'", 'sys.version_info[:4] >= (3, 15, 0, "final")'),
        ("python_full_version >= '3.15rc1'", 'sys.version_info >= (3, 15, 0, "candidate", 1)'),
        ("sys_platform == 'win32'", 'sys.platform == "win32"'),
        ("platform_system == 'Windows'", 'sys.platform == "win32"'),
        ("platform_python_implementation != 'PyPy'", 'sys.implementation.name != "pypy"'),
        ("'linux' in sys_platform", '"linux" in sys.platform'),
        ("os_name == 'a\"b'", r'os.name == "a\"b"'),
        (
            "os_name == 'nt' or os_name == 'posix' and python_version < '4'",
            '(os.name == "nt" or (os.name == "posix" and sys.version_info < (4, 0)))',
        ),
    ],
)
def test_form(marker: str, expected: str) -> None:
    """The usual markers become what a person would write, in the forms that type checkers understand."""
    assert compile_marker(marker) == expected
