"""Lines in which imports stay."""

import ast

from deferred_imports.tooling.adopt.regions import changes_finding, lines_off, temporary_lines
from deferred_imports.tooling.adopt.text import Text


def test_lines_that_are_excluded_from_formatting() -> None:
    """From `off` to `on`, by either tool; or the whole file."""
    assert lines_off(Text(b"import a\n# fmt: off\nimport b\n# fmt: on\nimport c\n")) == {2, 3}
    assert lines_off(Text(b"import a\n# isort: off\nimport b\n")) == {2, 3, 4}
    assert lines_off(Text(b"# isort: skip_file\nimport a\n")) == {1, 2, 3}
    assert lines_off(Text(b"import a\n")) == set()


def test_what_changes_where_imports_are_looked_for() -> None:
    """A path that is added, a finder, a module that is put in place of another; reading does not."""

    def tells(code: str) -> bool:
        return changes_finding(ast.parse(code).body[0], Text(code.encode()))

    assert tells("sys.path.insert(0, 'a')\n")
    assert tells("sys.modules['a'] = b\n")
    assert not tells("x = sys.modules['a'] == b\n")
    assert not tells("sys.argv.pop()\n")


def test_lines_between_a_change_and_its_end() -> None:
    """What is only so for a while holds for the imports in between."""
    code = "import a\nos.environ['A'] = '1'\nimport b\ndel os.environ['A']\nimport c\n"
    assert temporary_lines(ast.parse(code), Text(code.encode())) == {2, 3}
    lasting = "os.environ['A'] = '1'\nimport b\n"
    assert temporary_lines(ast.parse(lasting), Text(lasting.encode())) == set()
