"""The tables of what tells that code does something, by names."""

import pytest

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan import signs


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("atexit.register", Reason.REGISTERS),
        ("collections.abc.Mapping.register", Reason.REGISTERS),
        ("logging.getLogger.setLevel", Reason.CONFIGURES),
        ("sys.setrecursionlimit", Reason.CONFIGURES),
        ("os.environ.setdefault", Reason.CONFIGURES),
        ("subprocess.run", Reason.STARTS),
        ("multiprocessing.context.Process.start", Reason.STARTS),
        ("os.environ.get", None),
        ("logging.getLogger", None),
        ("subprocess.list2cmdline", None),
        ("linecache.getline", None),
        ("json.dumps", None),
    ],
)
def test_the_standard_library(path: str, reason: Reason | None) -> None:
    """What changes the process has a kind; what only asks has none."""
    assert signs.of_standard_library(path) is reason


def test_names() -> None:
    """Names tell what registers, what closes, what says something of a class and what belongs to the process."""
    assert all(map(signs.registers, ["register", "register_model", "add_representer", "receiver", "on_start", "route"]))
    assert not any(map(signs.registers, ["address", "only", "connection", "get", "unregistered"]))
    assert signs.closes("shutdown")
    assert not signs.closes("open")
    assert signs.is_of_class("numbers.Number.register")
    assert not signs.is_of_class("atexit.register")
    assert signs.is_of_process("os.environ")
    assert not signs.is_of_process("os.path")


def test_base_classes_that_are_not_found() -> None:
    """Of one distribution some base classes keep what is derived from them, and others do not."""
    assert all(
        map(signs.is_declarative, ["django.db.models.Model", "sqlalchemy.orm.DeclarativeBase", "yaml.YAMLObject"])
    )
    assert not any(map(signs.is_declarative, ["django.forms.Form", "sqlalchemy.types.TypeDecorator", "yaml.Loader"]))
