"""One comparison of a marker as Python: what packaging says of it, in the form that a person would write."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker, default_environment

from computers import COMPUTERS, Computer
from deferred_imports.tooling.table.markers import compile_marker

if TYPE_CHECKING:
    pass


VERSIONS = (
    "3",
    "3.0",
    "3.1",
    "3.10",
    "3.10.0",
    "3.11",
    "3.11.0.0",
    "3.11.4",
    "3.12.1",
    "3.15",
    "3.15.0",
    "3.15.1",
    "4",
    "7.3.17",
    " 3.11 ",
)


PRE_RELEASES = ("3.11.0rc2", "3.15a1", "3.15.0b3", "3.15.0rc1", "3.15.0rc2", "3.15.1rc1")


PREFIXES = ("3.*", "3.1.*", "3.10.*", "3.11.*", "3.11.0.*", "3.11.4.*", "3.15.*", "3.15.0.*")


ORDER = ("<", "<=", ">", ">=", "==", "!=")


def _texts(variable: str) -> list[str]:
    values = sorted({computer.environment[variable] for computer in COMPUTERS})
    return [*values, values[0].upper(), values[-1][:3], " ".join(values), "", "é \\\\"]


def _comparisons() -> list[str]:
    """Every kind of comparison that can be translated, in both directions where that is so."""
    found = []
    for variable in ("python_version", "python_full_version", "implementation_version"):
        pre = () if variable == "python_version" else PRE_RELEASES
        found += [f"{variable} {op} '{text}'" for op in ORDER for text in VERSIONS + pre]
        found += [f"'{text}' {op} {variable}" for op in ORDER for text in VERSIONS]
        found += [f"{variable} ~= '{text}'" for text in VERSIONS + pre if "." in text]
        found += [f"{variable} {op} '{text}'" for op in ("==", "!=") for text in PREFIXES]
    for variable in ("python_version", "python_full_version"):
        found += [f"{variable} === '{text}'" for text in ("3.11", "3.11.4", "3.15.0RC1", "3.15.0c1", "3.11.0")]
        found += [f"{variable} {op} '3.10 3.11.4 3.15.0rc1'" for op in ("in", "not in", "not  in")]
        found += [f"'{text}' {op} {variable}" for op in ("in", "not in") for text in ("3.1", "rc", "11")]
    for variable in (
        *("os_name", "sys_platform", "implementation_name", "platform_system", "platform_machine"),
        *("platform_python_implementation", "platform_version", "platform_release"),
    ):
        ops = ("in", "not in") if variable.endswith(("release", "platform_version")) else ("==", "!=", "in", "not in")
        found += [f'{variable} {op} "{text}"' for op in ops for text in _texts(variable)]
        found += [f'"{text}" {op} {variable}' for op in ops for text in _texts(variable)]
    found += ["platform_version == '#1 SMP Fri Mar 29 2024'", "platform_release != '6.1.0-18-amd64'"]
    found += [
        "os.name == 'nt'",
        "sys.platform == 'win32'",
        "platform.machine == 'AMD64'",
        "python_implementation == 'PyPy'",
    ]
    return found


COMPARISONS = _comparisons()


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
