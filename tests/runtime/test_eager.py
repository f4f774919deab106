"""Which packages are eager: the whole grammar of `PYDEFER_EAGER`, and `force_eager` beside it."""

import sys

import pytest

from worlds import Golden, World

# What prints which of the deferred modules are loaded once two packages have been imported.
LOADED = "import sys, weather, other; print(*sorted({'heavy', 'light'} & {*sys.modules}))"


@pytest.fixture
def two(world: World) -> World:
    """Two packages, `weather` that defers `heavy` and `other` that defers `light`."""
    world.write({"heavy.py": "", "light.py": ""})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from weather import _deferred"})
    world.package('imports.light = "light"', {"__init__.py": "from other import _deferred"}, package="other")
    return world


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        (None, ""),
        *((value, "") for value in ("", " ", "0", "false", "False", "FALSE", "no", "No", "off", "OFF", " 0 ")),
        *((value, "heavy light") for value in ("1", "true", "True", "TRUE", "yes", "Yes", "on", "ON", " on ", "*")),
        *((value, "heavy") for value in ("weather", " weather ", "weather,nonsuch", "weather,-other", "*, -other")),
        *((value, "light") for value in ("other", "-weather", "-weather.x, -weather", "*,-weather", "weather.x,other")),
        *((value, "heavy light") for value in ("weather,other", "other , weather", "-nonsuch", "-x,weather,other")),
        *((value, "") for value in ("nonsuch", "weath", "weathers", "WEATHER", "weather._deferred", "-weather,-other")),
    ],
    ids=repr,
)
def test_the_variable_says_which_packages_are_eager(two: World, value: str | None, loaded: str) -> None:
    """`PYDEFER_EAGER` takes a truth value, or packages of which the longest name that covers one decides."""
    # Some of them are not installed.
    flags = ["-W", "ignore::RuntimeWarning"]
    assert two.run(LOADED, env={} if value is None else {"PYDEFER_EAGER": value}, flags=flags) == loaded


@pytest.mark.parametrize(
    "environ",
    [
        "os._Environ({'PYDEFER_EAGER': '1'}, str.upper, str, str, str)",  # as on Windows: text, in capitals
        "{**os.environ, 'PYDEFER_EAGER': '1'}",  # as somebody may put there
        "collections.ChainMap({'PYDEFER_EAGER': '1'}, os.environ)",
    ],
    ids=["windows", "dict", "mapping"],
)
def test_the_variable_is_found_in_any_environment(two: World, environ: str) -> None:
    """Registries look it up in whatever `os.environ` is: the dictionary behind it need not be that of POSIX."""
    assert two.run(f"import collections, os; os.environ = {environ}\n{LOADED}") == "heavy light"


def test_what_the_variable_may_not_be_is_an_error(two: World, golden: Golden) -> None:
    """Anything else fails the import of each package, and `force_eager`, with the variable's name and its grammar."""
    code = """
        import os, sys
        from deferred_imports import force_eager
        for value in sys.argv[1:]:
            os.environ["PYDEFER_EAGER"] = value
            for attempt in (lambda: __import__("weather"), lambda: force_eager("weather")):
                try:
                    attempt()
                except ValueError as error:
                    print(error)
            assert os.environ["PYDEFER_EAGER"] == value and "weather" not in sys.modules
    """
    values = ["2", "-1", "maybe so", "weather;x", "weather,", ",", "-", "--weather", "-*", "1,weather", "weather,Yes"]
    values += ["-weather,weather", "nul\\"]
    messages = two.run(code, *values).splitlines()
    grammar = [message.partition("; did you mean")[0] for message in messages]
    assert grammar[::2] == grammar[1::2] == [messages[0].replace('"2"', f'"{value}"') for value in values]
    golden("eager-variable", messages[0])


def test_forcing_reaches_registries_that_are_there_and_those_to_come(two: World) -> None:
    """`force_eager()` resolves what is loaded at once, and whatever is loaded later as soon as it has been imported."""
    code = """
        import sys, weather
        from deferred_imports import force_eager
        print("heavy" in sys.modules)
        force_eager()
        print("heavy" in sys.modules, "light" in sys.modules)
        import other
        print("light" in sys.modules)
    """
    assert two.run(code).splitlines() == ["False", "True False", "True"]


