"""The lock's text and what it makes of a start: by value, and for any modules by hypothesis."""

from deferred_imports.tooling.check.lock import (
    STANDARD_LIBRARY,
    Difference,
    Loaded,
    compare_with_lock,
    update,
)
from locks import BOTH, SECTION

MODULES = {"click": "click", "weather": "weather", "argparse": STANDARD_LIBRARY}


def start(modules: dict[str, str], *, platform: str = "linux", click: str = "8.1.7") -> Loaded:
    return Loaded("weather --help", "3.11", platform, modules, {"click": click, "weather": "1.0"})


def test_nothing_has_changed() -> None:
    """A start that loads what the lock says on its platform has no difference."""
    assert compare_with_lock(start(MODULES), SECTION) == Difference({}, {}, {})
    windows = {**MODULES, "click._winconsole": "click"}
    assert compare_with_lock(start(windows, platform="win32"), SECTION) == Difference({}, {}, {})


def test_what_is_new_and_gone() -> None:
    """New and gone modules are told with their owners, and with the versions where these have changed."""
    found = compare_with_lock(
        start({"click": "click", "click.new": "click", "argparse": STANDARD_LIBRARY}, click="9"), SECTION
    )

    assert found == Difference({"click.new": "click"}, {"weather": "weather"}, {"click": ("8.1.7", "9")})


def test_what_another_platform_loads_is_new_on_this_one() -> None:
    """A module that the lock has for win32 alone is new when it is loaded on linux, and gone when win32 lacks it."""
    assert compare_with_lock(start({**MODULES, "click._winconsole": "click"}), SECTION).new == {
        "click._winconsole": "click"
    }
    assert compare_with_lock(start(MODULES, platform="win32"), SECTION).gone == {"click._winconsole": "click"}


def test_an_unknown_platform() -> None:
    """Where nobody has updated it, a lock says nothing of the standard library, nor of what some platforms load."""
    modules = {"click": "click", "weather": "weather", "plistlib": STANDARD_LIBRARY, "click._winconsole": "click"}

    assert compare_with_lock(start(modules, platform="darwin"), SECTION) == Difference({}, {}, {})
    assert compare_with_lock(start({"weather": "weather"}, platform="darwin"), SECTION).gone == {"click": "click"}
    assert compare_with_lock(start({**modules, "x": "x"}, platform="darwin"), SECTION).new == {"x": "x"}


def test_an_update_keeps_what_others_have_seen() -> None:
    """An update changes what the lock says of this platform, and nothing that it says of others."""
    found = update(SECTION, start({"weather": "weather"}))

    assert found.modules == {
        "click": ("click", frozenset({"win32"})),
        "click._winconsole": ("click", frozenset({"win32"})),
        "weather": ("weather", BOTH),
        "argparse": (STANDARD_LIBRARY, frozenset({"win32"})),
    }


def test_what_builds_of_python_differ_in_is_left_out() -> None:
    """Private modules of the standard library, and its encodings, are in no lock; those of distributions are."""
    private = {"_bisect": STANDARD_LIBRARY, "encodings.cp437": STANDARD_LIBRARY, "json._x": STANDARD_LIBRARY}
    found = update(None, start({**private, "click._compat": "click"}))

    assert set(found.modules) == {"click._compat"}
    assert compare_with_lock(start(private), update(None, start({}))) == Difference({}, {}, {})
