"""`deferred_imports.machinery`: the API for code that declares what it will import while it runs."""

from pathlib import Path

import pytest

from worlds import World

# A package whose modules say that they run, a namespace package, and a module that is of no use.
HEAVY = {
    "heavy/__init__.py": "print('heavy')",
    "heavy/sub/__init__.py": "print('heavy.sub')",
    "heavy/sub/leaf.py": "print('heavy.sub.leaf')",
    "space/inner/leaf.py": "print('space.inner.leaf')",
    "broken.py": "import nowhere_to_be_found",
}
START = """
import sys, weather
from deferred_imports import iter_deferred_imports, machinery, resolve_now
"""
DECLARE = "from deferred_imports.machinery import defer_runtime_import\n"


def test_declaring_finds_and_does_nothing_else(world: World) -> None:
    """The spec comes back, of nested and namespace packages too; nothing runs, `sys.modules` and globals stay."""
    world.write(HEAVY)
    code = """
        import sys
        from deferred_imports.machinery import defer_runtime_import
        modules, names = set(sys.modules), {*globals(), "modules", "names", "specs"}
        specs = [defer_runtime_import(name) for name in ("heavy.sub.leaf", "space.inner.leaf", "space", "os.path")]
        assert (set(sys.modules), set(globals())) == (modules, names)
        for spec in specs[:3]:
            print(spec.name, (spec.origin or "").endswith("leaf.py"), spec.loader is None)
        print(specs[3] is sys.modules["os.path"].__spec__)
    """
    assert world.run(code).splitlines() == [
        "heavy.sub.leaf True False",
        "space.inner.leaf True False",
        "space False True",
        "True",
    ]


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("nowhere", "nowhere"),
        ("heavy.nowhere.leaf", "heavy.nowhere"),
        ("heavy.sub.leaf.nowhere", "heavy.sub.leaf.nowhere"),
        ("heavy..sub", "heavy."),
    ],
)
def test_what_is_not_there_is_reported_at_once(world: World, name: str, absent: str) -> None:
    """`ModuleNotFoundError`, with the name of what is missing on the way; and nothing has been declared."""
    world.write(HEAVY)
    code = """
        import sys
        from deferred_imports import iter_deferred_imports
        from deferred_imports.machinery import defer_runtime_import
        try:
            defer_runtime_import(sys.argv[1])
        except ModuleNotFoundError as error:
            print(error.name, list(iter_deferred_imports()), error, sep="\\n")
    """
    remedy = "install the distribution that provides it"
    message = f"__main__ needs {name} (declared at run time): {remedy}"
    assert world.run(code, name).splitlines() == [absent, "[]", message]


def test_relative_names_are_relative_to_the_package(world: World) -> None:
    """As with `importlib.import_module`; without a package, or out of it, that is an `ImportError`."""
    world.write(HEAVY)
    code = """
        from deferred_imports.machinery import defer_runtime_import
        for name, package in [
            (".leaf", "heavy.sub"),
            ("..sub.leaf", "heavy.sub"),
            ("..", "heavy.sub"),
            (".leaf", None),
            ("...leaf", "heavy.sub"),
        ]:
            try:
                print(defer_runtime_import(name, package).name)
            except ImportError as error:
                print(error)
    """
    assert world.run(code).splitlines() == [
        "heavy.sub.leaf",
        "heavy.sub.leaf",
        "heavy",
        'package: expected what ".leaf" is relative to, got nothing; pass __package__',
        'name: expected a module below "heavy", got "...leaf", which leaves it',
    ]


def test_both_kinds_are_listed_together(world: World) -> None:
    """A module that was baked and declared is listed once here, with all who use it; there, for each who declares."""
    world.write(HEAVY)
    world.package(
        'imports = { leaf = "heavy.sub.leaf", maybe = ["nowhere", "broken"], other = "nowhere" }',
        {"plugins.py": f"{DECLARE}defer_runtime_import('heavy.sub.leaf'); defer_runtime_import('space')"},
        uses=".cli: leaf maybe",
    )
    code = f"""{START}
import weather._deferred, weather.plugins
for name, spec, importers in machinery.iter_deferred_imports():
    print(name, spec and spec.name, *importers)
print(*[(entry.name, entry.module, entry.package, entry.importers) for entry in iter_deferred_imports()], sep="\\n")
"""
    assert world.run(code).splitlines() == [
        "heavy.sub.leaf heavy.sub.leaf weather.cli weather.plugins",
        "broken broken weather.cli",
        "nowhere None",
        "space space weather.plugins",
        "('leaf', 'heavy.sub.leaf', 'weather', ('weather.cli',))",
        "('maybe', 'nowhere', 'weather', ('weather.cli',))",
        "('other', 'nowhere', 'weather', ())",
        "(None, 'heavy.sub.leaf', 'weather', ('weather.plugins',))",
        "(None, 'space', 'weather', ('weather.plugins',))",
    ]


