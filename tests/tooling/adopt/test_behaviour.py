"""Generated modules do the same before and after: values, exceptions, and the order of what they print."""

import contextlib
import io
import itertools
import sys
import types

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deferred_imports.tooling.adopt.edit import apply, edits_for
from deferred_imports.tooling.adopt.exporting import find_exports
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.registering import Registered, register
from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.manifest import Shipped, parse_table

IMPORTS = {
    "json": "import json",
    "escape": "from html import escape",
    "nsmallest": "from heapq import nsmallest, nlargest",
    "minidom": "from xml.dom import minidom",
    "base": "import base64 as base",
    "xml": "import xml.sax, xml.dom",
    "twice": "import csv as twice\nimport html as twice",
    "again": "from html import escape as again\nimport csv as again",
    "chosen": "if sys.version_info >= (3, 8):\n    import html as chosen\nelse:\n    import csv as chosen",
    "missing": "try:\n    import no_such_module as missing\nexcept ImportError:\n    import csv as missing",
    "there": "try:\n    import csv as there\n    is_there = True\nexcept ImportError:\n    there = is_there = None",
    "Decimal": "from decimal import (\n    Decimal,  # exact\n    getcontext,\n)",
}
NAMES = st.sampled_from(sorted(IMPORTS))
# Each uses a name, or binds it, or both, in its own way.
STATEMENTS = (
    "print({0}.__name__)",
    "return {0}.__name__",
    "{0} = 1",
    "del {0}",
    "print([{0} for {0} in range(2)], {1}.__name__)",
    "print([{0}.__name__ for _ in range(2)])",
    "print((lambda {0}=1: {0})(), (lambda: {1}.__name__)())",
    "print(f'{{{0}.__name__!r}}')",
    "print(({0} := 2), {0})",
    "for {0} in range(2):\n    print({0})",
    "if {0}:\n    print({1}.__name__)\nelse:\n    {1} = 3",
    "try:\n    print({0}.__name__)\nexcept AttributeError as {1}:\n    print(type({1}))",
    "with contextlib.suppress(Exception) as {0}:\n    print({0}, {1}.__name__)",
    "match {0}:\n    case {1}:\n        print({1} is {0})",
    "local: {0} = 1",
    "import {0}_",
    "yield {0}.__name__",
    "global {0}\n{0} = 1",
    "print('{0}' in globals(), '{0}' in locals())",
    "print(sorted(locals()), dir())",
    "print(globals()['{0}'].__name__)",
    "exec('print({0}.__name__)')",
    "print(globals().get('{0}', {1}) is {1})",
    "del {0}\nprint({1})",
    "if len('{0}') > 4:\n    print(3)\nelif len('{1}') > 6:\n    print({0}.__name__)\nelse:\n    {1}.__name__",
    "for _ in range(2):\n    if _:\n        print({0}.__name__)\n    else:\n        print(1)\nelse:\n    {1}.__name__",
    "try:\n    if {0}.x:\n        print({0})\nexcept AttributeError:\n    print({1}.__name__)\nelse:\n    print(1)",
    "try:\n    print(undefined)\nexcept Exception:\n    print({0}.__name__)\nfinally:\n    print({1}.__name__)",
    "with contextlib.closing(io.StringIO()):\n    if len('{0}') > 4:\n        print({0}.__name__)\n    print(1)",
    "match len('{0}'):\n    case 4:\n        print({0}.__name__)\n    case _ if {1}:\n        print(2)",
    "@functools.lru_cache\ndef inner():\n    return {0}.__name__\nprint(inner(), [inner() for _ in '{1}'])",
    "nested = lambda: [{0} for _ in range(1)]\nprint(nested())",
)
DEFINITIONS = (
    "def {name}():\n    def inner():\n        global {0}\n        return {0}.__name__\n\n    print(inner())\n{body}",
    "def {name}(value={0}.__name__):\n{body}",
    "def {name}({0}=1) -> {1}:\n{body}",
    "def {name}(value: {0} = 2):\n    '''Doc.'''\n{body}",
    "async def {name}():\n{body}",
    "@functools.lru_cache\ndef {name}():\n    # A comment.\n\n{body}",
    "class {name}:\n    kind = {0}.__name__\n\n    def __call__(self):\n    {body}",
    "class {name}:\n    value: {0} = 1\n\n    def __call__(self, {1}: {1} = 1):\n    {body}",
    """def {name}():
    class Inner:
        {0} = {0}

        def run(self):
            return {1}.__name__

    print(Inner().run())
{body}""",
    "def {name}():\n    def inner():\n        held = {0}.__name__\n        return held\n\n    print(inner())\n{body}",
)
TAIL = """
print(sys.byteorder)


def drive(one):
    try:
        found = one()()  if isinstance(one, type) else one()
        if hasattr(found, "send"):
            found = found.send(None) if hasattr(found, "cr_code") else list(found)
        print("=", found if isinstance(found, (str, int, list)) else type(found).__name__)
    except StopIteration as end:
        print("=", end.value)
    except Exception as error:
        print("!", type(error).__name__)
"""


