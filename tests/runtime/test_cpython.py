"""Canaries: what the runtime leans on inside CPython is there on this Python, each by itself, and what happens if not.

On a new Python a red test here says which of them is gone, before anything else does.
"""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from deferred_imports import _cpython
from worlds import World


def test_nothing_is_missing() -> None:
    """The self-check, by which eager mode decides whether it can know what is being imported, finds everything."""
    assert _cpython.missing_features() == []


def test_a_distribution_tells_where_its_metadata_lie(tmp_path: Path) -> None:
    """An installed one does, a finder's own need not."""
    info = tmp_path / "weather-1.dist-info"
    info.mkdir()
    (found,) = metadata.distributions(path=[str(tmp_path)])
    assert _cpython.place_of(found) == info
    assert _cpython.place_of(object()) is None


def test_the_specs_of_what_is_imported_are_on_the_stack(world: World) -> None:
    """`_load_unlocked` has the spec of each module that is being executed, the innermost first."""
    world.write(
        {
            "outer.py": "import inner\n",
            "inner.py": "from deferred_imports._cpython import executing_specs, is_importing\n"
            "print([spec.name for spec in executing_specs()], is_importing())\n",
        }
    )
    code = "import outer; from deferred_imports._cpython import *; print([*executing_specs()], is_importing())"
    assert world.run(code).splitlines() == ["['inner', 'outer'] True", "[] False"]


def test_the_stack_shows_what_a_loader_executes(world: World) -> None:
    """Where a loader is called by itself, the globals of the module are on the stack."""
    world.write(
        {"plug.py": "from deferred_imports._cpython import executing_namespaces\nours = [*executing_namespaces()]\n"}
    )
    code = """
        import importlib.util
        spec = importlib.util.spec_from_file_location("plug", "plug.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(module.ours[0] is vars(module), module.ours[-1] is globals())
    """
    assert world.run(code) == "True True"


def test_a_spec_tells_when_its_module_has_been_executed(world: World) -> None:
    """The import system clears `_initializing` as its last act, and a class in place of the spec's own hears of it."""
    world.write(
        {
            "module.py": "import sys\nfrom deferred_imports._cpython import call_when_executed, is_executing\n"
            "print(is_executing(__spec__))\n"
            "call_when_executed(__spec__, lambda: print('called', whole))\nwhole = True\n"
        }
    )
    code = """
        import importlib.machinery, module
        from deferred_imports._cpython import is_executing
        print(is_executing(module.__spec__), type(module.__spec__) is importlib.machinery.ModuleSpec)
    """
    assert world.run(code).splitlines() == ["True", "called True", "False True"]


@pytest.mark.parametrize("statement", ["from half import later", "import half; half.later"])
def test_python_says_what_is_half_made(world: World, statement: str) -> None:
    """The error for a module that is not complete is known by its words, in whatever it was raised from."""
    world.write({"half.py": "import other\nlater = 1\n", "other.py": f"{statement}\n"})
    code = """
        from deferred_imports._cpython import half_made, is_executed_here
        try:
            import half
        except (AttributeError, ImportError) as error:
            try:
                raise ValueError from error
            except ValueError as outer:
                print(half_made(outer) is error, is_executed_here(error))
        print(half_made(None), half_made(ValueError()))
    """
    assert world.run(code).splitlines() == ["True True", "None None"]


def test_what_others_say_is_not_taken_for_what_python_says() -> None:
    """A module may speak of circular imports in an error of its own, or hand on the text of Python's."""
    python = "cannot import name 'x' from partially initialized module 'y' (most likely due to a circular import)"
    for text in ("circular import suspected", "plugin 'x' is a partially initialized module", python):
        for kind in (ImportError, AttributeError, ModuleNotFoundError, RuntimeError):
            assert _cpython.half_made(kind(text)) is None
    assert _cpython.half_made(ImportError("a partially initialized module", name="plugin")) is None
    assert _cpython.half_made(ImportError(python, name="y")) is not None


