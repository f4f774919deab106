"""The programs that a project installs."""

from deferred_imports.tooling.project.scripts import attribute_of, console_scripts, module_of, references

DOCUMENT = {
    "project": {
        "scripts": {"app": "app.cli:main"},
        "gui-scripts": {"win": "app.win:show"},
        "entry-points": {"plugins": {"one": "app.one", "wrong": 1}},
    },
    "tool": {"poetry": {"scripts": {"old": "app.old:run"}}},
}


def test_console_scripts() -> None:
    """Those of [project] and of Poetry, by name."""
    assert console_scripts(DOCUMENT) == {"app": "app.cli:main", "old": "app.old:run"}
    assert console_scripts({"project": 1}) == {}
    assert console_scripts({"project": {"scripts": {"null": "a:\0", "\x1b": "a:b"}}}) == {}


def test_all_references() -> None:
    """Scripts, windows and plugins; what is no text is none."""
    assert sorted(references(DOCUMENT)) == ["app.cli:main", "app.old:run", "app.one", "app.win:show"]


def test_the_parts_of_a_reference() -> None:
    """The module and the attribute; extras are no part of either (entry points specification)."""
    assert (module_of("a.b : c.d [x]"), attribute_of("a.b : c.d [x]")) == ("a.b", "c.d")
    assert (module_of("a.b"), attribute_of("a.b")) == ("a.b", "")
