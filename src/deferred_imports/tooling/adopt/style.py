"""How a project writes imports, by the configuration of its own tools: ruff, isort and black."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.project.paths import content_of
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at

# What profiles of isort choose beside their names: https://pycqa.github.io/isort/docs/configuration/profiles.html
_PROFILES: Mapping[str, Mapping[str, object]] = {
    "appnexus": {"line_length": 88, "force_sort_within_sections": True, "order_by_type": False},
    "django": {"combine_as_imports": True},
    "google": {
        "force_single_line": True,
        "force_sort_within_sections": True,
        "line_length": 1000,
        "single_line_exclusions": ["collections.abc", "six.moves", "typing", "typing_extensions"],
        "order_by_type": False,
    },
    "hug": {"line_length": 100},
    "open_stack": {"force_single_line": True, "force_sort_within_sections": True},
    "pycharm": {"include_trailing_comma": False, "force_grid_wrap": 2, "lines_after_imports": 2},
    "plone": {"line_length": 88, "force_single_line": True},
    "wemake": {"line_length": 80},
}


def style_of(root: Path, packages: Iterable[str]) -> Style:
    """Return how a project writes imports.

    Args:
        root: Where its configuration lies.
        packages: Its own top-level packages.
    """
    document = read_toml(root / "pyproject.toml") if (root / "pyproject.toml").is_file() else {}
    tool = table_at(document, "tool")
    ruff = ruff_table(root, document)
    sorting = {**table_at(ruff, "isort"), **table_at(ruff, "lint", "isort")}
    sorts = any(_sorts(value) for table in (ruff, table_at(ruff, "lint")) for value in table.values())
    isort = {**_ini(root), **table_at(tool, "isort")}
    isort = {**_PROFILES.get(str(isort.get("profile")), {}), **isort}
    black = table_at(tool, "black")
    chosen = {**isort, **{key.replace("-", "_"): value for key, value in sorting.items()}}
    lengths = (ruff.get("line-length"), black.get("line-length"), isort.get("line_length"))
    default = 79 if isort and not ruff and isort.get("profile") != "black" else 88
    length = next((int(str(value)) for value in lengths if str(value).isdecimal()), default)
    keeps_comma = chosen.get("split_on_trailing_comma", sorts or not isort)
    return Style(
        line_length=length,
        single_line=_is(chosen.get("force_single_line")),
        together=frozenset(_names(chosen.get("single_line_exclusions"))),
        combine_as=_is(chosen.get("combine_as_imports")),
        within_sections=_is(chosen.get("force_sort_within_sections")),
        order_by_type=_is(chosen.get("order_by_type", True)),
        collapse=not _is(keeps_comma),
        quote=_quote(ruff, black),
        grid=_number(chosen.get("force_grid_wrap"), 0),
        comma=_is(chosen.get("include_trailing_comma", True)),
        after=max(1, _number(chosen.get("lines_after_imports"), 1)),
        first_party=frozenset({*packages, *_names(chosen.get("known_first_party"))}),
        third_party=frozenset(_names(chosen.get("known_third_party"))),
    )


def _quote(ruff: Mapping[str, object], black: Mapping[str, object]) -> str:
    """Return the quotation mark of the project, or nothing where each file has its own."""
    words = (
        table_at(ruff, "format").get("quote-style"),
        table_at(ruff, "lint", "flake8-quotes").get("inline-quotes"),
        table_at(ruff, "flake8-quotes").get("inline-quotes"),
    )
    word = next(
        (str(word) for word in words if word), "preserve" if _is(black.get("skip-string-normalization")) else ""
    )
    return {"single": "'", "preserve": ""}.get(word, '"')


def _number(value: object, default: int) -> int:
    return int(str(value)) if str(value).isdecimal() else default


def ruff_table(root: Path, document: object) -> Mapping[str, object]:
    """Return the configuration of ruff, given where it may lie and what pyproject.toml says."""
    for name in (".ruff.toml", "ruff.toml"):
        if (root / name).is_file():
            return read_toml(root / name)
    return table_at(document, "tool", "ruff")


def _sorts(value: object) -> bool:
    """Tell whether a selection of ruff's rules has those that sort imports."""
    return isinstance(value, list) and any(str(item) in {"ALL", "I", "I0", "I00", "I001"} for item in value)


def _is(value: object) -> bool:
    return value is True or str(value).lower() in {"1", "true", "yes", "on"}


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else re.split(r"[,\s]+", str(value or "").strip())


def _ini(root: Path) -> dict[str, object]:
    """Return what isort reads from files in the format of configparser."""
    for name, section in (
        (".isort.cfg", "settings"),
        ("setup.cfg", "isort"),
        ("setup.cfg", "tool:isort"),
        ("tox.ini", "isort"),
    ):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(content_of(root / name).decode("utf-8"))
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        if parser.has_section(section):
            return dict(parser.items(section))
    return {}
