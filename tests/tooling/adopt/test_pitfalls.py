"""What can go wrong when imports are moved, as others' tools and users have found: each has a case or a test."""

import re
from pathlib import Path

from goldens import CASES

PITFALLS = {
    1: "line endings, byte order marks, encodings, form feeds, tabs, no last newline",
    2: "links, modes, files that are read-only, or have changed since they were read",
    3: "generated, vendored and ignored files, notebooks, stubs",
    4: "files that cannot be parsed",
    5: "`import a, b` of which one stays",
    6: "several statements on a line, one statement on several",
    7: "lists with comments and trailing commas",
    8: "comments that excuse, exclude or keep",
    9: "the only statement of a block",
    10: "`import a.b.c`, which binds `a`",
    11: "one name, imported twice, or in a condition",
    12: "`*`, `__future__`, imports for their effect",
    13: "uses in default values, decorators, bases, class bodies, annotations that are evaluated",
    14: "names that only annotations use",
    15: "parameters and locals of the same name",
    16: "names that are bound again",
    17: "names that are looked up by text",
    18: "names that others take from the module",
    19: "names that tests replace",
    20: "what is pickled, copied or compiled by name or source",
    21: "functions that are called often",
    22: "nested functions, lambdas, generators, methods",
    23: "docstrings and declarations at the head of a function",
    24: "recursion, overloads, abstract bodies",
    25: "a local of the same name in the function",
    26: "cycles that a move uncovers",
    27: "imports after a line that changes what they find or do",
    28: "submodules that another import has loaded",
    29: "the end of the interpreter, signal handlers, forks",
    30: "optional dependencies that are missing",
    31: "the project's own formatters",
    32: "rules that forbid the result",
    33: "ten thousand files",
    34: "exit codes, and edits for machines",
}


def test_each_has_a_case_or_a_test() -> None:
    """No pitfall is without a file of the golden cases, or a test, that names it."""
    files = [*(CASES / "adopt").rglob("*.project"), *Path(__file__).parent.glob("*.py")]
    named = set()
    for path in files:
        for found in re.findall(r"\bpitfalls? ([\d, and to]+)", path.read_text(encoding="utf-8")):
            numbers = [int(number) for number in re.findall(r"\d+", found)]
            named |= {*numbers, *(range(numbers[0], numbers[-1] + 1) if " to " in found else ())}
    assert named >= set(PITFALLS)
