"""Native lazy imports (PEP 810) on Python 3.15: `resolve_now` resolves what is outstanding, and listings show it."""

import sys

import pytest

from worlds import World

NATIVE = pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports came with Python 3.15")

# What most programs here begin with. `show` prints what became of native imports, each as "module: name or target".
BEGIN = """
import sys, weather._deferred
from deferred_imports import DeferredImportError, NativeImport, iter_deferred_imports, resolve_now

def proxies(name):
    return sorted(key for key, value in vars(sys.modules[name]).copy().items() if type(value).__name__ == "lazy_import")

def show(**kinds):
    for kind, entries in kinds.items():
        print(f"{kind}:")
        for entry in entries:
            if isinstance(entry, NativeImport):
                print(f"  {''.join(entry.importers)}: {entry.name or entry.targets[0]}")

def show_resolution(resolution):
    for kind in ("resolved", "missing", "broken"):
        if items := getattr(resolution, kind):
            show(**{kind: [item.entry for item in items]})
"""
# The packages here declare this one, and what the tests are about is native.
TABLE = 'imports.leaf = "leaf"'
# Modules that say that they run.
MODULES = {
    f"{name.replace('.', '/')}.py": f"print('runs {name}')\nvalue = 1"
    for name in (
        "leaf",
        "alpha",
        "pkg.beta",
        "pkg.gamma",
        "pkg.delta",
        "pkg.epsilon",
        "pkg.zeta",
        "eta",
        "iota",
        "kappa",
    )
} | {"pkg/__init__.py": ""}
FORMS = """
lazy import alpha
lazy import alpha as renamed
lazy import pkg.beta
lazy import pkg.gamma
lazy import pkg.delta as delta
lazy from pkg.epsilon import value
lazy from pkg import zeta
lazy from . import nested
lazy from .other import thing as item
__lazy_modules__ = ["eta"]
if True:
    import eta
"""
PACKAGE = {
    "forms.py": FORMS,
    "nested.py": "lazy import iota\nlazy from . import deeper",
    "deeper.py": "lazy import kappa",
    "other.py": "thing = 2",
}


@pytest.fixture
def world(world: World) -> World:
    """A world with the modules that the packages here import."""
    world.write(MODULES)
    return world


@NATIVE
def test_every_form_is_resolved(world: World) -> None:
    """Names are bound, submodules loaded, and what comes to light by that is resolved, too; each body runs once."""
    world.package(TABLE, PACKAGE)
    code = f"""{BEGIN}
import weather.forms
show_resolution(resolve_now())
print(*[proxies(name) for name in ("weather.forms", "weather.nested", "weather.deeper")], len(resolve_now().resolved))
forms = vars(weather.forms)
assert forms["renamed"] is forms["alpha"] is sys.modules["alpha"]
assert (forms["pkg"].beta, forms["pkg"].gamma, forms["value"], forms["item"]) == (
    sys.modules["pkg.beta"], sys.modules["pkg.gamma"], 1, 2
)
"""
    lines = world.run(code).splitlines()
    assert sorted(line for line in lines if line.startswith("runs")) == sorted(
        f"runs {name[:-3].replace('/', '.')}" for name in MODULES if name != "pkg/__init__.py"
    )
    assert [line for line in lines if not line.startswith("runs")] == [
        "resolved:",
        "  weather.forms: alpha",
        "  weather.forms: zeta",
        "  weather.forms: nested",
        "  weather.forms: eta",
        "  weather.forms: pkg",
        "  weather.forms: delta",
        "  weather.forms: value",
        "  weather.forms: item",
        "  weather.forms: pkg.beta",
        "  weather.forms: renamed",
        "  weather.nested: iota",
        "  weather.nested: deeper",
        "  weather.deeper: kappa",
        "[] [] [] 0",
    ]


