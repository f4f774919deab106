"""``hatch run bases``: whether `scan` knows which base classes keep what is derived from them, on real libraries.

For each a module with a class that is derived from it, which another imports and uses in a function: `scan` calls that
import risky, or says that it can wait, by the sources alone. Then such a class is made in a function, and whether it
outlives that tells whether something has kept it. Needs an index.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES


class Base(NamedTuple):
    """A base class, and a class that is derived from it.

    Attributes:
        module: Where it is from.
        name: It.
        body: What stands in the class that is derived from it.
        options: What stands behind it between the brackets.
        tells: What tells whether that class is kept; SQLAlchemy keeps not the class, but its table.
    """

    module: str
    name: str
    body: str = "..."
    options: str = ""
    tells: str = "made() is not None"


_DJANGO = "import django.conf, django; django.conf.settings.configure(); django.setup()\n"
_SQL = "x: int = __import__('sqlmodel').Field(primary_key=True)"
BASES = (
    Base("attr", "Factory"),
    Base("beanie", "Document", "x: str"),
    Base("celery", "Task", "name = 'x'"),
    Base("django.apps", "AppConfig", "name = 'x'"),
    Base("django.core.management.base", "BaseCommand"),
    Base("django.db.models", "Model", "Meta = type('Meta', (), {'app_label': 'x'})"),
    Base("django.forms", "Form"),
    Base("factory", "Factory"),
    Base("luigi", "Task"),
    Base("marshmallow", "Schema"),
    Base("marshmallow.fields", "Field"),
    Base("mashumaro", "DataClassDictMixin"),
    Base("mongoengine", "Document"),
    Base("mongoengine", "EmbeddedDocument"),
    Base("msgspec", "Struct", "x: int"),
    Base("odmantic", "Model", "x: str"),
    Base("peewee", "Model"),
    Base("piccolo.table", "Table"),
    Base("pydantic", "BaseModel", "x: int"),
    Base("rest_framework.serializers", "Serializer"),
    Base("sqlalchemy.types", "TypeDecorator", "impl = str"),
    Base("sqlmodel", "SQLModel", "x: int"),
    Base("sqlmodel", "SQLModel", _SQL, ", table=True", "bool(Base.metadata.tables)"),
    Base("tortoise.models", "Model"),
    Base("traitlets", "HasTraits"),
    Base("umongo", "Document"),
    Base("wtforms", "Form"),
    Base("yaml", "YAMLObject", "yaml_tag = '!x'"),
)
REQUIREMENTS = """
attrs==26.1.0 beanie==2.2.0 celery==5.7.0 django==5.2.19 djangorestframework==3.18.3 factory-boy==3.3.3 luigi==3.8.1
marshmallow==3.26.2 mashumaro==3.23 mongoengine==0.29.3 msgspec==0.22.0 odmantic==1.1.0 peewee==4.5.3 piccolo==1.38.0
pydantic==2.14.4 pyyaml==6.0.4 sqlmodel==0.0.50 tortoise-orm==1.1.9 traitlets==5.16.1 umongo==3.1.0 wtforms==3.3.2
packaging argcomplete rich tomlkit
""".split()
_KEPT = """
import gc, weakref
{before}from {base.module} import {base.name} as Base

def make():
    class Mine(Base{base.options}):
        {base.body}
    return weakref.ref(Mine)

made = make()
for _ in range(4):
    gc.collect()
print({base.tells})
"""


def keeps(base: Base, python: Path) -> bool:
    """Make a class that is derived from another, and tell whether it is kept."""
    before = _DJANGO if base.module.startswith(("django", "rest_framework")) else ""
    code = _KEPT.format(before=before, base=base)
    return _run([python, "-W", "ignore", "-c", code]).strip() == "True"


def verdict(base: Base, python: Path, root: Path) -> str:
    """Return what `scan` says of the import of such a class."""
    (root / "app").mkdir(exist_ok=True)
    text = f"from {base.module} import {base.name} as Base\n\n\nclass Mine(Base{base.options}):\n    {base.body}\n"
    files = {
        "pyproject.toml": '[project]\nname = "app"\n',
        "app/__init__.py": "",
        "app/derived.py": text,
        "app/user.py": "from app.derived import Mine\n\n\ndef use():\n    return Mine()\n",
    }
    for name, content in files.items():
        (root / name).write_text(content, encoding="utf-8")
    said = _run([python, "-m", "deferred_imports", "-C", root, "scan", "app", "--static", "--json"])
    found = next(item for item in json.loads(said)["imports"] if item["module"] == "app.derived")
    ends = [step.partition(":")[0] for step in found["steps"]][-1:]
    return found["verdict"] if found["verdict"] != "risky" or ends == ["app.derived"] else f"risky for {ends[0]}"


def _run(command: Sequence[str | Path]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise UnavailableError(done.stderr.strip()[-300:])
    return done.stdout


def main() -> int:
    """Try each base class, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter (default: this one)")
    arguments = parser.parse_args()
    table = Table("base class", "keeps what is derived", "scan says", "", box=SIMPLE_HEAD)
    wrong = 0
    with TemporaryDirectory() as name:
        try:
            python = make_environment(Path(name) / "environment", arguments.python, REQUIREMENTS)
            for base in BASES:
                kept, said = keeps(base, python), verdict(base, python, Path(name))
                right = (said == "risky") == kept
                wrong += not right
                text = f"{base.module}.{base.name}{base.options}"
                table.add_row(text, "yes" if kept else "no", said, "" if right else "wrong")
        except UnavailableError as error:
            print(f"skipped: {error}")
            return 0
    Console().print(table)
    print(f"{len(BASES)} tried, {wrong} wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
