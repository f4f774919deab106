"""Modules that have to fail when something is missing, since others do without them then."""

import ast
import sys

import pytest

from deferred_imports.tooling.adopt.fallbacks import Fallback, find_fallbacks, needs_of
from deferred_imports.tooling.adopt.wanted import Source


def found(**sources: str) -> dict[str, Fallback]:
    """Find the fallbacks of the package `app` with these modules; only numpy may be missing."""
    texts = {"app": "", **{f"app.{name}": text for name, text in sources.items()}}
    whole = [Source(name, f"{name}.py", name == "app", ast.parse(text)) for name, text in texts.items()]
    return find_fallbacks(map(needs_of, whole), {"numpy"}.__contains__)


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


NUMPY = "import numpy\n"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="except* is new in 3.11")
def test_a_handler_of_groups_expects_it_too() -> None:
    """`except*` catches what `except` does."""
    assert "app.fast" in found(main=TRIED.replace("except ", "except* "), fast=NUMPY)


@pytest.mark.parametrize(
    "body",
    [
        "    if FAST:\n        from app import fast\n",
        "    with open('a'):\n        from app import fast\n",
        "    for _ in 'a':\n        from app import fast\n",
        "    try:\n        from app import fast\n    finally:\n        pass\n",
        "    try:\n        import tomli\n    except KeyError:\n        from app import fast\n",
        "    match FAST:\n        case 1:\n            from app import fast\n",
        "    class A:\n        from app import fast\n",
    ],
)
def test_what_is_tried_in_blocks(body: str) -> None:
    """Whatever runs with the body of a `try` may fail there; what a function in it imports fails later."""
    assert "app.fast" in found(main=f"try:\n{body}except ImportError:\n    pass\n", fast=NUMPY)
    later = "try:\n    def f():\n        from app import fast\nexcept ImportError:\n    pass\n"
    assert found(main=later, fast=NUMPY) == {}


def test_what_is_suppressed() -> None:
    """`suppress(ImportError)` is such a handler, by either of its names; of another error it is none."""
    text = "with contextlib.suppress(ImportError):\n    from app import fast\n"
    stack = "with ExitStack() as stack:\n    stack.enter_context(suppress(ImportError))\n    from app import fast\n"
    for main in (text, text.replace("contextlib.", ""), stack):
        assert found(main=main, fast=NUMPY)["app.fast"].path == "app.main.py"
    assert found(main=text.replace("ImportError", "KeyError"), fast=NUMPY) == {}


@pytest.mark.parametrize(
    "text",
    [
        "if FAST:\n    import numpy\n",
        "with open('a'):\n    import numpy\n",
        "try:\n    import json\nexcept KeyError:\n    import numpy\n",
        "match FAST:\n    case _:\n        import numpy\n",
        "try:\n    import numpy\nexcept ImportError as error:\n    raise ImportError('get numpy') from error\n",
    ],
)
def test_what_a_module_needs_in_blocks(text: str) -> None:
    """A module that is tried fails also where a block of it, or a handler that raises, fails."""
    fallbacks = found(main=TRIED, fast="from app import inner\n", inner=text)
    assert fallbacks["app.fast"].missing == {"app.fast", "app.inner"}
    assert fallbacks["app.inner"].missing >= {"numpy"}


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n",
        "with suppress(ImportError):\n    import numpy\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\n",
        "def f():\n    import numpy\n",
    ],
)
def test_what_a_module_does_without(text: str) -> None:
    """A module that goes on without something, or wants it for type checkers or in a function, does not fail."""
    assert found(main=TRIED, fast=text)["app.fast"].missing == frozenset()