def indented(text: str, by: str = "    ") -> str:
    return "".join(f"{by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


@st.composite
def bodies(draw: st.DrawFn) -> str:
    statements = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
    # What a function declares global stands first, else that is no valid Python.
    statements.sort(key=lambda statement: not statement.startswith("global"))
    return "\n".join(statement.format(draw(NAMES), draw(NAMES)) for statement in statements) + "\n"


@st.composite
def modules(draw: st.DrawFn) -> str:
    future = draw(st.sampled_from(["", "from __future__ import annotations\n\n"]))
    imports = [IMPORTS[name] for name in draw(st.permutations(sorted(IMPORTS)))]
    parts = [
        f'"""A module."""\n\n{future}import contextlib\nimport functools\nimport io\nimport sys\n'
        + "\n".join(imports)
        + "\n"
    ]
    count = draw(st.integers(1, 4))
    for number in range(count):
        if draw(st.integers(0, 5)) == 0:
            parts.append(f"print({draw(NAMES)}.__name__)\n")
        shape = draw(st.sampled_from(DEFINITIONS))
        body = indented(draw(bodies()))
        if "\n    {body}" in shape:
            body = indented(body).removeprefix("    ")
        parts.append(shape.format(draw(NAMES), draw(NAMES), name=f"part{number}", body=body))
    calls = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=5))
    return "\n\n".join([*parts, TAIL, *(f"drive(part{number})" for number in calls)]) + "\n"


NUMBERS = itertools.count()


def behaviour(source: bytes, name: str) -> str:
    """Run a module, and return what it prints, and how it ends."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - it was generated
        except Exception as error:  # noqa: BLE001 - whatever it is, it has to be the same
            output.write(f"! {type(error).__name__}")
        finally:
            del sys.modules[name]
    return output.getvalue()


def in_package(source: bytes, name: str, registry: str) -> str:
    """Run a module of a package that has a registry, and return what it prints, and how it ends."""
    package = types.ModuleType(name.partition(".")[0])
    package.__path__ = []
    deferred = types.ModuleType(f"{package.__name__}._deferred")
    deferred.__package__ = package.__name__
    sys.modules |= {package.__name__: package, deferred.__name__: deferred}
    try:
        exec(compile(registry, deferred.__name__, "exec", dont_inherit=True), deferred.__dict__)  # noqa: S102 - it is ours
        package._deferred = deferred  # type: ignore[attr-defined]  # as importing it does
        return behaviour(source, name)
    finally:
        del sys.modules[package.__name__], sys.modules[deferred.__name__]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(source=modules(), offered=st.sets(NAMES, max_size=2), is_called=st.booleans())
def test_a_module_behaves_as_before(source: str, offered: set[str], is_called: bool) -> None:
    """Whatever it does with names, in whichever scope: the new module prints the same, and ends the same way.

    So it does where the start calls its functions, and they import in front of what needs it.
    """
    try:
        compile(source, "generated", "exec", dont_inherit=True)
    except SyntaxError:
        return
    name = f"generated_{next(NUMBERS)}"
    before = behaviour(source.encode(), name)
    wanted = Wanted(patched=frozenset(offered), called=frozenset(range(1000) if is_called else ()))
    plan = make_plan(source.encode(), name, is_package=False, wanted=wanted)
    after = apply(plan, set(plan.moves), Style())
    assert behaviour(after, name) == before
    again = make_plan(after, name, is_package=False, wanted=wanted)
    assert apply(again, set(again.moves), Style()) == after


FORMS: tuple[Registered | None, ...] = (None, "names", *(("native",) if sys.version_info >= (3, 15) else ()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(source=modules(), offered=st.sets(NAMES, max_size=2), form=st.sampled_from(FORMS))
def test_so_it_does_with_a_registry(source: str, offered: set[str], form: Registered | None) -> None:
    """Where the registry serves what it offers, and its functions read the registry or, on 3.15, Python asks it."""
    try:
        compile(source, "generated", "exec", dont_inherit=True)
    except SyntaxError:
        return
    package = f"generated_{next(NUMBERS)}"
    name = f"{package}.part"
    wanted = Wanted(patched=frozenset(offered), registered=True)
    plan = make_plan(source.encode(), name, is_package=False, wanted=wanted)
    registering = register(form, {name: plan}, package, "_deferred", {}, line_length=200) if form else None
    exporting = find_exports({name: plan.outline()}, package, "_deferred", {}, {name}) if form != "native" else None
    exports = {one.name: target for one, target in exporting.targets.items()} if exporting else {}
    table: dict[str, object] = {
        "discover": True,
        "imports": registering.targets if registering else {},
        "exports": {".part": exports} if exports else {},
    }
    document = {"project": {"name": package}, "tool": {"deferred-imports": table}}
    shipped = Shipped(frozenset({package, name}), frozenset({package}))
    registry = registry_text(parse_table(document, shipped))
    before = in_package(source.encode(), name, registry)
    names = set(plan.moves) if form != "native" else {one.name for one in registering.entries} if registering else set()
    edits = edits_for(plan, names, Style(line_length=200), registering=registering, exporting=exporting)
    assert in_package(plan.module.text.edited(edits), name, registry) == before
