"""`find_missing` reports what cannot be imported before anything is, and executes nothing for it."""

from worlds import World

# Whatever is executed tells.
LOUD = "print('executed', __name__)\n"


def test_nothing_is_executed_not_even_parents(world: World) -> None:
    """Neither the package, nor the parents of a dotted name, nor any other entry is imported."""
    world.write(
        {
            "pkg/__init__.py": LOUD,
            "pkg/sub/__init__.py": LOUD,
            "pkg/sub/mod.py": LOUD,
            "space/inner/mod.py": LOUD,
            "plain.py": LOUD,
        }
    )
    world.package(
        """
        [tool.deferred-imports.imports]
        mod = "pkg.sub.mod"
        gone = "pkg.sub.nonsuch"
        space = "space.inner.mod"
        nowhere = "space.nonsuch.mod"
        below = "plain.mod"
        absent = "nonsuch.sub"
        either = ["nonsuch", "plain"]
        neither = ["nonsuch", "nonsuch_too"]
        attribute = "plain:nonsuch"
        path = "os.path"
        builtin = "sys"
        core = ".core"
        """,
        {"__init__.py": LOUD, "core.py": LOUD},
    )
    code = """
        import sys
        from deferred_imports import find_missing
        find_missing("weather")
        before = set(sys.modules)
        missing = find_missing("weather")
        print(*sorted(entry.name for entry in missing), "|", *[entry.name for entry in missing.unsure])
        print(set(sys.modules) - before)
    """
    assert world.run(code).splitlines() == ["absent gone neither nowhere | below", "set()"]


def test_each_says_what_it_is_and_what_to_do(world: World) -> None:
    """What is missing comes with all that is declared of it, so that a program can say what to install."""
    world.package(
        """
        [tool.deferred-imports.imports]
        fig = { module = ["nonsuch:Fig.ure", ".fallback"], extra = "plot", optional = false }
        plt = { module = "nonsuch.plot", extra = "plot", groups = ["charts", "web"] }
        """,
        {"fallback.py": ""},
        project='dependencies = []\noptional-dependencies.plot = ["nonsuch"]\n',
        uses=".: fig\n.cli: plt fig",
    )
    (world.path / "weather" / "fallback.py").unlink()
    code = """
        from deferred_imports import find_missing
        for entry in find_missing("weather"):
            print(entry.name, entry.targets, entry.module, entry.package, entry.project, entry.registry)
            print(entry.extra, entry.groups, entry.importers, entry.optional, entry.marker, entry.applies)
            print(entry.remedy, entry.state, entry.failure)
            print(entry)
    """
    assert world.run(code).splitlines() == [
        "fig ('nonsuch:Fig.ure', 'weather.fallback') nonsuch weather weather weather._deferred",
        "plot () ('weather', 'weather.cli') False None True",
        'pip install "weather[plot]" pending None',
        "<DeferredImport weather: fig = nonsuch:Fig.ure or weather.fallback (pending)>",
        "plt ('nonsuch.plot',) nonsuch.plot weather weather weather._deferred",
        "plot ('charts', 'web') ('weather.cli',) True None True",
        'pip install "weather[plot]" pending None',
        "<DeferredImport weather: plt = nonsuch.plot (pending)>",
    ]


def test_what_a_marker_excludes_is_not_missed(world: World) -> None:
    """An entry that does not apply here is not looked for."""
    world.package('imports.nowhere = { module = "nonsuch", marker = "sys_platform == \'nowhere\'" }')
    code = "import weather._deferred; from deferred_imports import find_missing; print(find_missing())"
    assert world.run(code) == "()"


def test_what_is_cured_is_missed_no_more(world: World) -> None:
    """Nothing is remembered: once it is installed it is found."""
    world.package('imports.gone = "gone"')
    code = """
        import importlib, pathlib
        from deferred_imports import find_missing
        print(len(find_missing("weather")))
        pathlib.Path("gone.py").write_text("")
        importlib.invalidate_caches()
        print(len(find_missing("weather")))
    """
    assert world.run(code).splitlines() == ["1", "0"]


def test_a_variable_makes_no_difference(world: World) -> None:
    """Reading the registry of an eager package resolves nothing."""
    world.package('imports.core = ".core"\nimports.gone = "gone"', {"core.py": LOUD})
    code = "from deferred_imports import find_missing; print(*(entry.name for entry in find_missing('weather')))"
    for value in ("1", "no such thing"):
        assert world.run(code, env={"PYDEFER_EAGER": value}) == "gone"


def test_somebodys_own_module_of_that_name_is_not_executed(world: World) -> None:
    """A package without a registry has none, whatever it keeps in its `_deferred.py`."""
    world.write({"weather/__init__.py": LOUD, "weather/_deferred.py": LOUD, "weather/other.py": "# Generated\n" + LOUD})
    code = "from deferred_imports import find_missing; find_missing('weather')"
    error = 'LookupError: package: expected one with deferred imports, got "weather"'
    assert world.error(code).startswith(f"{error}, which has no registry: ")


def test_each_directory_is_read_once(world: World) -> None:
    """However many modules of a package are looked for, its directory is read once: the cost stays linear."""
    world.write({"pkg/__init__.py": "", **{f"pkg/m{index}.py": "" for index in range(50)}})
    imports = "\n".join(f'm{index} = "pkg.m{index}"' for index in range(50))
    world.package(f"[tool.deferred-imports.imports]\n{imports}")
    code = """
        import os, sys
        from deferred_imports import find_missing
        read = []
        sys.addaudithook(lambda event, args: read.append(os.path.basename(args[0])) if event == "os.listdir" else None)
        assert find_missing("weather") == ()
        print(read.count("pkg"))
    """
    assert world.run(code).split() == ["1"]
