"""Problems of a table as findings."""

from pathlib import Path

from deferred_imports.tooling.check.finding import Finding, from_problems
from deferred_imports.tooling.table.problems import ManifestError, Problem


def test_the_line_of_a_problem(tmp_path: Path) -> None:
    """A problem of an entry stands on its line, any other on the first of the table."""
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\n[tool.deferred-imports]\ndiscovr = 1\n[tool.deferred-imports.imports]\nnp = "x y"\n')
    error = ManifestError([Problem("discovr", "unknown key"), Problem("imports.np", "no module")])
    found = from_problems(tmp_path, error)
    assert found == [
        Finding("table", path, found[0].line, "discovr: unknown key", ""),
        Finding("table", path, 5, "imports.np: no module", ""),
    ]
    assert found[0].line in {1, 2}


def test_no_file(tmp_path: Path) -> None:
    """Where there is no file, the finding stands on the line that it would begin with."""
    [found] = from_problems(tmp_path, ManifestError([Problem("", "not there")]))
    assert (found.line, found.note, found.chain) == (1, False, ())
