"""What is found in sources. `tests/cases/discover` holds projects, and beside each `expected.txt` says what it gives.

`UPDATE_GOLDENS=1 pytest tests/tooling/test_discover.py` renews them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from deferred_imports.tooling.discover import discover_in
from deferred_imports.tooling.generate import render
from deferred_imports.tooling.project import load
from deferred_imports.tooling.usage import Import, Usage
from goldens import CASES, compare

PROJECTS = sorted(path for path in (CASES / "discover").iterdir() if path.is_dir())
each_project = pytest.mark.parametrize("root", PROJECTS, ids=lambda path: path.name)


def described(usage: Usage) -> str:
    """Return all that was found as text, a line for each piece."""
    parts: dict[str, Iterable[str]] = {
        "imports": map(described_import, usage.imports),
        "uses": (
            f"{use.importer}:{use.line} {use.name} {use.when}{' taken' if use.taken else ''}" for use in usage.uses
        ),
        "entries": (
            f"{entry.name} {' '.join(map(str, entry.targets))}"
            f"{' optional' if entry.optional else ''}"
            f"{f' of {entry.distribution}' if entry.distribution else ''}"
            f"{f' with {entry.extra}' if entry.extra else ''}"
            for entry in usage.entries
        ),
        "keys": (f"{module}: {' '.join(keys)}" for module, keys in usage.keys.items()),
        "graph": (f"{module}: {' '.join(others)}".strip() for module, others in usage.graph.items()),
        "undeclared": map(described_import, usage.undeclared),
        "skipped": (f"{item.module}: {item.reason}" for item in usage.skipped),
    }
    return "\n".join(_lines(parts))


def described_import(item: Import) -> str:
    words = [f"{item.importer}:{item.line}", item.module, item.when]
    if item.names is not None:
        words.append(f"({', '.join(item.names)})")
    if item.optional:
        words.append("optional")
    if len(item.candidates) > 1:
        words.append(f"in {'|'.join(item.candidates)}")
    return " ".join(words)


def _lines(parts: dict[str, Iterable[str]]) -> Iterator[str]:
    for title, lines in parts.items():
        yield title
        yield from (f"  {line}" for line in lines)
    yield ""


def test_there_are_cases() -> None:
    """The tests below have what they are about."""
    assert len(PROJECTS) >= 7


@each_project
def test_found(root: Path) -> None:
    """The sources of a project give exactly this, and this is baked into the registry."""
    project = load(root)
    usage = discover_in(project)
    lines = render(project.manifest, usage).splitlines()
    table = lines[lines.index("__deferred_imports__ = {") : lines.index("}") + 1]
    compare("\n".join([described(usage), *table, ""]), root / "expected.txt")
