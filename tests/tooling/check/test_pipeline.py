"""The verb `check`, top to bottom."""

from pathlib import Path

import pytest

from deferred_imports.tooling.check.pipeline import Limits, check, check_resolved, check_starts
from deferred_imports.tooling.check.startup import plan
from deferred_imports.tooling.table.problems import RefusalError
from goldens import write_app

FILES = {
    "pyproject.toml": '[project]\nname = "app"\n[tool.deferred-imports]\n[tool.deferred-imports.imports]\nd = "wave"\n',
    "app/__init__.py": "import wave\n",
}


def test_sources_alone(tmp_path: Path) -> None:
    """What the sources tell needs no start: the registry is missing, and a deferred module is imported."""
    kinds = [finding.kind for finding in check(write_app(tmp_path, FILES), environment=False)]
    assert {"registry-missing", "not-deferred"} <= {*kinds}


def test_limits_need_no_table() -> None:
    """A lock, a number of modules or a time is a limit; renewing alone is none."""
    assert not Limits(update=True).any
    assert [Limits(lock=True).any, Limits(modules=0).any, Limits(milliseconds=0).any] == [True, True, True]


def test_a_start_beside_all_limits(tmp_path: Path) -> None:
    """One start is held against the table and the number of modules; what it brings is told once."""
    root = write_app(tmp_path, FILES)
    starts = plan(root, ["app"], [])
    found = check_starts(starts, Limits(modules=0))
    assert {"too-many-modules"} <= {finding.kind for finding in found} <= {"too-many-modules", "loaded-at-startup"}
    assert len(found) == len(set(found))


def test_no_registry_nothing_to_resolve(tmp_path: Path) -> None:
    """An eager check of a tree without its registry says what writes it."""
    with pytest.raises(RefusalError, match='"deferred-imports generate" writes it'):
        check_resolved(write_app(tmp_path, FILES), [])
