"""What `adopt` takes to read, judge and rewrite large projects: processor time and memory, child processes apart.

    python -m benchmarks.rewriting [FILES ...]

The projects are made up: modules of 61 lines, each of which imports another. Fails when one takes more than 10 seconds
for 100,000 lines, or more memory than the bound.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from trees import CHAINED

MOST_MB = 512
MOST_SECONDS = 10  # for 100,000 lines
_PART = '''

def part_{number}(value):
    """Return a part."""
    rows = [json.dumps(one) for one in value if one]
    for row in rows:
        if row.startswith("{number}"):
            print(row, escape(row), sep=", ")
    return sorted(rows, key=len)
'''


def main() -> int:
    """Print a row for each size, and return whether one is beyond the bounds."""
    worst = 0
    print("| files | lines | CPU s | CPU s for 100,000 lines | peak MB |")
    print("|--:|--:|--:|--:|--:|")
    for count in [int(one) for one in sys.argv[1:]] or [1000, 10_000]:
        with tempfile.TemporaryDirectory() as directory:
            lines = write(Path(directory), count)
            command = [sys.executable, "-m", "benchmarks.rewriting", "--measure", directory]
            told = json.loads(subprocess.check_output(command, text=True))
        each = told["seconds"] * 100_000 / lines
        print(f"| {count:,} | {lines:,} | {told['seconds']:.1f} | {each:.1f} | {told['peak']} |", flush=True)
        worst |= each > MOST_SECONDS or told["peak"] > MOST_MB
    return int(worst)


def write(root: Path, count: int) -> int:
    """Write a project of so many modules, and return how many lines they have."""
    (root / "pyproject.toml").write_text('[project]\nname = "weather"\nversion = "1"\n', encoding="utf-8")
    (root / "weather").mkdir()
    (root / "weather" / "__init__.py").touch()
    parts = "".join(_PART.format(number=number) for number in range(5))
    lines = 0
    for number in range(count):
        text = CHAINED.format(number=number, other=(number + 1) % count) + parts
        lines += text.count("\n")
        (root / "weather" / f"part{number}.py").write_text(text, encoding="utf-8")
    return lines


def measure(root: Path) -> dict[str, float]:
    """Return what it takes to read a project as `adopt` does, and to rewrite all of it."""
    from deferred_imports.tooling.adopt.frontier import all_names
    from deferred_imports.tooling.adopt.package import read_package
    from deferred_imports.tooling.adopt.target import find_target
    from deferred_imports.tooling.project.garbage import no_garbage_collection
    from deferred_imports.tooling.scan.doubts import find_doubts
    from deferred_imports.tooling.scan.packages import Package
    from deferred_imports.tooling.start.copies import Copy

    began = time.process_time()
    target = find_target(root)
    scanned = Package(("weather",), Copy(target.places), target.files, {}, (), None)
    with no_garbage_collection():
        doubts = find_doubts(scanned, [])
        package = read_package(target.root, target.files, target.entry_points).keeping(doubts)
    package.rewritten(all_names(package.plans))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In bytes on macOS, else in kilobytes.
    return {
        "seconds": time.process_time() - began,
        "peak": peak // (1024**2 if sys.platform == "darwin" else 1024),
    }


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--measure":
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        sys.exit(main())
