"""The text of source files, and its syntax."""

import pytest

from deferred_imports.tooling.source.text import UnreadableSourceError, decode, parse_source, platform_constants


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfx = 1\r\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe4'\n", "# -*- coding: latin-1 -*-\nx = 'ä'\n"),
    ],
)
def test_it_is_decoded_as_python_does(source: bytes, text: str) -> None:
    """The declared encoding counts, a mark at the beginning goes, line ends become one."""
    assert decode(source) == text


@pytest.mark.parametrize(
    ("source", "reason"), [(b"\0", "null bytes"), (b"'\xff'", "UTF-8"), (b"# coding: klingon\n", "encoding")]
)
def test_what_python_would_not_read(source: bytes, reason: str) -> None:
    """What Python would not decode is refused in words that are the same on every Python."""
    with pytest.raises(UnreadableSourceError, match=reason):
        decode(source)


def test_lazy_imports_are_read_on_every_python() -> None:
    """The keyword of PEP 810 is taken out, and its places are told as the tree has them."""
    tree, lazy = parse_source("x = 1; lazy import a\nif x:\n    lazy from b import c\n")
    assert lazy == {(1, 7), (3, 4)}
    assert len(tree.body) == 3


def test_platform_constants() -> None:
    """Names at the top count that are bound to what the platform or the version is compared with."""
    text = "WINDOWS = sys.platform == 'win32'\nNEW: bool = sys.version_info > (3,)\n    inner = os.name\nother = 1\n"
    assert platform_constants(text) == {"WINDOWS", "NEW"}
