"""Which base classes keep what is derived from them, by what their hooks do with the new class."""

from pathlib import Path

import pytest

from deferred_imports.tooling.scan.hooks import Hooks
from scanning import install, sources_of

KEEPING = {
    "item": "class Base:\n  all = {}\n  def __init_subclass__(cls): cls.all[cls.__name__] = cls\n",
    "adding": "known = []\nclass Base:\n  def __init_subclass__(cls):\n    if cls: known.append(cls)\n",
    "called": "known = set()\ndef note(one, cls): known.add(cls)\nclass Base:\n"
    "  def __init_subclass__(cls): note(1, cls)\n",
    "own-method": "class Base:\n  known = []\n  def __init_subclass__(cls): cls._note()\n"
    "  @classmethod\n  def _note(cls): cls.known.append(cls)\n",
    "registry": "from .apps import apps\nclass Base:\n  def __init_subclass__(cls): apps.register_model('x', cls)\n",
    "metaclass": "known = []\nclass Meta(type):\n  def __new__(mcs, *args):\n    made = super().__new__(mcs, *args)\n"
    "    known.append(made)\n    return made\nclass Base(metaclass=Meta): ...\n",
    "maker": "known = []\nclass Meta(type):\n  def __new__(mcs, *args):\n    new = super().__new__\n"
    "    made = new(mcs, *args)\n    known.append(made)\n    return made\nclass Base(metaclass=Meta): ...\n",
    "above": "known = []\nclass Top:\n  def __init_subclass__(cls): known.append(cls)\nclass Base(Top):\n"
    "  def __init_subclass__(cls): super().__init_subclass__()\n",
    "unbound": "known = []\nclass Old(type):\n  def __init__(cls, *args): known.append(cls)\nclass Meta(type):\n"
    "  def __init__(cls, *args): Old.__init__(cls, *args)\nclass Base(metaclass=Meta): ...\n",
    "star": "from .inner import *\n",
    "starred-metaclass": "from .inner import *\nclass Base(metaclass=Meta): ...\n",
    "maker-above": "known = []\nclass Old(type):\n  def __new__(mcs, *args):\n    made = super().__new__(mcs, *args)\n"
    "    known.append(made)\n    return made\nclass Meta(Old):\n  def __new__(mcs, *args):\n    new = super().__new__\n"
    "    return new(mcs, *args)\nclass Base(metaclass=Meta): ...\n",
    "only-derived": "known = []\nclass Top:\n  def __init_subclass__(cls):\n    if Top in cls.__bases__: cls.x = 1\n"
    "    else: known.append(cls)\nclass Base(Top): ...\n",
}
QUIET = {
    "nothing": "class Base:\n  def __init_subclass__(cls): ...\n",
    "checks": "class Base:\n  def __init_subclass__(cls):\n    if not hasattr(cls, 'name'): raise TypeError(cls)\n",
    "sets": "class Base:\n  def __init_subclass__(cls): cls.name = cls.__name__.lower()\n",
    "makes": "class Base:\n  def __init_subclass__(cls):\n    found = {}\n    found[cls] = 1\n    cls.found = found\n",
    "weak": "import weakref\nnotes = weakref.WeakKeyDictionary()\nclass Base:\n"
    "  def __init_subclass__(cls): notes[cls] = 1\n",
    "parts": "class Base:\n  def __init_subclass__(cls):\n    cls.meta = meta = dict()\n"
    "    for one in meta.values(): one.model = cls\n",
    "own-parts": "class Meta(type):\n  def __new__(mcs, name, bases, body):\n"
    "    made = super().__new__(mcs, name, bases, body)\n    meta = dict(body)\n"
    "    for part in meta.values(): part.holder = made\n    for part in body.values(): part.x = made\n"
    "    return made\nclass Base(metaclass=Meta): ...\n",
    "directly": "known = []\nclass Base:\n  def __init_subclass__(cls):\n    if Base in cls.__bases__: cls.x = 1\n"
    "    else: known.append(cls)\n",
    "no-hook": "class Base: ...\n",
    "abstract": "import abc\nclass Base(abc.ABC): ...\n",
}
CASES = [
    *((name, text, True) for name, text in KEEPING.items()),
    *((name, text, False) for name, text in QUIET.items()),
]


@pytest.mark.parametrize(("name", "text", "keeps"), CASES, ids=[name for name, _, _ in CASES])
def test_a_base_class(name: str, text: str, keeps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base class of another distribution is judged by its source, whatever that distribution is called."""
    foreign = f"hooked_{name.replace('-', '_')}"
    inner = {"star": KEEPING["item"], "starred-metaclass": KEEPING["metaclass"]}.get(name, "")
    install(tmp_path / "site", {f"{foreign}/__init__.py": text, f"{foreign}/inner.py": inner})
    monkeypatch.syspath_prepend(tmp_path / "site")
    own = f"from {foreign} import Base\nclass Mine(Base): ...\n"
    assert Hooks(*sources_of({"app": own}, tmp_path)).remember("app", ("Base",)) is keeps


def test_what_is_not_found_is_not_known(tmp_path: Path) -> None:
    """Of a base class without a source nothing is said: the caller has a list."""
    texts = {"app": "from not_installed import Base, make\nMade = make()\n"}
    hooks = Hooks(*sources_of(texts, tmp_path))
    assert hooks.remember("app", ("Base",)) is None
    assert hooks.remember("app", ("Made",)) is None


def test_what_is_above_may_not_be_found(tmp_path: Path) -> None:
    """The classes above a base class of which no source is found are told by name, for a list to know them."""
    texts = {"core": "from kit import deep\nclass Base(deep.Model): ...\n", "app": "from core import Base\n"}
    assert list(Hooks(*sources_of(texts, tmp_path)).not_found("app", ("Base",))) == ["kit.deep.Model"]


def test_a_base_class_of_the_program(tmp_path: Path) -> None:
    """The program's own base classes are judged alike."""
    texts = {"core": KEEPING["item"], "app": "from core import Base\nclass Mine(Base): ...\n"}
    assert Hooks(*sources_of(texts, tmp_path)).remember("app", ("Base",))
