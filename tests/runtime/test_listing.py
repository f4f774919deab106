"""`iter_deferred_imports` lists what is declared, by whom, and its state."""

import pytest

from worlds import World


@pytest.fixture
def weather(world: World) -> World:
    """A package with an entry for each state."""
    world.write({"heavy.py": "class Thing: pass\n", "other.py": "", "broken.py": "raise OSError('no licence')\n"})
    world.package(
        """
        [tool.deferred-imports.imports]
        Thing = { module = "heavy:Thing", groups = ["b", "a"] }
        broken = "broken"
        either = ["nonsuch", "other"]
        gone = { module = "nonsuch_too", extra = "plot" }
        heavy = "heavy"
        winreg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
        """,
        {"__init__.py": "from weather import _deferred\n"},
        project='dependencies = ["heavy", "nonsuch", "other", "broken"]\noptional-dependencies.plot = ["nonsuch_too"]',
    )
    return world


STATES = """
from deferred_imports import iter_deferred_imports, resolve_now
def states():
    print(*(f"{entry.name}={entry.state}" for entry in iter_deferred_imports()))
"""


def test_the_state_tells_what_has_become_of_it(weather: World) -> None:
    """Pending, resolved, failed when last tried, or excluded by its marker; each look is a new one."""
    code = (
        STATES
        + """
import weather
states()
weather._deferred.Thing
states()
resolve_now(on_error="report")
states()
import importlib, pathlib
pathlib.Path("nonsuch_too.py").write_text("")
pathlib.Path("broken.py").write_text("mended = True")
importlib.invalidate_caches()
states()
resolve_now()
states()
"""
    )
    assert weather.run(code).splitlines() == [
        "Thing=pending broken=pending either=pending gone=pending heavy=pending winreg=excluded",
        "Thing=resolved broken=pending either=pending gone=pending heavy=resolved winreg=excluded",
        "Thing=resolved broken=failed either=resolved gone=failed heavy=resolved winreg=excluded",
        "Thing=resolved broken=failed either=resolved gone=failed heavy=resolved winreg=excluded",
        "Thing=resolved broken=resolved either=resolved gone=resolved heavy=resolved winreg=excluded",
    ]


def test_a_plain_import_resolves_it_too(weather: World) -> None:
    """Whoever has imported the module has resolved it; a module that is being imported has not been."""
    weather.write({"other.py": "states()\n"})
    code = STATES + "import builtins, weather; builtins.states = states; import other; states()"
    lines = [line.split()[2] for line in weather.run(code).splitlines()]
    assert lines == ["either=pending", "either=resolved"]


def test_a_later_candidate_does_not_stand_for_an_earlier_one(weather: World) -> None:
    """Where the first is there but not loaded, it is what an access imports: so the entry is pending, and resolved."""
    weather.write({"nonsuch.py": ""})
    code = (
        STATES + "import weather, other; states(); print(*resolve_now('weather', on_error='report').resolved); states()"
    )
    first, resolved, last = weather.run(code).splitlines()
    assert (first.split()[2], last.split()[2]) == ("either=pending", "either=resolved")
    assert "either = nonsuch or other" in resolved


def test_it_tells_why_it_failed(weather: World) -> None:
    """The last attempt's error is kept as text, until an attempt succeeds."""
    code = """
        import weather
        from deferred_imports import iter_deferred_imports, resolve_now
        resolve_now(on_error="report")
        for entry in iter_deferred_imports():
            if entry.failure:
                print(entry.name, entry.failure)
    """
    text = "weather needs nonsuch_too for 'gone' (declared in [tool.deferred-imports])"
    assert weather.run(code).splitlines() == ["broken no licence", f'gone {text}: pip install "weather[plot]"']


def test_entries_show_what_they_are(weather: World) -> None:
    """An entry's representation names the package, the name, the targets and the state."""
    code = """
        import weather
        from deferred_imports import iter_deferred_imports
        print(*iter_deferred_imports(), sep="\\n")
    """
    assert weather.run(code).splitlines() == [
        "<DeferredImport weather: Thing = heavy:Thing (pending)>",
        "<DeferredImport weather: broken = broken (pending)>",
        "<DeferredImport weather: either = nonsuch or other (pending)>",
        "<DeferredImport weather: gone = nonsuch_too (pending)>",
        "<DeferredImport weather: heavy = heavy (pending)>",
        "<DeferredImport weather: winreg = winreg (excluded)>",
    ]


