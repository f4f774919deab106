"""What importing a module does beyond defining things: registers, changes other modules, configures, starts something.

An import whose module does such a thing can wait only if nothing relies on that before the first use. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from packaging.markers import Marker

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan.bodies import Bodies
from deferred_imports.tooling.scan.calls import Calls, Ran
from deferred_imports.tooling.scan.following import Follower, Meaning
from deferred_imports.tooling.scan.hooks import Hooks
from deferred_imports.tooling.scan.signs import (
    ASKING,
    QUIET,
    QUIET_METHODS,
    ROUTES,
    WELL_NAMED,
    attaches,
    closes,
    is_declarative,
    is_of_class,
    is_of_process,
    of_standard_library,
    registers,
)
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.mentions import Act
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


class Effect(NamedTuple):
    """Something that importing a module does.

    Attributes:
        line: Where that begins in the module.
        reason: Of which kind it is.
        text: The code that does it, in short.
        place: The module and the line where that stands: here, or in a function that is called from here.
        target: The module of the program that it changes, if it is one.
        what: What of that is called or set.
        alone: Whether it is called with nothing but constants, so that all who call it get the same.
        marker: The environment marker that holds wherever it happens, if that is not here.
    """

    line: int
    reason: Reason
    text: str
    place: str
    target: str = ""
    what: str = ""
    alone: bool = False
    marker: str = ""


def effects(
    modules: Mapping[str, Module], follower: Follower, calls: Calls, hooks: Hooks, bodies: Bodies
) -> dict[str, tuple[Effect, ...]]:
    """Return the modules that do something when they are imported, each with all that it does.

    Args:
        modules: The modules of the program.
        follower: Follows their names.
        calls: What runs while they are imported.
        hooks: Tells which base classes keep what is derived from them.
        bodies: Tells which functions change something.
    """
    acting = {name: _Acting(name, module, follower, hooks, bodies) for name, module in modules.items()}
    inner = _of_functions(acting, calls)
    found = {}
    for name, one in acting.items():
        every = [*one.at_import(), *one.of_bases(), *_by_calling(one, calls.first.get(name, ()), inner)]
        if every:
            found[name] = tuple(sorted(set(every)))
    return found


def _of_functions(acting: Mapping[str, _Acting], calls: Calls) -> dict[Ran, Effect]:
    """Return the functions that do something, directly or through what they call, each with the nearest."""
    callers: dict[Ran, list[Ran]] = {}
    for one, below in calls.onward.items():
        for callee in below:
            callers.setdefault(callee, []).append(one)
    found: dict[Ran, Effect] = {}
    for one in calls.onward:
        if direct := min(acting[one.module].in_function(one.name), default=None):
            found[one] = direct
    waiting = list(found)
    for one in waiting:
        for caller in callers.get(one, ()):
            if caller not in found:
                found[caller] = found[one]
                waiting.append(caller)
    return found


def _by_calling(one: _Acting, first: tuple[tuple[Chain, Ran], ...], inner: Mapping[Ran, Effect]) -> Iterator[Effect]:
    """Yield what a module does through the functions that it calls."""
    for chain, ran in first:
        if effect := inner.get(ran):
            own = ran.module == one.name and effect.place.rpartition(":")[0] == one.name
            line = effect.line if own else one.line_of(chain)
            if effect.target != one.name:
                yield effect._replace(line=line, alone=False)


class _Acting:
    """What one module does."""

    def __init__(self, name: str, module: Module, follower: Follower, hooks: Hooks, bodies: Bodies) -> None:
        self.name = name
        self._hooks = hooks
        self._bodies = bodies
        self._module = module
        self._follower = follower
        self._acts: dict[str, list[Act]] = {}  # by the function around them
        for act in module.names.acts:
            self._acts.setdefault("" if act.at_import else act.owner, []).append(act)

    def at_import(self) -> Iterator[Effect]:
        """Yield what the code of the module does, outside of functions."""
        return filter(None, map(self._of_act, self._acts.get("", ())))

    def in_function(self, name: str) -> Iterator[Effect]:
        """Yield what a function of it does when it is called."""
        return filter(None, map(self._of_act, self._acts.get(name, ()) if name else ()))

    def line_of(self, chain: Chain) -> int:
        """Return the first line outside of functions in which something is called, decorates or is a base class."""
        lines = [act.line for act in self._acts.get("", ()) if act.chain == chain]
        lines += [use.line for use in self._module.names.mentions if use.chain == chain and use.role != "call"]
        return min(lines, default=0)

    def _of_act(self, act: Act) -> Effect | None:
        """Tell which effect something that the module does has, if any."""
        origin = self._follower.origin(self.name, act.chain)
        if origin.kind not in {"own", "foreign"} or origin.module == self.name:
            return None
        text = ".".join(act.chain)
        if act.how == "set":
            reason: Reason | None = self._of_setting(act, origin)
            text += " = ..."
        elif origin.top in STANDARD_LIBRARY:
            reason = None if self._is_own_business(act, origin.path) else of_standard_library(origin.path)
        else:
            reason = self._of_calling(act, origin)
        if reason is None:
            return None
        return Effect(
            act.line,
            reason,
            f"`{text}`",
            f"{self.name}:{act.line}",
            target=origin.module or self._holder(act.chain),
            what=".".join((origin.path, *origin.rest)),
            alone=act.how == "call" and not any(act.handed),
            marker=self._marker(act.chain[0]),
        )

    def _is_own_business(self, act: Act, path: str) -> bool:
        """Tell whether what is said to the standard library concerns only what this module brings itself.

        No warning of a class is shown, no object of it pickled, and no file of it left open before the class is there.
        """
        handed = [chain for chain in act.handed if chain and chain[0]]
        if path == "atexit.register":
            own = self._module.facts.defined
            return any(len(chain) > 1 and chain[0] in own and closes(chain[-1]) for chain in handed)
        if path.startswith("warnings.") or is_of_class(path):
            return any(self._is_own_class(chain) for chain in handed)
        return False

    def _is_own_class(self, chain: Chain) -> bool:
        found = self._follower.origin(self.name, chain)
        return found.module == self.name and found.path in self._module.names.classes

    def _of_setting(self, act: Act, origin: Meaning) -> Reason | None:
        if act.chain[0] not in self._module.facts.bound:  # something that the module itself has made
            return None
        if any(len(key) == 1 and key[0] in self._module.names.numbers for key in act.handed):
            return None  # an item under a number: who knows that number has it from here
        return Reason.CONFIGURES if is_of_process(origin.path) and origin.kind == "foreign" else Reason.PATCHES

    def _of_calling(self, act: Act, origin: Meaning) -> Reason | None:
        """Judge a call, or a decorator, of something in another module that is not the standard library's."""
        last = act.chain[-1]
        known = registers(last)
        # Decorators of these make something of their own, unless an object of the program does it: `@group.command`.
        quiet = origin.top in QUIET and not (known and self._holder(act.chain))
        if act.chain[0] not in self._module.facts.bound or last in QUIET_METHODS or quiet:
            return None
        if act.how == "decorator":
            own = (known or last in ROUTES) and self._of_something(act, last)
            known = own or (origin.kind == "foreign" and (known or origin.top not in WELL_NAMED))
        elif act.how == "call":  # for what it does, as nobody takes the result
            known = known or self._changes(act, origin)
        else:
            known = (known and self._of_something(act, last)) or self._attaches(act, origin)
        return Reason.REGISTERS if known else None

    def _attaches(self, act: Act, origin: Meaning) -> bool:
        """Tell whether making something adds it to what another module of the program holds."""
        return attaches(origin.path) and any(chain and self._holder(chain) for chain in act.handed)

    def _changes(self, act: Act, origin: Meaning) -> bool:
        """Tell whether calling something may change anything but what this module has made itself."""
        handed = any(chain and chain[0] in self._module.facts.bound for chain in act.handed)
        if handed or origin.kind != "own" or not origin.module or origin.rest:
            return True
        return self._bodies.changes(origin.module, origin.path)

    def _holder(self, chain: Chain) -> str:
        """Return the other module of the program that holds what a chain stands for, if one does."""
        found = [place for place, rest in self._follower.passed(self.name, chain) if rest and place != self.name]
        return found[-1] if found else ""

    def _of_something(self, act: Act, last: str) -> bool:
        """Tell whether a method is called, or something whose name leaves no doubt."""
        rests = [rest for _, rest in self._follower.follow(self.name, act.chain)]
        return last.startswith("register") or not rests or any(len(rest) > 1 for rest in rests)

    def _marker(self, name: str) -> str:
        """Return the marker of the import that binds a name, if that import does not run here."""
        markers = [
            statement.marker
            for statement in self._module.facts.statements
            if statement.when == "import" and name in {bound.partition(".")[0] for bound in statement.bound}
        ]
        if markers and all(marker is not None and not Marker(marker).evaluate() for marker in markers):
            return markers[0] or ""
        return ""

    def of_bases(self) -> Iterator[Effect]:
        """Yield the classes whose bases, elsewhere, want to know of them."""
        names = self._module.names
        lines = {use.detail: use.line for use in reversed(names.mentions) if use.role == "base"}
        for path, bases in names.classes.items():
            for base in bases if "." not in path else ():
                if self._wants_to_know(base, names.class_options.get(path, ())):
                    line = lines.get(path, 0)
                    yield Effect(line, Reason.REGISTERS, f"`{'.'.join(base)}`", f"{self.name}:{line}")

    def _wants_to_know(self, base: Chain, options: tuple[str, ...]) -> bool:
        origin = self._follower.origin(self.name, base)
        if (origin.kind == "own" and origin.module == self.name) or self._is_made_here(base[0]):
            return False  # whoever asks it for what is derived from it has that from here
        if origin.top in ASKING and ASKING[origin.top] not in options:
            return False
        found = self._hooks.remember(self.name, base)
        unknown = self._hooks.not_found(self.name, base) if found is not None else (origin.path,)
        return bool(found) or any(map(is_declarative, unknown))

    def _is_made_here(self, name: str) -> bool:
        """Tell whether the module has made what a name stands for, by calling something: `db = SQLAlchemy()`."""
        facts = self._module.facts
        return name in self._module.names.assigned and name not in facts.bound and name not in facts.aliases