@NATIVE
def test_what_is_outstanding_is_listed(world: World) -> None:
    """Each with the name, the target, the module, the file that declares it and its state; nothing is imported."""
    world.package(TABLE, {"core.py": "lazy import alpha\nlazy from pkg.beta import value as v\nlazy import pkg.delta"})
    code = f"""{BEGIN}
import os, weather.core
def listing():
    for entry in list(iter_deferred_imports(native=True))[1:]:
        print(entry.name, entry.targets, entry.module, entry.package, entry.importers, entry.state)
        print(entry.file[len(os.getcwd()):], repr(entry))
before = set(sys.modules)
listing()
after = {{name for name in sys.modules if not name.startswith("deferred_imports.")}}
print(after - before - {{"_types", "gc"}}, proxies("weather.core"))
print(len(list(iter_deferred_imports())), len(list(iter_deferred_imports("weather", native=True))))
weather.core.alpha
listing()
"""
    pending = [
        "v ('pkg.beta:value',) pkg.beta weather ('weather.core',) pending",
        "/weather/core.py <NativeImport weather.core: v = pkg.beta:value (pending)>",
        "pkg ('pkg.delta',) pkg.delta weather ('weather.core',) pending",
        "/weather/core.py <NativeImport weather.core: pkg = pkg.delta (pending)>",
    ]
    assert world.run(code).splitlines() == [
        "alpha ('alpha',) alpha weather ('weather.core',) pending",
        "/weather/core.py <NativeImport weather.core: alpha = alpha (pending)>",
        *pending,
        "set() ['alpha', 'pkg', 'v']",
        "1 4",
        "runs alpha",
        *pending,
    ]


@NATIVE
def test_failures_are_collected_once(world: World) -> None:
    """By target, as missing or broken, with the line that declares it; a broken body runs once in a call."""
    world.write(
        {"broken.py": "print('runs broken')\n1 / 0", "needy.py": "import nowhere", "picky.py": "raise ImportError"}
    )
    world.package(
        TABLE,
        {
            "core.py": """
                lazy import nowhere
                lazy import broken
                lazy import pkg.nothing
                lazy from alpha import nothing
                lazy import needy
                lazy import picky
            """,
            "more.py": "lazy import nowhere as n\nlazy import broken as b\nlazy import alpha",
        },
    )
    code = f"""{BEGIN}
import os, weather.core, weather.more
try:
    resolve_now()
except DeferredImportError as error:
    print(str(error).replace(os.getcwd(), ""))
    show_resolution(error.resolution)
print(proxies("weather.core"), proxies("weather.more"))
print(*[entry.state for entry in iter_deferred_imports(native=True)])
for name in ("nowhere", "pkg/nothing", "broken", "picky"):
    open(f"{{name}}.py", "w").close()
import importlib
importlib.invalidate_caches()
sys.modules["alpha"].nothing = 0
show_resolution(resolve_now())
"""
    remedy = "install the distribution that provides it"
    where = "(lazy import in /weather/core.py"
    assert world.run(code).splitlines() == [
        *("runs leaf", "runs broken", "runs alpha"),
        "6 deferred imports failed:",
        f'  weather.core needs nowhere for "nowhere" {where}, line 2): {remedy}',
        f'  weather.core needs nothing of alpha for "nothing" {where}, line 5): {remedy}',
        f'  weather.core needs pkg.nothing for "pkg" {where}): {remedy}',
        "  weather: broken = broken: ZeroDivisionError: division by zero",
        "  weather: needy = needy: ModuleNotFoundError: No module named 'nowhere'",
        "  weather: picky = picky: ImportError",
        *("resolved:", "  weather.more: alpha"),
        *("missing:", "  weather.core: nowhere", "  weather.core: nothing", "  weather.core: pkg"),
        *("broken:", "  weather.core: broken", "  weather.core: needy", "  weather.core: picky"),
        "['broken', 'needy', 'nothing', 'nowhere', 'picky', 'pkg'] ['b', 'n']",
        "resolved failed failed failed failed failed failed pending pending",
        "resolved:",
        *("  weather.core: nowhere", "  weather.core: broken", "  weather.core: nothing", "  weather.core: needy"),
        *("  weather.core: picky", "  weather.core: pkg", "  weather.more: n", "  weather.more: b"),
    ]


