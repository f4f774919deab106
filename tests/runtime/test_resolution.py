"""`resolve_now` imports all that is pending, in an order that works, and leaves nothing half done."""

import pytest

from worlds import World

# Modules note here that their body runs.
RUNS = {"runs.py": "names = []\n"}


def noting(name: str, more: str = "") -> str:
    return f"import runs\nruns.names.append({name!r})\n{more}\n"


def test_parents_are_imported_before_children(world: World) -> None:
    """A package comes before its submodules, wherever the table has them, and otherwise the table's order holds."""
    world.write(
        RUNS
        | {"pkg/__init__.py": noting("pkg"), "pkg/sub/__init__.py": noting("pkg.sub"), "other.py": noting("other")}
        | {"pkg/sub/mod.py": noting("pkg.sub.mod")}
    )
    world.package(
        """
        imports.mod = "pkg.sub.mod"
        imports.sub = "pkg.sub"
        imports.other = "other"
        imports.pkg = "pkg"
        """
    )
    code = """
        import runs, weather._deferred
        from deferred_imports import resolve_now
        print(*[item.entry.name for item in resolve_now().resolved])
    """
    assert world.run(code) == "other pkg sub mod"


def test_a_registry_that_appears_while_resolving_is_resolved_too(world: World) -> None:
    """Resolving goes on until nothing new turns up, and one call reports all of it."""
    world.package('imports.climate = "climate"')
    world.package('imports.soil = "soil"', {"__init__.py": "from . import _deferred"}, package="climate")
    world.package('imports.wave = "wave"', {"__init__.py": "from . import _deferred"}, package="soil")
    code = """
        import sys, weather._deferred
        from deferred_imports import resolve_now
        print(*[item.entry.name for item in resolve_now().resolved], "wave" in sys.modules)
    """
    assert world.run(code) == "climate soil wave True"


def test_a_second_call_finds_all_resolved(world: World) -> None:
    """What is resolved, by a call or by an access, is skipped; so is what its marker excludes."""
    world.package(
        """
        imports.csv = "csv"
        imports.wave = "wave"
        imports.winreg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
        """
    )
    code = """
        from weather import _deferred
        from deferred_imports import resolve_now
        _deferred.csv
        for _ in range(2):
            report = resolve_now()
            print([item.entry.name for item in report.resolved], [item.entry.name for item in report.skipped])
    """
    assert world.run(code) == "['wave'] ['csv', 'winreg']\n[] ['csv', 'wave', 'winreg']"


def test_one_failure_spoils_nothing_else(world: World) -> None:
    """All that can be imported has been when the error is raised."""
    world.write(RUNS | {"bad.py": "1 / 0", "good.py": noting("good")})
    world.package('imports = { absent = "absent", bad = "bad", good = "good" }')
    code = """
        import runs, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            print(*[item.entry.name for item in error.failures], *runs.names)
    """
    assert world.run(code) == "absent bad good"


def test_after_the_cure_the_next_call_works(world: World) -> None:
    """No failure is remembered: once a module is installed or mended, resolving imports it."""
    world.write({"cure.py": "done = False", "ill.py": "import cure\nassert cure.done"})
    world.package('imports = { ill = "ill", late = "late" }')
    code = """
        import sys, cure, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_now
        def states():
            return [entry.state for entry in iter_deferred_imports()]
        first = resolve_now(on_error="report")
        print(len(first.missing), len(first.broken), *states())
        cure.done = True
        sys.path.append("installed")
        print(len(resolve_now().resolved), *states(), *[entry.failure for entry in iter_deferred_imports()])
    """
    world.write({"installed/late.py": ""})
    assert world.run(code) == "1 1 failed failed\n2 resolved resolved None None"


@pytest.mark.parametrize("workers", [1, 2])
def test_keyboard_interrupt_gets_through(world: World, workers: int) -> None:
    """Ctrl-C in the middle of an import stops the call at once; what was imported stays, the rest is pending."""
    world.write(
        RUNS
        | {"first.py": noting("first"), "last.py": noting("last")}
        | {
            "middle.py": """
                import cure, runs
                runs.names.append("middle")
                if not cure.done:
                    raise KeyboardInterrupt
            """,
            "cure.py": "done = False",
        }
    )
    # All in one package each, so that with two workers, too, the last comes after the middle.
    world.package('imports = { first = "first", middle = ["middle", "last"], last = "last" }')
    code = f"""
        import sys, cure, runs, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_now
        try:
            resolve_now(on_error="report", workers={workers})
        except KeyboardInterrupt:
            states = [entry.state for entry in iter_deferred_imports()]
            print("interrupted", *sorted(runs.names), *states, "middle" in sys.modules)
        cure.done = True
        print(len(resolve_now().resolved), *runs.names[2:])
    """
    assert world.run(code) == ("interrupted first middle resolved pending pending False\n2 middle last")


