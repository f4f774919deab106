"""Where names lead: through imports, renamings and aliases to what is defined."""

import pytest

from deferred_imports.tooling.scan.following import Follower, Meaning
from scanning import follower_of

TEXTS = {
    "pack": "from .core import f as renamed\n",
    "pack.core": "import json\nclass A:\n  def m(self): ...\nclass B(A): ...\ndef f(): ...\nmade = A()\n"
    "log = json.loads()\n",
    "pack.user": "import pack.core as c\nfrom pack import renamed, core\nfrom pack.core import made, B\nother = c\n"
    "import json\nfrom gone import thing\n",
}


@pytest.fixture(name="follower")
def _follower() -> Follower:
    return follower_of(TEXTS)


@pytest.mark.parametrize(
    ("chain", "definitions"),
    [
        ("c.f", [("pack.core", "f")]),
        ("renamed", [("pack.core", "f")]),
        ("core.A.m", [("pack.core", "A.m")]),
        ("B", [("pack.core", "B")]),
        ("json.loads", []),
        ("nothing", []),
    ],
)
def test_definitions(follower: Follower, chain: str, definitions: list[tuple[str, str]]) -> None:
    """A chain leads to the definition, wherever it is imported from."""
    assert list(follower.defined("pack.user", tuple(chain.split(".")))) == definitions


@pytest.mark.parametrize(
    ("chain", "meaning"),
    [
        ("c.f", Meaning("own", "pack.core", "f")),
        ("made.m", Meaning("own", "pack.core", "A", ("m",))),
        ("core.log.x", Meaning("foreign", "", "json.loads.x")),
        ("json.dumps", Meaning("foreign", "", "json.dumps")),
        ("thing.part", Meaning("foreign", "", "gone.thing.part")),
        ("len", Meaning("builtin", "", "len")),
        ("nothing", Meaning("unknown", "", "nothing")),
    ],
)
def test_what_a_chain_stands_for(follower: Follower, chain: str, meaning: Meaning) -> None:
    """A chain is the program's own, another's, a builtin or not known; what a call makes stands for what is called."""
    assert follower.origin("pack.user", tuple(chain.split("."))) == meaning


def test_methods_of_bases(follower: Follower) -> None:
    """A method that a class does not have is that of its base."""
    assert list(follower.methods("pack.user", ("B",), "m")) == [("pack.core", "A.m")]
    assert list(follower.methods("pack.user", ("B",), "gone")) == []


def test_steps_on_the_way(follower: Follower) -> None:
    """Each module that a name passes through is told, through aliases, too."""
    assert list(follower.passed("pack.user", ("renamed",))) == [("pack", ("renamed",)), ("pack.core", ("f",))]
    assert ("pack.core", ("f",)) in list(follower.passed("pack.user", ("other", "f")))


def test_names_in_a_circle() -> None:
    """Modules that take a name from each other end, and lead nowhere."""
    follower = follower_of({"a": "from b import x\n", "b": "from a import x\n"})
    assert list(follower.defined("a", ("x",))) == []
    assert follower.origin("a", ("x",)).kind in {"own", "unknown"}