def test_python_refuses_a_deadlock_by_this_name() -> None:
    """Of two threads that import in opposite orders one gets a `_DeadlockError`, which is known by its name."""
    bootstrap = sys.modules["_frozen_importlib"]
    error = vars(bootstrap)["_DeadlockError"]("deadlock")
    assert isinstance(error, RuntimeError)
    assert _cpython.half_made(error) is error


def test_all_threads_are_counted(world: World) -> None:
    """Those that `threading` does not know, too."""
    code = """
        import _thread
        from deferred_imports._cpython import is_only_thread
        print(is_only_thread())
        begun, end = _thread.allocate_lock(), _thread.allocate_lock()
        begun.acquire(), end.acquire()
        _thread.start_new_thread(lambda: (begun.release(), end.acquire()), ())
        begun.acquire()
        print(is_only_thread())
        end.release()
    """
    assert world.run(code).splitlines() == ["True", "False"]


@pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports came with Python 3.15")
def test_a_lazy_import_shows_what_it_imports(world: World) -> None:
    """Its repr has the name; it holds the code that has declared it and, of `from a import b`, what leads to `a`."""
    world.write({"lazies.py": "lazy import wave\nlazy import xml.dom\nlazy from json import dumps\n"})
    code = """
        import lazies
        from deferred_imports._cpython import anatomy, lazy_type
        def show(proxy):  # in a global it would be resolved as soon as that is read
            target, code = anatomy(proxy)
            print(target, type(proxy) is lazy_type(), code.co_filename.endswith("lazies.py"))
        for name in ("wave", "xml", "dumps"):
            show(vars(lazies)[name])
    """
    assert world.run(code).splitlines() == ["wave True True", "xml.dom True True", "json:dumps True True"]


def test_the_import_lock_is_released_but_where_somebody_is_importing(world: World) -> None:
    """The interpreter says whether this thread holds it; that of a thread which is importing is left alone."""
    world.write({"held.py": "import _imp, calls\n_imp.acquire_lock()\ncalls.release_import_lock()\n"})
    world.write({"calls.py": "from deferred_imports._cpython import release_import_lock"})
    code = """
        import _imp, calls, held
        print(_imp.lock_held())
        calls.release_import_lock()
        print(_imp.lock_held())
        calls.release_import_lock()
    """
    assert world.run(code).splitlines() == ["True", "False"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork server forks")
def test_a_fork_server_is_seen(world: World) -> None:
    """The process id of the fork server is there once it runs."""
    code = """
        import multiprocessing.forkserver as server
        from deferred_imports._cpython import has_fork_server
        print(has_fork_server())
        server.ensure_running()
        print(has_fork_server())
    """
    assert world.run(code).splitlines() == ["False", "True"]


@pytest.mark.parametrize(
    ("breaks", "gone"),
    [
        ("bootstrap._load_unlocked = lambda spec: load(spec)", "importlib._bootstrap._load_unlocked"),
        ("del bootstrap._load_unlocked", "importlib._bootstrap._load_unlocked"),
        ("_cpython.call_when_executed = lambda spec, callback: None", "ModuleSpec.__class__"),
    ],
)
def test_what_is_gone_keeps_packages_deferred_with_one_warning(world: World, breaks: str, gone: str) -> None:
    """Where nothing tells when a package has been imported, resolving too early would break it: it stays deferred."""
    world.write({"heavy.py": "import weather; weather.late\n"})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from . import _deferred as _deferred\nlate = 1\n"})
    world.package('imports.js = "json"', {"__init__.py": "from . import _deferred as _deferred"}, package="second")
    code = f"""
        import sys
        from deferred_imports import _cpython, _eager
        bootstrap = sys.modules["_frozen_importlib"]
        load = bootstrap._load_unlocked
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            from deferred_imports import _cpython, _waiting
            {breaks}
            found = _cpython.missing_features()
            _waiting.missing_features = lambda: found
            bootstrap._load_unlocked = load
            import weather, second
        print(found, [str(warning.message).partition(", so that")[0] for warning in caught])
        print("heavy" in vars(weather._deferred), weather._deferred.heavy.__name__)
    """
    lines = world.run(code, env={"PYDEFER_EAGER": "1"}).splitlines()
    assert lines == [f"['{gone}'] ['this Python has no {gone}']", "False heavy"]