def test_forcing_beats_the_variable(two: World) -> None:
    """What the program asks for counts, whatever the environment says."""
    for value in ("0", "-weather", "other,-weather"):
        code = "from deferred_imports import force_eager; force_eager('weather')\n" + LOADED
        assert two.run(code, env={"PYDEFER_EAGER": value}) == ("heavy light" if value[0] != "0" else "heavy")


def test_forcing_may_name_packages(two: World) -> None:
    """Named packages are eager with all below them, others stay as they were."""
    assert two.run("from deferred_imports import force_eager; force_eager('weather')\n" + LOADED) == "heavy"
    assert two.run("from deferred_imports import force_eager; force_eager('weather.cli')\n" + LOADED) == ""
    assert (
        two.run("from deferred_imports import force_eager; force_eager('other', 'weather')\n" + LOADED) == "heavy light"
    )


def test_only_packages_can_be_forced(two: World) -> None:
    """What cannot be the name of a package is an error and has no effect."""
    code = """
        import os
        from deferred_imports import force_eager
        for name in ("", "-weather", "weather.", "a b", "true", "Off", None):
            try:
                force_eager("weather", name)
            except ValueError as error:
                print(error)
        print(os.environ.get("PYDEFER_EAGER"))
    """
    shown = ("", "-weather", "weather.", "a b", "true", "Off", "None")
    expected = [f'force_eager: expected the name of an import package, got "{name}"' for name in shown]
    assert two.run(code).splitlines() == [*expected, "None"]


def test_as_a_context_manager_it_restores_what_held_before(two: World) -> None:
    """When the block ends, packages are deferred again and the variable says what it said; blocks can be nested."""
    code = """
        import os
        from deferred_imports import force_eager
        from deferred_imports._eager import is_eager
        def state():
            print(is_eager("a"), is_eager("b"), is_eager("c"), os.environ.get("PYDEFER_EAGER"))
        state()
        with force_eager("a"):
            state()
            with force_eager("b"):
                state()
                with force_eager() as everything:
                    state()
                print(everything.packages)
                state()
            state()
        state()
    """
    for env, before in ({}, "None"), ({"PYDEFER_EAGER": "x,-a"}, "x,-a"), ({"PYDEFER_EAGER": "no"}, "no"):
        rest = "x," if before == "x,-a" else ""
        assert two.run(code, env=env, flags=["-W", "ignore::RuntimeWarning"]).splitlines() == [
            f"False False False {before}",
            f"True False False {rest}a",
            f"True True False {rest}a,b",
            "True True True 1",
            "()",
            f"True True False {rest}a,b",
            f"True False False {rest}a",
            f"False False False {before}",
        ]


def test_blocks_end_in_any_order(two: World) -> None:
    """Each block takes back what it asked for itself, and leaves what others have asked for or set meanwhile."""
    code = """
        import os
        from deferred_imports import force_eager
        first, second = force_eager("a"), force_eager("b")
        first.__exit__(None, None, None)
        print(os.environ["PYDEFER_EAGER"])
        first.__exit__(None, None, None)
        print(os.environ["PYDEFER_EAGER"])
        os.environ["PYDEFER_EAGER"] = "c,-b"
        third = force_eager("d")
        print(os.environ["PYDEFER_EAGER"])
        second.__exit__(None, None, None)
        print(os.environ["PYDEFER_EAGER"])
        third.__exit__(None, None, None)
        print(os.environ["PYDEFER_EAGER"])
    """
    flags = ["-W", "ignore::RuntimeWarning"]
    assert two.run(code, flags=flags).splitlines() == ["b", "b", "c,b,d", "c,d,-b", "c,-b"]


def test_forcing_that_fails_has_no_effect(two: World) -> None:
    """When required imports of loaded registries fail, the error lists them, and nothing is eager because of it."""
    two.package('imports.gone = "gone"', {"__init__.py": "from third import _deferred"}, package="third")
    code = """
        import os, third
        from deferred_imports import DeferredImportError, force_eager
        try:
            force_eager()
        except DeferredImportError as error:
            print(error)
        print(os.environ.get("PYDEFER_EAGER"))
        import sys, weather
        print("heavy" in sys.modules)
    """
    assert two.run(code).splitlines() == [
        "1 deferred import failed:",
        "  third needs gone for 'gone' (declared in [tool.deferred-imports]): pip install gone",
        "None",
        "False",
    ]