def test_what_a_marker_excludes_is_not_listed(world: World) -> None:
    """The interpreter at hand does not defer it."""
    world.package("""imports.winreg = { module = "winreg", marker = "sys_platform == 'no such platform'" }""")
    code = f"{START}import weather._deferred\nprint(list(machinery.iter_deferred_imports()), resolve_now('weather'))"
    assert world.run(code).startswith("[] 0 resolved, 1 skipped")


def test_both_kinds_are_resolved_together(world: World) -> None:
    """`resolve_now()` imports what was baked and what was declared, parents first, and reports both."""
    world.write(HEAVY)
    world.package(
        'imports.leaf = "heavy.sub.leaf"', {"plugins.py": f"{DECLARE}defer_runtime_import('space.inner.leaf')"}
    )
    code = f"""{START}
import weather._deferred, weather.plugins
resolution = resolve_now("weather")
print(*[item.entry.module for item in resolution.resolved])
print(*[entry.state for entry in iter_deferred_imports()])
print(len(resolve_now().skipped))
"""
    assert world.run(code).splitlines() == [
        *("heavy", "heavy.sub", "heavy.sub.leaf", "space.inner.leaf"),
        "heavy.sub.leaf space.inner.leaf",
        "resolved resolved",
        "2",
    ]


def test_selectors_hold_for_what_is_declared_at_run_time(world: World) -> None:
    """By package, and by importer, along the baked map of who imports whom; what matches nothing is an error."""
    world.write(HEAVY)
    world.package(
        'imports.csv = "csv"',
        {
            "plugins.py": f"{DECLARE}defer_runtime_import('heavy')",
            "cli.py": f"from . import plugins\n{DECLARE}defer_runtime_import('space')",
            "other.py": f"{DECLARE}defer_runtime_import('broken')",
        },
        graph=".cli: .plugins",
    )
    world.write({"alone.py": f"{DECLARE}defer_runtime_import('json')"})
    code = f"""{START}
import weather._deferred, weather.cli, weather.other, alone
def show(*packages, **selectors):
    print(*[entry.module for entry in iter_deferred_imports(*packages, **selectors)])
show("weather")
show("alone")
show(importer="weather.plugins")
show(importer="weather.cli")
print(*[name for name, _, _ in machinery.iter_deferred_imports("weather.cli")])
for call in (machinery.iter_deferred_imports, machinery.resolve_deferred_imports):
    try:
        call("weather.cly")
    except LookupError as error:
        print(error)
print(*[item.entry.module for item in machinery.resolve_deferred_imports("weather.cli").resolved])
"""
    known = 'expected one of "alone", "weather.cli", "weather.other", "weather.plugins", got "weather.cly"'
    assert world.run(code).splitlines() == [
        "csv heavy space broken",
        "json",
        "heavy",
        "heavy space",
        "heavy space",
        *[f'importer: {known}; did you mean "weather.cli"?'] * 2,
        *("heavy", "heavy space"),
    ]


def test_the_importing_module_may_be_named(world: World) -> None:
    """Else it is the one that calls; its package is the outermost that is not a namespace."""
    world.write({"space/weather/__init__.py": "", "space/weather/cli.py": f"{DECLARE}defer_runtime_import('json')"})
    code = """
        import space.weather.cli
        from deferred_imports import iter_deferred_imports, machinery
        machinery.defer_runtime_import("csv", importing_name="space.weather.core")
        machinery.defer_runtime_import("csv", None, "elsewhere.core")
        machinery.defer_runtime_import("csv", importing_name="space.weather.data")
        for entry in iter_deferred_imports():
            print(entry.package, entry.module, *entry.importers)
    """
    assert world.run(code).splitlines() == [
        "space.weather json space.weather.cli",
        "space.weather csv space.weather.core space.weather.data",
        "elsewhere csv elsewhere.core",
    ]


