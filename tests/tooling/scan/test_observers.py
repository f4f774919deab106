"""Who relies on what a module does to another, and which imports have to stay for them."""

import pytest

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan.effects import Effect
from deferred_imports.tooling.scan.observers import steps_to_keep, uses_of
from scanning import follower_of, modules_of

EFFECT = Effect(1, Reason.REGISTERS, "`t.fill`", "nodes:1", target="table", what="fill", alone=True)
WAYS: dict[str, tuple[str, ...] | None] = {
    "direct": ("direct", "nodes"),
    "far": ("far", "direct", "nodes"),
    "sure": (),
    "never": None,
}


def way(module: str, wanted: str) -> tuple[str, ...] | None:
    assert wanted == "nodes"
    return WAYS[module]


@pytest.mark.parametrize(
    ("uses", "steps"),
    [
        ({"direct": {"rules"}}, {("direct", "nodes")}),
        ({"far": {"rules"}}, {("far", "direct"), ("direct", "nodes")}),
        ({"sure": {"rules"}}, set()),
        ({"direct": {"rules"}, "never": {"fill"}}, {("direct", "nodes")}),
        ({"direct": {"rules"}, "never": {"fill", "rules"}}, {("direct", "nodes")}),
        ({"never": {"rules"}}, None),
        ({"nodes": {"rules"}}, None),
        ({}, None),
    ],
)
def test_what_has_to_stay(uses: dict[str, set[str]], steps: set[tuple[str, str]] | None) -> None:
    """All that rely on an effect keep one way to it; where one has none, or none is seen, all ways have to stay."""
    assert steps_to_keep("nodes", EFFECT, {name: frozenset(what) for name, what in uses.items()}, way) == steps


def test_who_adds_something_else_relies_on_it_all_the_same() -> None:
    """Only what is called with constants is repeated: who adds something of its own reads what others added, too."""
    adds = EFFECT._replace(what="add", alone=False)
    assert steps_to_keep("nodes", adds, {"never": frozenset({"add", "rules"})}, way) is None


def test_uses() -> None:
    """A module is used by what takes names from it or reads them, in functions as well, and not by type checkers."""
    texts = {
        "table": "rules = {}\ndef fill(): ...\n",
        "taking": "from table import rules\n",
        "reading": "import table\ndef f(): return table.rules, table.fill()\n",
        "late": "def f():\n  import table\n  return table.rules\n",
        "typing_only": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from table import rules\n",
        "naming": "import table\n",
        "passing": "from taking import rules\n",
    }
    found = uses_of(["table"], modules_of(texts), follower_of(texts))["table"]
    assert found == {
        "taking": {"rules"},
        "reading": {"rules", "fill"},
        "late": {"rules"},
        "passing": {"rules"},
    }
