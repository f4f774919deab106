"""What `adopt` says: the difference, what it gains, what stays and why, and all of it for machines."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from deferred_imports.tooling.adopt.found import Adoption, Gain
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.moves import Kept
from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.project.paths import shown

T = TypeVar("T")

NOTHING = "nothing to do: no move would make the start load less"
_FEW = 5  # modules that are worth a line
_LINE_END = re.compile(r"\r\n|\r|\n")


def difference(found: Adoption[T]) -> str:
    """Return a unified diff of all sources that change."""
    parts: list[str] = []
    for module, source in found.sources.items():
        text, path = found.package.plan(module).module.text, shown(found.package.files[module])
        before, after = _LINE_END.split(text.text), _LINE_END.split(text.decoded(source))
        parts += difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(parts)


def summary(found: Adoption[T]) -> Iterator[str]:
    """Yield what was found, in a few lines."""
    if found.names:
        yield f"{_count(len(found.names), 'name')} in {_count(len(found.sources), 'file')} can move:"
    for gain in found.gains:
        yield _gain(gain)
    if found.tests is not None:
        before, after = found.tests
        yield f"  tests: {before} before, {after} after"
    for module, extra in sorted(found.extra.items()):
        for name in extra:
            yield f"  {shown(found.package.files[module])}: imports {name} itself now; it relied on others for it"
    yield from _hot(found)
    yield from _by_themselves(found)
    yield from _hanging(found)
    if found.declined.names:
        names, modules = found.declined
        are = "is" if names == 1 else "are"
        yield f"  {_count(names, 'name')} {are} left out, as was asked for, and would save {_count(modules, 'module')}"
    if found.idle:
        yield f"  {_count(found.idle, 'other name')} could move, and would gain nothing here"
    for taken in found.taken_back:
        yield f"  taken back: {taken.name.name} in {shown(found.package.files[taken.name.module])}, as {taken.why}"


def written(found: Adoption[T]) -> Iterator[str]:
    """Yield what to say when all is written, and how to keep it so."""
    yield f"wrote {_count(len(found.sources), 'file')}; to keep it so, let CI run:"
    programs = " ".join(f"--startup {shlex.quote(gain.command)}" for gain in found.gains)
    yield f"  deferred-imports check {programs} --lock"


def unbuilt(found: Adoption[T], registry: Path) -> Iterator[str]:
    """Yield what a checkout needs in which nothing has been built, as modules import the registry by now."""
    count = len(found.importing_registry)
    if count:
        what = "module imports" if count == 1 else "modules import"
        yield (
            f"  {count} {what} {shown(registry)} from now on: where it is not committed, a checkout gets it by"
            " `pip install -e .` or `deferred-imports generate`"
        )


def _hot(found: Adoption[T]) -> Iterator[str]:
    """Yield the names that are read from the registry since functions that use them are called often."""
    registering = found.package.registering
    for module, name in sorted(found.names):
        why = found.package.plans[module].moves[name].hot
        if why and registering is not None and (key := registering.entries.get(Name(module, name))):
            read = f"{registering.registry}.{key}"
            yield f"  {shown(found.package.files[module])}: {name} is read as {read}: {why}"


def _by_themselves(found: Adoption[T]) -> Iterator[str]:
    """Yield the modules of which the table can say only a part of what they offer, with the names that it cannot."""
    package, exporting = found.package, found.package.exporting
    own: dict[str, list[str]] = {}
    for module, name in sorted(found.names):
        plan = package.plans[module]
        offered = plan.moves[name].offered and not plan.answers
        if exporting is not None and offered and Name(module, name) not in exporting.targets:
            own.setdefault(module, []).append(name)
    for module, names in own.items():
        shown_names = ", ".join(names)
        yield f"  {shown(package.files[module])}: a function of its own serves {shown_names}, which no export can say"


def _hanging(found: Adoption[T]) -> Iterator[str]:
    """Yield what hangs on lines that only a person can change, the five with the most modules."""
    shares = [one for one in found.hanging if one.count >= _FEW][:5]
    if shares:
        yield "  what stays, and what hangs on it:"
    for one in shares:
        yield f"    {_count(one.count, 'module')}, by {one.target}:"
        for module, name in one.lines[:4]:
            yield f"      {shown(found.package.files[module])}:{name.line}: {name.name}: {name}"
        if len(one.lines) > 4:
            yield f"      and {_count(len(one.lines) - 4, 'more line')}"
    risky = {reason.code for reason in Reason if reason.verdict == "risky"}
    if any(name.reason in risky for one in shares for _, name in one.lines):
        yield "    with --risky, imports that do something to others move, too, if starts and tests go as before"


def left_out(found: Adoption[T]) -> Iterator[str]:
    """Yield the files that are left out, and why, and what else there is to know."""
    yield from found.package.remarks
    for skipped in found.package.skipped:
        yield f"{skipped.path}: left out, {skipped.message}"


def useless(found: Adoption[T]) -> Iterator[str]:
    """Yield the comments that keep nothing."""
    for module, plan in found.package.plans.items():
        for line in plan.useless:
            yield f"{shown(found.package.files[module])}:{line}: this comment keeps no import that could move"


def kept(found: Adoption[T]) -> Iterator[str]:
    """Yield the names that stay in modules that the starts load, each with its place and the code of its reason."""
    loaded = {module for gain in found.gains for module in gain.after.loaded}
    for module, plan in found.package.plans.items():
        for one in plan.kept:
            if module in loaded:
                yield f"{shown(found.package.files[module])}:{one.line}: {one.name}: {one} [{one.reason}]"


def as_json(found: Adoption[T]) -> dict[str, Any]:
    """Return all that is known, with every edit as range and text."""
    return {
        "starts": [_gain_as_json(gain) for gain in found.gains],
        "files": [_file(found, module) for module in found.sources],
        "tests": _tests(found),
        "kept": [
            {"path": shown(found.package.files[module]), **_stays(one)}
            for module, plan in found.package.plans.items()
            for one in plan.kept
        ],
        "hanging": [
            {
                "on": one.target,
                "modules": one.count,
                "lines": [{"path": shown(found.package.files[module]), **_stays(name)} for module, name in one.lines],
            }
            for one in found.hanging
        ],
        "taken_back": [{"module": one.name.module, "name": one.name.name, "why": one.why} for one in found.taken_back],
        "skipped": [{"path": one.path, "why": one.message} for one in found.package.skipped],
    }


def _tests(found: Adoption[T]) -> Mapping[str, object] | None:
    if found.tests is None:
        return None
    before, after = found.tests
    return {"before": str(before), "after": str(after), "failed": sorted(before.failed | after.failed)}


def _gain(gain: Gain) -> str:
    before, after = _beyond(gain.before), _beyond(gain.after)
    less = f"{100 * (before - after) / before:.0f} % less" if before else "nothing"
    return f"  {gain.shown}: {before} modules before, {after} after, {less}; same output, same exit code"


def _beyond(start: Any) -> int:
    return len(set(start.loaded) - start.before)


def _gain_as_json(gain: Gain) -> dict[str, Any]:
    return {
        "start": gain.shown,
        "modules_before": _beyond(gain.before),
        "modules_after": _beyond(gain.after),
        "gone": sorted(set(gain.before.loaded) - set(gain.after.loaded)),
    }


def _file(found: Adoption[T], module: str) -> dict[str, Any]:
    plan = found.package.plan(module)
    names = sorted(name.name for name in found.names if name.module == module)
    text = plan.module.text
    edits = found.package.edits(module, names, found.extra.get(module, ()))
    return {
        "path": shown(found.package.files[module]),
        "module": module,
        "names": [
            {"name": name, "form": _form(found, module, name), "why": found.package.plans[module].moves[name].hot}
            for name in names
        ],
        "edits": [{"start": text.place(edit.start), "end": text.place(edit.end), "text": edit.text} for edit in edits],
    }


def _form(found: Adoption[T], module: str, name: str) -> str:
    registering = found.package.registering
    if registering is not None and (key := registering.entries.get(Name(module, name))):
        return f"{registering.form}, {key}"
    return found.package.plans[module].moves[name].form


def _stays(one: Kept) -> Mapping[str, object]:
    return {"line": one.line, "name": one.name, "reason": one.reason, "text": str(one), "lines": list(one.lines)}


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
