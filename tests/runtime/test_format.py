"""Every registry that was ever built works with this runtime: `tests/cases/registry-format-1` keeps what was, for good.

They are as the first generator wrote them, before a registry was plain code. They are never renewed: such files lie in
other people's wheels.
"""

import ast
import sys
from pathlib import Path

import pytest

from goldens import CASES
from worlds import World

OLD = sorted((CASES / "registry-format-1").glob("*.py"))


def imports_of(registry: Path) -> dict[str, list[str]]:
    """Return the references of a registry by name, for modules that this test makes up."""
    tree = ast.parse(registry.read_bytes())
    (table,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and "__deferred" in ast.unparse(node.targets[0])
    ]
    assert isinstance(table, ast.Dict)
    (rows,) = [
        value.value
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "imports" and isinstance(value, ast.Constant)
    ]
    return {name: targets.split("|") for name, targets in map(str.split, str(rows).strip().splitlines())}


@pytest.fixture(params=OLD, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, world: World) -> World:
    """A package `weather` that holds an old registry, beside modules for all that it declares and Python lacks."""
    files = {"weather/__init__.py": "from . import _deferred as _deferred\n"}
    for targets in imports_of(request.param).values():
        for target in targets:
            module, _, attribute = target.partition(":")
            parts = (f"weather{module}" if module.startswith(".") else module).split(".")
            if parts[0] in sys.stdlib_module_names:
                continue
            for end in range(1, len(parts)):
                files.setdefault(f"{'/'.join(parts[:end])}/__init__.py", "")
            place = "/".join(parts)
            file = f"{place}/__init__.py" if f"{place}/__init__.py" in files else f"{place}.py"
            first, *rest = attribute.split(".") if attribute else ["unused"]
            body = "".join(f"    {name} = None\n" for name in rest) or "    pass\n"
            files[file] = files.get(file, "") + f"class {first}:\n{body}"
    for file in [file for file in files if file.endswith(".py") and file[:-3] + "/__init__.py" in files]:
        files[f"{file[:-3]}/__init__.py"] += files.pop(file)
    world.write(files)
    (world.path / "weather" / "_deferred.py").write_bytes(request.param.read_bytes())
    return world


def test_there_are_old_registries() -> None:
    """The folder is not empty, and nothing was lost."""
    assert len(OLD) == 12
    assert all(b"exec(_SELDOM" in path.read_bytes() for path in OLD)


def test_an_old_registry_is_listed_and_resolved(old: World) -> None:
    """It is found, listed and resolved; what is resolved is bound, and nothing of it is missing."""
    code = """
        import weather
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        entries = list(iter_deferred_imports("weather"))
        print(len(entries) > 0, [entry.name for entry in find_missing("weather") if entry.name != "winreg"])
        report = resolve_now("weather", on_error="report")
        print(report.missing, report.broken, {entry.state for entry in entries} <= {"resolved", "excluded"})
        print(all(hasattr(weather._deferred, entry.key) for entry in entries if entry.applies))
        print(resolve_now("weather").resolved)
    """
    assert old.run(code, flags=["-X", "utf8"]).splitlines() == ["True []", "[] [] True", "True", "[]"]


def test_an_old_registry_obeys_the_variables(old: World) -> None:
    """Eager, it is resolved with its package; traced, it tells of each resolution; read ahead, nothing fails."""
    code = """
        import sys, weather
        pending = [name for name in weather._deferred.__deferred_imports__["imports"].split()[::2]
                   if name not in vars(weather._deferred) and name not in
                   weather._deferred.__deferred_imports__.get("markers", ())]
        print(pending)
    """
    env = {"PYDEFER_EAGER": "1", "PYDEFER_TRACE": "1", "PYDEFER_PREFETCH": "0"}
    done = old.start(code, env=env, flags=["-X", "utf8"])
    assert done.stdout.strip() == "[]", done.stderr
    assert {line.split()[1] for line in done.stderr.splitlines()} == {"weather:"}


def test_an_old_registry_tells_what_is_missing(old: World) -> None:
    """Without the modules, each name that is not optional is one line of one error, as its own registry words it."""
    for file in list(old.path.rglob("*.py")):
        if file.parent.name != "weather" or file.name not in {"__init__.py", "_deferred.py"}:
            file.unlink()
    code = """
        import weather
        from deferred_imports import resolve_now
        report = resolve_now("weather", on_error="report")
        print({item.is_missing for item in report.missing} <= {True}, report.broken)
    """
    assert old.run(code, flags=["-X", "utf8"]) == "True []"
