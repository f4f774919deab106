"""What may read annotations: a distribution whose sources mention nothing that evaluates them does not."""

from pathlib import Path

import pytest

from deferred_imports.tooling.scan.packages import locate
from deferred_imports.tooling.scan.pipeline import scan
from goldens import write_app

MODELS = """from __future__ import annotations
import decimal
import {name}

@{name}.wrap
def price(value: decimal.Decimal): ...
"""


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ({"__init__.py": "def wrap(function): return function\n"}, "annotations"),
        ({"__init__.py": "import typing\ndef wrap(f): return typing.get_type_hints(f) and f\n"}, "annotation"),
        (
            {"__init__.py": "from .deep import wrap\n", "deep.py": "import inspect\nx = {'eval_str': True}\n"},
            "annotation",
        ),
        ({"__init__.py": "from pydantic import validate_call as wrap\n"}, "annotation"),
        ({"__init__.py": "wrap = print\n", "tests/test_it.py": "typing.get_type_hints(f)\n"}, "annotations"),
        ({}, "annotation"),
    ],
    ids=["silent", "reads", "deep", "by-another", "in-tests", "not-installed"],
)
def test_a_distribution(
    sources: dict[str, str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """What a decorator of another distribution may do is told by what is installed; nothing of it is imported."""
    name = f"foreign_{request.node.callspec.id.replace('-', '_')}"
    for path, text in sources.items():
        file = tmp_path / "site" / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "site")
    write_app(tmp_path, {"app/models.py": MODELS.format(name=name)})
    found = {item.judged.module: item.judged.reason.code for item in scan(locate(["app"], tmp_path)).found}
    assert found["decimal"] == reason
