"""Annotations: when Python evaluates them, and what stands in them as text."""

import ast

import pytest

from deferred_imports.tooling.source.annotations import are_postponed, pseudo_field, quoted, reads_annotations


def test_the_future_import_postpones_them() -> None:
    """Only `from __future__ import annotations` at the top postpones annotations (PEP 563)."""
    assert are_postponed(ast.parse("from __future__ import annotations, division"))
    assert not are_postponed(ast.parse("from __future__ import division"))
    assert not are_postponed(ast.parse("def f():\n    import annotations"))


@pytest.mark.parametrize(
    ("text", "reads"),
    [("typing.get_type_hints(f)", True), ("import pydantic", True), ("f.__annotations__", True), ("mypydantic", False)],
)
def test_what_mentions_an_evaluator_may_read_them(text: str, reads: bool) -> None:
    """A source that names a way to evaluate annotations may; a word that only contains such a name does not."""
    assert reads_annotations(text) is reads


def test_text_in_annotations_is_parsed_with_its_line() -> None:
    """What is quoted in an annotation is yielded as a tree on the line of the text; no Python is passed over."""
    node = ast.parse("\n\nx: dict['a.B', 'no python']").body[0]
    assert isinstance(node, ast.AnnAssign)
    [tree] = quoted(node.annotation, {})
    [name] = (part for part in ast.walk(tree) if isinstance(part, ast.Name))
    assert (name.id, name.lineno) == ("a", 3)


@pytest.mark.parametrize(
    ("annotation", "names"),
    [
        ("list['a']", {"a"}),
        ("Literal['a']", set()),
        ("t.Literal['a', 'b'] | 'c'", {"c"}),
        ("L['a']", set()),
        ("Annotated['a', 'b', f('c')]", {"a"}),
        ("Annotated[list['a'], 'b']", {"a"}),
        ("Optional[Field('a')]", set()),
    ],
)
def test_texts_that_are_no_types(annotation: str, names: set[str]) -> None:
    """What stands in `Literal` means itself, and what `Annotated` or a call adds means whatever it likes."""
    node = ast.parse(annotation, mode="eval").body
    trees = quoted(node, {"L": {("typing", "Literal")}})
    assert {part.id for tree in trees for part in ast.walk(tree) if isinstance(part, ast.Name)} == names


@pytest.mark.parametrize(
    ("annotation", "chain"),
    [
        ("ClassVar[int]", ("ClassVar",)),
        ("t.ClassVar[int]", ("t", "ClassVar")),
        ("'t.InitVar[int]'", ("t", "InitVar")),
        ("'  KW_ONLY'", None),  # imported under another name, so it is another thing
        ("list[ClassVar]", None),
    ],
)
def test_what_a_dataclass_looks_up(annotation: str, chain: tuple[str, ...] | None) -> None:
    """A dataclass looks up what its pseudo-fields are named by, in an annotation or in the text of one."""
    bound = {"ClassVar": {("typing", "ClassVar")}, "KW_ONLY": {("other", "thing")}}
    assert pseudo_field(ast.parse(annotation, mode="eval").body, bound) == chain
