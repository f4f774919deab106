"""The ways to declare modules that are compared, as data: ours, those without a library, each peer as it says itself.

A way writes a module, ``declared``, for any number of target modules (``many_10.m0``, each ``VALUE = 1``), and tells
how a value of one is read, and how all of them are imported at once: by the call that the peer has for it, otherwise by
the loop that its user would write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.environments import OURS
from benchmarks.registries import registry_of

#: The package of the target modules, their names -> the files below the package that declares them.
Writer = Callable[[str, Sequence[str]], dict[str, str]]

TARGET = "VALUE = 1\n"

ALONE = "interpreter alone"
EMPTY = "an empty module"
TOP = "imports at the top"
FUNCTION = "import in function"
REGISTRY = "deferred-imports"

#: The lightest of the peers, which the budgets compare with.
DUCKTOOLS = "ducktools-lazyimporter==0.8.4"

# Where nothing better is said. `declared` is the module, `names` are those in it.
_LOOP = "for name in names: getattr(declared, name).VALUE"


@dataclass(frozen=True)
class Way:
    """One way to declare modules.

    Args:
        name: What the tables call it.
        write: What writes the module ``declared``; without it there is none.
        requirement: What is installed for it, and nothing else.
        library: The statement that imports the library.
        prepare: What an application does once before it imports what declares.
        access: The statement that reads a value of the first module; ``{package}`` is the package of the targets.
        resolve: The statement that imports all.
        outside: Whether other modules read through ``declared``; otherwise its own functions do.
        own_bytecode: Whether it writes bytecode that nobody else can read.
        since: The first Python that has it.
        source: Where its authors say that it is used like this.
        remark: What one needs to know to read its figures.
    """

    name: str
    write: Writer | None = None
    requirement: str = ""
    library: str = ""
    prepare: str = ""
    access: str = ""
    resolve: str = _LOOP
    outside: bool = False
    own_bytecode: bool = False
    since: tuple[int, int] = (3, 10)
    source: str = ""
    remark: str = ""

    @property
    def slug(self) -> str:
        """Its name as a module may have it."""
        return "".join(letter if letter.isalnum() else "_" for letter in self.name)

    @property
    def distribution(self) -> str:
        """What is installed for it, without the version."""
        return self.requirement.partition("==")[0]


def _lines(head: str, each: str, foot: str = "") -> Writer:
    def write(package: str, names: Sequence[str]) -> dict[str, str]:
        body = "".join(each.format(package=package, name=name) for name in names)
        return {"declared.py": f"{head}{body}{foot}"}

    return write


def _registry(package: str, names: Sequence[str]) -> dict[str, str]:
    return {"declared.py": registry_of("declaring", {name: f"{package}.{name}" for name in names})}


def _attach(_: str, names: Sequence[str]) -> dict[str, str]:
    # It is about the submodules of the package that attaches them.
    text = f"""\
import lazy_loader as lazy

subpackages = {list(names)!r}
__getattr__, __dir__, _ = lazy.attach(__name__, subpackages)
"""
    return {"declared/__init__.py": text, **{f"declared/{name}.py": TARGET for name in names}}


def _lazy_module(package: str, names: Sequence[str]) -> dict[str, str]:
    text = '''\
"""This is my great package."""

from lazy_imports import LazyModule, as_package, load, module_source

load(
    LazyModule(
        *as_package(__file__),
        module_source("._exports", __name__),
        name=__name__,
        doc=__doc__,
    )
)
'''
    exports = "".join(f"from {package}.{name} import VALUE as {name}\n" for name in names)
    return {"declared/__init__.py": text, "declared/_exports.py": exports}


def _lazy_imports_block(package: str, names: Sequence[str]) -> dict[str, str]:
    imports = "".join(f"    from {package} import {name}\n" for name in names)
    return {"declared.py": f'import lazyimports\n\nwith lazyimports.lazy_imports("{package}"):\n{imports}'}


_RECIPE = """\
import importlib.util
import sys


def lazy_import(name):
    spec = importlib.util.find_spec(name)
    loader = importlib.util.LazyLoader(spec.loader)
    spec.loader = loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


"""

WAYS = (
    Way(ALONE),
    Way(EMPTY, _lines("", "")),
    Way(
        REGISTRY,
        _registry,
        requirement=OURS,
        library="from deferred_imports import resolve_now",
        access="declared.m0.VALUE",
        resolve="resolve_now()",
        outside=True,
        source="README, Do I have to change my code?",
    ),
    Way(
        FUNCTION,
        # One function for all: the functions would be there anyway, the statements in them are what is declared.
        _lines("def load():\n", "    import {package}.{name} as {name}\n"),
        access="import {package}.m0 as m0; m0.VALUE",
        resolve="load()",
    ),
    Way(TOP, _lines("", "import {package}.{name} as {name}\n"), access="m0.VALUE", resolve=""),
    Way(
        "lazy-loader",
        _attach,
        requirement="lazy-loader==0.6",
        library="import lazy_loader",
        access="declared.m0.VALUE",
        outside=True,
        source="README, Lazily load subpackages",
    ),
    Way(
        "ducktools",
        _lines(
            "from ducktools.lazyimporter import LazyImporter, ModuleImport\n\nlaz = LazyImporter([\n",
            '    ModuleImport("{package}.{name}", asname="{name}"),\n',
            "])\n",
        ),
        requirement=DUCKTOOLS,
        library="import ducktools.lazyimporter",
        access="laz.m0.VALUE",
        resolve="from ducktools.lazyimporter import force_imports; force_imports(declared.laz)",
        source="README, ModuleImport; the docstring of force_imports",
    ),
    Way(
        "lazy-imports",
        _lazy_module,
        requirement="lazy-imports==1.2.0",
        library="import lazy_imports",
        access="declared.m0",
        resolve="for name in names: getattr(declared, name)",
        outside=True,
        source="README, LazyModule, Example 1",
        remark="takes attributes of modules only, so VALUE is what is declared",
    ),
    Way(
        "defer-imports",
        _lines(
            "import defer_imports\n\nwith defer_imports.until_use:\n",
            "    import {package}.{name} as {name}\n",
        ),
        requirement="defer-imports==0.1.1",
        library="import defer_imports",
        prepare="defer_imports.install_import_hook()",
        access="m0.VALUE",
        own_bytecode=True,
        source="README, Setup and Example",
    ),
    Way(
        "wrapt",
        _lines("import wrapt\n\n", '{name} = wrapt.lazy_import("{package}.{name}")\n'),
        requirement="wrapt==2.5.2",
        library="import wrapt",
        access="m0.VALUE",
        source="the author's own announcement of lazy_import, which the README does not mention",
    ),
    Way(
        "LazyLoader",
        _lines(_RECIPE, '{name} = lazy_import("{package}.{name}")\n'),
        library="import importlib.util",
        access="m0.VALUE",
        source="docs.python.org, importlib, Implementing lazy imports",
    ),
    Way(
        "pylazyimports",
        _lazy_imports_block,
        requirement="pylazyimports==0.5.3",
        library="import lazyimports",
        access="m0.VALUE",
        source="README, Using a with statement",
        remark="a .pth file imports it whenever Python starts in that environment",
    ),
    Way(
        "lazy import",
        _lines("", "lazy import {package}.{name} as {name}\n"),
        access="m0.VALUE",
        since=(3, 15),
        source="PEP 810",
    ),
)
