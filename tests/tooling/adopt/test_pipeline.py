"""What `adopt` proves before it writes: starts, imports of each module alone, the project's own tests."""

from collections.abc import Callable
from pathlib import Path

from deferred_imports.tooling.adopt.culprits import innocent
from deferred_imports.tooling.adopt.found import Adoption
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.pipeline import adopt
from deferred_imports.tooling.adopt.report import summary
from deferred_imports.tooling.adopt.target import find_target, launches
from deferred_imports.tooling.adopt.wishes import Wishes

MakeProject = Callable[..., Path]
TESTS = "pytest -q -p no:cacheprovider"


def adopted(root: Path, test: str | None = None) -> Adoption[None]:
    target = find_target(root)
    return adopt(target, Wishes(tuple(launches(target, [])), test), lambda _: None, lambda _: None)


def test_only_what_loads_less_moves(make_project: MakeProject) -> None:
    """The frontier leaves alone what moves in vain: `html` is imported by a module that is not loaded any more."""
    found = adopted(make_project())
    assert found.names == {Name("weather", "Forecast"), Name("weather.cli", "minidom"), Name("weather.cli", "render")}
    (gain,) = found.gains
    gone = set(gain.before.loaded) - set(gain.after.loaded)
    assert {"decimal", "html", "weather.model", "weather.report", "xml.dom.minidom"} <= gone
    assert gain.after.output == b"usage: weather\n"


def test_the_tree_is_only_read(make_project: MakeProject) -> None:
    """Without being written, nothing changes in the user's tree, be it a cache."""
    root = make_project()
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    adopted(root, test=TESTS)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_tests_pass_as_before(make_project: MakeProject) -> None:
    """What tests patch by its dotted name is read from the module, so that they pass, and the patch has its effect."""
    found = adopted(make_project(), test=TESTS)
    assert found.tests is not None
    assert [dict(result.counts) for result in found.tests] == [{"passed": 2}, {"passed": 2}]
    assert found.taken_back == ()
    assert b"from weather.cli import render\n" in found.sources["weather.cli"]


def test_a_move_that_breaks_a_test_is_taken_back(make_project: MakeProject) -> None:
    """A name that a test puts together at run time is found by the test that fails; all else moves."""
    text = 'from weather import cli\n\n\ndef test_parser():\n    assert cli.__dict__["mini" + "dom"].parseString\n'
    found = adopted(make_project(tests__test_names=text), test=TESTS)
    assert [(one.name, one.why) for one in found.taken_back] == [
        (Name("weather.cli", "minidom"), "tests/test_names.py::test_parser fails")
    ]
    assert found.names == {Name("weather", "Forecast"), Name("weather.cli", "render")}


def test_tests_that_fail_before_do_not_count(make_project: MakeProject) -> None:
    """A test that fails as it is, fails for another reason."""
    found = adopted(make_project(tests__test_bad="def test_bad():\n    assert False\n"), test=TESTS)
    assert len(found.names) == 3
    assert found.tests is not None
    assert [result.failed for result in found.tests] == [{"tests/test_bad.py::test_bad"}] * 2


def test_a_cycle_that_a_move_would_uncover_is_found(make_project: MakeProject) -> None:
    """Each module can be imported alone, as before; a move that makes one fail is taken back (pitfall 26)."""
    model = '"""Models."""\n\n\nclass Forecast:\n    pass\n\n\nimport weather.extra\n\nEXTRA = weather.extra.Extra\n'
    extra = '"""More."""\n\nfrom weather.model import Forecast\n\n\nclass Extra(Forecast):\n    pass\n'
    found = adopted(make_project(src__weather__model=model, src__weather__extra=extra))
    assert [one.name for one in found.taken_back] == [Name("weather", "Forecast")]
    assert "`import weather.extra` alone fails: ImportError" in found.taken_back[0].why or (
        "`import weather.extra` alone fails: AttributeError" in found.taken_back[0].why
    )


def test_a_module_imports_what_it_relied_on_others_for(make_project: MakeProject) -> None:
    """A submodule that only another module's import made an attribute is imported where it is read, which is told."""
    shape = '"""Shapes."""\n\nimport xml\n\nKIND = xml.sax.handler.version\n'
    cli = '''"""The command."""

import xml.sax
import xml.dom.minidom

from weather import shape


def main():
    print(shape.KIND)


def run(text):
    return xml.sax.parseString, xml.dom.minidom.parseString
'''
    found = adopted(make_project(src__weather__shape=shape, src__weather__cli=cli))
    assert found.extra == {"weather.shape": ("xml.sax",)}
    assert b"import xml\nimport xml.sax\n" in found.sources["weather.shape"]
    assert "  src/weather/shape.py: imports xml.sax itself now; it relied on others for it" in summary(found)
    assert Name("weather.cli", "xml") in found.names


