"""The sections of the manuals: how they are told apart, and by which words they are found."""

from pathlib import Path

import pytest

from deferred_imports.tooling.cli.manual import MANUALS, Section, find, sections, topics
from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.table.problems import RefusalError

FIRST = """\
# The tool

All of `zap`, `zip` and `zop`.

## Calls

| `zap()` | does it |
| `zip(x)` | does it [again](#calls) |

```sh
# no heading
```

### How `zap` ends

At once.

## Errors

None.
"""
SECOND = """\
# The tools around

## What is not an error

Nothing. `zop`, and once more `zop`.

## Errors

Some.
"""


@pytest.fixture
def found(tmp_path: Path) -> list[Section]:
    """The sections of two manuals."""
    paths = [tmp_path / "first.md", tmp_path / "second.md"]
    for path, text in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(text, encoding="utf-8")
    return sections(paths)


def test_topics(found: list[Section]) -> None:
    """The topics are the headings, indented; what stands in code is none."""
    assert topics(found).splitlines() == [
        "The tool",
        "  Calls",
        "    How zap ends",
        "  Errors",
        "The tools around",
        "  What is not an error",
        "  Errors",
    ]


def test_a_section_has_all_below_it(found: list[Section]) -> None:
    """A section ends where one of its level begins; the last one ends with the manual."""
    assert found[1].text == FIRST[FIRST.index("## Calls") : FIRST.index("\n## Errors")]
    assert found[-1].text == "## Errors\n\nSome.\n"


@pytest.mark.parametrize(
    ("topic", "titles"),
    [
        ("calls", ["Calls"]),
        ("CALL", ["Calls"]),
        ("tool", ["The tool"]),
        ("errors", ["Errors", "Errors"]),  # both manuals have one
        ("how zap ends", ["How `zap` ends"]),
        ("error not", ["What is not an error"]),
        ("zap", ["How `zap` ends"]),
        ("zip", ["Calls"]),
        ("zop", ["What is not an error"]),
    ],
)
def test_what_is_found(topic: str, titles: list[str], found: list[Section]) -> None:
    """A heading is found by its words, by how it begins, by some of its words; else a name where it is explained."""
    assert [section.title for section in find(found, topic)] == titles


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("too", 'help "too" may mean one of "The tool", "The tools around"'),
        ("clals", 'no manual has a section about "clals"; did you mean "Calls"?'),
        ("zipp", 'no manual has a section about "zipp"; did you mean "zip"?'),
        ("quux", 'no manual has a section about "quux"; "deferred-imports help" lists the topics'),
        ("(", 'no manual has a section about "("; "deferred-imports help" lists the topics'),
    ],
)
def test_what_is_not_found(topic: str, message: str, found: list[Section]) -> None:
    """What is not found, or could be several, is told with what could be meant."""
    with pytest.raises(RefusalError) as error:
        find(found, topic)
    assert str(error.value) == message


def test_the_manuals_are_there() -> None:
    """The manuals lie in the package, so that the wheel carries them."""
    assert [path.is_file() for path in MANUALS] == [True, True]


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.code)
def test_each_reason_has_a_section(reason: Reason) -> None:
    """The code of a reason finds its own section, with an example, whatever other headings differ from it in case."""
    (section,) = find(sections(), reason.code)
    assert section.title == reason.code
    assert "```" in section.own