@NATIVE
def test_what_the_table_says_holds_for_native_imports_too(world: World) -> None:
    """What is optional there is optional here, and what it declares is reported once, with its remedy."""
    world.package(
        """
        imports.absent = { module = "absent", extra = "plot" }
        imports.gone = "gone"
        """,
        {
            "core.py": """
                from ._deferred import __lazy_modules__
                import absent
                import gone
                from gone import things
                lazy from ._deferred import absent as again
            """
        },
        project='optional-dependencies.plot = ["absent"]\ndependencies = ["gone"]',
    )
    code = f"""{BEGIN}
import weather.core
resolution = resolve_now(on_error="report")
print(*[(item.entry.name, item.entry.optional) for item in resolution.missing], resolution.broken)
for entry in iter_deferred_imports(native=True):
    if isinstance(entry, NativeImport):
        declared = resolution.missing[entry.name in ("gone", "things")].entry
        print(entry.name, entry.optional, entry.extra, entry.remedy == declared.remedy)
"""
    assert world.run(code).splitlines() == [
        "('absent', True) ('gone', False) ('things', False) []",
        "absent True plot True",
        "gone False None True",
        "things False None True",
        "again True plot True",
    ]


@NATIVE
def test_only_the_packages_own_are_resolved(world: World) -> None:
    """Those of packages that are not selected stay, and so do submodules that only others wait for."""
    world.package(TABLE, {"core.py": "import pkg\nlazy import pkg.delta as delta\nlazy import alpha"})
    world.package(TABLE, {"core.py": "lazy import eta"}, package="climate")
    world.write({"other.py": "lazy import pkg.beta\nlazy import pkg.gamma\nlazy import iota"})
    code = f"""{BEGIN}
import weather.core, climate._deferred, climate.core, other
resolve_now("weather")
print(proxies("weather.core"), proxies("climate.core"), proxies("other"))
resolve_now()
print(proxies("climate.core"), proxies("other"), [name in sys.modules for name in ("pkg.beta", "pkg.gamma")])
"""
    assert world.run(code).splitlines() == [
        *("runs leaf", "runs alpha", "runs pkg.delta"),
        "[] ['eta'] ['iota', 'pkg']",
        "runs eta",
        "[] ['iota', 'pkg'] [False, False]",
    ]


@NATIVE
def test_all_of_the_process_are_resolved_when_asked_for(world: World) -> None:
    """Those of other packages, of scripts, and in the globals of `exec()`; what fails there is optional."""
    world.package(TABLE)
    world.write({"other.py": "lazy import pkg.beta\nlazy import pkg.gamma\nlazy import nowhere\nlazy import iota"})
    code = f"""{BEGIN}
lazy import eta
import other
exec("lazy import kappa\\nlazy from other import nothing", {{"__name__": "made_up"}})
def listing():  # apart from what Python itself, or a tool that looks on, has left outstanding
    tops = {{"pkg", "eta", "iota", "kappa", "nowhere", "other"}}
    return [entry for entry in iter_deferred_imports(native="all") if entry.module.partition(".")[0] in tops]
show(before=listing())
resolution = resolve_now(native="all")
print(proxies("other"), proxies("__main__"), proxies("site"), [name in sys.modules for name in ("pkg.beta", "kappa")])
print(*[item for item in resolution.missing if item.entry.module == "nowhere"], len(resolution.failures))
show(after=listing())
"""
    place = world.path / "other.py"
    remedy = "install the distribution that provides it"
    assert world.run(code).splitlines() == [
        *("before:", "  __main__: eta", "  other: pkg", "  other: nowhere", "  other: iota", "  other: pkg.beta"),
        "  : kappa",
        *("runs leaf", "runs eta", "runs iota", "runs kappa", "runs pkg.gamma", "runs pkg.beta"),
        "['nowhere'] [] [] [True, True]",
        f'other needs nowhere for "nowhere" (lazy import in {place}, line 3): {remedy} 0',
        *("after:", "  other: nowhere"),
    ]


@NATIVE
def test_selectors_limit_native_imports(world: World) -> None:
    """`importer=` to that module and what it imports in its package; a group has none."""
    world.package(
        'imports.leaf = { module = "leaf", groups = ["few"] }',
        {
            "cli.py": "from . import core\nlazy import alpha",
            "core.py": "lazy import eta",
            "other.py": "lazy import iota",
        },
        uses=".cli: leaf",
        graph=".cli: .core",
    )
    code = f"""{BEGIN}
import weather.cli, weather.other
show(group=iter_deferred_imports(group="few", native=True))
show(importer=iter_deferred_imports(importer="weather.cli", native=True))
resolve_now(group="few")
resolve_now(importer="weather.cli")
print(proxies("weather.cli"), proxies("weather.core"), proxies("weather.other"))
"""
    assert world.run(code).splitlines() == [
        "group:",
        *("importer:", "  weather.core: eta", "  weather.cli: alpha"),
        *("runs leaf", "runs eta", "runs alpha"),
        "[] [] ['iota']",
    ]