def test_child_processes_inherit_what_was_forced(two: World) -> None:
    """The variable tells the children of this process, and they tell theirs."""
    code = f"""
        import subprocess, sys
        from deferred_imports import force_eager
        def child():
            print(subprocess.run([sys.executable, "-c", {LOADED!r}], capture_output=True, text=True).stdout.strip())
        child()
        with force_eager("other"):
            child()
        child()
    """
    assert two.run(code, env={"PYDEFER_EAGER": "weather"}).splitlines() == ["heavy", "heavy light", "heavy"]


def test_forcing_in_the_middle_of_an_import_waits_for_its_end(two: World) -> None:
    """A package that is being imported is resolved when it is complete, also when it forces itself."""
    two.write(
        {
            "heavy.py": "import weather; print('heavy', weather.last)",
            "weather/__init__.py": """
                from weather import _deferred
                from deferred_imports import force_eager
                force_eager("weather")
                last = 1
            """,
        }
    )
    assert two.run("import weather; print('done')").splitlines() == ["heavy 1", "done"]


@pytest.mark.parametrize(
    "word",
    ["ture", "tru", "True1", "flase", "yess", "all", "ALL", "y", "t", "enabled", "enbaled", "disable", "of", "other,n"],
)
def test_a_word_that_looks_like_a_boolean_is_an_error(two: World, word: str) -> None:
    """A boolean gone wrong does not pass for the name of a package: that nothing is eager would show in production."""
    error = two.error("import weather", env={"PYDEFER_EAGER": word})
    assert error.startswith(f'ValueError: PYDEFER_EAGER="{word}": expected 1, true, yes or on;')
    assert "is installed" in error


def test_no_value_acts_on_a_terminal(two: World) -> None:
    """What a terminal would obey is escaped in the messages about each of the variables, and what is long is cut."""
    for name in ("PYDEFER_EAGER", "PYDEFER_TRACE", "PYDEFER_PREFETCH"):
        done = two.start("import weather; weather._deferred.heavy", env={name: f"\x1b[2J\r\n\u202e{'x' * 4000}"})
        (message,) = [line for line in done.stderr.splitlines() if f"{name}=" in line]
        assert f'{name}="\\x1b[2J\\r\\n\\u202exxx' in message
        assert '...": expected ' in message
        assert len(message) < 1500


def test_a_package_may_have_such_a_name(two: World) -> None:
    """What is installed is a package, whatever it is called."""
    two.write({"tree.py": "", "y/__init__.py": ""})
    assert two.run(LOADED, env={"PYDEFER_EAGER": "tree,y,weather"}) == "heavy"


def test_a_package_that_is_not_installed_is_warned_of_once(two: World) -> None:
    """Once for each value, with what was probably meant; the packages that are there are eager all the same."""
    code = """
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import weather, other
        print(*[str(warning.message) for warning in caught], sep="\\n")
        from deferred_imports._eager import is_eager
        print(is_eager("weather"))
    """
    lines = two.run(code, env={"PYDEFER_EAGER": "weather,demo_pgk,-wether"}).splitlines()
    value = 'PYDEFER_EAGER="weather,demo_pgk,-wether"'
    assert lines == [
        f'{value}: no package "demo_pgk" is installed',
        f'{value}: no package "wether" is installed; did you mean "weather"?',
        "True",
    ]


def test_the_name_of_a_distribution_tells_which_package_is_meant(world: World) -> None:
    """Operators know the name to install; wherever a package is expected, the error says which it is."""
    world.package('imports.js = "json"', {"__init__.py": "from . import _deferred as _deferred"}, package="cool_tool")
    world.package('imports.js = "json"', package="tool", project='name = "My.Tool"')
    hint = 'got "cool-tool"; did you mean "cool_tool"?'
    assert world.error("from deferred_imports import resolve_now; resolve_now('cool-tool')").endswith(hint)
    assert world.error("from deferred_imports import force_eager; force_eager('cool-tool')").endswith(hint)
    env = {"PYDEFER_EAGER": "cool-tool"}
    assert world.error("import cool_tool", env=env).endswith('; did you mean "cool_tool"?')
    code = "import tool._deferred; from deferred_imports import find_missing; find_missing('my-tool')"
    assert world.error(code).endswith('did you mean "tool"?')
    world.write({"My.Tool-1.dist-info/METADATA": "Name: My.Tool\nVersion: 1\n"})
    world.write({"My.Tool-1.dist-info/deferred-imports.json": '{"package": "tool"}'})
    for call in ("resolve_now", "find_missing", "force_eager", "iter_deferred_imports", "resolve_in_background"):
        code = f"import deferred_imports; deferred_imports.{call}('my-tool')"
        assert world.error(code).endswith('did you mean "tool"?'), call


