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