@NATIVE
def test_a_submodule_that_waits_behind_its_package_is_resolved(world: World) -> None:
    """Of `import a.b` and `import a.c` one has no name any more, even when `a` has been used already."""
    world.package(TABLE, {"core.py": "lazy import pkg.beta\nlazy import pkg.gamma\ndef use(): return pkg.value"})
    world.write({"pkg/__init__.py": "value = 0"})
    code = f"""{BEGIN}
import weather.core
weather.core.use()
print(proxies("weather.core"), [name in sys.modules for name in ("pkg", "pkg.beta", "pkg.gamma")])
show_resolution(resolve_now())
"""
    assert world.run(code).splitlines() == [
        "[] [True, False, False]",
        *("runs leaf", "runs pkg.beta", "runs pkg.gamma"),
        *("resolved:", "  weather.core: pkg.beta", "  weather.core: pkg.gamma"),
    ]


@NATIVE
def test_what_a_module_answers_itself_does_not_get_in_between(world: World) -> None:
    """Python 3.15.0 asks a module's own `__getattr__` before its lazy imports; the name is bound all the same."""
    world.package(TABLE, {"core.py": "lazy import alpha\ndef __getattr__(name): return 'anything'"})
    code = f"{BEGIN}import weather.core\nresolve_now()\nprint(vars(weather.core)['alpha'] is sys.modules['alpha'])"
    assert world.run(code).splitlines()[-1] == "True"


@NATIVE
def test_what_somebody_has_bound_meanwhile_stays(world: World) -> None:
    """A module may bind the name itself while it is imported; that is not overwritten."""
    world.package(TABLE, {"core.py": "lazy import taker"})
    world.write({"taker.py": "import weather.core\nvars(weather.core)['taker'] = 'mine'"})
    code = f"{BEGIN}import weather.core\nresolve_now()\nprint(weather.core.taker)"
    assert world.run(code).splitlines()[-1] == "mine"


@NATIVE
def test_modules_that_are_being_imported_are_left_alone(world: World) -> None:
    """They may need their imports to be lazy until they are complete; the report counts them as skipped."""
    world.write({"user.py": "import weather; weather.complete"})
    world.package(
        TABLE,
        {
            "__init__.py": """
                from . import _deferred
                lazy import user
                from deferred_imports import resolve_now
                print(*[item.entry.name for item in resolve_now().skipped])
                complete = True
            """
        },
    )
    code = f"{BEGIN}print(proxies('weather'))\nshow_resolution(resolve_now())"
    lines = ["runs leaf", "user", "['user']", "resolved:", "  weather: user"]
    assert world.run(code).splitlines() == lines


@NATIVE
def test_what_a_module_does_not_have_yet_is_not_missing(world: World) -> None:
    """It is broken, that is: a circle, when somebody resolves in the middle of importing it; later it works."""
    world.package(TABLE, {"core.py": "lazy from half import whole"})
    world.write(
        {
            "half.py": """
                import weather._deferred, weather.core
                from deferred_imports import resolve_now
                resolution = resolve_now(on_error="report")
                print(len(resolution.missing), len(resolution.broken))
                whole = 1
            """
        }
    )
    code = f"import half\n{BEGIN}show_resolution(resolve_now())"
    assert world.run(code).splitlines() == ["runs leaf", "0 1", "resolved:", "  weather.core: whole"]


@NATIVE
def test_what_is_in_sys_modules_is_not_outstanding(world: World) -> None:
    """Whoever has put it there: `sys.lazy_modules` goes on naming it."""
    world.package(TABLE, {"core.py": "lazy import pkg.beta\nlazy import pkg.gamma"})
    code = f"""{BEGIN}
import weather.core
sys.modules["pkg.beta"] = sys.modules["pkg.gamma"] = sys
print("pkg.beta" in sys.lazy_modules)
show(listed=iter_deferred_imports(native=True))
"""
    assert world.run(code).splitlines() == ["True", "listed:", "  weather.core: pkg"]


