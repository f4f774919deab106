"""``hatch run bounds``: what `growth` measures at a few sizes, held against what it may be; fails when it is more."""

from __future__ import annotations

import sys

from benchmarks.growth import Curve, measure
from benchmarks.measuring import amount

SIZES = {"names": (100,), "registries": (500, 1000), "modules": (2000,)}
#: Nanoseconds that each may take at most.
LIMITS = {("modules", "scan for registries"): 1e6, ("names", "resolve_now() again"): 1e5}
#: How much more a thousand registries may cost than half of them; linear is 2.
GROWTH = 2.6
GROWING = ("iter_deferred_imports()", "resolve_now()", "resolve_now() again")


def main() -> int:
    """Measure, and print what was found beside the bounds."""
    found = measure(SIZES, rounds=3)
    rows = []
    for (series, title), limit in LIMITS.items():
        (cost,) = _medians(found[series], title)
        rows.append((f"{title}, {SIZES[series][0]:,} {series}", amount(cost, "ns"), amount(limit, "ns"), cost <= limit))
    half, whole = SIZES["registries"]
    for title in GROWING:
        first, second = _medians(found["registries"], title)
        ratio = second / first
        rows.append((f"{title}, {whole:,} registries : {half:,}", f"{ratio:.2f}", f"{GROWTH}", ratio <= GROWTH))
    for what, taken, bound, met in rows:
        print(f"{what:<52}{taken:>10}  at most {bound:>6}  {'met' if met else 'missed'}")
    return 0 if all(met for *_, met in rows) else 1


def _medians(curves: list[Curve], title: str) -> list[float]:
    return next(curve.medians for curve in curves if curve.title == title)


if __name__ == "__main__":
    sys.exit(main())
