"""`deferred_imports.testing`: one call undoes what a test has left in a registry."""

import pytest

from worlds import KEEPS_GETATTR, World


@pytest.fixture
def atlas(world: World) -> World:
    """A package that defers a module and an attribute of another."""
    world.write({"heavy.py": "", "light.py": "size = 3\n"})
    world.package('imports.heavy = "heavy"\nimports.size = "light:size"', package="atlas")
    return world


def test_a_mock_does_not_stay(atlas: World) -> None:
    """A name that was resolved while a mock stood in `sys.modules` is imported anew after `reset()`."""
    code = """
        import sys
        from unittest import mock
        from atlas import _deferred
        from deferred_imports.testing import reset
        import heavy
        with mock.patch.dict(sys.modules, {"heavy": mock.MagicMock(__spec__=None)}):
            _deferred.heavy
        print(_deferred.heavy is heavy)
        reset()
        print(_deferred.heavy is heavy)
    """
    assert atlas.run(code).split() == ["False", "True"]


def test_everything_is_pending_again(atlas: World) -> None:
    """What was resolved, replaced or deleted is pending, also where the registry had retired; and resolves again."""
    code = """
        from atlas import _deferred
        from deferred_imports import iter_deferred_imports, on_resolve, resolve_now
        import deferred_imports
        told = []
        on_resolve(lambda event: told.append(event.entry.name))
        resolve_now()
        _deferred.size = 5
        del _deferred.heavy
        deferred_imports.testing.reset("atlas")
        print("__getattr__" in vars(_deferred), {"size", "heavy"} & {*vars(_deferred)})
        print(_deferred.size, len(resolve_now().skipped), told)
        print("__getattr__" in vars(_deferred))
    """
    assert atlas.run(code).splitlines() == ["True set()", "3 2 ['heavy', 'size', 'size', 'heavy']", f"{KEEPS_GETATTR}"]


def test_what_was_declared_at_run_time_is_pending_again(atlas: World) -> None:
    """The declarations stay, what came of them is forgotten."""
    code = """
        from deferred_imports import iter_deferred_imports, machinery, resolve_now, testing
        machinery.defer_runtime_import("wave", importing_name="atlas.cli")
        resolve_now()
        testing.reset()
        print([entry.is_unbound for entry in iter_deferred_imports()])
    """
    assert atlas.run(code) == "[True]"


def test_a_package_without_a_registry_is_an_error(atlas: World) -> None:
    """A name that is misspelt undoes nothing, so it says so."""
    code = "import atlas._deferred; from deferred_imports import testing; testing.reset('atlsa')"
    assert atlas.error(code) == 'LookupError: package: expected "atlas", got "atlsa"; did you mean "atlas"?'