def test_one_import_is_resolved_by_its_name(world: World) -> None:
    """The module comes back and is bound where it was declared; None says that nobody has declared it."""
    world.write(HEAVY)
    world.package('imports = { leaf = "heavy.sub.leaf", toml = ["nowhere", "json"] }')
    code = f"""{START}
import weather._deferred
machinery.defer_runtime_import("space.inner.leaf")
leaf = machinery.resolve_deferred_import("heavy.sub.leaf")
print(leaf is sys.modules["heavy.sub.leaf"] is vars(weather._deferred)["leaf"])
for name in ("space.inner.leaf", "json"):
    print(machinery.resolve_deferred_import(name).__name__)
print(machinery.resolve_deferred_import("nowhere"), machinery.resolve_deferred_import("heavy"))
"""
    ran = ["heavy", "heavy.sub", "heavy.sub.leaf"]
    assert world.run(code).splitlines() == [*ran, "True", "space.inner.leaf", "space.inner.leaf", "json", "None None"]


def test_failures_are_told_apart(world: World) -> None:
    """What has vanished since it was declared is missing, what fails inside is broken; cured, it works."""
    world.write({**HEAVY, "vanishing.py": ""})
    code = """
        import os
        from importlib import invalidate_caches
        from deferred_imports import DeferredImportError, machinery, resolve_now
        machinery.defer_runtime_import("vanishing")
        machinery.defer_runtime_import("broken")
        os.rename("vanishing.py", "vanished.py")
        invalidate_caches()
        try:
            resolve_now()
        except DeferredImportError as error:
            print(error)
            for items in (error.resolution.missing, error.resolution.broken):
                print(*[item.entry.module for item in items])
        os.rename("vanished.py", "vanishing.py")
        open("nowhere_to_be_found.py", "w").close()
        invalidate_caches()
        print(*[item.entry.module for item in machinery.resolve_deferred_imports().resolved])
    """
    assert world.run(code).splitlines() == [
        "2 deferred imports failed:",
        "  __main__ needs vanishing (declared at run time): install the distribution that provides it",
        "  __main__: broken: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        *("vanishing", "broken", "vanishing broken"),
    ]


