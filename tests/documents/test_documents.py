"""What holds for all five documents: there is no sixth, links lead somewhere, the commands in them exist."""

import re
import shlex
import sys

import pytest

from deferred_imports.tooling import cli
from manuals import BENCHMARKS, DOCUMENTS, HOOK, README, RUNTIME, TOOLING, Document, anchor
from wheelhouse import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_there_is_no_other_document() -> None:
    """Each README of ours is one of the five; sample projects have their own."""
    places = [ROOT / "README.md", *(ROOT / "hatch_plugin").glob("*.md"), *(ROOT / "src").rglob("*.md")]
    places += [
        path for path in (ROOT / "tests").rglob("*.md") if not {"projects", "cases"} & {*path.relative_to(ROOT).parts}
    ]
    assert {path.relative_to(ROOT).as_posix() for path in places} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    """A relative link is a file that is there, and what stands after # is one of its headings."""
    document = Document(name)
    lost = []
    for link in document.links():
        if re.match(r"https?:", link):
            continue
        path, _, end = link.partition("#")
        target = (document.path.parent / path).resolve() if path else document.path
        inside = target.is_file() and (not end or end in Document(target.relative_to(ROOT).as_posix()).anchors())
        if not inside:
            lost.append(link)
    assert lost == []


def test_the_page_of_the_hook_stands_alone() -> None:
    """The hook's manual is its distribution's page on an index, where nothing lies beside it: it links to addresses."""
    metadata = tomllib.loads((ROOT / "hatch_plugin/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["readme"] == "README.md"
    assert [link for link in Document(HOOK).links() if not link.startswith("https://")] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_blocks_say_their_language(name: str) -> None:
    """Each fenced block has a language, so that a test can take it."""
    assert {block.language for block in Document(name).blocks} <= {"console", "json", "python", "text", "toml", "yaml"}


@pytest.mark.parametrize("name", [RUNTIME, TOOLING, HOOK, BENCHMARKS])
def test_manuals_end_with_what_they_leave_out(name: str) -> None:
    """Each manual ends with what it does not do and what is no error, and fairly names what else there is."""
    last = [heading for heading in Document(name).headings if heading.startswith(("What ", "Alternatives"))]
    endings = {BENCHMARKS: ["What they do not show", "What is not an error"]}
    usual = ["What it does not do", "What is not an error", "Alternatives"]
    assert last[-3:] == usual or last[-2:] == endings.get(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_headings_are_told_apart(name: str) -> None:
    """No heading stands twice in a document: links and `help TOPIC` find sections by them."""
    headings = Document(name).headings
    assert sorted(headings) == sorted(set(headings))


@pytest.mark.parametrize("name", [RUNTIME, TOOLING, BENCHMARKS])
def test_contents_are_complete(name: str) -> None:
    """The list at the top of a long manual leads to all of its main sections."""
    document = Document(name)
    listed = set(re.findall(r"\(#([\w-]+)\)", document.text.partition("\n## ")[0]))
    main = re.findall(r"^## (.+)$", document.prose, flags=re.MULTILINE)
    assert {anchor(heading) for heading in main} - listed == set()


def _commands() -> list[tuple[str, str]]:
    """Return all commands of the documents, each with where it stands."""
    return [
        (name, line.removeprefix("$ ").removeprefix("sudo "))
        for name in DOCUMENTS
        for block in Document(name).blocks
        for line in block.text.splitlines()
        if block.language in {"console", "text"} and line.startswith("$ ")
    ]


def test_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """Each verb and option of `deferred-imports` in a block is one that the command has."""
    found = [shlex.split(line, comments=True)[1:] for _, line in _commands() if line.startswith("deferred-imports ")]
    assert len(found) > 10
    unknown = []
    for verb, *rest in found:
        with pytest.raises(SystemExit) as ended:
            cli.main([verb, "--help"])
        text = capsys.readouterr().out
        own = rest[: rest.index("--")] if "--" in rest else rest
        unknown += [(verb, word) for word in own if word.startswith("-") and word not in re.split(r"[\s,|\[\]]+", text)]
        assert ended.value.code == 0
    assert unknown == []


def test_what_hatch_runs_exists() -> None:
    """Each `hatch run NAME` in a document is a script of pyproject.toml, or an installer that users have."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["envs"]["default"]
    named = {name for document in DOCUMENTS for name in re.findall(r"hatch run (\w+)", Document(document).text)}
    assert named
    assert named - scripts["scripts"].keys() - {"pip", "uv"} == set()


def test_the_readme_fits_on_a_few_screens() -> None:
    """README.md has 900 words at most; what is more belongs into a manual."""
    assert len(Document(README).text.split()) <= 900
