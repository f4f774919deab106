"""The verb `profile`: who may call it, and how."""

import os
import sys

import pytest

from deferred_imports.tooling import cli


def profile(*arguments: str) -> int:
    return cli.main(["profile", *arguments])


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux", "got user 1000 on linux; run it with sudo"), ("darwin", "got user 1000 on darwin")],
)
def test_who_may_not(
    platform: str, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Others than root on Linux are told so before anything runs."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert profile("--", "nowhere") == 2
    assert capsys.readouterr().err == (
        "deferred-imports: expected root on Linux, to empty the page cache, " + expected + "\n"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--cold", "-n", "0", "--", "x"], 'argument -n/--rounds: expected a positive integer, got "0"'),
        (["-n", "0", "--", "x"], 'argument -n/--rounds: expected a positive integer, got "0"'),
    ],
)
def test_usage(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no less than one round; `--cold`, which had to be there once, may be."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["profile", *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"deferred-imports profile: error: {expected}"
