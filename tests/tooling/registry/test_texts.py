"""What a table says reaches the registry as it is, or is refused: nothing that it says becomes code."""

import ast
import difflib
import json
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deferred_imports.tooling.registry.render import declaration_text, registry_text
from deferred_imports.tooling.table.entries import Entry
from deferred_imports.tooling.table.manifest import Manifest, ManifestError, Shipped, Target, parse_table

SHIPPED = Shipped(frozenset({"app"}), frozenset({"app"}))
# What generated code could be broken with, between what is fine.
PIECES = [
    '"',
    '"""',
    "'",
    "\\",
    "\n",
    "\r",
    "\t",
    "\f",
    "\x00",
    "\x85",
    "\u2028",
    "{",
    "}",
    "#",
    ";",
    " ",
    "a",
    "b",
    "$(",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=8)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True) | st.sampled_from(["café", "größe", "ﬁ", "日"]) | TEXTS
EXTRAS = st.sampled_from(["plot", "Fast_Plot", "a.b", "x-y"]) | TEXTS
MARKERS = st.sampled_from(["sys_platform == 'win32'", "python_version < '3.11'", 'os_name == "nt"']) | TEXTS
ENTRIES = st.fixed_dictionaries(
    {"module": st.sampled_from(["json", "json:loads", "os.path", "email.mime"]) | TEXTS},
    optional={
        "extra": EXTRAS,
        "groups": st.lists(EXTRAS, max_size=2, unique=True),
        "marker": MARKERS,
        "distribution": EXTRAS,
        "optional": st.booleans(),
    },
)
TABLES = st.dictionaries(NAMES, ENTRIES, min_size=1, max_size=3)


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_what_is_declared_is_what_is_read_back(imports: dict[str, Any]) -> None:
    """Whatever a table says: it is refused, or the registry has it word for word, and nothing else runs in it."""
    project = {"name": "app", "dynamic": ["dependencies", "optional-dependencies"]}
    try:
        manifest = parse_table({"project": project, "tool": {"deferred-imports": {"imports": imports}}}, SHIPPED)
        text = registry_text(manifest)
    except ManifestError as error:
        refused = error
    else:
        _compare(manifest, text)
        return
    assert len(str(refused).splitlines()) == 1 + len(refused.problems)  # no text breaks its line


def _compare(manifest: Manifest, text: str) -> None:
    assert [type(node).__name__ for node in ast.parse(text).body] == SHAPE
    registry = types.ModuleType("app._deferred")
    exec(text, registry.__dict__)  # noqa: S102 - the registry of a table that was accepted
    table = registry.__deferred_imports__
    rows = dict(map(str.split, table["imports"].split("\n")[1:-1]))
    assert rows == {entry.name: "|".join(map(str, entry.targets)) for entry in manifest.entries}
    for key in ("extras", "groups"):
        words = {word for entry in manifest.entries for word in ([entry.extra] if key == "extras" else entry.groups)}
        assert set(table.get(key, ())) == {word for word in words if word is not None}
    markers = {entry.name: entry.marker for entry in manifest.entries if entry.marker}
    assert {name: text for name, (text, _) in table.get("markers", {}).items()} == markers
    assert json.loads(declaration_text(manifest))["imports"].keys() == rows.keys()


TABLE = {"project": {"name": "app"}, "tool": {"deferred-imports": {"imports": {"a": "json"}}}}
SHAPE = [type(node).__name__ for node in ast.parse(registry_text(parse_table(TABLE, SHIPPED))).body]


@pytest.mark.parametrize(
    "entry",
    [
        {"extra": 'x""" + str(exec("1")) + """'},
        {"extra": "a\nb"},
        {"distribution": "a\\"},
        {"targets": (Target("json", "a." * 9000 + "b"),)},
        {"targets": tuple(Target(f"json.m{index}") for index in range(30))},
    ],
    ids=["quotes", "newline", "backslash", "deep", "candidates"],
)
def test_nothing_is_written_that_is_no_python(entry: dict[str, Any]) -> None:
    """Whoever makes an entry, what would not compile, or be read as something else, is refused before it is written."""
    about = {"extra": None, "distribution": None, "targets": (Target("json"),), **entry}
    made = Entry("a", groups=(), marker=None, optional=False, **about)
    with pytest.raises(ManifestError, match="cannot"):
        registry_text(Manifest("app", "app", "_deferred", discover=False, entries=(made,)))


def test_a_name_changes_no_line_of_another() -> None:
    """What one name adds stands in lines of its own, however long it is: two branches that add names can be merged."""
    entry = {"module": "json", "optional": True, "groups": ["charts"], "eager": False}
    imports = {f"n{index}": {**entry, "module": f"distutils.m{index}"} for index in range(100)}
    before, after = (
        registry_text(
            parse_table({"project": {"name": "app"}, "tool": {"deferred-imports": {"imports": found}}}, SHIPPED)
        ).splitlines()
        for found in (imports, {**imports, "x" * 1000: entry})
    )
    changes = [line for line in difflib.ndiff(before, after) if line[0] in "+-?"]
    assert {line[0] for line in changes} == {"+"}
    assert len(changes) == 7
    assert all("x" * 1000 in line for line in changes)
