"""What `__all__` holds: names, what other modules hold, and what only running tells."""

import ast

import pytest

from deferred_imports.tooling.source.exports import Export, exports_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__all__ = ['a', 'b']", ["a", "b"]),
        ("__all__: list[str] = ['a']", ["a"]),
        ("__all__ = ('a', *['b'])", ["a", "b"]),
        ("__all__ = sorted({'a'})", ["a"]),
        ("__all__ = ['a']\n__all__ += ['b']\n__all__ = __all__ + ['c']", ["a", "b", "c"]),
        ("__all__ = []\n__all__.append('a')\n__all__.extend(['b'])\n__all__.insert(0, 'c')", ["a", "b", "c"]),
        ("__all__ = ['a']\n__all__.remove('a')", ["a"]),
        ("names = ['a']\n__all__ = names + ['b']", ["a", "b"]),
        ("import x.y\n__all__ = x.y.__all__", [("x", "y")]),
        ("def f(): ...\n__all__ = [f.__name__]", ["f"]),
        ("if True:\n    __all__ = ['a']\nelse:\n    __all__ = ['b']", ["a", "b"]),
        ("try:\n    __all__ = ['a']\nexcept E:\n    __all__ = ['b']", ["a", "b"]),
        ("__all__ = [n for n in dir()]", [None]),
        ("__all__ = f()", [None]),
        ("__all__ = names", [None]),
        ("a, __all__ = f()", [None]),
        ("def f():\n    __all__ = ['a']", []),
        ("a = names = names\n__all__ = names", [None]),
        ("x.__all__ = ['a']", []),
    ],
)
def test_each_spelling(text: str, expected: list[Export]) -> None:
    """Each spelling that is met in the wild is read, and the rest is taken for computed."""
    assert exports_in(ast.parse(text).body) == expected
