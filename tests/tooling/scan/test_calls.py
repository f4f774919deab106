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


WAYS = {
    "class A:\n def __init__(self): ...\nclass B(A):\n def __init__(self): super().__init__()\nB()": {"A.__init__"},
    "def f(): ...\nk = f\nk()": {"f"},
    "def f(): ...\nk = f\nm = k\n@m\ndef g(): ...": {"f"},
    "class A:\n def __call__(self, f): ...\na = A()\n@a\ndef g(): ...": {"A.__call__"},
    "class A:\n def __call__(self): ...\na = A()\na()": {"A.__call__"},
    "class A:\n def m(self): ...\na = A()\na.m()": {"A.m"},
    "class B:\n def m(self): ...\nclass A(B): ...\na = A()\na.m()": {"B.m"},
    "class A:\n def __add__(self, b): ...\na = A()\na + 1": {"A.__add__"},
    "class A:\n def __getitem__(self, b): ...\na = A()\na[1]": {"A.__getitem__"},
    "class A:\n def __iter__(self): ...\nfor a in A(): ...": {"A.__iter__"},
    "class A:\n def __iter__(self): ...\n[1 for a in A()]": {"A.__iter__"},
    "class A:\n def __enter__(self): ...\n def __exit__(self): ...\nwith A(): ...": {"A.__enter__", "A.__exit__"},
    "class A:\n def __bool__(self): ...\na = A()\nif a: ...": {"A.__bool__"},
    "class A:\n def __neg__(self): ...\na = A()\n-a": {"A.__neg__"},
    "class A:\n def __lt__(self, b): ...\na = A()\n1 > a": {"A.__lt__"},
    "class A:\n def __iadd__(self, b): ...\na = A()\na += 1": {"A.__iadd__"},
    "class A:\n def __set_name__(self, o, n): ...\nclass B:\n a = A()": {"A.__set_name__"},
    "from enum import Enum\nclass A(Enum):\n X = 1\n def __init__(self, v): ...": {"A.__init__"},
    "def f(): ...\nclass A:\n x: int = field(default_factory=f)\nA()": {"f"},
    "def f(): ...\nclass A:\n x: int = field(default_factory=f)": set(),  # of which nothing is made
    "class A:\n def m(self): ...\na = A()\ndef later(): a.m()": set(),
    "class A:\n def __add__(self, b): ...\na = A()\ndef later(): a + 1": set(),
    "class A:\n def __repr__(self): ...\na = A()\na + 1": set(),
}


@pytest.mark.parametrize("text", WAYS)
def test_ways_to_call(text: str) -> None:
    """What is called by another name, through an instance, an operator or making a class is called all the same."""
    calls = calls_of({"app": text})
    ran = {one.name for one in calls.onward} - {"B.__init__"}
    assert ran == WAYS[text]
