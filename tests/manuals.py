"""The five documents as tests read them: blocks that a test takes to run or check, sections, tables and links.

A test module takes the blocks of its document while it is imported, and at its end asserts that none is left: a block
that no test takes is one that nobody has tried.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from wheelhouse import ROOT

README = "README.md"
RUNTIME = "src/deferred_imports/README.md"
TOOLING = "src/deferred_imports/tooling/README.md"
HOOK = "hatch_plugin/README.md"
BENCHMARKS = "tests/benchmarks/README.md"
DOCUMENTS = (README, RUNTIME, TOOLING, HOOK, BENCHMARKS)

_PART = re.compile(
    r"^(?:```(?P<language>\w*)\n(?P<code>.*?)^```$|(?P<level>#+) (?P<heading>[^\n]+)$)",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its contents, and the headings that it stands under, outermost first."""

    language: str
    text: str
    under: tuple[str, ...]


class Document:
    """One document, and which of its blocks the tests have taken.

    Args:
        name: Its path below the root.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = ROOT / name
        self.text = self.path.read_text(encoding="utf-8")
        self.prose = re.sub(r"^```.*?^```$", _blank, self.text, flags=re.DOTALL | re.MULTILINE)
        self.blocks: list[Block] = []
        self.headings: list[str] = []
        path: list[str] = []
        for part in _PART.finditer(self.text):
            if heading := part["heading"]:
                path[len(part["level"]) - 1 :] = [heading]
                self.headings.append(heading)
            else:
                self.blocks.append(Block(part["language"], part["code"], tuple(path)))
        self._taken: list[Block] = []

    def take(self, language: str, containing: str = "", *, under: str = "") -> str:
        """Return the one block of a language with this text under this heading, and mark it as taken."""
        found = [
            block
            for block in self.blocks
            if block.language == language and containing in block.text and (not under or under in block.under)
        ]
        (block,) = found
        self._taken.append(block)
        return block.text

    def take_all(self, language: str, *, under: str) -> list[str]:
        """Return the contents of all blocks of a language under a heading, and mark them as taken."""
        found = [block for block in self.blocks if block.language == language and under in block.under]
        assert found, f"{self.name} has no {language} under {under}"
        self._taken += found
        return [block.text for block in found]

    def untaken(self) -> list[Block]:
        """Return the blocks that no test has taken."""
        return [block for block in self.blocks if block not in self._taken]

    def section(self, heading: str) -> str:
        """Return the text below a heading, up to the next one of its level or above."""
        start = re.search(rf"^(#+) {re.escape(heading)}$", self.prose, flags=re.MULTILINE)
        assert start is not None, f"{self.name} has no heading {heading}"
        end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(self.prose, start.end())
        return self.text[start.end() : end.start() if end else None]

    def anchors(self) -> set[str]:
        """Return what links to its headings end with, as GitHub and PyPI make them."""
        return {anchor(heading) for heading in self.headings}

    def links(self) -> list[str]:
        """Return where its links and pictures lead."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)


def rows(text: str, first: str) -> list[list[str]]:
    """Return the cells of the table whose heading begins with a cell, without its heading."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |" if first else "| |")) + 2
    found = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def transcript(block: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what it prints."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def files(blocks: list[str]) -> dict[str, str]:
    """Return the files that blocks show, by the path in their first line; blocks without one are left out."""
    found = {}
    for block in blocks:
        first, _, rest = block.partition("\n")
        if re.fullmatch(r"# [\w/]+\.\w+", first):
            found[first[2:]] = rest
    return found


def atlas() -> dict[str, str]:
    """Return the files of the project that the manual of the table goes through, as somebody types them."""
    manual = Document(TOOLING)
    heading = "A project from start to end"
    return {
        "src/atlas/commands/__init__.py": "",
        **files([*manual.take_all("toml", under=heading), *manual.take_all("python", under=heading)]),
    }


def write(root: Path, contents: dict[str, str]) -> Path:
    """Write files below a directory, and return it."""
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def anchor(heading: str) -> str:
    """Return what links to a heading end with, as GitHub and PyPI make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
