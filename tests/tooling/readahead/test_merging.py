"""Records of several runs as one: all that any of them needs, and nothing that is not true any more."""

from hypothesis import given
from hypothesis import strategies as st

from deferred_imports.prefetch import parse_line
from deferred_imports.tooling.readahead.merging import merge


def test_the_order_of_use_stays() -> None:
    """What the first run read stands first, in its order, and what only the second read after it."""
    old = ["prefix 5 - b.py", "prefix 5 - a.py"]
    assert merge(old, ["prefix 5 - a.py", "base 7 - c.py"]) == [*old, "base 7 - c.py"]


def test_of_one_file_all_that_either_needs() -> None:
    """Ranges are joined where they meet; a whole file stays whole; another size is what the newer run says."""
    old = ["prefix 500 0+100,300+50 lib.so", "prefix 9 - one.py", "prefix 4 0+2 two.py", "prefix 4 - three.py"]
    new = ["prefix 500 100+50,340+20 lib.so", "prefix 9 0+4 one.py", "prefix 4 2+2 two.py", "prefix 6 - three.py"]
    assert merge(old, new) == [
        "prefix 500 0+150,300+60 lib.so",
        "prefix 9 - one.py",
        "prefix 4 - two.py",
        "prefix 6 - three.py",
    ]


SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 10)), min_size=1, max_size=6)


def covered(line: str) -> set[int]:
    """Return the bytes that a line asks for."""
    parsed = parse_line(line)
    assert parsed is not None
    return {byte for start, length in parsed[2] for byte in range(start, start + length)}


@given(SPANS, SPANS)
def test_any_ranges(old: list[tuple[int, int]], new: list[tuple[int, int]]) -> None:
    """Whatever the ranges, what is asked for is what either asked for, and no byte more."""
    lines = [f"prefix 100 {','.join(f'{start}+{length}' for start, length in spans)} x" for spans in (old, new)]
    (merged,) = merge(lines[:1], lines[1:])
    assert covered(merged) == covered(lines[0]) | covered(lines[1])
