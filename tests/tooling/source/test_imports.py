"""What one module imports, and when."""

import pytest

from deferred_imports.tooling.source.imports import read_source
from deferred_imports.tooling.source.text import UnreadableSourceError


@pytest.mark.parametrize(
    ("source", "when", "optional", "marker"),
    [
        ("import a", "import", False, None),
        ("def f(): import a", "call", False, None),
        ("if TYPE_CHECKING: import a", "typing", False, None),
        ("if __name__ == '__main__': import a", "main", False, None),
        ("lazy import a", "lazy", False, None),
        ("__lazy_modules__ = ['a']\nimport a", "lazy", False, None),
        ("try: import a\nexcept ImportError: pass", "import", True, None),
        ("import contextlib\nwith contextlib.suppress(ImportError): import a", "import", True, None),
        ("from contextlib import suppress as s\nwith s(ImportError): import a", "import", True, None),
        ("with ExitStack() as s:\n s.enter_context(suppress(ImportError))\n import a", "import", True, None),
        ("with ExitStack() as s:\n s.enter_context(suppress(OSError))\n import a", "import", False, None),
        ("with ExitStack() as s:\n import a\n s.enter_context(suppress(ImportError))", "import", False, None),
        ("with ExitStack() as s:\n s.push(suppress(Exception))\nimport a", "import", False, None),
        ("E = (ImportError, OSError)\ntry: import a\nexcept E: pass", "import", True, None),
        ("E = (KeyError, OSError)\ntry: import a\nexcept E: pass", "import", False, None),
        ("E = (ImportError, OSError)\nE = (OSError,)\ntry: import a\nexcept E: pass", "import", False, None),
        ("import sys\nif sys.platform == 'win32': import a", "import", False, "sys_platform == 'win32'"),
        ("import sys\nassert sys.platform == 'win32'\nimport a", "import", False, "sys_platform == 'win32'"),
        ("import sys\nif sys.version_info.minor > 8: import a", "import", True, None),
    ],
)
def test_when_an_import_runs(source: str, when: str, optional: bool, marker: str | None) -> None:
    """The statement says when it runs, whether the code goes on without it, and on which platforms it is reached."""
    [found] = (one for one in read_source(source, "app", is_package=True).statements if one.module == "a")
    assert (found.when, found.optional, found.marker) == (when, optional, marker)


def test_relative_imports_start_from_the_package() -> None:
    """`.` is the package of a module, and the module itself where that is a package; beyond the top nothing is told."""
    source = "from . import a\nfrom ..other import b\nfrom ....far import c"
    assert [one.module for one in read_source(source, "app.sub.mod", is_package=False).statements] == [
        "app.sub",
        "app.other",
    ]
    assert [one.module for one in read_source(source, "app.sub", is_package=True).statements] == [
        "app.sub",
        "app.other",
    ]


def test_what_names_stand_for() -> None:
    """What imports bind, what else the module defines, and aliases that lead to one of the former."""
    source = "import np.linalg\nfrom a import b as c\nalias = np.zeros\nsecond = alias\nown = 1\nother = own"
    found = read_source(source, "app", is_package=True)
    assert found.bound == {"np": {("np", None)}, "c": {("a", "b")}}
    assert found.aliases == {"alias": {("np", "zeros")}, "second": {("alias",)}}
    assert found.defined == {"alias", "second", "own", "other"}


def test_fallbacks_have_one_number() -> None:
    """The imports of one chain share a number; another chain has another."""
    chain = "try: import {0}\nexcept ImportError: import {1} as {0}\n"
    source = chain.format("a", "b") + chain.format("c", "d") + "import e"
    assert [one.chain for one in read_source(source, "app", is_package=True).statements] == [0, 0, 1, 1, None]


def test_what_cannot_be_read_says_why() -> None:
    """A source that is no Python, or nested too deeply, is refused in words."""
    with pytest.raises(UnreadableSourceError, match="not valid Python"):
        read_source("import", "app", is_package=True)
    with pytest.raises(UnreadableSourceError, match="nested too deeply"):
        read_source(f"x = {'-' * 100_000}1", "app", is_package=True)


WINDOWS = "if sys.platform == 'win32': "


@pytest.mark.parametrize(
    ("source", "marker"),
    [
        (f"with x:\n  {WINDOWS}return", "sys_platform != 'win32'"),
        (f"with x:\n  with y:\n   {WINDOWS}return", "sys_platform != 'win32'"),
        (f"async with x:\n  {WINDOWS}return", "sys_platform != 'win32'"),
        (f"with x:\n  {WINDOWS}raise E", None),  # which it may swallow
        (f"try:\n  {WINDOWS}return\n finally: x()", "sys_platform != 'win32'"),
        (f"try: x()\n finally:\n  {WINDOWS}return", "sys_platform != 'win32'"),
        (f"try:\n  {WINDOWS}return\n except E: pass", None),  # which may come before the condition
        (f"try:\n  {WINDOWS}raise E\n except E: return", "sys_platform != 'win32'"),
        (f"try: x()\n except E: return\n else:\n  {WINDOWS}return", "sys_platform != 'win32'"),
        (f"if x:\n  {WINDOWS}return\n else:\n  y()\n  {WINDOWS}return", "sys_platform != 'win32'"),
        (f"if x:\n  {WINDOWS}return", None),
        (f"{WINDOWS}\n  if x: return\n  else: return 1", "sys_platform != 'win32'"),
        (f"for i in x:\n  {WINDOWS}return", None),  # there may be nothing to loop over
        (f"{WINDOWS}leave()", "sys_platform != 'win32'"),
        (f"{WINDOWS}other()", None),
    ],
)
def test_what_a_block_guards_that_may_leave(source: str, marker: str | None) -> None:
    """What follows blocks is reached where no way through them has left the function."""
    text = f"import sys\nfrom sys import exit as leave\nasync def f():\n {source}\n import fcntl"
    found = read_source(text, "app", is_package=True).statements[-1]
    assert (found.marker, found.optional) == (marker, False)


@pytest.mark.parametrize(
    ("kind", "optional"),
    [
        ("ERRORS", True),
        ("LATER", True),
        ("(KeyError, *ERRORS)", True),
        ("SUM", True),
        ("ONE", True),
        ("self.OWN", True),
        ("FROM_ELSEWHERE", True),  # nothing tells, so nothing is required
        ("other.CONSTANTS", True),
        ("OTHERS", False),
        ("Elsewhere", False),
        ("CIRCLE", True),
    ],
)
def test_handlers_named_by_a_constant(kind: str, optional: bool) -> None:
    """A handler may name its errors by a constant, which may stand anywhere in the module."""
    head = (
        "ERRORS = (ImportError, OSError)\nSUM = ERRORS + (KeyError,)\nONE = ImportError\nOTHERS = (OSError, KeyError)\n"
    )
    body = "class A:\n OWN = ERRORS\n def f(self):\n  try: import a\n"
    tail = "\nCIRCLE = CIRCLE2\nCIRCLE2 = CIRCLE\nLATER: tuple = (ImportError,)\n"
    for handler in (f"{body}  except {kind}: pass", f"{body.replace('try', f'with suppress({kind})')}"):
        found = read_source(f"{head}{handler}{tail}", "app", is_package=True).statements[-1]
        assert (found.module, found.optional) == ("a", optional)
