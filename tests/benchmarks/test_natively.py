"""What `hatch run natively` counts with: all imports lazy that some modules do."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.natively import COUNT_LAZILY


@pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports came with Python 3.15")
def test_only_what_the_modules_import_is_lazy(tmp_path: Path) -> None:
    """A module that one of them imports and never uses is not counted; what the script itself imports is."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("import colorsys\n", encoding="utf-8")
    script, told = tmp_path / "script", tmp_path / "told"
    script.write_text("import shop\nimport filecmp\n", encoding="utf-8")
    counts = []
    for own in ("", "shop"):
        command = [sys.executable, "-c", COUNT_LAZILY, str(told), own, str(script)]
        subprocess.run(command, cwd=tmp_path, check=True)
        counts.append(int(told.read_text(encoding="utf-8")))
    assert counts[0] - counts[1] == 1
