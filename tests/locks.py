"""A section of a lock, by value."""

from deferred_imports.tooling.check.lock import STANDARD_LIBRARY, LockSection

BOTH = frozenset({"linux", "win32"})
SECTION = LockSection(
    platforms=BOTH,
    modules={
        "click": ("click", BOTH),
        "click._winconsole": ("click", frozenset({"win32"})),
        "weather": ("weather", BOTH),
        "argparse": (STANDARD_LIBRARY, BOTH),
    },
    versions={"click": "8.1.7", "weather": "1.0"},
)
