"""How `adopt` writes imports where the project's own isort is configured in one way or another (pitfall 31)."""

import itertools
from pathlib import Path

import isort
import pytest

from deferred_imports.tooling.adopt.frontier import all_names
from deferred_imports.tooling.adopt.package import read_package
from deferred_imports.tooling.project.modules import find_modules

SOURCE = '''"""Doc."""

import csv
import json
import os
import sys as system
from collections import OrderedDict, defaultdict
from html import escape
from xml.dom import minidom
from xml.dom.minidom import Document, parseString as parse

import numpy as np
import yaml
from requests import Session, get as fetch

from weather.other import ALPHA, Beta, gamma

NAMES = os.sep, system, OrderedDict


def run(value: Document) -> "Session":
    return csv, json, escape, minidom, parse, np, yaml, fetch


def other() -> None:
    import glob

    return glob, gamma, ALPHA, Beta, defaultdict, parse, fetch, json
'''
OPTIONS = ("force_sort_within_sections", "force_single_line", "combine_as_imports")


@pytest.mark.parametrize("profile", ["", "black", "django", "google", "open_stack", "pycharm"])
def test_isort_has_nothing_to_add(profile: str, tmp_path: Path) -> None:
    """With each profile, and any of the options that matter, what is sorted before is sorted after."""
    for number, chosen in enumerate(itertools.product([False, True], repeat=len(OPTIONS))):
        options = [option for option, wanted in zip(OPTIONS, chosen, strict=True) if wanted]
        root = tmp_path / str(number)
        (root / "weather").mkdir(parents=True)
        lines = [
            "[tool.isort]",
            *([f'profile = "{profile}"'] if profile else []),
            *(f"{one} = true" for one in options),
        ]
        (root / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (root / "weather" / "__init__.py").touch()
        (root / "weather" / "other.py").write_text("ALPHA = Beta = gamma = 1\n", encoding="utf-8")
        config = isort.Config(settings_path=str(root), src_paths=(root,))
        path = root / "weather" / "cli.py"
        path.write_text(isort.code(SOURCE, config=config), encoding="utf-8")
        package = read_package(root, find_modules(root, {}))
        source = package.rewritten(all_names(package.plans))["weather.cli"].decode()
        assert "    import csv\n" in source
        assert isort.code(source, config=config) == source, options


@pytest.mark.parametrize(
    ("configuration", "source", "mark"),
    [
        ("[tool.black]\nskip-string-normalization = true\n", "A = 'a', 'b', \"c\"\n", "'"),
        ("[tool.black]\nskip-string-normalization = true\n", 'A = "a"\n', '"'),
        ("[tool.black]\n", "A = 'a', 'b'\n", '"'),
        ('[tool.ruff.format]\nquote-style = "preserve"\n', "A = 'a'\n", "'"),
        ('[tool.ruff.format]\nquote-style = "single"\n', 'A = "a"\n', "'"),
        ('[tool.ruff.lint.flake8-quotes]\ninline-quotes = "single"\n', 'A = "a"\n', "'"),
    ],
)
def test_the_quotation_mark(configuration: str, source: str, mark: str, tmp_path: Path) -> None:
    """That of the formatter; where it leaves that to each file, the one that most texts of the file have."""
    (tmp_path / "app").mkdir()
    (tmp_path / "pyproject.toml").write_text(configuration, encoding="utf-8")
    text = f'"""It\'s a module."""\n\nimport csv\n\n{source}\n\ndef read(rows: csv.Dialect): ...\n'
    (tmp_path / "app" / "__init__.py").write_text(text, encoding="utf-8")
    package = read_package(tmp_path, find_modules(tmp_path, {}))
    assert (
        f"def read(rows: {mark}csv.Dialect{mark}): ..." in package.rewritten(all_names(package.plans))["app"].decode()
    )
