"""What functions import: the runtime falls back as their code does, tells of it, and says which module needs what."""

import os

import pytest

from deferred_imports.tooling import cli
from worlds import World

NAME = "<first:thing|second:thing>"
RESOLVE = """
import weather._deferred
from deferred_imports import iter_deferred_imports
print(*[entry.resolve() for entry in iter_deferred_imports()])
"""


def write_unnamed(world: World, caught: str = "") -> None:
    """Write the package `weather`, of which one function imports the same thing from either of two modules.

    Args:
        world: Where it lies.
        caught: The errors that the function catches, if that is not ImportError.
    """
    directory = world.package('imports.one = ["first:thing", "second:thing"]', uses=f".: {NAME}")
    text = (directory / "_deferred.py").read_text("utf-8").replace("    one", f"    {NAME}")
    if caught:
        text = text.replace('    "format"', f'    "caught": {{"{NAME}": "{caught}"}},\n    "format"')
    (directory / "_deferred.py").write_text(text, "utf-8")


@pytest.mark.parametrize(
    "first",
    [
        "def __getattr__(name): raise ImportError(name + ' has moved')",  # as pydantic 2 says of BaseSettings
        "import nonsuch",
        "raise ImportError('no licence')",
    ],
)
def test_a_fallback_in_the_code_is_one_in_the_registry(world: World, first: str) -> None:
    """What was found in a function falls back as the code does: on every ImportError, whoever raises it."""
    world.write({"first.py": first, "second.py": "thing = 2\n"})
    write_unnamed(world)
    code = "import weather; from deferred_imports import resolve_now; print(len(resolve_now('weather').resolved))"
    assert world.run(code) == "1"
    (world.path / "second.py").write_text("import nonsuch_too\n")
    assert world.error(code).endswith("ModuleNotFoundError: No module named 'nonsuch_too'")


@pytest.mark.parametrize(
    ("caught", "first", "expected"),
    [
        ("ModuleNotFoundError", "import nonsuch", "second"),
        ("ModuleNotFoundError", "raise ImportError('no licence')", "ImportError: no licence"),
        ("ModuleNotFoundError", "", "the installed version does not have it"),  # `from` raises ImportError there
        ("AttributeError ImportError", "raise AttributeError('old')", "second"),
        ("AttributeError ImportError", "raise OSError('no driver')", "OSError: no driver"),
        ("Exception", "raise OSError('no driver')", "second"),
        ("Exception", "raise SystemExit", ""),
        ("BaseException", "raise SystemExit", "second"),
    ],
)
def test_a_fallback_catches_what_the_code_catches(world: World, caught: str, first: str, expected: str) -> None:
    """Nothing less and nothing more: `except ModuleNotFoundError` is narrower than ImportError, others are wider."""
    world.write({"first.py": first, "second.py": "thing = 'second'\n"})
    write_unnamed(world, caught)
    done = world.start(RESOLVE)
    assert (done.stdout + done.stderr).strip().endswith(expected)
    assert ("second" in done.stdout) is (expected == "second")


def test_neither_is_there(world: World) -> None:
    """The error names all that was tried, and who needs it; a function that catches something else tries no other."""
    write_unnamed(world)
    done = world.error(RESOLVE)
    assert "weather needs first or second in a function of weather: " in done
    world.write({"second.py": "thing = 'second'\n"})
    write_unnamed(world, "OSError")
    assert "weather needs first in a function of weather: " in world.error(RESOLVE)


def test_it_is_bound_and_told_once(world: World) -> None:
    """What has been resolved is listed as such; those who watch hear of it, as of a name."""
    world.write({"second.py": "thing = 'second'\n"})
    write_unnamed(world)
    code = """
        import weather._deferred
        from deferred_imports import iter_deferred_imports, on_resolve
        on_resolve(lambda event: print(event.entry.key, event.error, event.filename, event.lineno))
        (entry,) = iter_deferred_imports()
        print(entry.state, entry.resolve(), entry.resolve(), entry.state)
    """
    assert world.run(code).splitlines() == [f"{NAME} None <string> 6", "pending second second resolved"]


def test_while_its_module_is_executed(world: World) -> None:
    """A module that is not finished may still fail, so nothing is bound before it is."""
    world.write({"first.py": "thing = 'first'\nfrom weather import cli\ncli.resolve()\n"})
    cli = """
        from deferred_imports import iter_deferred_imports
        def resolve():
            for entry in iter_deferred_imports():
                print(entry.resolve(), entry.key in entry.namespace)
    """
    write_unnamed(world)
    world.write({"weather/cli.py": cli})
    assert world.run("import weather._deferred, first; weather.cli.resolve()").splitlines() == [
        "first False",
        "first True",
    ]


def test_what_the_table_names_falls_back_where_a_function_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that falls back runs eagerly, too, whatever the table calls what it imports; by itself the name fails."""
    project = '[project]\nname = "weather"\nversion = "1"\ndependencies = ["first", "second"]\n'
    table = '[tool.deferred-imports.imports]\none = ["first:thing", "second:thing"]\n'
    chain = "def f():\n    try:\n        from first import thing\n    except {}:\n        from second import thing\n"
    world.write(
        {
            "pyproject.toml": project + table,
            "weather/__init__.py": "from . import _deferred as _deferred\n",
            "weather/m.py": chain.format("ImportError") + "    return thing\n",
            "first.py": "def __getattr__(name):\n    raise (ImportError, AttributeError)[name[0] == '_']('it moved')\n",
            "second.py": "thing = 2\n",
        }
    )
    monkeypatch.chdir(world.path)
    code = "import weather.m; print(weather.m.f(), 'one' in vars(weather._deferred) and weather._deferred.one)"
    assert cli.main(["generate"]) == 0
    assert world.run(code, env={"PYDEFER_EAGER": "1"}) == "2 2"
    assert world.error("import weather; weather._deferred.one") == "ImportError: it moved"
    (world.path / "weather" / "m.py").write_text(chain.format("KeyError") + "    return thing\n", encoding="utf-8")
    assert cli.main(["generate"]) == 0
    assert "ImportError: it moved" in world.error(code, env={"PYDEFER_EAGER": "1"})


@pytest.mark.parametrize(
    "init",
    [
        "def run(): pass",
        "from .other import run",
        "from .other import *",
        "globals()['run'] = 7",
        "import json as run",
        "def __getattr__(name):\n    if name == 'run': return 8\n    raise AttributeError(name)",
        "from . import run",
        "",
    ],
)
def test_eager_puts_no_module_in_the_place_of_something_else(
    init: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `from . import run` gives is what it gives after an eager start, and an old registry claims nothing else."""
    world.write(
        {
            "pyproject.toml": '[project]\nname = "weather"\nversion = "1"\n[tool.deferred-imports]\ndiscover = true\n',
            "weather/__init__.py": "from . import _deferred as _deferred\n",
            "weather/m.py": "def f():\n    from . import run\n    return run\n",
            "weather/run.py": "",
            "weather/other.py": "run = 5\n",
        }
    )
    (world.path / "weather" / "__init__.py").write_text(f"from . import _deferred as _deferred\n{init}\n", "utf-8")
    monkeypatch.chdir(world.path)
    assert cli.main(["generate"]) == 0
    os.utime(world.path / "weather" / "m.py", (9e9, 9e9))
    code = "import weather.m; print(getattr(weather.m.f(), '__name__', weather.m.f()))"
    given = world.run(code)
    eager = world.start(code, env={"PYDEFER_EAGER": "1"})
    assert (eager.stdout.strip(), eager.stderr) == (given, "")
