"""Everything public, found by introspection: its types can be had at run time, and its docstrings say what it does."""

import ast
import importlib
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Iterator
from typing import Any

from processes import RUNTIME
from worlds import World

MODULES = ["deferred_imports", *(f"deferred_imports.{name}" for name in "machinery prefetch testing resident".split())]
# What the interpreter or pickle calls: the class's docstring says what comes of it, and what the arguments are.
PROTOCOLS = {"__enter__", "__exit__", "__getattr__", "__init__", "__reduce__"}


def public() -> Iterator[tuple[str, Any]]:
    """Yield the names of all modules' `__all__`, with what they are, and the methods and properties of the classes."""
    for name in MODULES:
        module = importlib.import_module(name)
        for attribute in module.__all__:
            found = getattr(module, attribute)
            yield f"{name}.{attribute}", found
            for key, value in vars(found).items() if inspect.isclass(found) else ():
                function = value.fget if isinstance(value, property) else value
                if inspect.isfunction(function) and (not key.startswith("_") or key in PROTOCOLS):
                    yield f"{name}.{attribute}.{key}", function
    plugin: Any = importlib.import_module("deferred_imports.pytest_plugin")
    yield "deferred_imports.pytest_plugin.startup", plugin.startup._get_wrapped_function()


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    return ((name, found) for name, found in public() if inspect.isfunction(found))


def test_every_public_module_says_what_is_public() -> None:
    """Each has `__all__`, and what is in it is there."""
    for name in [*MODULES, "deferred_imports.pytest_plugin"]:
        module = importlib.import_module(name)
        assert module.__all__, name
        assert all(hasattr(module, attribute) for attribute in module.__all__), name
    backend = importlib.import_module("deferred_imports.backend")
    assert {"build_wheel", "build_sdist", "build_editable"} <= set(backend.__all__)
    assert len(list(public())) > 50


def test_types_can_be_had_at_run_time() -> None:
    """`typing.get_type_hints` and `inspect.signature(eval_str=True)` work on all of it: no name in it is unknown."""
    for name, found in public():
        typing.get_type_hints(found)
        if inspect.isfunction(found):
            signature = inspect.signature(found, eval_str=True)
            annotations = [parameter.annotation for parameter in signature.parameters.values()]
            assert not [one for one in (*annotations, signature.return_annotation) if isinstance(one, str)], name
    from deferred_imports import Resolution, resolve_now

    hints = typing.get_type_hints(resolve_now)
    assert hints["on_error"] == typing.Literal["raise", "report"]
    assert hints["return"] is Resolution


def test_every_annotation_can_be_evaluated() -> None:
    """Of what is not public, too: beartype and typeguard, told to check all modules, evaluate each when it is met."""
    tried = 0
    for file in sorted((RUNTIME / "deferred_imports").glob("[!_]*.py")) + sorted(
        (RUNTIME / "deferred_imports").glob("_[!_]*.py")
    ):
        module = importlib.import_module(f"deferred_imports.{file.stem}")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
                if isinstance(annotation, ast.expr) and "SimpleQueue" not in ast.unparse(annotation):  # a local name
                    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
                    eval(str(text), vars(module))  # noqa: S307 - our own sources
                    tried += 1
    assert tried > 500


def test_types_cost_nothing_before(world: World) -> None:
    """What only annotations name is loaded by those who evaluate them."""
    code = f"""
        import importlib, sys
        before = set(sys.modules)
        for name in {MODULES}:
            module = importlib.import_module(name)
            [getattr(module, attribute) for attribute in module.__all__]
        print(*{{"collections.abc", "importlib.machinery", "types", "typing"}} & (set(sys.modules) - before))
        import typing
        print(typing.get_type_hints(module.run)["return"])
    """
    assert world.run(code, flags=["-S"]).splitlines()[-1:] == ["typing.Any"]
    assert world.start(code, flags=["-S"]).stdout.splitlines()[0] == ""


def test_docstrings_are_whole() -> None:
    """Each has a summary, its arguments by name, what it returns and itself raises."""
    problems = [f"{name}: {problem}" for name, found in public() for problem in problems_of(name, found)]
    assert not problems, "\n".join(problems)


def problems_of(name: str, found: Any) -> Iterator[str]:
    """Yield what the docstring of something public lacks."""
    last = name.rpartition(".")[2]
    if last in PROTOCOLS:
        return
    if not found.__doc__:
        yield "no docstring"
    elif inspect.isclass(found):
        yield from attributes_lacking(found)
    else:
        doc = inspect.cleandoc(found.__doc__)
        yield from arguments_lacking(found, doc)
        yield from results_lacking(found, doc, is_property=isinstance(vars(owner_of(name)).get(last), property))
        if "see there" in doc.lower():
            yield "says see there"


def arguments_lacking(function: Callable[..., Any], doc: str) -> Iterator[str]:
    """Yield the arguments that it does not explain, and those whose unit it does not give."""
    listed = section(doc, "Args:")
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        said = re.search(rf"^{parameter.name}: (.+(?:\n +.+)*)", listed, re.MULTILINE)
        if parameter.name != "self" and said is None:
            yield f"Args: does not explain {parameter.name}"
        elif said is not None and "float" in str(parameter.annotation) and "second" not in said[1]:
            yield f"Args: does not say in which unit {parameter.name} is"


def results_lacking(function: Callable[..., Any], doc: str, *, is_property: bool) -> Iterator[str]:
    """Yield what is not said of what it returns and raises."""
    returned = inspect.signature(function, eval_str=True).return_annotation
    if returned is not None and not is_property and not section(doc, "Returns:"):
        yield "no section Returns:"
    raised = section(doc, "Raises:")
    for error in sorted(raised_in(function)):
        if not re.search(rf"^{error}: ", raised, re.MULTILINE):
            yield f"Raises: does not have {error}"


def owner_of(name: str) -> object:
    """Return what a name is in: a class or a module."""
    place = name.rpartition(".")[0]
    module, _, attribute = place.rpartition(".")
    return sys.modules[place] if place in sys.modules else getattr(sys.modules[module], attribute)


def attributes_lacking(found: type) -> Iterator[str]:
    """Yield the public attributes that neither the class's docstring nor a property of it explains."""
    listed = "\n".join(section(inspect.getdoc(base) or "", "Attributes:") for base in found.__mro__)
    slots = [slot for base in found.__mro__ for slot in vars(base).get("__slots__", ())]
    for attribute in sorted({*slots, *vars(found).get("__annotations__", {})}):
        is_property = any(isinstance(vars(base).get(attribute), property) for base in found.__mro__)
        said = re.search(rf"^{attribute}: (.+(?:\n +.+)*)", listed, re.MULTILINE)
        if not attribute.startswith("_") and said is None and not is_property:
            yield f"Attributes: does not explain {attribute}"
        elif attribute == "seconds" and said is not None and "seconds" not in said[1]:
            yield f"Attributes: does not say in which unit {attribute} is"


def section(doc: str, title: str) -> str:
    """Return what a docstring has in a section, without its indentation."""
    found = re.search(rf"^{title}\n((?:    .*\n?|\n)+)", doc, re.MULTILINE)
    return textwrap.dedent(found[1]) if found else ""


def raised_in(function: Callable[..., Any]) -> set[str]:
    """Return the names of the exceptions that the source of a function raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raised = {node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None}
    names = {ast.unparse(error.func if isinstance(error, ast.Call) else error).rpartition(".")[2] for error in raised}
    return {name for name in names if name[:1].isupper()} - {"SystemExit"}
