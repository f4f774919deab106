"""The manuals that the package carries, by section: found by a heading, or by a name that a section explains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.table.problems import RefusalError, alternatives, did_you_mean, quote

_TOOLING = Path(__file__).parents[1]
MANUALS = (_TOOLING / "README.md", _TOOLING.parent / "README.md")

_HEADING = re.compile(r"(#{1,6}) +(.+?)[ #]*")
_BY_TEXT = 5  # from this test of `find` on, it is not the heading that counts
_FENCE = re.compile(r" {0,3}(```+|~~~+)")


@dataclass(frozen=True)
class Section:
    """A heading with all below it, up to the next heading of its level or a higher one."""

    level: int
    title: str
    text: str
    own: str
    """Its text up to the first heading below it."""


def sections(manuals: Sequence[Path] = MANUALS) -> list[Section]:
    """Return the sections of all manuals in their order, those of a section right after it."""
    return [section for path in manuals for section in _sections_in(path.read_text(encoding="utf-8"))]


def topics(found: Sequence[Section]) -> str:
    """Return the headings, one a line, indented by their level."""
    return "".join(f"{'  ' * (section.level - 1)}{_plain(section.title)}\n" for section in found)


def find(found: Sequence[Section], topic: str) -> list[Section]:
    """Return the section whose heading is the topic, or begins with it, or has its words, or that explains it.

    Where several manuals have a section of that heading, all of them are it.

    Raises:
        RefusalError: when there is none, or when it could be several.
    """
    wanted = _words(topic)
    code = rf"`[^`\n]*(?<![\w-]){re.escape(topic)}(?![\w-])[^`\n]*`"
    tests: tuple[Callable[[Section], object], ...] = (
        lambda section: _plain(section.title) == topic,
        lambda section: _words(section.title) == wanted,
        lambda section: re.search(code, section.title),
        lambda section: " ".join(_words(section.title)).startswith(" ".join(wanted)),
        lambda section: set(wanted) <= set(_words(section.title)),
        lambda section: re.search(rf"^(?:\|| *[-*]) +{code}", section.own, re.MULTILINE),
        lambda section: re.search(code, section.own),
    )
    for number, test in enumerate(tests if wanted else ()):
        matching = [section for section in found if test(section)]
        titles = list(dict.fromkeys(_plain(section.title) for section in matching))
        if number >= _BY_TEXT and matching:  # where it is said most often; else first
            return [max(matching, key=lambda section: len(re.findall(code, section.own)))]
        if len(titles) > 1:
            raise RefusalError(f"help {quote(topic)} may mean {alternatives(titles)}")
        if matching:
            return matching
    known = [*(_plain(section.title) for section in found), *_names(found)]
    remedy = did_you_mean(topic, known) or '; "deferred-imports help" lists the topics'
    raise RefusalError(f"no manual has a section about {quote(topic)}{remedy}")


def _sections_in(text: str) -> Iterator[Section]:
    lines = text.splitlines(keepends=True)
    heads: list[tuple[int, int, str]] = []
    fence = ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and (heading := _HEADING.fullmatch(line.rstrip())):
            heads.append((number, len(heading[1]), heading[2]))
    for index, (start, level, title) in enumerate(heads):
        after = heads[index + 1 :]
        end = next((number for number, other, _ in after if other <= level), len(lines))
        own = after[0][0] if after else len(lines)
        yield Section(level, title, "".join(lines[start:end]).rstrip() + "\n", "".join(lines[start:own]))


def _names(found: Sequence[Section]) -> Iterator[str]:
    """Yield what stands as code in the texts, and is one name."""
    for section in found:
        yield from re.findall(r"`([\w.-]+)(?:\([^`]*)?`", section.own)


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if word not in {"a", "an", "the"}]


def _plain(title: str) -> str:
    """Return a heading without its marks: code, emphasis, links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").replace("*", "")
