"""What importing a module does beyond defining things: registers, changes other modules, configures, starts something.

An import whose module does such a thing can wait only if nothing relies on that before the first use. Nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan.calls import Ran
from deferred_imports.tooling.scan.following import Follower, Meaning
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.mentions import Act
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


class Effect(NamedTuple):
    """Something that importing a module does.

    Attributes:
        line: Where.
        reason: Of which kind it is.
        text: The code that does it, in short.
    """

    line: int
    reason: Reason
    text: str


# What adds to something that outlives the call: commands, routes, handlers, implementations of a generic function.
_REGISTERING = re.compile(
    r"(?:add|connect|on|register|subscribe)(?:_|$)|(?:callback|command|errorhandler|group|hook|listen|listens_for|"
    r"middleware|receiver|route|setdefault|task|websocket)$"
)
_ROUTES = frozenset({"delete", "get", "patch", "post", "put"})  # as decorators
_SAYING = frozenset("critical debug error exception info log warn warning write".split())  # leaves nothing behind

# What the standard library keeps for the whole process, by the dotted names of what changes that.
_STANDARD: tuple[tuple[Reason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern.replace(" ", "").replace("\n", "")))
    for reason, pattern in (
        (
            Reason.STARTS,
            r"""threading\.(?:Thread|Timer)\.start | multiprocessing\.(?:\w+\.)?Process\.start | _thread\.start\w+ |
            subprocess\.\w+ | os\.(?:fork|system|popen|spawn\w+|posix_spawn\w*|exec\w+)""",
        ),
        (
            Reason.REGISTERS,
            r"""atexit\.register | codecs\.register\w* | copyreg\.\w+ | csv\.register_dialect | signal\.signal |
            mimetypes\.add_type | shutil\.(?:un)?register_\w+ | webbrowser\.register | sqlite3\.register_\w+ |
            xml\.etree\.ElementTree\.register_namespace | email\.charset\.add_\w+ | sys\.addaudithook |
            os\.register_at_fork | (?:abc|collections|numbers|io|typing|os|contextlib)\.[\w.]*\.register |
            encodings\.[\w.]+\.update | urllib\.request\.install_opener | xml\.dom\.registerDOMImplementation |
            unittest\.\w+\.register | readline\.set_\w+ | gettext\.(?:install|bindtextdomain)""",
        ),
        (
            Reason.CONFIGURES,
            r"""warnings\.(?:filterwarnings|simplefilter|resetwarnings) | locale\.setlocale | faulthandler\.\w+ |
            logging\.(?:basicConfig|disable|addLevelName|captureWarnings|set\w+|config\.\w+Config) |
            logging\.getLogger\.(?:addHandler|addFilter|setLevel|removeHandler) | logging\.root\.\w+ |
            os\.(?:environ\.(?:setdefault|update|pop|clear)|putenv|unsetenv|umask|chdir|nice|set\w+) |
            sys\.(?:set\w+|path\.\w+|meta_path\.\w+|path_hooks\.\w+|modules\.(?:setdefault|update|pop)) |
            sys\.std(?:out|err|in)\.reconfigure | site\.addsitedir | gc\.(?:disable|enable|freeze|set_\w+) |
            socket\.setdefaulttimeout | multiprocessing\.set_\w+ | asyncio\.set_\w+ | decimal\.setcontext |
            threading\.(?:set\w+|stack_size) | random\.seed | tracemalloc\.start | signal\.(?:set\w+|alarm|pthread\w+) |
            resource\.setrlimit | linecache\.\w+ | mimetypes\.init | ssl\.\w+default\w+""",
        ),
    )
)
# What is set there, by the beginning of its dotted name.
_SET = re.compile(
    r"(?:os\.environ|sys|decimal\.(?:getcontext|DefaultContext)|logging|warnings|locale|gc|signal)(?:\.|$)"
)

# Base classes that keep a list of what is derived from them, by the packages that have some.
_DECLARATIVE = frozenset(
    """
    beanie celery django factory flask_sqlalchemy luigi marshmallow mongoengine odoo peewee piccolo pony sqlalchemy
    sqlmodel tortoise
    """.split()
)
# Decorators of these leave nothing behind: they return another function, or a command that nobody has added yet.
_QUIET = frozenset(
    """
    attr attrs backoff beartype cachetools click cloup cython decorator deprecated deprecation funcy future
    hypothesis jinja2 joblib more_itertools mypy_extensions numba numpy pandas pydantic pytest retry rich_click
    six tenacity toolz torch typeguard typing_extensions wrapt zope
    """.split()
)


def effects(modules: Mapping[str, Module], follower: Follower, ran: frozenset[Ran]) -> dict[str, Effect]:
    """Return the modules that do something when they are imported, each with the first thing that it does."""
    found: dict[str, Effect] = {}
    for name, module in modules.items():
        of_this = _Effects(name, module, follower)
        acts = (act for act in module.names.acts if act.at_import or Ran(name, act.owner) in ran)
        every = [*filter(None, map(of_this.of_act, acts)), *of_this.of_bases()]
        if every:
            found[name] = min(every)
    return found


class _Effects:
    """The effects of one module."""

    def __init__(self, name: str, module: Module, follower: Follower) -> None:
        self._name = name
        self._module = module
        self._follower = follower

    def of_act(self, act: Act) -> Effect | None:
        """Tell which effect something that the module does has, if any."""
        origin = self._follower.origin(self._name, act.chain)
        if origin.kind not in {"own", "foreign"} or origin.module == self._name:
            return None
        text = ".".join(act.chain)
        if act.how == "set":
            reason: Reason | None = self._of_setting(act, origin)
            text += " = ..."
        elif origin.top in STANDARD_LIBRARY:
            reason = next((reason for reason, pattern in _STANDARD if pattern.fullmatch(origin.path)), None)
        else:
            reason = self._of_calling(act, origin)
        return Effect(act.line, reason, f"`{text}`") if reason else None

    def _of_setting(self, act: Act, origin: Meaning) -> Reason | None:
        if act.chain[0] not in self._module.facts.bound:  # something that the module itself has made
            return None
        return Reason.CONFIGURES if _SET.match(origin.path) and origin.kind == "foreign" else Reason.PATCHES

    def _of_calling(self, act: Act, origin: Meaning) -> Reason | None:
        """Judge a call, or a decorator, of something in another module that is not the standard library's."""
        last = act.chain[-1]
        if act.chain[0] not in self._module.facts.bound or last in _SAYING or origin.top in _QUIET:
            return None
        registers = bool(_REGISTERING.match(last))
        if act.how == "decorator":
            own = (registers or last in _ROUTES) and self._of_something(act, last)
            registers = own or origin.kind == "foreign"
        elif act.how == "call":  # for what it does, as nobody takes the result
            registers = True
        else:
            registers = registers and self._of_something(act, last)
        return Reason.REGISTERS if registers else None

    def _of_something(self, act: Act, last: str) -> bool:
        """Tell whether a method is called, or something whose name leaves no doubt."""
        rests = [rest for _, rest in self._follower.follow(self._name, act.chain)]
        return last.startswith("register") or not rests or any(len(rest) > 1 for rest in rests)

    def of_bases(self) -> Iterator[Effect]:
        """Yield the classes whose bases, elsewhere, want to know of them."""
        names = self._module.names
        lines = {use.detail: use.line for use in reversed(names.mentions) if use.role == "base"}
        for path, bases in names.classes.items():
            for base in bases if "." not in path else ():
                if self._wants_to_know(base):
                    yield Effect(lines.get(path, 0), Reason.REGISTERS, f"`{'.'.join(base)}`")

    def _wants_to_know(self, base: Chain) -> bool:
        origin = self._follower.origin(self._name, base)
        if origin.kind == "foreign":
            return origin.top in _DECLARATIVE
        hooks = self._follower.methods(self._name, base, "__init_subclass__")
        return any(module != self._name for module, _ in hooks)
