"""The entries of the table `imports`: their names, their targets and their keys, from TOML values to frozen ones.

Only `manifest` reads them; the rest of the tools gets them from there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword

from packaging.utils import canonicalize_name

from deferred_imports.tooling.table.coverage import BroughtBy, Need, check_needs, nothing
from deferred_imports.tooling.table.markers import compile_marker
from deferred_imports.tooling.table.problems import (
    TABLE,
    Place,
    Problems,
    address,
    alternatives,
    describe,
    quote,
)
from deferred_imports.tooling.table.requirements import Requirements, is_distribution
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY, is_misspelt
from deferred_imports.tooling.table.submodules import SUBMODULES

KEYS = ("module", "extra", "groups", "marker", "distribution", "optional", "eager")
# What the generated registry looks up in its own globals, builtins included; a test compares them.
RESERVED_NAMES = frozenset(
    """
    TYPE_CHECKING os sys _error _failure _import_target _is_prompt _look_up _name _pending _resolve _table _targets
    _variables _why AttributeError ImportError ModuleNotFoundError RuntimeError RuntimeWarning dict enumerate filter
    frozenset getattr globals map range set sorted str
    """.split()
)
# What it has besides where the table exports something.
EXPORTING_NAMES = frozenset(
    "_attach _attached _bind _exported _put_over_submodules any attach isinstance len super type".split()
)
EXAMPLE = 'np = "numpy"'
_CANDIDATES = 10
_PARTS = 50  # of a reference


@dataclass(frozen=True)
class Target:
    """What an entry resolves to; `module` starts with one dot when it is relative to the package."""

    module: str
    attribute: str | None = None

    def __str__(self) -> str:
        return self.module if self.attribute is None else f"{self.module}:{self.attribute}"


@dataclass(frozen=True)
class Entry:
    """One name of the table, which stands for the first of its targets that is there."""

    name: str
    targets: tuple[Target, ...]
    extra: str | None
    groups: tuple[str, ...]
    marker: str | None
    distribution: str | None
    optional: bool
    eager: bool = True  # whether an eager package resolves it


class EntriesReader:
    """Reads the table `imports`: each entry by itself, then what takes all of them to tell.

    Args:
        problems: Gets what is wrong; entries that are wrong come out all the same.
        requirements: What the project declares.
        modules: The absolute names of all modules that the wheel ships.
        package: The package that gets the registry, or "" when it is not known.
        registry: The name of the registry in it.
        brought_by: Says which installed distributions bring a module.
        reserved: Names that the registry itself uses.
    """

    def __init__(
        self,
        problems: Problems,
        requirements: Requirements,
        modules: frozenset[str],
        package: str,
        registry: str,
        *,
        brought_by: BroughtBy = nothing,
        reserved: frozenset[str] = RESERVED_NAMES,
    ) -> None:
        self._problems = problems
        self._requirements = requirements
        self._modules = modules
        self._package = package
        self._registry = registry
        self._brought_by = brought_by
        self._reserved = reserved
        prefix = f"{package}."
        self._own = [f".{name.removeprefix(prefix)}" for name in modules if name.startswith(prefix)]
        self._needs: list[Need] = []
        self._names: dict[str, tuple[Place, str]] = {}
        self._targets: dict[tuple[Target, ...], Place] = {}

    def read(self, imports: object) -> tuple[Entry, ...]:
        """Read all entries."""
        place: Place = (*TABLE, "imports")
        if not isinstance(imports, Mapping):
            self._problems.add(place, f"expected a table, got {describe(imports)}")
            return ()
        entries = [self.read_entry((*place, name), name, value) for name, value in imports.items()]
        self.check_needs()
        return tuple(entry for entry in entries if entry is not None)

    def check_needs(self) -> None:
        """Note what no declared requirement provides, of all that was read."""
        check_needs(self._needs, self._requirements, self._problems, self._brought_by)

    def read_entry(self, place: Place, key: str, value: object, *, once: bool = True) -> Entry | None:
        """Read one entry.

        Args:
            place: Where it stands.
            key: Its name, as it stands there.
            value: What stands for it.
            once: Whether no other entry may stand for the same.
        """
        name = self._read_name(place, key)
        if not isinstance(value, (str, list, Mapping)):
            self._problems.add(place, f"expected a string, an array of strings or a table, got {describe(value)}")
            return None
        table = value if isinstance(value, Mapping) else {"module": value}
        for unknown in [item for item in table if item not in KEYS]:
            self._problems.add((*place, unknown), f"unknown key{self._problems.did_you_mean(unknown, KEYS)}")
        need = Need(place, value)
        targets = self._read_targets(need.at("module"), table.get("module"))
        extra = self._read_extra(need.at("extra"), table.get("extra"))
        groups = self._read_groups(need.at("groups"), table.get("groups", []))
        marker = self._read_marker(need.at("marker"), table.get("marker"))
        distribution = self._read_distribution(need.at("distribution"), table.get("distribution"))
        optional = self._read_boolean(need.at("optional"), table.get("optional", "extra" in table))
        eager = self._read_boolean(need.at("eager"), table.get("eager", True))

        chosen = tuple(targets.values())
        if once and chosen and (first := self._targets.setdefault(chosen, place)) != place:
            what = ", ".join(quote(str(target)) for target in chosen)
            self._problems.add(place, f"expected each import once, got {what} again; {address(first)} has it already")
        outside = {at: self._sought(target) for at, target in targets.items() if self._is_outside(target.module)}
        if distribution is not None or "distribution" not in table:  # else there is no telling what it covers
            modules = tuple(outside.items())
            need = replace(need, modules=modules, distribution=distribution, extra=extra, optional=optional)
            self._needs.append(need)
        if distribution is None:
            sources = (self._requirements.source_of(module, extra) for module in outside.values())
            source = next(filter(None, sources), None)
            distribution = self._requirements.spelling[source] if source else None
        return Entry(name, chosen, extra, groups, marker, distribution, optional, eager)

    def _read_name(self, place: Place, key: str) -> str:
        name = unicodedata.normalize("NFKC", key)  # as Python reads it in a source
        if not is_name(key):
            better = f"{key}_" if key.isidentifier() else re.sub(r"\W", "_", key)
            kind = "the keyword " if iskeyword(name) else ""
            remedy = f"; write {better}" if is_name(better) else ""
            self._problems.add(place, f"expected a Python name, got {kind}{quote(key)}{remedy}")
        elif is_dunder(name):
            self._problems.add(place, f"expected another name, got {quote(key)}; names of this form are Python's own")
        elif name in self._reserved:
            self._problems.add(place, f"expected another name, got {quote(key)}; the registry itself uses this name")
        elif (first := self._names.setdefault(name, (place, key)))[0] != place:
            again = " again; {} has it already" if first[1] == key else ", which Python reads as {}"
            self._problems.add(place, f"expected each name once, got {quote(key)}{again.format(address(first[0]))}")
        return name

    def _read_targets(self, place: Place, value: object) -> dict[Place, Target]:
        """Read the candidates of an entry, by their places."""
        if isinstance(value, str):
            candidates: dict[Place, object] = {place: value}
        elif isinstance(value, list) and value:
            candidates = {(*place, index): item for index, item in enumerate(value)}
        else:
            got = "nothing" if value is None else describe(value)
            self._problems.add(place, f"expected a string or an array of strings, as in {EXAMPLE}, got {got}")
            return {}
        if len(candidates) > _CANDIDATES:  # each is a block within the one before, and Python reads twenty
            self._problems.add(place, f"expected at most {_CANDIDATES} candidates, got {len(candidates)}")
            return {}
        targets: dict[Place, Target] = {}
        seen: set[Target] = set()
        for at, item in candidates.items():
            target = self.read_target(at, item)
            if target in seen:
                self._problems.add(at, f"expected each candidate once, got {quote(item)} again")
            elif target is not None:
                seen.add(target)
                targets[at] = target
        return targets

    def read_target(self, place: Place, value: object) -> Target | None:
        """Read one reference."""
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
            return None
        try:
            target = _parse_reference(value)
            self._check_own(target)
        except ValueError as error:
            self._problems.add(place, str(error))
            return None
        return target

    def _check_own(self, target: Target) -> None:
        """Refuse what is in the package but not there, or not to be deferred, or not written as relative."""
        module, package, got = target.module, self._package, quote(str(target))
        if is_misspelt(module) and module not in self._modules:
            top = module.partition(".")[0]
            near = self._problems.did_you_mean(module, [name for name in SUBMODULES if name.startswith(f"{top}.")])
            raise ValueError(f"expected a module that some Python has in its standard library, got {got}{near}")
        if module in (".", package):
            raise ValueError(f"expected a module in the package, not the package itself, got {got}")
        if package and module.startswith(f"{package}."):
            relative = quote(str(target).removeprefix(package))
            raise ValueError(f"expected {relative}, which stays right in a renamed or vendored package, got {got}")
        if module == f".{self._registry}":
            raise ValueError(f"expected another module than the registry itself, got {got}")
        if package and module.startswith(".") and package + module not in self._modules:
            near = self._problems.did_you_mean(module, self._own)
            raise ValueError(f"expected a module of this package that the wheel ships, got {got}{near}")

    def _is_outside(self, module: str) -> bool:
        own = module.startswith(".") or module in self._modules
        return not own and module.partition(".")[0] not in STANDARD_LIBRARY

    def _sought(self, target: Target) -> str:
        """Return what a requirement has to bring: of a namespace it is the module in it (`google.cloud:bigquery`)."""
        module = target.module
        if target.attribute is None or self._requirements.covering(module):
            return module
        inner = f"{module}.{target.attribute.partition('.')[0]}"
        return inner if self._requirements.covering(inner) else module

    def _read_extra(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
            return None
        if not is_distribution(value):
            self._problems.add(place, f'expected the name of an extra, as in "plot", got {quote(value)}')
            return None
        extra = canonicalize_name(value)
        if self._requirements.extras_known and extra not in self._requirements.extras:
            extras = self._requirements.extra_spelling
            expected = f"{alternatives(extras)} from" if extras else "an extra, of which there is none in"
            got = f"got {quote(value)}{self._problems.did_you_mean(value, extras)}"
            self._problems.add(place, f"expected {expected} [project.optional-dependencies], {got}")
        return extra

    def _read_groups(self, place: Place, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            remedy = f"; write [{quote(value)}]" if isinstance(value, str) else ""
            self._problems.add(place, f"expected an array of strings, got {describe(value)}{remedy}")
            return ()
        seen: set[str] = set()
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item:
                self._problems.add((*place, index), f"expected the name of a group, got {describe(item)}")
            elif item in seen:
                self._problems.add((*place, index), f"expected each group once, got {quote(item)} again")
            else:
                seen.add(item)
        return tuple(value)

    def _read_marker(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
            return None
        try:
            compile_marker(value)
        except ValueError as error:
            self._problems.add(place, str(error))
        return value.strip()

    def _read_distribution(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
        elif not is_distribution(value):
            self._problems.add(place, f'expected the name of a distribution, as in "PyYAML", got {quote(value)}')
        else:
            return value
        return None

    def _read_boolean(self, place: Place, value: object) -> bool:
        if not isinstance(value, bool):
            self._problems.add(place, f"expected a boolean, got {describe(value)}")
        return bool(value)


def is_name(text: str) -> bool:
    """Tell whether Python takes the text as a name; soft keywords are names."""
    name = unicodedata.normalize("NFKC", text)
    return text.isidentifier() and name.isidentifier() and not iskeyword(name)


def is_dunder(name: str) -> bool:
    """Tell whether a name is of the form that Python keeps for itself."""
    return len(name) > 3 and name.startswith("__") and name.endswith("__")  # `__` alone is a name like any other


def _parse_reference(text: str) -> Target:
    """Parse `module` or `module:attribute`, after the object references of the entry-points specification."""
    if text.startswith(".."):
        raise ValueError(f"expected a module of this package, with one dot in front, got {quote(text)}")
    module, colon, attribute = text.partition(":")
    parts = [*module.removeprefix(".").split("."), *(attribute.split(".") if colon else [])]
    if len(parts) > _PARTS:
        raise ValueError(f"expected a name of at most {_PARTS} parts, got {len(parts)}")
    for part in parts[1:] if module == "." else parts:
        if not is_name(part):
            reason = f", where {quote(part)} is a keyword" if iskeyword(part) else ""
            raise ValueError(f'expected "module" or "module:attribute", got {quote(text)}{reason}')
    # As an import statement reads it: the marks between names are those of the text, whatever the names hold.
    plain = [unicodedata.normalize("NFKC", part) for part in (module, attribute)]
    return Target(plain[0], plain[1] if colon else None)
