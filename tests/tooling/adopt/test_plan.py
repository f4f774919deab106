"""What of a module can move, and why the rest stays."""

import pytest

from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.plan import MovePlan, make_plan
from deferred_imports.tooling.source.text import UnreadableSourceError


def plan(code: str, wanted: Wanted | None = None, *, is_package: bool = False) -> MovePlan:
    """Return what of some code can move."""
    return make_plan(code.encode(), "app.cli", is_package=is_package, wanted=wanted)


USE = "\n\n\ndef f():\n    return json\n"


@pytest.mark.parametrize(
    ("code", "form"),
    [
        (f"import json{USE}", "functions"),
        ("from __future__ import annotations\nimport json\n\n\ndef f(a: json.A): ...\n", "typing"),
        (f"from __future__ import annotations\nimport json\n\n\ndef g(a: json.A): ...{USE}", "functions, typing"),
    ],
)
def test_what_can_move_has_a_form(code: str, form: str) -> None:
    """Into functions, under TYPE_CHECKING, or both."""
    assert plan(code).moves["json"].form == form


def test_what_others_take_is_offered() -> None:
    """A name that a test patches goes on being one of the module, served when it is asked for."""
    assert "offered" in plan(f"import json{USE}", Wanted(patched=frozenset({"json"}))).moves["json"].form


def test_only_what_a_look_at_all_names_is_for_stays() -> None:
    """A file that asks `vars()` for one name, and takes another by name, keeps the first alone where it is."""
    who = "`tests/test_cli.py`"
    found = plan(
        "import csv, json\n\n\ndef f():\n    return csv, json\n", Wanted({"json": who}, viewed=who, views="csv")
    )
    assert "offered" in found.moves["json"].form
    assert [(one.name, one.reason) for one in found.kept] == [("csv", "exported")]


def test_what_a_list_of_names_is_for_is_served_and_listed() -> None:
    """A file that asks `dir()` for a name finds it, unless the module lists its names itself; then the name stays."""
    code, who = f"import csv{USE.replace('json', 'csv')}", "`tests/test_cli.py`"
    found = plan(code, Wanted(listed=who, lists="csv"))
    assert (found.moves["csv"].offered, found.moves["csv"].listed) == (True, True)
    assert not plan(code, Wanted(listed=who, lists="html")).moves["csv"].offered
    fixed = plan(f"{code}\n\ndef __dir__():\n    return ['csv']\n", Wanted(listed=who, lists="csv"))
    assert (fixed.moves["csv"].offered, fixed.moves["csv"].listed) == (True, False)
    reading = "return sorted({*globals(), 'more'})"
    own = plan(f"{code}\n\ndef __dir__():\n    {reading}\n", Wanted(listed=who, lists="csv"))
    assert [(one.name, one.reason) for one in own.kept] == [("csv", "exported")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import json\n\nX = json.loads('1')\n", "module"),
        ("import json\n\n\nclass A(json.JSONDecoder): ...\n", "base"),
        ("import json\n\n\ndef f(a=json.A): ...\n", "default"),
        ("import json  # isort: skip" + USE, "skip"),
        ("import json  # deferred-imports: keep -- it is so" + USE, "kept"),
        ("import sys\nsys.path.append('x')\nimport json" + USE, "order"),
        ("import json\njson = json or None" + USE, "rebound"),
        ("from json import *\n", "star"),
        ("import json\n", "effect"),
        ("import json\n\n\ndef f():\n    return locals(), json\n", "holds"),
        ("import json\nimport atexit\n\n\n@atexit.register\ndef f():\n    return json\n", "shutdown"),
        ("import json, numba\n\n\n@numba.njit\ndef f():\n    return json\n", "compiled"),
    ],
)
def test_what_stays_has_a_reason(code: str, reason: str) -> None:
    """The reason is the first thing that needs the import at once."""
    found = plan(code)
    name = "json.*" if reason == "star" else "json"
    assert name not in found.moves
    assert [one.reason for one in found.kept if one.name == name] == [reason]


def test_a_keep_that_keeps_nothing_is_told() -> None:
    """A comment on an import that could not move anyway has become useless."""
    assert plan("import json  # deferred-imports: keep\n\nX = json\n").useless == (1,)


def test_annotations_could_wait() -> None:
    """Where only annotations need a name, postponing them lets it move."""
    found = plan("import json\n\n\ndef f(a: json.A): ...\n")
    assert found.can_postpone
    assert found.moves["json"].quoted
    assert found.postponing().moves["json"].form == "typing"
    assert not found.postponing().moves["json"].quoted


def test_what_cannot_be_parsed_is_refused() -> None:
    """A source that Python would refuse is not planned."""
    with pytest.raises(UnreadableSourceError):
        plan("def (:\n")