@NATIVE
def test_a_report_keeps_no_proxy(world: World) -> None:
    """A proxy would keep the code of its module alive as long as somebody has the report."""
    world.package(TABLE, {"core.py": "lazy import alpha"})
    code = f"""{BEGIN}
import gc, weather.core
def count():
    return sum(type(each).__name__ == "lazy_import" and "'alpha'" in repr(each) for each in gc.get_objects())
print(count())
resolution = resolve_now()
print(count())
"""
    assert world.run(code).splitlines() == ["1", "runs leaf", "runs alpha", "0"]


@NATIVE
def test_lazily_loaded_modules_stay_unloaded(world: World) -> None:
    """Looking for proxies does not load what `importlib.util.LazyLoader` has put into `sys.modules`."""
    world.package(TABLE, {"late.py": "print('runs late')", "core.py": "lazy import alpha"})
    code = f"""{BEGIN}
import importlib.util, weather.core
spec = importlib.util.find_spec("weather.late")
spec.loader = importlib.util.LazyLoader(spec.loader)
late = sys.modules["weather.late"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(late)
list(iter_deferred_imports(native="all"))
resolve_now()
print("loads it now")
late.__doc__
"""
    assert world.run(code).splitlines()[-2:] == ["loads it now", "runs late"]


@NATIVE
def test_a_reload_declares_anew(world: World) -> None:
    """The statements run again, and what they leave is resolved again."""
    world.package(TABLE, {"core.py": "lazy import alpha"})
    code = f"""{BEGIN}
import importlib, weather.core
resolve_now()
importlib.reload(weather.core)
print(proxies("weather.core"))
show_resolution(resolve_now())
"""
    assert world.run(code).splitlines()[2:] == ["['alpha']", "resolved:", "  weather.core: alpha"]


@NATIVE
def test_a_package_that_runs_itself_is_covered(world: World) -> None:
    """`python -m weather` calls its module `__main__`; its spec has the true name."""
    world.package(
        TABLE,
        {
            "__main__.py": """
                lazy import alpha
                from . import _deferred
                from deferred_imports import resolve_now
                if __name__ == "__main__":
                    resolve_now()
                    print(type(vars()["alpha"]).__name__)
            """
        },
    )
    code = "import runpy; runpy.run_module('weather', run_name='__main__', alter_sys=True)"
    assert world.run(code).splitlines() == ["runs leaf", "runs alpha", "module"]


@NATIVE
@pytest.mark.parametrize("workers", [1, 4])
def test_threads_come_to_the_same_result(world: World, workers: int) -> None:
    """With workers, and with six threads that all resolve: each body runs once, and no proxy is left."""
    world.package(TABLE, PACKAGE)
    code = f"""{BEGIN}
import threading, weather.forms
errors = []
def work():
    try:
        resolve_now(workers={workers}, native="all")
    except BaseException as error:
        errors.append(error)
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(errors, *[proxies(name) for name in ("weather.forms", "weather.nested", "weather.deeper")])
"""
    *ran, last = world.run(code).splitlines()
    assert sorted(ran) == sorted(f"runs {name[:-3].replace('/', '.')}" for name in MODULES if "__init__" not in name)
    assert last == "[] [] [] []"


@NATIVE
def test_resolutions_of_native_imports_are_traced(world: World) -> None:
    """`PYDEFER_TRACE` tells of those that we resolve, as of all others."""
    world.package(TABLE, {"core.py": "lazy import pkg.delta as delta"})
    done = world.start(f"{BEGIN}import weather.core\nresolve_now()", env={"PYDEFER_TRACE": "1"})
    assert [line.partition(",")[0] for line in done.stderr.splitlines()] == [
        "deferred-imports: weather: leaf = leaf",
        "deferred-imports: weather: delta = pkg.delta",
    ]


def test_programs_without_native_imports_load_nothing_for_them(world: World) -> None:
    """What knows of them is loaded for the first of them, and before Python 3.15 never; the argument is accepted."""
    world.package(TABLE, {"core.py": "import alpha"})
    code = """
import sys, weather._deferred, weather.core
from deferred_imports import iter_deferred_imports, resolve_now
list(iter_deferred_imports())
resolve_now()
resolve_now("weather")
if sys.version_info < (3, 15):
    list(iter_deferred_imports(native="all"))
    resolve_now(native="all")
print({"deferred_imports._native", "deferred_imports._outstanding"} & set(sys.modules))
"""
    assert world.run(code).splitlines() == ["runs alpha", "runs leaf", "set()"]


