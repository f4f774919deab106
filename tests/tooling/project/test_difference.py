"""A file as it is and as it should be, as a unified diff."""

from deferred_imports.tooling.project.difference import as_diff


def test_a_changed_file() -> None:
    """The diff names both, and shows what changes."""
    found = as_diff("a\nb\n", "a\nc\n", "x.py", "x.py (new)")
    assert found == "--- x.py\n+++ x.py (new)\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"


def test_a_new_file() -> None:
    """Where there is none yet, the old name is that of nothing."""
    assert as_diff(None, "a\n", "x.py", "x.py").startswith("--- /dev/null\n+++ x.py\n")


def test_no_newline_at_the_end() -> None:
    """A last line without its end is told, as diff(1) does."""
    assert as_diff("a", "b\n", "x", "x").endswith("-a\n\\ No newline at end of file\n+b\n")


def test_only_line_ends_differ() -> None:
    """Where nothing but line ends differs, the diff shows them."""
    assert "-a\\r\n+a\n" in as_diff("a\r\n", "a\n", "x", "x")
    assert as_diff("a\n", "a\n", "x", "x") == ""
