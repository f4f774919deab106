"""What calling a function changes, by its body: what it makes itself counts for nothing."""

import ast
from pathlib import Path

import pytest

from deferred_imports.tooling.scan.bodies import Bodies, function_at
from scanning import sources_of

TEXT = """
import logging, os
from foreign import thing
table = {{}}
log = logging.getLogger(__name__)

def helper(value):
    return value

def adds():
    table['a'] = 1

def works(value):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("return [one for one in value]", False),
        ("found = {}; found['a'] = value; found.update(b=1); return found", False),
        ("value.append(1)", False),
        ("log.debug('x'); return os.path.join('a', value)", False),
        ("return helper(helper(value))", False),
        ("table['a'] = value", True),
        ("table.update(a=value)", True),
        ("global table; table = value", True),
        ("del table['a']", True),
        ("setattr(table, 'a', value)", True),
        ("return adds()", True),
        ("return thing(value)", True),
        ("value()", True),
    ],
)
def test_a_body(body: str, changes: bool, tmp_path: Path) -> None:
    """Only what outlives the call is a change: a name of the module, what others hold, what nobody can look into."""
    sources, follower = sources_of({"app": TEXT.format(body=body)}, tmp_path)
    assert Bodies(sources, follower).changes("app", "works") is changes


def test_what_has_no_source_may_change_anything(tmp_path: Path) -> None:
    """A function that is not found is not cleared, and one that calls itself ends."""
    sources, follower = sources_of({"app": "def again(): return again()\n"}, tmp_path)
    bodies = Bodies(sources, follower)
    assert bodies.changes("app", "gone")
    assert not bodies.changes("app", "again")


def test_the_last_definition_is_found() -> None:
    """A function is found by its dotted name, below `if` and `try` as well; of two the last counts."""
    tree = ast.parse("class A:\n  def f(self): 1\n  if x:\n    def f(self): 2\ntry:\n  def g(): ...\nexcept E: ...\n")
    found = function_at(tree, "A.f")
    assert found is not None
    assert found.lineno == 4
    assert function_at(tree, "g") is not None
    assert function_at(tree, "A.g") is None
    assert function_at(None, "g") is None