def test_the_argument_is_checked(world: World) -> None:
    """`native=` is True, False or "all", on every Python."""
    code = 'from deferred_imports import resolve_now\nresolve_now(native="every")'
    assert world.error(code) == 'ValueError: native: expected True, False or "all", got "every"'


def test_an_option_that_has_another_name_now(world: World) -> None:
    """`native=None`, which `True` was called once, still works, and says what to write."""
    code = """
        import warnings
        from deferred_imports import resolve_in_background, resolve_now
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            resolve_now(native=None)
        print(*[(warning.category.__name__, str(warning.message), warning.filename) for warning in caught])
    """
    said = "native=None is deprecated, it means True; leave it out"
    assert world.run(code) == f"('DeprecationWarning', '{said}', '<string>')"


@NATIVE
def test_native_lazy_imports_can_be_left_alone(world: World) -> None:
    """With `native=False` only what the registries declare is resolved."""
    world.write({"heavy.py": "", "other.py": ""})
    world.package('imports.heavy = "heavy"', {"__init__.py": "", "core.py": "lazy import other\n"})
    code = """
        import sys, weather._deferred, weather.core
        from deferred_imports import resolve_now
        print(len(resolve_now("weather", native=False).resolved), "other" in sys.modules)
        print(len(resolve_now("weather").resolved), "other" in sys.modules)
    """
    assert world.run(code) == "1 False\n1 True"


@NATIVE
def test_what_is_missing_is_found_before(world: World) -> None:
    """`find_missing` has what `resolve_now` would raise for: native imports of modules that are not there, too."""
    world.package(TABLE, {"__init__.py": "from . import _deferred as _deferred\nlazy import notthere\n"})
    code = f"""{BEGIN}
from deferred_imports import find_missing
print([entry.targets for entry in find_missing("weather")], find_missing("weather")[0].importers)
"""
    assert world.run(code) == "[('notthere',)] ('weather',)"


@NATIVE
def test_resolving_one_again_gives_it_again(world: World) -> None:
    """As an entry of a registry does, also where nothing is bound: of `import a.b` beside `import a.c`."""
    text = "lazy import alpha\nlazy from pkg.epsilon import value\nlazy import pkg.beta\nlazy import pkg.gamma\n"
    world.package(TABLE, {"__init__.py": text})
    code = f"""{BEGIN}
for entry in iter_deferred_imports("weather", native=True):
    if isinstance(entry, NativeImport):
        value = entry.resolve()
        print(entry.targets[0], getattr(value, "__name__", value), value is entry.resolve(), entry.state)
"""
    lines = [line for line in world.run(code).splitlines() if not line.startswith("runs")]
    assert lines == [
        "alpha alpha True resolved",
        "pkg.epsilon:value 1 True resolved",
        "pkg.gamma pkg True resolved",
        "pkg.beta pkg.beta True resolved",
    ]


@NATIVE
def test_what_a_process_pool_sends_home_is_still_a_native_import(world: World) -> None:
    """A report and its entries can be pickled; there the module is imported by its name, and nothing is bound."""
    world.package(
        TABLE, {"__init__.py": "lazy import alpha\nlazy from pkg.epsilon import value\nlazy import notthere\n"}
    )
    code = f"""{BEGIN}
import pickle, weather
report = resolve_now("weather", native=True, on_error="report")
sent = pickle.loads(pickle.dumps([report, *iter_deferred_imports("weather", native=True)]))
print(str(sent[0]).splitlines()[1:] == str(report).splitlines()[1:], sent[0].missing[0].is_missing)
for item in (*sent[0].resolved, *sent[0].missing):
    entry = item.entry
    if isinstance(entry, NativeImport):
        print(entry.targets[0], entry.state, entry.file == weather.__file__)
        try:
            print(getattr(entry.resolve(), "__name__", entry.resolve()))
        except ImportError as error:
            print(str(error).partition(" (")[0])
"""
    lines = [line for line in world.run(code).splitlines() if not line.startswith("runs")]
    assert lines == [
        "True True",
        "alpha resolved True",
        "alpha",
        "pkg.epsilon:value resolved True",
        "1",
        "notthere pending True",
        'weather needs notthere for "notthere"',
    ]
