"""What serves names in its own way serves more: which functions can, and what they do then."""

import ast
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from deferred_imports.tooling.adopt.answering import answering, can_answer, own_getattrs
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.text import Text

OWN = """
import warnings


def __getattr__(which):
    '''Warn.'''
    # Gone since 1.2.
    if which == "old":
        warnings.warn("old is no more", DeprecationWarning)
        return 1
    raise AttributeError(which)
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Return what imports a module that has this source."""

    def make(source: str) -> ModuleType:
        (tmp_path / "answered.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "answered", raising=False)
        return __import__("answered")

    return make


def test_it_serves_more_and_what_it_did(made: Callable[[str], ModuleType]) -> None:
    """A new name is imported when it is first asked for, and is there from then on; old names are served as before."""
    text = Text(OWN.encode())
    (function,) = own_getattrs(ast.parse(OWN))
    edit = answering(function, {"tool": ["import colorsys as value"]}, Style(), text)
    module = made(text.edited([edit]).decode())
    assert "tool" not in vars(module)
    assert module.tool.__name__ == "colorsys"
    assert vars(module)["tool"] is module.tool
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert module.old == 1
    assert [str(one.message) for one in heard] == ["old is no more"]
    assert not hasattr(module, "other")


@pytest.mark.parametrize(
    ("code", "can"),
    [
        ("def __getattr__(name):\n    raise AttributeError(name)\n", True),
        ("if 1:\n    def __getattr__(name, /):\n        raise AttributeError(name)\n", True),
        ("def __getattr__(name): raise AttributeError(name)\n", False),
        ("def __getattr__(value):\n    raise AttributeError(value)\n", False),
        ("def __getattr__(name):\n    value = 1\n    raise AttributeError(name)\n", False),
        ("def __getattr__(name, more=1):\n    raise AttributeError(name)\n", False),
        ("def __getattr__(*names):\n    raise AttributeError(names)\n", False),
        ("@cache\ndef __getattr__(name):\n    raise AttributeError(name)\n", False),
        ("def __getattr__(name):\n    '''Nothing.'''\n", False),
        ("def __getattr__(name):\n    yield name\n", False),
        ("if x:\n    def __getattr__(name):\n        x\nelse:\n    def __getattr__(name):\n        y\n", False),
        ("__getattr__ = print\n", False),
    ],
)
def test_what_can_serve_more(code: str, can: bool) -> None:
    """One function with lines of its own, to which the name of what is served means nothing else."""
    assert can_answer(own_getattrs(ast.parse(code)), Text(code.encode())) is can
