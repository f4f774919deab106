"""Reading without looking for garbage."""

import contextlib
import gc

import pytest

from deferred_imports.tooling.project.garbage import no_garbage_collection


@pytest.mark.parametrize("enabled", [True, False])
def test_all_is_as_before_in_the_end(enabled: bool) -> None:
    """In the meantime nothing is collected; then it is again, if it was, whatever has been raised."""
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with contextlib.suppress(ZeroDivisionError), no_garbage_collection():
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
