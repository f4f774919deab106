"""What `resolve_now`, `iter_deferred_imports` and `find_missing` cover: packages, a group, an importer."""

import pytest

from worlds import Golden, World

# How what is selected is shown: by the names, or the modules of those that have none.
SHOW = """
from deferred_imports import find_missing, iter_deferred_imports, resolve_now
def show(entries):
    print(*sorted(entry.name or entry.module for entry in entries))
"""


@pytest.fixture
def atlas(world: World) -> World:
    """Two packages, one of them with its module graph, as the build bakes it."""
    world.package(
        """
        [tool.deferred-imports.imports]
        pl = { module = "plistlib", groups = ["tables"] }
        wav = { module = "wave", groups = ["tables", "web"] }
        gone = { module = "nonsuch", groups = ["web"], optional = true }
        """,
        {"__init__.py": "from . import _deferred", "commands/__init__.py": "", "commands/report.py": "", "cli.py": ""}
        | {"core.py": "", "data.py": "", "alone.py": ""},
        uses="""
        .cli: wav
        .core: gone
        .data: pl <cmd> <wsgiref:headers>
        .: wav
        """,
        graph="""
        .cli: .core .commands
        .commands: . .commands.report
        .commands.report: .data .cli
        .data: .core
        .alone:
        """,
    )
    registry = world.path / "weather" / "_deferred.py"
    text = registry.read_text("utf-8")
    # What the build finds inside functions has no name, and its reference is its key.
    more = "    <cmd> cmd\n    <wsgiref:headers> wsgiref:headers\n    "
    registry.write_text(text.replace('    """,\n    "remedies"', f'{more}""",\n    "remedies"', 1), "utf-8")
    world.package(
        'imports.frac = { module = "quopri", groups = ["web"] }',
        {"__init__.py": "from . import _deferred"},
        package="other",
        uses=".: frac",
    )
    return world


ALL = "cmd gone pl wav wsgiref"


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ("", f"{ALL} frac"),
        ("'weather'", ALL),
        ("'other'", "frac"),
        ("'weather', 'other', 'weather'", f"{ALL} frac"),
        ("group='tables'", "pl wav"),
        ("group='web'", "frac gone wav"),
        ("'weather', group='web'", "gone wav"),
        ("importer='weather.alone'", ""),
        ("importer='weather'", "wav"),
        ("importer='weather.core'", "gone"),
        ("importer='weather.data'", "cmd gone pl wsgiref"),
        ("importer='weather.cli'", ALL),
        ("importer='weather.commands'", ALL),
        ("importer='weather.cli', group='tables'", "pl wav"),
        ("importer='weather.core', group='tables'", ""),
        ("'weather', importer='weather.core'", "gone"),
        ("importer='other'", "frac"),
    ],
)
def test_selectors_narrow_what_is_covered(atlas: World, selectors: str, names: str) -> None:
    """Packages, group and importer each leave out the rest; importers reach what they import of their package."""
    code = f"""
        import weather, other
        show(iter_deferred_imports({selectors}))
        show(find_missing({selectors}))
        report = resolve_now({selectors})
        show(item.entry for item in (*report.resolved, *report.missing))
    """
    wanted = names.split()
    listed, missing, resolved = atlas.start(SHOW + "\n".join(code.split("\n        "))).stdout.splitlines()
    assert listed.split() == sorted(wanted)
    assert missing.split() == [name for name in wanted if name == "gone"]
    assert resolved.split() == sorted(wanted)


def test_packages_that_nobody_has_imported_are_found(atlas: World) -> None:
    """Listing and looking for what is missing read the registry and import nothing; resolving imports it."""
    code = (
        SHOW
        + """
import sys
before = set(sys.modules)
show(iter_deferred_imports("weather"))
show(find_missing("weather"))
show(iter_deferred_imports(importer="weather.cli"))
show(find_missing(importer="weather.data"))
entries = [entry for entry in iter_deferred_imports("weather", "other") if entry.module not in before]
print({entry.state for entry in entries}, {entry.module for entry in entries} & {*sys.modules})
print("weather" in sys.modules, len(resolve_now("weather").resolved), "weather" in sys.modules)
print(len(resolve_now(importer="other").resolved))
"""
    )
    lines = [ALL, "gone", ALL, "gone", "{'pending'} set()", "False 4 True", "1"]
    assert atlas.run(code).splitlines() == lines


def test_subpackages_belong_to_their_package(atlas: World) -> None:
    """A package's name covers the registries below it, those loaded and its own that is not."""
    atlas.package('imports.col = "colorsys"', {"__init__.py": "from . import _deferred"}, package="other.sub")
    code = (
        SHOW
        + """
import other.sub
show(iter_deferred_imports("other"))
show(iter_deferred_imports("other.sub"))
import sys
del sys.modules["other._deferred"]
show(iter_deferred_imports("other"))
show(entry.entry for entry in resolve_now("other").resolved)
"""
    )
    assert atlas.run(code).splitlines() == ["col frac", "col", "col frac", "col frac"]


ODD = (
    "weather.odd._deferred is no registry of deferred-imports: ZeroDivisionError: division by zero; what it declares "
    "stays deferred"
)


