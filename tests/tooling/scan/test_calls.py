"""Which functions run while modules are imported: calls followed by name, across modules."""

import pytest

from deferred_imports.tooling.scan.calls import Ran
from scanning import calls_of

CORE = "def f(): g()\ndef g(): ...\nclass A:\n  def __init__(self): self.m()\n  def m(self): ...\n"


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("", set()),
        ("from core import f\n", set()),
        ("from core import f\nf()\n", {"f", "g"}),
        ("import core\nx = core.f()\n", {"f", "g"}),
        ("from core import f\n@f\ndef own(): ...\n", {"f", "g"}),
        ("from core import f\nlist(map(f, 'a'))\n", {"f", "g"}),
        ("from core import A\nA()\n", {"A.__init__", "A.m"}),
        ("from core import f\ndef later(): f()\n", set()),
        ("from core import f\nclass B:\n  x = f()\n", {"f", "g"}),
    ],
)
def test_what_a_module_calls(text: str, ran: set[str]) -> None:
    """A function runs where the module calls it, decorates with it or hands it on, and so does what that calls."""
    calls = calls_of({"app": text, "core": CORE})
    assert {one.name for one in calls.onward if one.module == "core"} == ran


def test_what_defining_a_class_calls() -> None:
    """A class calls the hook of its base, and the methods of its metaclass that make it."""
    core = (
        "class Base:\n  def __init_subclass__(cls): note()\ndef note(): ...\n"
        "class Meta(type):\n  def __new__(mcs, *a): ...\n  def other(cls): ...\nclass Made(metaclass=Meta): ...\n"
    )
    calls = calls_of({"app": "from core import Base, Made\nclass A(Base): ...\nclass B(Made): ...\n", "core": core})
    first = dict(calls.first["app"])
    assert first[("Base",)] == Ran("core", "Base.__init_subclass__")
    assert first[("Made",)] == Ran("core", "Meta.__new__")
    assert calls.onward[Ran("core", "Base.__init_subclass__")] == (Ran("core", "note"),)
    assert Ran("core", "Meta.other") not in calls.onward


def test_a_script_is_not_imported() -> None:
    """What `__main__` calls runs when the program is a script, not when it is imported."""
    assert not calls_of({"app.__main__": "from app.core import f\nf()\n", "app.core": "def f(): ...\n"}).onward


def test_a_decorator_that_is_made() -> None:
    """Of `@make(1)` both run: `make`, and what it returns."""
    calls = calls_of({"app": "def make(x):\n  def wrap(f): return f\n  return wrap\n@make(1)\ndef a(): ...\n"})
    assert {one.name for one in calls.onward} == {"make", "make.wrap"}
