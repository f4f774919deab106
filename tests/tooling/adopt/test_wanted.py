"""What others want of a module's names: the package, its tests, entry points, documentation."""

import ast

from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.wanted import Source, find_wanted, split


def wanted(test: str = "", *, inside: str = "", entry_points: tuple[str, ...] = (), document: str = "") -> Wanted:
    """Return what is wanted of `app.cli`, by a test, another module, entry points or a document."""
    sources = {"app": "", "app.cli": "import json\n", "app.other": inside, "app.cli.sub": ""}
    package = [Source(name, f"{name}.py", name == "app", ast.parse(text)) for name, text in sources.items()]
    others = [Source("", "tests/test_cli.py", False, ast.parse(test))]
    return find_wanted(sources.keys(), package, others, entry_points, [("docs/index.rst", document)])["app.cli"]


def test_nothing_is_wanted() -> None:
    """Without a user of its names a module is free."""
    assert wanted() == Wanted(submodules=frozenset({"sub"}))


def test_names_that_are_taken() -> None:
    """By another module, a test, an entry point, a document: each is told with who it is."""
    assert wanted(inside="from .cli import json\n").taken == {"json": "`app.other.py`"}
    assert wanted("from app import cli\ncli.json\n").taken == {"json": "`tests/test_cli.py`"}
    assert wanted(entry_points=("app.cli:main",)).taken == {"main": "an entry point"}
    assert wanted(document="See ``app.cli.json``.").taken == {"json": "`docs/index.rst`"}


def test_names_that_tests_patch() -> None:
    """By a dotted text, by object and name, or by a name alone where nothing tells the object."""
    assert "json" in wanted("from unittest import mock\nmock.patch('app.cli.json')\n").patched
    assert "json" in wanted("from app import cli\ndef test(monkeypatch): monkeypatch.setattr(cli, 'json', 1)\n").patched
    assert "json" in wanted("def test(monkeypatch, it): monkeypatch.setattr(it, 'json', 1)\n").patched


def test_names_that_tests_put_together() -> None:
    """A text with a gap behind the module may mean any of its names."""
    assert wanted("def test(name): patch(f'app.cli.{name}')\n").all_patched
    assert not wanted("def test(name): patch(f'app.{name}')\n").all_patched


def test_who_takes_all() -> None:
    """A star import, `vars()` and `getattr()` with any name."""
    assert wanted(inside="from .cli import *\n").starred
    assert wanted("from app import cli\nvars(cli)\n").viewed == "`tests/test_cli.py`"
    assert wanted("from app import cli\nvars(cli)\n'json' in vars(cli)\n").views == ".*|json"
    assert wanted("from app import cli\ndir(cli)\n").listed == "`tests/test_cli.py`"
    assert wanted("from app import cli\ninspect.getmembers(cli)\n'json' in dir(cli)\n").lists == ".*|json"
    assert wanted("from app import cli\ngetattr(cli, name)\n").looked_up == "`tests/test_cli.py`"


def test_the_longest_module_counts() -> None:
    """A dotted text is split behind the longest module that it begins with."""
    assert split("app.cli.sub.f.g", {"app", "app.cli", "app.cli.sub"}) == ("app.cli.sub", ["f", "g"])
    assert split("other.f", {"app"}) == ("", [])
