"""What is measured of each way to declare modules: the columns of the bench, and how many modules stand behind each."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers import ALONE, EMPTY, FUNCTION

SIZES = (1, 10, 100, 1_000, 10_000)
#: How many modules are declared where one is read, and at most where all are imported.
READ, RESOLVED = 10, 1_000
#: Declaring so many takes seconds in some ways: fewer rounds do.
MANY, EVERY = 10_000, 5


@dataclass(frozen=True)
class Column:
    """What is measured of each way.

    Args:
        key: What it is called in JSON.
        title: What the tables call it, on one line or two.
        step: The step whose children measure it, with ``size`` modules declared.
        found: What they call it.
        base: The way that it is compared with, and that one's column.
        meaning: What it is.
        unit: "ns", "bytes" or "modules".
    """

    key: str
    title: str
    step: str
    size: int
    found: str
    base: tuple[str, str] | None
    meaning: str
    unit: str = "ns"

    @property
    def label(self) -> str:
        """Its title where it stands alone."""
        return self.key if self.found == "declare" else " ".join(self.title.split())


def columns(most: int = SIZES[-1]) -> list[Column]:
    """Return what is measured when at most so many modules are declared."""
    read, resolved = min(READ, most), min(RESOLVED, most)

    def reading(key: str, title: str, meaning: str) -> Column:
        return Column(key, title, "read", read, key, (FUNCTION, key), meaning)

    def resolving(key: str, title: str, meaning: str) -> Column:
        return Column(key, title, "resolve", resolved, key, (FUNCTION, key), meaning)

    def declaring(size: int) -> Column:
        title = f"{size // 1000}k" if size >= 1000 else str(size)
        step = "read" if size == read else "resolve" if size == resolved else "declare"
        key, meaning = f"declare {size}", f"importing a module that declares {size:,}"
        head = "declare" if size == SIZES[0] else ""
        return Column(key, f"{head}\n{title}", step, size, "declare", (EMPTY, key), meaning)

    alone, memory = (ALONE, "start"), f"what the process that has declared {resolved:,} has for itself (anonymous)"
    added = f"modules that the library and declaring {read} add to sys.modules, a count"
    return [
        Column("start", "python\nstarts", "start", 0, "wall", alone, "starting Python where the library is installed"),
        Column("library", "library\nimport", "read", read, "library", alone, "importing the library"),
        *(declaring(size) for size in SIZES if size <= most),
        reading("first", "first\naccess", f"the first access to one of {read}, its import included"),
        reading("steady", "steady\naccess", "every later access"),
        reading("steady after", "when\nall in", f"the same when all {read} have been imported"),
        resolving("resolve", "import\nall", f"importing all of {resolved:,} at once"),
        resolving("again", "all\nagain", "the same a second time"),
        Column("memory", "memory", "resolve", resolved, "memory", (EMPTY, "memory"), memory, "bytes"),
        Column("modules", "modules\nadded", "read", read, "modules", None, added, "modules"),
    ]
