"""What speaks against moving an import, for those who move some: it cannot wait, is to be kept, or is risky.

Verdicts by the sources and by what starts have loaded, before these are weighed; the starts are not made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deferred_imports.tooling.project.garbage import no_garbage_collection
from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.scan.files import read_files
from deferred_imports.tooling.scan.keeps import keep
from deferred_imports.tooling.scan.offers import passed_on
from deferred_imports.tooling.scan.packages import Package
from deferred_imports.tooling.scan.program import join
from deferred_imports.tooling.scan.risks import with_risks
from deferred_imports.tooling.scan.savings import still_loaded
from deferred_imports.tooling.scan.verdicts import judge
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Startup


def find_doubts(
    package: Package,
    starts: Sequence[tuple[Launch, Startup]],
    least: Callable[[], list[frozenset[str]]] = list,
    *,
    risky: bool = True,
) -> list[Judged]:
    """Return the verdicts on imports that cannot wait, are to be kept, or risky.

    What stands inside `try` is left to the one who moves it, which may be all of that, and so is what is never used.

    Args:
        package: The package.
        starts: What was started, and what happened.
        least: Tells what each would load if all moved, what is risky included, or nothing; it is asked where that may
            show a risk to be none, as what has an effect is loaded by a function that every start calls.
        risky: Whether those count that are risky.
    """
    modules = read_files(package).modules
    with no_garbage_collection():
        good = [(launch, startup) for launch, startup in starts if startup.failure is None]
        known = {name for _, startup in good for name in startup.loaded}
        program = join(modules, known, package.references, package.files)
        judged, _ = keep(judge(program), program, package.keep)
        if not risky:
            return [item for item in judged if _stays(item)]
        loaded = [still_loaded(judged, startup, passed_on(judged, program, launch)) for launch, startup in good]
        doubted = with_risks(judged, program, loaded)
    if any(item.verdict == "risky" for item in doubted) and (seen := least()):
        with no_garbage_collection():
            sure = seen[0].intersection(*seen[1:])
            doubted = with_risks(judged, program, [one | sure for one in loaded] or [sure])
    return [item for item in doubted if item.verdict == "risky" or _stays(item)]


def _stays(item: Judged) -> bool:
    # A submodule that is never used goes with the others that bind its package; what nothing at all uses stays anyway.
    return item.verdict == "cannot" and item.reason not in {Reason.TRY, Reason.EFFECT}
