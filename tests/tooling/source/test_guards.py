"""Conditions as markers: both say the same on every system. `tests/cases/discover/guards` shows what imports get."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computers import COMPUTERS, Computer
from deferred_imports.tooling.source.conditions import Scope
from deferred_imports.tooling.source.guards import Guard, guard_of
from deferred_imports.tooling.table.combining import all_of, either
from deferred_imports.tooling.table.markers import compile_marker

# What people write, each with what it becomes.
TOLD = {
    "sys.platform == 'win32'": "sys_platform == 'win32'",
    "sys.platform != 'win32'": "sys_platform != 'win32'",
    "'win32' == sys.platform": "sys_platform == 'win32'",
    "sys.platform in ('win32', 'cygwin')": "sys_platform == 'win32' or sys_platform == 'cygwin'",
    "sys.platform not in ['win32', 'cygwin']": "sys_platform != 'win32' and sys_platform != 'cygwin'",
    "sys.platform in {'linux'}": "sys_platform == 'linux'",
    "'bsd' in sys.platform": "'bsd' in sys_platform",
    "'bsd' not in sys.platform": "'bsd' not in sys_platform",
    "sys.platform.startswith('win')": "sys_platform == 'win32'",
    "sys.platform.startswith(('linux', 'darwin'))": "sys_platform == 'linux' or sys_platform == 'darwin'",
    "os.name == 'nt'": "os_name == 'nt'",
    "platform.system() == 'Windows'": "platform_system == 'Windows'",
    "platform.machine() in ('x86_64', 'AMD64')": "platform_machine == 'x86_64' or platform_machine == 'AMD64'",
    "platform.python_implementation() == 'PyPy'": "platform_python_implementation == 'PyPy'",
    "sys.implementation.name != 'cpython'": "implementation_name != 'cpython'",
    "sys.version_info >= (3, 11)": "python_version >= '3.11'",
    "sys.version_info < (3, 11)": "python_version < '3.11'",
    "sys.version_info > (3, 11)": "python_version >= '3.11'",
    "sys.version_info <= (3, 11)": "python_version < '3.11'",
    "(3, 11) <= sys.version_info": "python_version >= '3.11'",
    "sys.version_info >= (3,)": "python_version >= '3'",
    "sys.version_info >= (3, 15, 0)": "python_version >= '3.15'",
    "sys.version_info < (3, 10, 13)": "python_full_version < '3.10.13'",
    "sys.version_info > (3, 11, 4)": "python_full_version >= '3.11.4'",
    "sys.version_info[:2] >= (3, 12)": "python_version >= '3.12'",
    "sys.version_info[:2] > (3, 11)": "python_version > '3.11'",
    "sys.version_info[:2] <= (3, 11)": "python_version <= '3.11'",
    "sys.version_info[:2] == (3, 11)": "python_version == '3.11'",
    "(3, 11) != sys.version_info[:2]": "python_version != '3.11'",
    "sys.version_info[0] == 3": "python_version == '3.*'",
    "sys.version_info[0] != 3": "python_version != '3.*'",
    "sys.version_info[0] >= 4": "python_version >= '4'",
    "sys.version_info[0] > 3": "python_version >= '4'",
    "sys.version_info[0] <= 3": "python_version < '4'",
    "sys.version_info[0] < 4": "python_version < '4'",
    "(3, 11) <= sys.version_info < (3, 15)": "python_version >= '3.11' and python_version < '3.15'",
    "(found := sys.platform == 'linux')": "sys_platform == 'linux'",
}
# What no marker tells, though the platform or the version decides.
UNTOLD = [
    "sys.platform > 'linux'",
    "sys.platform == 'it\\'s'",
    "sys.platform in ()",
    "sys.platform in names",
    "sys.platform == name",
    "sys.platform in 'linux darwin'",
    "sys.platform.startswith('free')",
    "sys.platform.lower() == 'linux'",
    "platform.release() == '6.1'",
    "sys.version_info == (3, 11)",
    "sys.version_info[1] >= 11",
    "sys.version_info[:2] >= (3,)",
    "sys.version_info[:3] >= (3, 11, 0)",
    "sys.version_info >= (3, 11, 0, 'final')",
    "sys.version_info >= wanted",
    "sys.hexversion >= 0x030B0000",
    "sys.platform == 'win32' or value",
]
each_computer = pytest.mark.parametrize("computer", COMPUTERS, ids=str)


def guard(text: str, *, holds: bool = True) -> Guard:
    scope = Scope("weather", {})
    for module in ("os", "platform", "sys"):
        scope.bind(module, module)
    return guard_of(ast.parse(text, mode="eval").body, scope, holds=holds)


def holds_on(computer: Computer, text: str, **names: object) -> bool:
    """Tell whether a condition holds on a computer."""
    platform = SimpleNamespace(
        system=lambda: computer.system,
        machine=lambda: computer.machine,
        python_implementation=lambda: computer.implementation[1],
    )
    return bool(computer.evaluate(text, platform=platform, **names))


@pytest.mark.parametrize("text", TOLD)
def test_told(text: str) -> None:
    """Each form of a condition becomes the marker that a person would write."""
    assert guard(text) == Guard(TOLD[text], whole=True)


@pytest.mark.parametrize("text", UNTOLD)
def test_untold(text: str) -> None:
    """What has no marker, or has one only in part, is neither told nor taken for a matter of the program alone."""
    assert guard(text) == Guard(None, whole=False)


def _joined(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    words = st.sampled_from([" and ", " or "])
    return st.tuples(texts, words, texts).map(lambda parts: f"({''.join(parts)})") | texts.map("not ({})".format)


@given(st.recursive(st.sampled_from(sorted(TOLD)), _joined, max_leaves=6), st.sampled_from(COMPUTERS), st.booleans())
def test_the_same_everywhere(text: str, computer: Computer, holds: bool) -> None:
    """However conditions are joined, the marker holds exactly where they do, or do not."""
    found = guard(text, holds=holds)

    assert found.whole
    expected = holds_on(computer, text) is holds
    assert found.marker is not None
    assert bool(computer.evaluate(compile_marker(found.marker))) is expected


@each_computer
def test_the_program_has_a_say(computer: Computer) -> None:
    """Beside what depends on the program, a marker still holds wherever the condition can."""
    for form in ("{} and value", "value and not {}", "not ({} or value)", "not (value and {})", "{} or value"):
        for condition in TOLD:
            text = form.format(f"({condition})")
            marker = guard(text).marker
            if any(holds_on(computer, text, value=value) for value in (True, False)):
                assert marker is None or computer.evaluate(compile_marker(marker)), text


def test_what_the_program_decides() -> None:
    """A condition without the platform says nothing, and nothing is left open; with it, the marker says the rest."""
    assert guard("value") == Guard(None, whole=True)
    assert guard("value and sys.platform == 'win32'") == Guard("sys_platform == 'win32'", whole=True)
    assert guard("value and sys.platform == 'win32'", holds=False) == Guard(None, whole=False)
    assert guard("value or sys.platform == 'win32'", holds=False) == Guard("sys_platform != 'win32'", whole=True)


def test_names_are_followed() -> None:
    """`from sys import platform as p` is followed; a name that may be one of several things is not."""
    scope = Scope("weather", {})
    scope.bind("p", "sys", "platform")
    scope.bind("sys", "sys")
    scope.bind("sys", "mine", "sys")
    assert guard_of(ast.parse("p == 'linux'", mode="eval").body, scope).marker == "sys_platform == 'linux'"
    assert guard_of(ast.parse("sys.platform == 'linux'", mode="eval").body, scope).marker is None


def test_joining() -> None:
    """Markers are joined with parentheses where they need some, once each, and not to one that always holds."""
    assert all_of([None, None]) is None
    assert all_of(["a == 'a'", None]) == "a == 'a'"
    assert all_of(["a == 'a'", "a == 'a'"]) == "a == 'a'"
    assert all_of(["a == 'a' or b == 'b'", "c == 'c'"]) == "(a == 'a' or b == 'b') and c == 'c'"
    assert either(["a == 'a' and b == 'b'", "c == 'c'", "c == 'c'"]) == "a == 'a' and b == 'b' or c == 'c'"
    assert either(["a == 'a'", "c == 'c'", "a != 'a'"]) is None
    assert either(["python_version >= '3.11'", "python_version < '3.11'"]) is None
