"""What `init` says of a proposal."""

from pathlib import Path

import pytest

from deferred_imports.tooling.init.proposal import propose
from deferred_imports.tooling.init.report import complete, difference, question, written
from goldens import write_app


def test_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The difference, the question and what comes next name the files as the user sees them."""
    monkeypatch.chdir(write_app(tmp_path, {".gitignore": ""}))
    proposal = propose(Path())
    assert difference(proposal).count("(proposed)") == 2
    assert question(proposal) == "Write this to pyproject.toml and .gitignore? [y/N] "
    assert written(proposal)[0] == "wrote pyproject.toml and .gitignore; next:"
    assert complete(proposal) == "pyproject.toml is complete; there is nothing to add"
