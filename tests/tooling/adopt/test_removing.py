"""What whole statements leave behind when they are removed."""

import pytest

from deferred_imports.tooling.adopt.edit import apply
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.plan import make_plan

USE = "\n\ndef f():\n    return json, csv\n"


def moved(code: str, name: str) -> str:
    """Return some code after a name has moved."""
    return apply(make_plan(code.encode(), "app.cli", is_package=False), {name}, Style()).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import csv\nimport json\n", "import csv\n"),
        ("import json, csv\n", "import csv\n"),
        ('"""Doc."""\n\nimport json\n\nimport csv\n', '"""Doc."""\n\nimport csv\n'),
    ],
)
def test_what_leaves_leaves_no_gap(before: str, after: str) -> None:
    """Its line and an empty section go; what stays is as it was."""
    assert moved(before + USE, "json").startswith(after + "\n\ndef f():")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import json; X = 1\n", "X = 1\n"),
        ("X = 1; import json\n", "X = 1\n"),
        ("X = 1; import json; Y = 2\n", "X = 1; Y = 2\n"),
    ],
)
def test_what_shares_its_line_stays(before: str, after: str) -> None:
    """Statements beside it are left with what separates them (pitfall 6)."""
    assert moved(before + USE, "json").startswith(after)