def test_threads_that_force_at_the_same_time_leave_nothing_behind(two: World) -> None:
    """Each block takes back its own, whatever others do between any two lines of it."""
    code = """
        import os, sys, threading
        from deferred_imports import force_eager
        sys.setswitchinterval(1e-6)
        def work(name):
            for _ in range(100):
                with force_eager(name):
                    pass
        for _ in range(5):
            threads = [threading.Thread(target=work, args=(f"p{i}",)) for i in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(os.environ.get("PYDEFER_EAGER"))
    """
    assert two.run(code).split() == ["None"] * 5


def test_forcing_holds_when_somebody_clears_the_environment(two: World) -> None:
    """What the program asked for does not hang on the variable: a test may have patched the environment."""
    code = f"""
        import os
        from unittest import mock
        from deferred_imports import force_eager
        force_eager("weather")
        with mock.patch.dict(os.environ, clear=True):
            {LOADED}
    """
    assert two.run(code) == "heavy"


# What stays deferred all the same

STAYS = """
imports.cs = "colorsys"
imports.driver = { module = "driver", eager = false }
imports.backend = { module = "driver.backend", eager = false, groups = ["gui"] }
"""
DRIVER = {"driver/__init__.py": "", "driver/backend.py": ""}
THERE = 'print(sorted({"colorsys", "driver", "driver.backend"} & sys.modules.keys()))\n'


@pytest.mark.parametrize("how", ["variable", "call"])
def test_what_stays_deferred_in_an_eager_package(how: str, world: World) -> None:
    """With `eager = false` an import waits for its use, or for somebody who names it, and listings say so."""
    world.write(DRIVER)
    world.package(STAYS, {"__init__.py": "from . import _deferred as _deferred\n"})
    code = """
    import sys
    from deferred_imports import force_eager, iter_deferred_imports, resolve_now
    if {call}:
        force_eager("weather")
    import weather
    {loaded}
    print({{entry.name: (entry.eager, entry.state) for entry in iter_deferred_imports("weather")}})
    weather._deferred.driver
    {loaded}
    resolve_now("weather", group="gui")
    {loaded}
    """.format(call=how == "call", loaded=THERE.strip())
    env = {"PYDEFER_EAGER": "weather"} if how == "variable" else {}
    states = {"backend": (False, "pending"), "cs": (True, "resolved"), "driver": (False, "pending")}
    lines = world.start(code, env=env).stdout.splitlines()
    assert lines[0] == "['colorsys']"
    assert eval(lines[1]) == states  # noqa: S307 - what the program printed, a dictionary of plain values
    assert lines[2:] == ["['colorsys', 'driver']", "['colorsys', 'driver', 'driver.backend']"]


def test_a_plain_resolve_now_leaves_nothing_out(world: World) -> None:
    """`resolve_now()` was asked for: it resolves what eager packages leave."""
    world.write(DRIVER)
    world.package(STAYS)
    code = f"import sys, weather._deferred\nfrom deferred_imports import resolve_now\nresolve_now()\n{THERE}"
    assert world.start(code).stdout == "['colorsys', 'driver', 'driver.backend']\n"


@pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports came with Python 3.15")
def test_what_stays_natively_lazy(world: World) -> None:
    """On 3.15, what a module imports under `__lazy_modules__` stays lazy where the table says so."""
    world.write(DRIVER)
    files = {
        "__init__.py": "from . import _deferred as _deferred\nfrom . import cli\n",
        "cli.py": "from ._deferred import __lazy_modules__\nimport colorsys\nimport driver.backend\n",
        "later.py": "from ._deferred import __lazy_modules__\nimport driver.backend\n",
    }
    world.package(STAYS, files)
    code = f"import sys, weather\n{THERE}import weather.later\n{THERE}weather.later.driver.backend\n{THERE}"
    done = world.start(code, env={"PYDEFER_EAGER": "1"})
    assert done.stdout.splitlines() == ["['colorsys']", "['colorsys']", "['colorsys', 'driver', 'driver.backend']"]
