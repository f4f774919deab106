"""The page cache of Linux: emptied, and what of a file is in it."""

import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.readahead import page_cache

root = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root on Linux may measure cold starts"
)


@root
def test_the_page_cache_of_the_machine(tmp_path: Path) -> None:
    """What is emptied is empty, whatever the files that matter; in a container that may not, these are out at least."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * (1 << 20))
    assert all(page_cache.resident(path))
    if page_cache.empty([]) is not None:
        page_cache.empty([str(path)])
    assert not any(page_cache.resident(path))
