"""What `adopt` says of what it found, for people and for machines."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.found import Adoption
from deferred_imports.tooling.adopt.pipeline import adopt
from deferred_imports.tooling.adopt.report import as_json, difference, kept, left_out, summary, useless, written
from deferred_imports.tooling.adopt.target import find_target, launches
from deferred_imports.tooling.adopt.wishes import Wishes


@pytest.fixture
def found(make_project: Callable[..., Path]) -> Adoption[None]:
    """What adopting the small project has found, by a start of it."""
    cli = "import json  # deferred-imports: keep\n\nX = json\n"
    target = find_target(make_project(src__weather__kept=cli, src__weather__broken="def (:\n"))
    return adopt(target, Wishes(tuple(launches(target, ["weather --help"]))), lambda _: None, lambda _: None)


def test_in_a_few_lines(found: Adoption[None]) -> None:
    """How many names move, and what each start loads before and after."""
    lines = list(summary(found))
    assert lines[0] == f"{len(found.names)} names in {len(found.sources)} files can move:"
    assert lines[1].startswith("  weather --help: ")
    assert lines[1].endswith(" % less; same output, same exit code")


def test_the_difference(found: Adoption[None]) -> None:
    """A unified diff of what changes, by the paths of the project."""
    lines = difference(found).splitlines()
    place = lines.index("--- a/src/weather/cli.py")
    assert lines[place + 1] == "+++ b/src/weather/cli.py"
    assert "-from xml.dom import minidom" in lines
    assert "+    from xml.dom import minidom" in lines


def test_the_next_step(found: Adoption[None]) -> None:
    """What is written is kept by a check in CI, whose line is said."""
    assert list(written(found))[-1] == "  deferred-imports check --startup 'weather --help' --lock"


def test_what_stays_and_what_is_left_out(found: Adoption[None]) -> None:
    """Each with its place and its reason; a comment that keeps nothing, too."""
    assert not any("minidom" in line for line in kept(found))
    assert all(line.endswith("]") for line in kept(found))
    assert any(line.startswith("src/weather/broken.py: left out, ") for line in left_out(found))
    assert list(useless(found)) == ["src/weather/kept.py:1: this comment keeps no import that could move"]


def test_for_machines(found: Adoption[None]) -> None:
    """Every edit is a range and a text; applied to the old source they make the new one."""
    told = as_json(found)
    assert {file["module"] for file in told["files"]} == found.sources.keys()
    for file in told["files"]:
        text = found.package.files[file["module"]].read_text("utf-8")
        starts = [0, *(place + 1 for place, char in enumerate(text) if char == "\n")]
        for edit in reversed(file["edits"]):
            start, end = (starts[at["line"] - 1] + at["column"] - 1 for at in (edit["start"], edit["end"]))
            text = text[:start] + edit["text"] + text[end:]
        assert text.encode() == found.sources[file["module"]]
    assert "xml.dom.minidom" in told["starts"][0]["gone"]


def test_what_a_module_serves_by_itself_is_told(make_project: Callable[..., Path]) -> None:
    """A name that no export can say costs a module none of its exports, and is named; a mistake in the table, too."""
    cli = '"""The command."""\n\nimport xml.dom.minidom\nimport sqlite3\n\n\ndef main():\n    print(1)\n\n\n'
    cli += "def run():\n    return sqlite3.connect, xml.dom.minidom\n"
    test = 'from unittest import mock\n\n\ndef test_it():\n    with mock.patch("weather.cli.sqlite3"):\n'
    test += '        with mock.patch("weather.cli.xml"):\n            pass\n'
    root = make_project(src__weather__cli=cli, tests__test_it=test)
    target = find_target(root)
    wishes = Wishes(tuple(launches(target, ["weather --help"])))
    both = adopt(target, wishes, lambda _: None, lambda _: None)
    assert "  src/weather/cli.py: a function of its own serves xml, which no export can say" in list(summary(both))
    assert b"return _attached(name)" in both.sources["weather.cli"]
    manifest = root / "pyproject.toml"
    manifest.write_text(manifest.read_text("utf-8") + '[tool.deferred-imports]\nimports.x = "no"\n', "utf-8")
    alone = adopt(find_target(root), wishes, lambda _: None, lambda _: None)
    assert b"attach" not in alone.sources["weather.cli"]
    (remark,) = (line for line in left_out(alone) if line.startswith("modules serve by themselves"))
    assert "imports.x" in remark


def test_what_is_called_often_reads_the_registry(make_project: Callable[..., Path]) -> None:
    """By itself, in the form *names*, and the reason is said (pitfall 21); what else moves is imported in functions."""
    cli = '"""The command."""\n\nimport html\nimport sqlite3\n\n\ndef main():\n    print(1)\n\n\ndef run(values):\n'
    cli += "    return sqlite3, [one(value) for value in values]\n\n\ndef one(value):\n    return html.escape(value)\n"
    target = find_target(make_project(src__weather__cli=cli))
    wishes = Wishes(tuple(launches(target, ["weather --help"])), hot=True)
    hot = adopt(target, wishes, lambda _: None, lambda _: None)
    why = "html is read as _deferred.html: `one`, which uses it, is called in a loop (line 12)"
    assert f"  src/weather/cli.py: {why}" in list(summary(hot))
    assert b"    return _deferred.html.escape(value)" in hot.sources["weather.cli"]
    assert b"    import sqlite3\n" in hot.sources["weather.cli"]
    (file,) = (file for file in as_json(hot)["files"] if file["module"] == "weather.cli")
    assert {one["name"]: one["form"] for one in file["names"]} == {"html": "names, html", "sqlite3": "functions"}
