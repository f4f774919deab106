"""The verbs and the arguments that all have in common."""

import argparse
from pathlib import Path

import pytest

from deferred_imports.tooling.cli import arguments
from deferred_imports.tooling.cli.arguments import VERBS, command_of, make_parser, project_of, root_of
from deferred_imports.tooling.table.problems import RefusalError
from goldens import write_app


def parse(*words: str) -> argparse.Namespace:
    return make_parser(argparse.Action).parse_args(words)


def test_every_verb_has_a_file_and_every_file_a_verb() -> None:
    """A new verb is one new file, and a line in the list."""
    folder = Path(arguments.__file__).parent / "verbs"
    assert sorted(file for file, _ in VERBS.values()) == sorted(path.stem for path in folder.glob("[!_]*.py"))


@pytest.mark.parametrize("words", [("-C", "here", "generate"), ("generate", "-C", "here")])
def test_the_project_may_stand_before_or_behind_the_verb(words: tuple[str, ...]) -> None:
    """`-C` means the same in both places."""
    assert root_of(parse(*words)) == Path("here")


def test_the_project_in_which_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `-C` it is the nearest one here or above."""
    root = write_app(
        tmp_path, {"pyproject.toml": '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n'}
    )
    monkeypatch.chdir(root / "app")
    assert root_of(parse("generate")).resolve() == root.resolve()
    assert project_of(parse("generate")).manifest.package == "app"


def test_the_command_after_two_dashes() -> None:
    """The dashes are no part of it; without a command there is nothing to run."""
    assert command_of(parse("record", "--", "app", "--help")) == ["app", "--help"]
    with pytest.raises(RefusalError, match="expected a command to run after --, got nothing"):
        command_of(parse("record", "--"))
