"""Where an expression stands: what it is used as, in which function, and which names there mean something else."""

from __future__ import annotations

import ast
from typing import NamedTuple

from deferred_imports.tooling.source.mentions import Role


class Spot(NamedTuple):
    """What holds where an expression stands."""

    role: Role = "module"
    owner: str = ""  # the function around it
    start: int = 0
    path: str = ""  # what definitions here are called, with a dot
    local: frozenset[str] = frozenset()  # what does not stand for a name of the module
    nested: frozenset[str] = frozenset()  # which of these are functions and classes
    in_class: bool = False
    dataclass: str = ""  # what makes the class around it a dataclass
    detail: str = ""

    @property
    def at_import(self) -> bool:
        """Whether it runs while the module is imported."""
        return self.role not in {"call", "typing", "main", "unread"}

    @property
    def runs(self) -> bool:
        """Whether it may run at all when the module is imported, and not run as a script."""
        return self.role not in {"typing", "main"}

    def used_as(self, role: Role, detail: str = "") -> Spot:
        """Return what holds for something that is used as this, unless it is only used later."""
        return self._replace(role=role, detail=detail) if self.at_import else self

    def lambda_path(self, node: ast.Lambda) -> str:
        """Return what a lambda here is called."""
        return f"{self.path}<lambda:{node.lineno}>"
