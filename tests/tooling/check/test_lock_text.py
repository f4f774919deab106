"""The file of the lock: its text, read back as it was written, and what is wrong with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deferred_imports.tooling.check.lock import (
    STANDARD_LIBRARY,
    Difference,
    Loaded,
    LockSection,
    compare_with_lock,
    update,
)
from deferred_imports.tooling.check.lock_text import LockError, parse_lock, render_lock
from locks import SECTION

TEXT = """\
# The modules that these programs load when they start, kept by `deferred-imports check --startup PROGRAM --lock`.
# After a change that is meant, `--lock --update` renews it. It belongs under version control.
format 1

[weather --help] python 3.11 on linux, win32
click 8.1.7
  click
  click._winconsole  # win32
weather 1.0
  weather
standard library
  argparse
"""


def test_the_text() -> None:
    """A lock is text, sorted, one module a line, and reads back as what it was."""
    sections = {("weather --help", "3.11"): SECTION}

    assert render_lock(sections) == TEXT
    assert parse_lock(TEXT) == sections


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("format 2", "line 1: expected \"format 1\", the only one that this version reads, got 'format 2'"),
        (
            "format 1\nclick 8",
            "line 2: expected a section such as \"[weather --help] python 3.11 on linux\", got 'click 8'",
        ),
        (
            "format 1\n[a] python 3.11 on linux\n  b",
            "line 3: expected the name of a distribution before its modules, got 'b'",
        ),
        (
            "format 1\n[a] python 3.11 on linux\nb\n  c  # win32",
            "line 4: expected platforms of the section (linux), got 'c  # win32'",
        ),
        (
            "format 1\n[a] python 3.11 on linux\n[a] python 3.11 on linux",
            "line 3: expected each program and Python once, got '[a] python 3.11 on linux'",
        ),
        (
            "format 1\n[a] python 3.11 on linux\n   deep",
            "line 3: expected a distribution with its version, or two spaces and a module, got 'deep'",
        ),
    ],
)
def test_what_is_wrong(line: str, expected: str) -> None:
    """A line that is not of the form is told with its number, what was expected and what stands there."""
    with pytest.raises(LockError) as caught:
        parse_lock(line)
    assert str(caught.value) == expected


@pytest.mark.parametrize("line", [3, 5, 7])
def test_what_a_merge_has_left(line: int) -> None:
    """Both sides of a conflict together are no lock: neither start loads all of it. One line says what to do."""
    lines = ["format 1", "", "[a] python 3.11 on linux", "click 8", "  click", "standard library", "  wave"]
    parse_lock("\n".join(lines))
    lines[line:line] = ["<<<<<<< HEAD", "  click.core", "=======", "  click.types", ">>>>>>> other"]
    with pytest.raises(LockError) as caught:
        parse_lock("\n".join(lines))
    said = 'a merge has left its conflicts; take one side, as in "git checkout --theirs", and renew it by'
    assert str(caught.value) == f'line {line + 1}: {said} "--lock --update"'


NAMES = st.from_regex(r"[a-z]{1,4}(\.[a-z_]{1,4}){0,2}", fullmatch=True)


OWNERS = st.sampled_from(["click", "zope.interface", "Py-YAML", STANDARD_LIBRARY])


STARTS = st.builds(
    Loaded,
    st.sampled_from(["a --help", "b"]),
    st.sampled_from(["3.9", "3.11"]),
    st.sampled_from(["linux", "darwin", "win32"]),
    st.dictionaries(NAMES, OWNERS, max_size=8),
    st.fixed_dictionaries({}, optional={"click": st.just("8"), "Py-YAML": st.just("6+local.1")}),
)


@given(st.lists(STARTS, max_size=6))
def test_any_starts(starts: list[Loaded]) -> None:
    """After any updates, the text reads back as it was, and the last start of a platform differs in nothing."""
    sections: dict[tuple[str, str], LockSection] = {}
    for one in starts:
        key = one.program, one.python
        sections[key] = update(sections.get(key), one)
        assert compare_with_lock(one, sections[key]) == Difference({}, {}, {})
        assert parse_lock(render_lock(sections)) == sections
