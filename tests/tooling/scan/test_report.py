"""The words of a scan: one row for a module that can wait, what one cut frees, the lines below the table."""

from pathlib import Path

from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.scan.packages import launch_of, locate
from deferred_imports.tooling.scan.pipeline import Scan, scan
from deferred_imports.tooling.scan.report import closing, rows, troubles
from goldens import CASES, copy_case


def scanned(name: str, root: Path) -> Scan:
    package = locate(["app"], copy_case(CASES / "scan" / name, root))
    return scan(package, [launch_of(package, "app.cli")])


def test_one_cut_that_frees_many(tmp_path: Path) -> None:
    """What another deferral saves as well is in that row, by number; --all shows each."""
    found = scanned("start-within", tmp_path)
    shown, left_out = rows(found, everything=False)
    assert [(row[2], row[1], row[6]) for row in shown] == [
        ("app.top", "4", "can be deferred: used only in functions (line 5); frees 2 imports below it")
    ]
    assert left_out == len(found.found) - 1
    assert len(rows(found, everything=True)[0]) == len(found.found)


def test_all_shows_each_place(tmp_path: Path) -> None:
    """Of a module that several places import, one row says how many; --all has one for each statement."""
    package = locate(["app"], copy_case(CASES / "scan" / "start-within", tmp_path))
    folder = next(iter(package.files.values())).parent
    (folder / "cli.py").write_text("import app.one, app.two\n", encoding="utf-8")
    two = "import wave\nfrom decimal import Context, Decimal\ndef f(): Context\ndef g(): Decimal\n"
    for name, text in {"one": "import decimal\ndef f(): decimal\n", "two": two}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    package = locate(["app"], tmp_path)
    found = scan(package, [launch_of(package, "app.cli")])

    def shown(*, everything: bool) -> list[tuple[str, str]]:
        table, _ = rows(found, everything=everything)
        return sorted((Path(row[7]).name, row[6].partition(": ")[2]) for row in table if row[2] == "decimal")

    assert [place for place, _ in shown(everything=False)] == ["one.py:1 and 1 more"]
    assert shown(everything=True) == [
        ("one.py:1", "used only in functions (line 2)"),
        ("two.py:2", "used only in functions (lines 3, 4)"),
    ]


def test_what_hangs_on_what_cannot_wait(tmp_path: Path) -> None:
    """A costly import that cannot be deferred is shown with the lines that need it and with what hangs on it."""
    shown, _ = rows(scanned("start-holds", tmp_path), everything=True)
    assert "cannot: used when the module is imported (line 3); holds 3 modules" in [row[6] for row in shown]


def test_the_lines_that_hold_a_statement(tmp_path: Path) -> None:
    """What holds the names of one costly statement is one row, with the lines of all of them."""
    package = locate(["app"], copy_case(CASES / "scan" / "start-holds", tmp_path))
    files = {path.name: path for path in package.files.values()}
    text = "from app.heavy import A, B\n\nX = [A]\nY = [B, A]\n\n\ndef use(a=B): ...\n"
    files["cli.py"].write_text(text, encoding="utf-8")
    heavy = "import decimal, email.message, unittest.mock\nA = B = decimal, email.message, unittest.mock\n"
    (files["cli.py"].parent / "heavy.py").write_text(heavy, encoding="utf-8")
    package = locate(["app"], tmp_path)
    shown, _ = rows(scan(package, [launch_of(package, "app.cli")]), everything=False)
    assert [row[6].partition("; holds")[0] for row in shown if row[2] == "app.heavy"] == [
        "cannot: used when the module is imported (lines 3, 4)",
        "cannot: in a default value of use (line 7)",
    ]


def test_what_lies_in_a_costly_package_holds_it(tmp_path: Path) -> None:
    """An import of what lies in a costly package is shown, cheap as it is, with all that it holds by the package."""
    package = locate(["app"], copy_case(CASES / "scan" / "start-holds", tmp_path))
    folder = next(iter(package.files.values())).parent
    for name, text in {
        "cli.py": "from app.heavy.base import Base\n\n\nclass Mine(Base): ...\n",
        "heavy/__init__.py": "import decimal, email.message, unittest.mock\n",
        "heavy/base.py": "class Base: ...\n",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    package = locate(["app"], tmp_path)
    found = scan(package, [launch_of(package, "app.cli")])
    (item,) = (one.judged for one in found.found if one.judged.importer == "app.cli")
    assert {"app.heavy", "app.heavy.base", "unittest.mock"} <= {*item.holds}
    assert "app" not in item.holds
    assert "app.heavy.base" in [row[2] for row in rows(found, everything=False)[0]]


def test_what_stands_below(tmp_path: Path) -> None:
    """Below the table stand the verdicts by number, and what each start would save, with changes and with risk."""
    lines = closing(scanned("start-changes", tmp_path), 3)
    assert lines[0] == "5 imports: 2 can be deferred with a change, 1 risky, 2 cannot"
    assert lines[1].startswith("import app.cli: loads ")
    assert "deferring all that can be saves 0 of them, 0.0 ms" in lines[1]
    assert lines[2].lstrip().startswith("with the changes shown 2, ")
    assert "; with what is risky, too, 4, " in lines[2]
    assert lines[3] == "3 imports not shown; --all shows them"


def test_the_environment_in_which_modules_are_not_installed(tmp_path: Path) -> None:
    """What the table calls not installed is named below it, with the environment, which may not be the project's."""
    package = locate(["app"], copy_case(CASES / "scan" / "start-changes", tmp_path))
    source = next(path for path in package.files.values() if path.name == "cli.py")
    text = source.read_text(encoding="utf-8") + "\n\ndef late():\n    import there_is_no.such, there_is_none\n"
    source.write_text(text, encoding="utf-8")
    found = scan(locate(["app"], tmp_path))
    assert closing(found, 0)[1] == f"not installed in {here()}: there_is_no, there_is_none"
    assert {"not installed"} < {row[3] for row in rows(found, everything=True)[0]}


def test_useless_keeps_are_told(tmp_path: Path) -> None:
    """What asks to keep an import, and keeps none, is told with its place."""
    package = locate(["app"], copy_case(CASES / "scan" / "keeps", tmp_path))
    lines = [line.rpartition("app/")[2] for line in troubles(scan(package))]
    useless = "keeps nothing that could be deferred; remove it"
    assert lines == [
        f"cli.py:4: the comment {useless}",
        f'pyproject.toml: "there.is.none" in tool.deferred-imports.scan.keep {useless}',
    ]
