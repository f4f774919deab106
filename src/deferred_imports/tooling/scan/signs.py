"""What tells that code does something by being run: what the standard library keeps for the process, and telling names.

Tables and what asks them, for `effects`. They are read by hand from the documentation of the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.table.names import lies_in

# What adds to something that outlives the call: commands, routes, handlers, implementations of a generic function.
_REGISTERING = re.compile(
    r"(?:add|connect|on|register|subscribe)(?:_|$)|(?:callback|command|errorhandler|group|hook|listen|listens_for|"
    r"middleware|receiver|route|setdefault|task|websocket)$"
)
ROUTES = frozenset({"delete", "get", "patch", "post", "put"})
"""What registers where it decorates."""
SAYING = frozenset("critical debug error exception info log warn warning write".split())
"""What leaves nothing behind."""
QUIET_METHODS = SAYING | {"__init__", "__new__", "__setattr__"}
"""These, and what a class calls of another to make, or to set, what is its own."""

# Base classes that keep a list of what is derived from them, and packages of such, where no sources are found.
_DECLARATIVE = tuple(
    """
    django.contrib.gis.db django.db flask_sqlalchemy luigi marshmallow.Schema mongoengine odoo piccolo pony
    sqlalchemy.ext sqlalchemy.orm sqlmodel yaml.YAMLObject
    """.split()
)
QUIET = frozenset(
    """
    asgiref async_lru attr attrs backoff beartype cached_property cachetools click cloup cython decorator deprecated
    deprecation funcy future hypothesis jinja2 joblib more_itertools mypy_extensions numba numpy pandas pluggy
    pydantic pytest retry rich_click six strawberry tenacity toolz torch typeguard typing_extensions wrapt zope
    """.split()
)
"""Packages whose decorators leave nothing behind: they return another function, mark it, or make a command that is
added nowhere."""
ASKING: Mapping[str, str] = {"sqlmodel": "table"}
"""Packages with base classes that keep only what says so: `class Hero(SQLModel, table=True)`."""
WELL_NAMED = frozenset("django factory marshmallow rest_framework".split())
"""Packages whose decorators register something only where their names say so: `receiver`, and not `login_required`."""
# What adds itself to an object that it is handed, by its dotted name.
_ATTACHING = re.compile(
    r"(?:sqlalchemy|sqlmodel)\.(?:\w+\.)*Table|peewee\.(?:ForeignKey|ManyToMany)Field|flask_\w+\.(?:\w+\.)*[A-Z]\w*"
)

# What the standard library keeps for the whole process, by the dotted names of what changes that.
_STANDARD: tuple[tuple[Reason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern.replace(" ", "").replace("\n", "")))
    for reason, pattern in (
        (
            Reason.STARTS,
            r"""threading\.(?:Thread|Timer)\.start | multiprocessing\.(?:\w+\.)?Process\.start | _thread\.start\w+ |
            subprocess\.(?:run|call|check_\w+|Popen|get\w*output) |
            os\.(?:fork|system|popen|spawn\w+|posix_spawn\w*|exec\w+)""",
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
            resource\.setrlimit | linecache\.(?:clear|check)cache | mimetypes\.init | ssl\.\w+default\w+""",
        ),
    )
)
# What is set there, by the beginning of its dotted name.
_SET = re.compile(
    r"(?:os\.environ|sys|decimal\.(?:getcontext|DefaultContext)|logging|warnings|locale|gc|signal)(?:\.|$)"
)
# What says something of a class: to others this matters from the first object of that class on.
_OF_A_CLASS = re.compile(
    r"(?:abc|collections|numbers|io|typing|os|contextlib)\.[\w.]*\.register|copyreg\.(?:pickle|constructor)|"
    r"sqlite3\.register_adapter"
)
_CLOSING = frozenset("cleanup clear close disconnect flush join kill release shutdown stop terminate".split())


def of_standard_library(path: str) -> Reason | None:
    """Tell what calling something of the standard library does to the process, by its dotted name."""
    return next((reason for reason, pattern in _STANDARD if pattern.fullmatch(path)), None)


def is_of_process(path: str) -> bool:
    """Tell whether what is set there, by its dotted name, belongs to the process."""
    return _SET.match(path) is not None


def registers(name: str) -> bool:
    """Tell whether a function of this name adds to something that outlives the call."""
    return _REGISTERING.match(name) is not None


def attaches(path: str) -> bool:
    """Tell whether what is made, by its dotted name, adds itself to an object that it is handed."""
    return _ATTACHING.fullmatch(path) is not None


def is_declarative(path: str) -> bool:
    """Tell whether a base class, by its dotted name, is known to keep a list of what is derived from it."""
    return any(lies_in(path, known) for known in _DECLARATIVE)


def is_of_class(path: str) -> bool:
    """Tell whether a function of the standard library says something of the class that it is handed."""
    return _OF_A_CLASS.fullmatch(path) is not None


def closes(name: str) -> bool:
    """Tell whether a method of this name ends what its object has begun."""
    return name in _CLOSING
