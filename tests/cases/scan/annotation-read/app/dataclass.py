from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import InitVar
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar as Shared


@dataclasses.dataclass(frozen=True)
class Price:
    value: Decimal
    names: Shared[dict[str, Fraction]]
    places: "t.ClassVar[int]"
    currency: InitVar[str]


class Plain:
    """No dataclass: nobody looks up what is a class variable."""

    names: Final[str]


from typing import Final