def test_a_package_is_resolved_with_all_below_it(world: World) -> None:
    """Also what nothing has imported yet: the package, what is below it, and what is below a folder of it.

    Of what is below it, the package is executed when it is its turn, and one that fails is a failure among others.
    """
    own = {"__init__.py": "from . import _deferred as _deferred\n"}
    world.package('imports.js = "wave"', own, package="weather")
    world.package('imports.col = "colorsys"', own, package="weather.sub")
    world.package('imports.quo = "quopri"', own, package="weather.folder.deep")
    world.package('imports.cmd = "cmd"', {"__init__.py": "raise OSError('no such display')"}, package="weather.bad")
    (world.path / "weather" / "odd").mkdir()
    world.write({"weather/odd/__init__.py": "", "weather/odd/_deferred.py": "__deferred_imports__ = 1 / 0\n"})
    (world.path / "weather" / "link").symlink_to("sub")
    world.write({f"weather/data/{'/'.join('abc')}/__init__.py": "", "weather/data/a/b/c/_deferred.py": "raise OSError"})
    code = """
        import sys, warnings
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(*sorted(entry.name for entry in iter_deferred_imports("weather")), len(find_missing("weather")))
            print({"weather", "weather.sub"} & {*sys.modules}, *[warning.message for warning in caught])
            IMPORT
            report = resolve_now("weather", on_error="report")
        print(*sorted(item.entry.name for item in report.resolved), *report.broken)
        print(sys.modules["weather.sub._deferred"].col.__name__)
        print(*(entry.state for entry in iter_deferred_imports("weather.sub")))
        print(len(resolve_now("weather.folder").skipped))
    """
    lines = [
        "cmd col js quo 0",
        f"set() {ODD}",
        "col js quo weather.bad: cmd = cmd: OSError: no such display",
        "colorsys",
        "resolved",
        "1",
    ]
    for statement in ("", "import weather", "import weather.sub"):
        assert world.run(code.replace("IMPORT", statement)).splitlines() == lines


def test_a_registry_may_have_another_name(world: World) -> None:
    """A registry that the table names otherwise is found, too, loaded or not."""
    world.package('imports.js = "wave"', registry="_lazy")
    (world.path / "weather" / "_deferred.py").write_text("raise AssertionError('somebody\\'s own module')")
    code = (
        SHOW
        + """
show(iter_deferred_imports("weather"))
show(find_missing("weather"))
print(resolve_now("weather").resolved[0].entry.registry)
"""
    )
    assert world.run(code).splitlines() == ["js", "", "weather._lazy"]


def test_a_selector_that_matches_nothing_is_an_error(atlas: World, golden: Golden) -> None:
    """It says what there is, at the call, and what was probably meant; without any registry it says so."""
    code = (
        SHOW
        + """
import sys
def attempt(*packages, **selectors):
    errors = set()
    for call in (iter_deferred_imports, find_missing, resolve_now):
        try:
            call(*packages, **selectors)
        except LookupError as error:
            errors.add(str(error))
    print(*errors, sep="\\n")
attempt("wether")
attempt(group="tables")
attempt(importer="nonsuch.cli")
import weather, other
attempt("wether")
attempt("weather", "json")
attempt("weather.cli")
attempt(group="table")
attempt("other", group="tables")
attempt(importer="weather.comands")
attempt("other", importer="weather.cli")
attempt(importer="weather.nonsuch")
attempt("weather", importer="")
print(find_missing() == find_missing("weather", "other"), *find_missing("other"))
"""
    )
    golden("selectors", atlas.run(code))


def test_an_application_that_defers_nothing_resolves_nothing(world: World) -> None:
    """Without selectors and without registries there is nothing to do, and that is no error."""
    code = SHOW + "show(iter_deferred_imports()); show(find_missing()); print(resolve_now().resolved)"
    assert world.run(code).split() == ["[]"]


def test_a_package_that_fails_keeps_its_error(world: World) -> None:
    """What the package raises while it is imported for its registry gets through."""
    world.package('imports.js = "json"', {"__init__.py": "import nonsuch"})
    assert world.error(SHOW + "resolve_now('weather')") == "ModuleNotFoundError: No module named 'nonsuch'"


def test_only_names_select_packages(world: World) -> None:
    """A list of names, a module or nothing is an error that says what is expected, from each call."""
    world.package('imports.js = "json"')
    code = (
        SHOW
        + """
import weather
for wrong in (["weather"], weather, None):
    for call in (iter_deferred_imports, find_missing, resolve_now):
        try:
            call(wrong)
        except ValueError as error:
            print(str(error).partition(", got")[0])
"""
    )
    assert world.run(code).splitlines() == ["package: expected the name of an import package"] * 9


def test_a_module_that_is_run_is_known_by_its_name(world: World) -> None:
    """In what `python -m` runs, `importer=__name__` means the module, though it is called `__main__` there."""
    body = "from deferred_imports import resolve_now\nprint(len(resolve_now(importer=__name__).resolved))\n"
    world.package('imports.wave = "wave"', {"cli.py": body}, uses=".cli: wave")
    code = "import runpy; runpy.run_module('weather.cli', run_name='__main__', alter_sys=True)"
    assert world.run(code) == "1"
