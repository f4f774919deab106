"""Where an editable wheel leads to: the modules in the tree that it lets Python import.

PEP 660 leaves the way to the backend. There are two: a `.pth` file that names source roots, and a finder, code that
names modules and where they lie in a literal dictionary (setuptools, scikit-build-core).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from deferred_imports.tooling.bake.wheel import Wheel
from deferred_imports.tooling.project.modules import find_modules, modules_below, modules_of


def modules_behind(wheel: Wheel, root: Path, document: Mapping[str, object]) -> dict[str, Path]:
    """Map the modules that an editable wheel gives access to; where it does not tell, those that the tree holds."""
    modules: dict[str, Path] = {}
    for name, content in wheel.contents.items():
        if "/" in name:
            continue
        text = content.decode("utf-8", "replace")
        if name.endswith(".pth"):
            for place in _places(text):
                found = find_modules(root, document) if place == root.resolve() else modules_below(place)
                modules |= found
        elif name.endswith(".py"):
            for module, place in _named_in(text):
                modules |= _modules_at(module, place)
    held = modules_of((PurePath(place), Path(name)) for place, name in wheel.installed())
    return {**(modules or find_modules(root, document)), **held}


def _places(text: str) -> Iterator[Path]:
    for line in text.splitlines():
        if (
            line.strip()
            and not line.startswith(("#", "import ", "import\t"))
            and (place := Path(line.strip())).is_dir()
        ):
            yield place.resolve()


def _named_in(text: str) -> Iterator[tuple[str, Path]]:
    """Yield the modules that the dictionaries in a finder name, and the file or directory of each."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            match key, value:
                case ast.Constant(value=str(module)), ast.Constant(value=str(place)):
                    if Path(place).is_absolute() and all(map(str.isidentifier, module.split("."))):
                        yield module, Path(place)


def _modules_at(module: str, place: Path) -> dict[str, Path]:
    """Return the modules that a finder reaches by one name: a file, or a package and all below it."""
    if place.is_file():
        return {module: place} if place.suffix == ".py" else {}
    initializer = place / "__init__.py"
    modules = {module: initializer} if initializer.is_file() else {}
    return modules | {f"{module}.{name}": path for name, path in modules_below(place).items()}