def test_what_hangs_on_what_stays(make_project: MakeProject) -> None:
    """What cannot move is told with the lines that hold it, as they are now, and how many modules hang on these."""
    start = '"""The command."""\n\nimport decimal\nimport sqlite3\n\nLIMIT = decimal.Decimal(1)\n'
    rest = "\n\ndef main():\n    print(1)\n\n\ndef run():\n    return sqlite3.connect\n"
    found = adopted(make_project(src__weather__cli=start + rest))
    (hanging,) = (one for one in found.hanging if one.target == "decimal")
    assert hanging.count >= 2
    assert [(module, one.name, one.lines) for module, one in hanging.lines] == [("weather.cli", "decimal", (6,))]


def test_what_hangs_on_what_would_move_in_vain(make_project: MakeProject) -> None:
    """What a function uses that the start runs hangs on its import, and is no matter of what others take from there."""
    start = '"""The command."""\n\nimport decimal\nimport sqlite3\nfrom html import parser\n'
    rest = "\n\ndef main():\n    print(decimal.Decimal(1))\n\n\ndef run():\n    return sqlite3, parser\n"
    patching = (
        'from unittest import mock\n\n\ndef test_run():\n    with mock.patch("weather.cli.parser"):\n        pass\n'
    )
    found = adopted(make_project(src__weather__cli=start + rest, tests__test_patching=patching))
    assert (
        b"    __getattr__ = attach(globals())\n" in found.sources["weather.cli"]
    )  # for the test that replaces `parser`
    (hanging,) = (one for one in found.hanging if one.target == "decimal")
    ((module, kept),) = hanging.lines
    assert (module, kept.name, kept.line, kept.reason) == ("weather.cli", "decimal", 3, "idle")
    assert str(kept).startswith("moved to `main`, it would be loaded all the same: ")


def test_an_import_stands_below_what_ends_the_start(make_project: MakeProject) -> None:
    """Where the start runs a function and leaves it early, an import stands where it is needed, not at its head."""
    start = '"""The command."""\n\nimport argparse\nimport csv\nimport sqlite3\n\n\ndef main():\n'
    body = "    args = argparse.ArgumentParser().parse_args()\n    if args:\n        csv.reader([])\n"
    rest = "    rows()\n\n\ndef rows():\n    print(1)\n    return csv, sqlite3\n"
    found = adopted(make_project(src__weather__cli=start + body + rest))
    assert found.names >= {Name("weather.cli", "csv"), Name("weather.cli", "sqlite3")}
    assert b"    if args:\n        import csv\n\n        csv.reader" in found.sources["weather.cli"]
    # The start does not come here, and the import stands at the head.
    assert b"def rows():\n    import csv\n    import sqlite3\n\n    print(1)" in found.sources["weather.cli"]
    (gain,) = found.gains
    assert {"csv", "sqlite3"}.isdisjoint(gain.after.loaded)


def test_what_the_same_lines_hold_is_told_once(make_project: MakeProject) -> None:
    """A line that loads a package and a module of it is told of the module."""
    start = '"""The command."""\n\nfrom weather import Forecast, report\n\nRENDERED = report.render(Forecast)\n'
    found = adopted(make_project(src__weather__cli=f"{start}\n\ndef main():\n    print(1)\n"))
    assert [one.target for one in found.hanging if "weather.cli" in dict(one.lines)] == ["weather.report"]


def test_what_a_function_imports_hangs_on_its_module_too(make_project: MakeProject) -> None:
    """A function that is called while the program starts imports nothing when its module is not there."""
    start = '"""The command."""\n\nfrom weather import late\n\nVALUE = late.load()\n'
    late = '"""Late."""\n\n\ndef load():\n    import decimal\n\n    return decimal.Decimal(1)\n'
    found = adopted(make_project(src__weather__cli=f"{start}\n\ndef main():\n    print(1)\n", src__weather__late=late))
    (hanging,) = (one for one in found.hanging if one.target == "weather.late")
    assert hanging.count >= 3  # itself, `decimal` and `numbers`


def test_bisection_finds_each_culprit() -> None:
    """All that is innocent is kept, also where two are guilty only together; few questions are asked."""
    asked = []

    def holds(some: frozenset[int]) -> bool:
        asked.append(some)
        return 17 not in some and not {3, 60} <= some

    kept = innocent([[number] for number in range(64)], holds)
    assert set(range(64)) - kept in ({17, 60}, {17, 3})
    assert len(asked) < 40
