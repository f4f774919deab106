"""Modules that have to fail when something is missing, since others do without them then."""

import ast

from deferred_imports.tooling.adopt.fallbacks import Fallback, find_fallbacks
from deferred_imports.tooling.adopt.wanted import Source


def found(**sources: str) -> dict[str, Fallback]:
    """Find the fallbacks of the package `app` with these modules; only numpy may be missing."""
    texts = {"app": "", **{f"app.{name}": text for name, text in sources.items()}}
    return find_fallbacks(
        [Source(name, f"{name}.py", name == "app", ast.parse(text)) for name, text in texts.items()],
        {"numpy"}.__contains__,
    )


TRIED = "try:\n    from app.fast import mean\nexcept ImportError:\n    mean = None\n"


def test_what_is_tried_has_to_fail_at_once() -> None:
    """The file that does without a module is named, with what may be missing in it."""
    assert found(main=TRIED, fast="import json\nimport numpy\n")["app.fast"] == Fallback(
        "app.main.py", frozenset({"app.fast", "numpy"})
    )


def test_so_does_what_that_imports() -> None:
    """A module that is imported by one that is tried has to fail, too, and is a reason of the first to fail."""
    fallbacks = found(main=TRIED, fast="from app import inner\n", inner="import numpy\n")
    assert fallbacks.keys() == {"app", "app.inner", "app.fast"}
    assert fallbacks["app.inner"].missing == {"app.fast", "app.inner", "numpy"}
    assert fallbacks["app.fast"].missing == {"app.fast", "app.inner"}


def test_what_nothing_tries_may_fail_later() -> None:
    """An import without a handler, or with a handler of something else, is no fallback."""
    assert found(main="from app import fast\n", fast="import numpy\n") == {}
    assert found(main=TRIED.replace("ImportError", "KeyError"), fast="import numpy\n") == {}


def test_what_cannot_be_missing_is_no_reason() -> None:
    """A module that needs only what is there has nothing that may be missing."""
    assert found(main=TRIED, fast="import json\n")["app.fast"].missing == frozenset()
