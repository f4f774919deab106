"""What importing a module does: which line, of which kind, to what; and what is its own business."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.judged import Reason
from scanning import program_of

CORE = "table = {}\ndef add(x): table[x] = 1\ndef peek(): return table\nclass Base: ...\n"
MODELS = "import sqlalchemy.orm as o, flask_sqlalchemy as f\nclass Table(o.DeclarativeBase): ...\ndb = f.SQLAlchemy()\n"


@pytest.mark.parametrize(
    ("text", "reason", "changed"),
    [
        ("import core\ncore.add(1)\n", Reason.REGISTERS, ("core", "add", True)),
        ("import core\ncore.add(core)\n", Reason.REGISTERS, ("core", "add", False)),
        ("from core import add\nadd(x=print)\n", Reason.REGISTERS, ("core", "add", False)),
        ("import core\ncore.value = 2\n", Reason.PATCHES, ("core", "value", False)),
        ("from core import table\ntable['a'] = 1\n", Reason.PATCHES, ("core", "table", False)),
        ("import core\ndel core.table['a']\n", Reason.PATCHES, ("core", "table", False)),
        ("import os\nos.environ['A'] = '1'\n", Reason.CONFIGURES, ("", "os.environ", False)),
        ("import mongoengine\nclass A(mongoengine.Document): ...\n", Reason.REGISTERS, ("", "", False)),
        ("from core import Table\nclass A(Table): ...\n", Reason.REGISTERS, ("", "", False)),
        ("from core import db\nclass A(db.Model): ...\n", Reason.REGISTERS, ("", "", False)),
        ("import threading\nthreading.Thread().start()\n", Reason.STARTS, ("", "threading.Thread.start", True)),
    ],
)
def test_an_effect(text: str, reason: Reason, changed: tuple[str, str, bool], tmp_path: Path) -> None:
    """An effect says its line and its kind, and which module of the program it changes, what of it, with what."""
    (effect,) = program_of({"app": text, "core": CORE + MODELS}, tmp_path).effects["app"]
    assert (effect.line, effect.place, effect.reason) == (2, "app:2", reason)
    assert (effect.target, effect.what, effect.alone) == changed


@pytest.mark.parametrize(
    "text",
    [
        "import core\ncore.peek()\n",
        "import core\nx = core.add\n",
        "from core import Base\nclass A(Base): ...\n",
        "import core\nmine = core.Base()\nmine.x = 1\n",
        "import atexit\nf = open('x')\natexit.register(f.close)\n",
        "import warnings\nclass W(Warning): ...\nwarnings.simplefilter('default', W)\n",
        "import copyreg\nclass A: ...\ncopyreg.pickle(A, repr)\n",
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\nclass A(db.Model): ...\n",
        "from sqlalchemy.types import TypeDecorator\nclass A(TypeDecorator): ...\n",
        "from django.forms import Form\nclass A(Form): ...\n",
        "from peewee import Model, CharField\nclass A(Model):\n  name = CharField()\n",
        "from tortoise import Model\nclass A(Model): ...\n",
        "from wtforms import Form\nclass A(Form): ...\n",
        "import core\nN = 5\ncore.table[N] = 'five'\n",
        "from asgiref.sync import async_to_sync\n@async_to_sync\nasync def f(): ...\n",
        "import pluggy\nimpl = pluggy.HookimplMarker('app')\n@impl\ndef f(): ...\n",
        "import logging\nlogging.getLogger('x').warning('hi')\n",
        "from core import Base\nclass A(Base):\n  def __init__(self): Base.__init__(self)\nA()\n",
    ],
)
def test_no_effect(text: str, tmp_path: Path) -> None:
    """What leaves nothing behind, or says something only of what the module brings itself, is no effect."""
    assert "app" not in program_of({"app": text, "core": CORE + MODELS}, tmp_path).effects


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("from sqlalchemy import Table\nfrom core import table\nusers = Table('users', table)\n", 3),
        ("from peewee import *\nimport peewee, core\nclass A:\n  user = peewee.ForeignKeyField(core.Base)\n", 4),
        ("from flask_migrate import Migrate\nfrom core import table\nmigrate = Migrate(table)\n", 3),
        ("from sqlmodel import SQLModel\nclass A(SQLModel, table=True): ...\n", 2),
        ("from sqlmodel import SQLModel\nclass A(SQLModel): ...\n", 0),
        ("from flask_migrate import Migrate\nmigrate = Migrate()\n", 0),
        ("from peewee import ForeignKeyField\nclass A:\n  user = ForeignKeyField('self')\n", 0),
        ("from django.dispatch import receiver\n@receiver('x')\ndef f(): ...\n", 2),
        ("from django.http import require_POST\n@require_POST\ndef f(): ...\n", 0),
    ],
)
def test_what_adds_itself_to_others(text: str, line: int, tmp_path: Path) -> None:
    """Tables, foreign keys and models add themselves to what others hold; what is alike and does not is no effect."""
    found = program_of({"app": text, "core": CORE}, tmp_path).effects.get("app", ())
    assert [effect.line for effect in found] == ([line] if line else [])


def test_through_functions(tmp_path: Path) -> None:
    """What a function does belongs to the module that calls it when it is imported, with both lines."""
    lib = "import os\ndef outer(): inner()\ndef inner():\n  os.environ['A'] = '1'\n"
    effects = program_of({"app": "import lib\n\nx = lib.outer()\n", "lib": lib}, tmp_path).effects
    assert set(effects) == {"app"}
    (effect,) = effects["app"]
    assert (effect.line, effect.place, effect.reason) == (3, "lib:4", Reason.CONFIGURES)


def test_on_other_platforms(tmp_path: Path) -> None:
    """What needs an import that does not run here happens elsewhere, and says where."""
    text = "import sys\nif sys.platform == 'win95':\n  import gone\n  gone.fix()\n"
    (effect,) = program_of({"app": text}, tmp_path).effects["app"]
    assert effect.marker == "sys_platform == 'win95'"


def test_several_on_one_line(tmp_path: Path) -> None:
    """One line may do things of several kinds; they come in the order of their codes."""
    text = "import os, core\ncore.add(1); os.environ['A'] = '1'; core.value = 2\n"
    found = program_of({"app": text, "core": CORE}, tmp_path).effects["app"]
    assert [(one.line, one.reason) for one in found] == [
        (2, Reason.CONFIGURES),
        (2, Reason.PATCHES),
        (2, Reason.REGISTERS),
    ]