def test_the_spec_that_was_found_is_the_one_that_is_imported(world: World, tmp_path: Path) -> None:
    """Whatever becomes of `sys.path` and of the working directory in between."""
    world.write({"there.py": "print('the one that was found')"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "there.py").write_text("print('another')", encoding="utf-8")
    code = """
        import os, sys
        from deferred_imports import machinery
        machinery.defer_runtime_import("there")
        os.chdir(sys.argv[1])
        sys.path.insert(0, sys.argv[1])
        machinery.resolve_deferred_imports()
    """
    assert world.run(code, str(tmp_path / "elsewhere")) == "the one that was found"


def test_the_last_declaration_counts(world: World, tmp_path: Path) -> None:
    """Whoever declares a module again, after `sys.path` has changed, means what is found then."""
    world.write({"there.py": "print('the first')"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "there.py").write_text("print('the second')", encoding="utf-8")
    code = """
        import sys
        from deferred_imports import machinery
        machinery.defer_runtime_import("there")
        sys.path.insert(0, sys.argv[1])
        machinery.defer_runtime_import("there")
        machinery.resolve_deferred_imports()
    """
    assert world.run(code, str(tmp_path / "elsewhere")) == "the second"


def test_a_module_from_another_spec_is_a_conflict(world: World, tmp_path: Path) -> None:
    """`ModuleSpecConflictError` is an `ImportError` with both specs; it names both places, and can be pickled."""
    world.write({"there.py": ""})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "there.py").write_text("", encoding="utf-8")
    code = """
        import pickle, sys
        from deferred_imports import machinery
        spec = machinery.defer_runtime_import("there")
        sys.path.insert(0, sys.argv[1])
        import there
        try:
            machinery.resolve_deferred_import("there")
        except ImportError as error:
            assert type(error) is machinery.ModuleSpecConflictError
            assert (error.spec, error.loaded) == (spec, there.__spec__)
            assert (error.name, error.path) == ("there", there.__file__)
            assert str(error) == str(pickle.loads(pickle.dumps(error)))
            print(error)
        try:
            machinery.resolve_deferred_imports()
        except ImportError as error:
            print(type(error).__name__, "ModuleSpecConflictError" in str(error))
    """
    found, loaded = world.path / "there.py", tmp_path / "elsewhere" / "there.py"
    assert world.run(code, str(tmp_path / "elsewhere")).splitlines() == [
        f"there was to be imported from {found}, but is already loaded from {loaded}",
        "DeferredImportError True",
    ]


def test_a_module_that_is_no_other_is_no_conflict(world: World) -> None:
    """A spec found anew, a reload, a module that replaced itself, a namespace that has grown, another name, no spec."""
    world.write(
        {
            "plain.py": "",
            "an_object.py": "import sys\nclass Module: value = 1\nsys.modules[__name__] = Module()",
            "an_alias.py": "import sys, plain\nsys.modules[__name__] = plain",
            "unloaded.py": "1 / 0",
            "space/leaf.py": "",
            "later/space/more.py": "",
        }
    )
    code = """
        import importlib.util, os, sys, types
        from importlib.machinery import PathFinder
        from deferred_imports import machinery
        namespace = machinery.defer_runtime_import("space")
        for name in ("plain", "an_object", "an_alias", "space", "space.leaf"):
            spec = machinery.defer_runtime_import(name)
            module = machinery.resolve_deferred_import(name)
            assert module is sys.modules[name], name
            assert machinery.import_module_from_spec(spec) is module, name
            if "." not in name:
                assert machinery.import_module_from_spec(PathFinder.find_spec(name)) is module, name
        spec = machinery.defer_runtime_import("plain")
        importlib.reload(sys.modules["plain"])
        machinery.import_module_from_spec(spec)
        sys.path.append(os.path.abspath("later"))
        machinery.import_module_from_spec(machinery.defer_runtime_import("space.more"))
        assert os.path.abspath("later/space") in machinery.import_module_from_spec(namespace).__path__
        sys.modules["bare"] = types.ModuleType("bare")
        assert machinery.import_module_from_spec(machinery.defer_runtime_import("bare")) is sys.modules["bare"]
        sys.modules["other_name"] = importlib.util.module_from_spec(importlib.util.find_spec("unloaded"))
        machinery.defer_runtime_import("other_name")
        assert machinery.resolve_deferred_import("other_name") is sys.modules["other_name"]
        print("all the same")
    """
    assert world.run(code) == "all the same"


def test_specs_without_an_origin_are_compared_by_what_they_have(world: World) -> None:
    """Namespaces that share no place are different, and so are modules that loaders of different kinds make up."""
    world.write({"one/space/a.py": "", "two/space/b.py": ""})
    code = """
        import os, sys
        from importlib.machinery import ModuleSpec
        from deferred_imports.machinery import ModuleSpecConflictError, defer_runtime_import, import_module_from_spec
        class MadeUp:
            def create_module(self, spec): return None
            def exec_module(self, module): pass
        class Otherwise(MadeUp): pass
        sys.path.append(os.path.abspath("two"))
        two = defer_runtime_import("space")
        sys.path[-1] = os.path.abspath("one")
        import_module_from_spec(defer_runtime_import("space"))
        first = import_module_from_spec(ModuleSpec("made_up", MadeUp()))
        assert import_module_from_spec(ModuleSpec("made_up", MadeUp())) is first
        for spec in (two, ModuleSpec("made_up", Otherwise())):
            try:
                import_module_from_spec(spec)
            except ModuleSpecConflictError as error:
                print(str(error).replace(os.getcwd(), "").replace(os.sep, "/"))
    """
    assert world.run(code).splitlines() == [
        "space was to be imported from /two/space, but is already loaded from /one/space",
        "made_up was to be imported from a Otherwise, but is already loaded from a MadeUp",
    ]


def test_a_spec_is_imported_as_the_import_system_would(world: World) -> None:
    """Packages first, each once, bound in the one that it is in; what fails leaves nothing behind."""
    world.write({**HEAVY, "failing.py": "import heavy.sub.leaf\n1 / 0"})
    code = """
        import sys
        from deferred_imports import machinery
        spec = machinery.defer_runtime_import("heavy.sub.leaf")
        leaf = machinery.import_module_from_spec(spec)
        assert leaf is sys.modules["heavy"].sub.leaf and leaf.__spec__ is spec
        assert machinery.import_module_from_spec(spec) is leaf
        try:
            machinery.import_module_from_spec(machinery.defer_runtime_import("failing"))
        except ZeroDivisionError:
            print("failing" in sys.modules)
        sys.modules["failing"] = None
        try:
            machinery.import_module_from_spec(spec.__class__("failing", spec.loader))
        except ModuleNotFoundError as error:
            print(error)
    """
    halted = "import of failing halted; None in sys.modules"
    assert world.run(code).splitlines() == ["heavy", "heavy.sub", "heavy.sub.leaf", "False", halted]


def test_threads_share_declarations_and_imports(world: World) -> None:
    """Twenty threads that declare and import the same: one entry, every importer, and each module runs once."""
    world.write(
        {"slow/__init__.py": "", "slow/leaf.py": "import time; print('runs'); time.sleep(0.2); complete = True"}
    )
    code = """
        import sys, threading
        from deferred_imports import iter_deferred_imports, machinery
        sys.setswitchinterval(1e-6)
        start, seen, errors = threading.Barrier(20), [], []
        def work(number):
            try:
                start.wait()
                for other in range(50):
                    machinery.defer_runtime_import("json", importing_name=f"weather.m{other}")
                spec = machinery.defer_runtime_import("slow.leaf", importing_name=f"weather.m{number}")
                seen.append(machinery.import_module_from_spec(spec).complete)
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(errors, seen == [True] * 20)
        for entry in iter_deferred_imports():
            print(entry.module, len(entry.importers), len(set(entry.importers)))
    """
    assert world.run(code).splitlines() == ["runs", "[] True", "json 50 50", "slow.leaf 20 20"]


def test_an_eager_package_resolves_what_it_declares(world: World) -> None:
    """While it is being imported, that waits until it has been; afterwards it happens at the declaration."""
    world.write({"user.py": "import weather; print('user', weather.complete)", "broken.py": "1 / 0"})
    world.write({"weather/__init__.py": f"{DECLARE}defer_runtime_import('user')\ncomplete = True"})
    code = f"""{START}
print("imported")
machinery.defer_runtime_import("csv", importing_name="weather")
print("csv" in sys.modules)
try:
    machinery.defer_runtime_import("broken", importing_name="weather")
except ImportError as error:
    print(error)
"""
    assert world.run(code, env={"PYDEFER_EAGER": "weather"}).splitlines() == [
        "user True",
        "imported",
        "True",
        "1 deferred import failed:",
        "  weather: broken: ZeroDivisionError: division by zero",
    ]


def test_resolutions_are_traced(world: World) -> None:
    """`PYDEFER_TRACE` tells of them as of all others: what, and the line that asked."""
    world.write(HEAVY)
    code = "from deferred_imports.machinery import *\ndefer_runtime_import('heavy')\nresolve_deferred_imports()"
    done = world.start(code, env={"PYDEFER_TRACE": "1"})
    assert done.stderr.startswith("deferred-imports: __main__: heavy, ")
    assert done.stderr.endswith(" ms, <string>:3\n")


def test_what_is_resolved_is_listed_no_more(world: World) -> None:
    """As in the thread's own sketch: after `resolve_now()` nothing is deferred, by a plain import neither."""
    world.write({"one.py": "", "two.py": "", "gone.py": ""})
    code = """
        from deferred_imports import machinery, resolve_now
        for name in ("one", "two", "gone"):
            machinery.defer_runtime_import(name)
        def listed():
            return [name for name, _, _ in machinery.iter_deferred_imports()]
        print(listed())
        import one
        print(listed())
        machinery.resolve_deferred_import("two")
        print(listed())
        resolve_now()
        print(listed())
    """
    assert world.run(code).splitlines() == ["['one', 'two', 'gone']", "['two', 'gone']", "['gone']", "[]"]


def test_the_module_is_there_without_an_import_of_its_own(world: World) -> None:
    """`import deferred_imports` is enough for `deferred_imports.machinery` and the other public modules."""
    code = """
        import deferred_imports
        print(deferred_imports.machinery.defer_runtime_import("wave").name)
        print(deferred_imports.testing.__name__, {"machinery", "prefetch", "testing"} <= {*dir(deferred_imports)})
    """
    assert world.run(code).splitlines() == ["wave", "deferred_imports.testing True"]


def test_threads_that_import_from_specs_leave_the_finders_alone(world: World) -> None:
    """While modules are imported from specs that were found before, other threads find what they look for."""
    world.write({f"m{i}.py": "" for i in range(60)} | {f"n{i}.py": "" for i in range(60)})
    code = """
        import sys, threading
        from deferred_imports import machinery
        sys.setswitchinterval(1e-6)
        before, errors = [*sys.meta_path], []
        specs = [machinery.defer_runtime_import(f"m{i}") for i in range(60)]
        def run(function, arguments):
            try:
                for argument in arguments:
                    function(argument)
            except BaseException as error:
                errors.append(error)
        plain = [f"n{i}" for i in range(60)]
        work = [(machinery.import_module_from_spec, specs), (__import__, plain), (__import__, plain[::-1])]
        threads = [threading.Thread(target=run, args=arguments) for arguments in work]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(errors, sys.meta_path == before)
    """
    assert world.run(code) == "[] True"
