"""In a source tree, as an editable install has it, what was written since the registry was made is found or said."""

import os
from pathlib import Path

import pytest

from worlds import World

FILES = {
    "cli.py": "from . import _deferred\ndef main(): return _deferred.one\n",
    "sub/__init__.py": "",
    "sub/shared.py": "from .. import _deferred as later\ndef use(): return later.two\n",
}
RESOLVE = """
    import warnings
    warnings.simplefilter("error")
    from deferred_imports import resolve_now
    for _ in range(2):
        print(*(item.entry.key for item in resolve_now("weather", importer="weather.cli").resolved))
"""


def edit(package: Path, name: str, text: str) -> None:
    """Write a module later than the registry."""
    file = package / name
    file.write_text(text, encoding="utf-8")
    made = (package / "_deferred.py").stat().st_mtime
    os.utime(file, (made + 10, made + 10))


@pytest.fixture
def package(world: World) -> Path:
    """A package of which one module uses one of three names."""
    world.write({f"{name}.py": "" for name in ("one", "two", "three")})
    return world.package(
        'imports = { one = "one", two = "two", three = "three" }',
        FILES,
        uses=".cli: one\n.sub.shared: two",
        graph=".cli:\n.sub:\n.sub.shared:",
    )


@pytest.mark.unmeasured
@pytest.mark.usefixtures("package")
def test_what_is_as_it_was(world: World) -> None:
    """Nothing is read that is older than the registry."""
    assert world.run(RESOLVE).split() == ["one"]
    assert not world.run("import weather._deferred, sys; print({'ast'} & {*sys.modules})").startswith("{'")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("from . import _deferred\ndef main(): return _deferred.one, _deferred.three\n", ["one", "three"]),
        ("import weather._deferred as d\ndef main(): return d.three\n", ["one", "three"]),
        ("def main():\n    from ._deferred import three\n    return three\n", ["one", "three"]),
        ("def main():\n    import three\n    return three\n", ["one", "three"]),
        ("from .sub import shared\n", ["one", "two"]),
        ("def main():\n    from weather.sub.shared import use\n    use()\n", ["one", "two"]),
        ("this is no Python", ["one"]),
    ],
)
def test_a_new_use_of_a_module(text: str, keys: "list[str]", world: World, package: Path) -> None:
    """`resolve_now(importer=)` has what the module uses by now, by itself or through others."""
    edit(package, "cli.py", text)
    assert sorted(world.run(RESOLVE).split()) == keys


def test_a_new_module(world: World, package: Path) -> None:
    """A module that the registry has never heard of is as good as any."""
    edit(package, "newer.py", FILES["cli.py"])
    assert world.run(RESOLVE.replace("weather.cli", "weather.newer")).split() == ["one"]
    error = world.error(RESOLVE.replace("weather.cli", "weather.nonsuch"))
    assert error.startswith('LookupError: importer: expected one of "weather.cli", "weather.sub", ')


def test_an_import_that_the_registry_lacks(world: World, package: Path) -> None:
    """With `discover = true` a new import in a function is said, once, with the remedy."""
    text = (package / "_deferred.py").read_text("utf-8").replace("        three", "        <three>")
    (package / "_deferred.py").write_text(text, "utf-8")
    edit(package, "cli.py", "def main():\n    import three, wave\n")
    done = world.start(RESOLVE.replace('warnings.simplefilter("error")', ""))
    assert sorted(done.stdout.split()) == ["<three>", "one"]
    (said,) = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert said.endswith(
        '"weather.cli" imports "wave" in a function, which the registry of weather does not know: it is older; '
        'run "deferred-imports generate", or install weather again'
    )


def test_what_is_installed_is_taken_as_it_is(world: World, package: Path) -> None:
    """Installers write files in any order, so there nothing is compared."""
    edit(package, "cli.py", "from . import _deferred\ndef main(): return _deferred.three\n")
    site = world.path / "site-packages"
    site.mkdir()
    package.rename(site / "weather")
    assert world.run(RESOLVE, path=[world.path, site]).split() == ["one"]
