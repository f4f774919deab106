"""What decorators and base classes do with what they get."""

import ast

import pytest

from deferred_imports.tooling.adopt.readers import AnnotationReaders, Heirs, evaluates


def heirs(*trees: tuple[ast.Module, bool]) -> frozenset[str]:
    """Return the heirs of some modules, each with whether it evaluates annotations itself."""
    found = Heirs()
    for tree, reads in trees:
        found.add(tree, reads=reads)
    return found.names()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from pydantic import BaseModel\nclass A(BaseModel): ...", "BaseModel"),
        ("import pydantic\nclass A(pydantic.BaseModel): ...", "pydantic.BaseModel"),
        ("from pydantic import BaseModel as Base\nclass A(Base): ...", "Base"),
        ("from ours import BaseModel as Base\nclass A(Base): ...", "Base"),
        ("from msgspec import Anything\nclass A(Anything): ...", "Anything"),
        ("import click\n@click.command()\ndef a(): ...", ""),
        ("import typer\n@typer.Typer().command\ndef a(): ...", ""),
        ("class A(object): ...", ""),
    ],
)
def test_who_evaluates_annotations(code: str, expected: str) -> None:
    """By the package that it comes from or by its last name, whatever the module calls it; click evaluates nothing."""
    tree = ast.parse(code)
    node = tree.body[-1]
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    (one,) = node.bases if isinstance(node, ast.ClassDef) else node.decorator_list
    assert AnnotationReaders(tree)(one) == expected


def test_who_compiles_functions() -> None:
    """A decorator of numba or of torch's compiler knows no imports; others are plain Python."""
    code = (
        "import numba, torch, functools\n@numba.njit(cache=True)\n@torch.jit.script\n@functools.cache\ndef f(): ...\n"
    )
    tree = ast.parse(code)
    readers = AnnotationReaders(tree)
    node = tree.body[-1]
    assert isinstance(node, ast.FunctionDef)
    assert [readers.compiles(one) for one in node.decorator_list] == [True, True, False]


def test_classes_of_the_project_inherit_it() -> None:
    """A class below one whose annotations are evaluated is one, too, over several modules."""
    first = ast.parse("from pydantic import BaseModel\nclass Base(BaseModel): ...\nclass Other: ...\n")
    second = ast.parse("class Child(Base): ...\nclass Grandchild(Child[int]): ...\n")
    assert heirs((first, False), (second, False)) == {"Base", "Child", "Grandchild"}


def test_a_module_that_evaluates_makes_readers() -> None:
    """What a module defines that asks for annotations itself may read those of what it gets."""
    tree = ast.parse("def register(function): ...\n")
    assert heirs((tree, True)) == {"register"}
    assert heirs((tree, False)) == frozenset()
    assert evaluates("hints = typing.get_type_hints(function)")
    assert not evaluates("hints = None  # my_get_type_hints")
