"""Everything over a table is linear, right or wrong: four times the entries take about four times as long."""

import time
from collections.abc import Callable

import pytest

from deferred_imports.tooling.table.manifest import ManifestError, Shipped, parse_table

SHIPPED = Shipped(frozenset({"app"}), frozenset({"app"}))


def document(imports: dict[str, object], dependencies: list[str] | None = None, **more: object) -> dict[str, object]:
    project = {"name": "app", "dependencies": dependencies or []}
    return {"project": project, "tool": {"deferred-imports": {"imports": imports}}, **more}


TABLES: dict[str, Callable[[int], dict[str, object]]] = {
    "right": lambda n: document({f"n{i}": f"distutils.m{i}" for i in range(n)}),
    "wrong": lambda n: document({f"n{i}": {"modul": i, "extra": f"e{i}"} for i in range(n)}),
    "required": lambda n: document({f"n{i}": f"m{i}" for i in range(n)}, [f"m{i}" for i in range(n)]),
    "covered by nothing": lambda n: document({f"n{i}": f"m{i}" for i in range(n)}, [f"x{i}" for i in range(n // 8)]),
    "named wrong": lambda n: document(
        {f"n{i}": {"module": f"m{i}", "distribution": f"d{i}"} for i in range(n)}, [f"x{i}" for i in range(n // 8)]
    ),
    "not there": lambda n: document({f"n{i}": f".m{i}" for i in range(n)}),
    "candidates": lambda n: document({"n": [f"distutils.m{i}" for i in range(n)]}),
    "groups": lambda n: document({"n": {"module": "json", "groups": [f"g{i}" for i in range(n)]}}),
    "parts": lambda n: document({"n": ".".join(["m"] * n)}, ["m"]),
}


def taken(table: dict[str, object]) -> float:
    before = time.process_time()
    try:
        parse_table(table, SHIPPED)
    except ManifestError as error:
        str(error)
    return time.process_time() - before


@pytest.mark.parametrize("kind", TABLES)
def test_linear(kind: str) -> None:
    """Nothing is compared with everything else."""
    few, many = TABLES[kind](1_000), TABLES[kind](4_000)
    ratios = []
    for _ in range(5):
        ratios.append(taken(many) / max(taken(few), 0.0005))
        if min(ratios) < 8:  # quadratic would be 16
            return
    pytest.fail(f"four times the entries took {min(ratios):.1f} times as long")