def test_listing_imports_nothing(weather: World) -> None:
    """Neither of what is listed nor of the package, and modules that are not modules do no harm."""
    code = """
        import sys
        class Odd:
            @property
            def __dict__(self): raise ZeroDivisionError
            def __getattr__(self, name): raise ZeroDivisionError
        class Slotted: __slots__ = ()
        sys.modules.update(odd=Odd(), slotted=Slotted(), nothing=None, number=3)
        from deferred_imports import iter_deferred_imports
        before = set(sys.modules)
        print(len(list(iter_deferred_imports("weather"))), len(list(iter_deferred_imports())))
        print({name for name in set(sys.modules) - before if not name.startswith("deferred_imports.")})
    """
    assert weather.run(code).splitlines() == ["6 0", "set()"]


def test_a_registry_under_two_names_is_listed_once(weather: World) -> None:
    """What stands in `sys.modules` under several names is one registry."""
    code = """
        import sys, weather
        sys.modules["alias"] = weather._deferred
        from deferred_imports import iter_deferred_imports
        print(len(list(iter_deferred_imports())))
    """
    assert weather.run(code) == "6"


def test_the_registry_is_read_once(weather: World) -> None:
    """As long as a registry stays the same, so do its entries: a second look costs no parsing."""
    code = """
        import weather, importlib
        from deferred_imports import iter_deferred_imports
        first = list(iter_deferred_imports())
        print(all(a is b for a, b in zip(first, iter_deferred_imports("weather"))))
        importlib.reload(weather._deferred)
        print(any(a is b for a, b in zip(first, iter_deferred_imports())))
    """
    assert weather.run(code).split() == ["True", "False"]


def test_what_was_listed_before_the_import_is_resolved_after_it(weather: World) -> None:
    """Entries of a package that is not imported yet can be resolved, and tell from then on what has become of them."""
    code = """
        from deferred_imports import iter_deferred_imports, resolve_now
        entries = {entry.name: entry for entry in iter_deferred_imports("weather")}
        print(entries["heavy"].resolve().__name__, entries["heavy"].state, entries["heavy"].is_pending)
        resolve_now("weather", on_error="report")
        print(*(f"{entry.state}={entry.is_pending}" for entry in entries.values()))
    """
    assert weather.run(code).splitlines() == [
        "heavy resolved False",
        "resolved=False pending=True resolved=False pending=True resolved=False excluded=False",
    ]


def test_what_has_failed_is_failed(weather: World) -> None:
    """Also where the module is there and only the attribute is not; and `is_pending` says the same as `state`."""
    weather.package('imports = { nope = "wave:nope", opens = "wave:open" }', package="other")
    code = """
        import other._deferred
        from deferred_imports import iter_deferred_imports, resolve_now
        entries = list(iter_deferred_imports("other"))
        print([(entry.state, entry.is_pending) for entry in entries])
        import wave
        print([(entry.state, entry.is_pending) for entry in entries])
        report = resolve_now("other", on_error="report")
        print([item.entry.name for item in report.resolved + report.missing], len(report.skipped))
        print([(entry.state, entry.is_pending) for entry in entries])
    """
    assert weather.run(code).splitlines() == [
        "[('pending', True), ('pending', True)]",
        "[('pending', True), ('resolved', False)]",
        "['nope'] 1",
        "[('failed', True), ('resolved', False)]",
    ]


def test_an_entry_whose_registry_is_gone_still_resolves(weather: World) -> None:
    """When somebody has dropped the registry from `sys.modules` it is imported anew."""
    code = """
        import sys, weather._deferred
        from deferred_imports import iter_deferred_imports
        entry = next(entry for entry in iter_deferred_imports() if entry.name == "heavy")
        del sys.modules["weather._deferred"], weather._deferred
        print(entry.resolve().__name__)
    """
    assert weather.run(code) == "heavy"


def test_native_is_checked(weather: World) -> None:
    """What is neither a truth value nor "all" is an error, as in `resolve_now`."""
    error = weather.error("from deferred_imports import iter_deferred_imports; iter_deferred_imports(native='al')")
    assert error == 'ValueError: native: expected True, False or "all", got "al"'


def test_threads_that_read_a_registry_at_once_get_the_same_entries(weather: World) -> None:
    """What one of them notes, as a failure, all of them see."""
    code = """
        import sys, threading, weather
        from deferred_imports import _registries, iter_deferred_imports
        sys.setswitchinterval(1e-6)
        for _ in range(20):
            _registries._read.clear()
            found, begin = set(), threading.Barrier(4)
            def list_them():
                begin.wait()
                found.add(tuple(iter_deferred_imports()))
            threads = [threading.Thread(target=list_them) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert len(found) == 1
    """
    weather.run(code)