@pytest.mark.parametrize(
    "declare",
    [
        "import weather._deferred",
        "from deferred_imports.machinery import defer_runtime_import; defer_runtime_import('left')",
    ],
)
@pytest.mark.parametrize("resolve", ["report()", "__import__('resolves').report()"])
def test_a_plain_import_cycle_is_tried_once(world: World, declare: str, resolve: str) -> None:
    """Where no other thread is at fault, a cycle is broken for good, and its modules run once in a call.

    So it is where a module that is being imported makes the call, whatever other threads there are.
    """
    world.write(RUNS | {"left.py": noting("left", "from right import y\nx = 1")})
    world.write({"right.py": noting("right", "from left import x\ny = 1")})
    world.write({"resolves.py": "import threading, __main__\nthreading.Timer(60, print).start()\n__main__.report()"})
    world.package('imports.left = "left"')
    code = f"""
        import os, runs
        {declare}
        from deferred_imports import resolve_now
        def report():
            (item,) = resolve_now(on_error="report").broken
            print(type(item.error).__name__, *runs.names, flush=True)
            os._exit(0)
        {resolve}
    """
    assert world.run(code) == "ImportError left right"


def test_a_module_that_was_met_half_made_and_failed_is_not_kept(world: World) -> None:
    """What a cycle reaches while it is being imported is bound when it is whole, and never if it fails."""
    world.write({"cure.py": "done = False"})
    world.package(
        'imports = { front = ".front", back = ".back" }',
        {
            "front.py": "import cure\nfrom . import _deferred\n_deferred.back\nassert cure.done",
            "back.py": "from . import _deferred\nfront = _deferred.front",
        },
    )
    code = """
        import cure, weather._deferred
        from deferred_imports import resolve_now
        print(len(resolve_now(on_error="report").broken), "front" in vars(weather._deferred))
        cure.done = True
        print(len(resolve_now().resolved), weather._deferred.front is __import__("sys").modules["weather.front"])
    """
    assert world.run(code) == "1 False\n1 True"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("workers=0", "workers: expected 1 or more, got 0"),
        ("on_error='warn'", 'on_error: expected "raise" or "report", got "warn"'),
    ],
)
def test_wrong_options_are_refused(world: World, argument: str, message: str) -> None:
    """An option that is not what it may be is an error that names it, at the call, in the background too."""
    code = f"""
        import asyncio
        from deferred_imports import resolve_async, resolve_in_background, resolve_now
        for call in resolve_now, resolve_in_background, lambda **options: asyncio.run(resolve_async(**options)):
            try:
                call({argument})
            except ValueError as error:
                print(error)
    """
    assert world.run(code).splitlines() == [message] * 3


def test_a_bare_call_loads_nothing_that_a_bare_interpreter_lacks(world: World) -> None:
    """Resolving in the calling thread loads neither threading nor anything else."""
    world.package('imports = { bare = "bare" }')
    world.write({"bare.py": ""})
    code = """
        import sys
        before = set(sys.modules)
        import weather._deferred
        from deferred_imports import resolve_now
        resolve_now(progress=lambda step: None)
        new = set(sys.modules) - before - set(sys.builtin_module_names)
        print(*sorted(name for name in new if not name.startswith("deferred_imports")))
    """
    assert world.run(code) == "bare weather weather._deferred"


def test_the_words_of_others_are_not_taken_for_pythons(world: World) -> None:
    """A module whose own error speaks of a circular import is executed once, also where there are other threads."""
    world.write({"plugin.py": "print('runs')\nraise ImportError('cannot load plugin: circular import suspected')\n"})
    world.package('imports.plugin = "plugin"')
    code = """
        import threading, weather._deferred
        from deferred_imports import resolve_now
        end = threading.Event()
        threading.Thread(target=end.wait).start()
        print(len(resolve_now(on_error="report").broken))
        end.set()
    """
    assert world.run(code).splitlines() == ["runs", "1"]


@pytest.mark.parametrize("error", ["ZeroDivisionError", "SystemExit"])
def test_a_registry_of_somebodys_own_may_fail(world: World, error: str) -> None:
    """What a hand-written registry raises becomes part of the report, and the rest goes on."""
    world.write(
        {
            "own/__init__.py": "",
            "own/_deferred.py": "__deferred_imports__ = {'format': 1, 'imports': '\\nthing wave\\n'}\n"
            f"def __getattr__(name):\n    if name == 'thing':\n        raise {error}\n    raise AttributeError(name)\n",
        }
    )
    world.package('imports.js = "colorsys"')
    code = """
        import own._deferred, weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(on_error="report")
        print(len(report.resolved), [type(item.error).__name__ for item in report.broken])
    """
    assert world.run(code) == f"1 ['{error}']"
