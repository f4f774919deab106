"""The page that `scan --html` writes: one file that needs no network, no server and, to be read, no script.

From the JSON of a scan to HTML; nothing is judged or measured here. Tables and totals are HTML; `page.js` adds search,
what-if and details on the same data. `page.css` and `page.js` are put into the page as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from deferred_imports.tooling.scan.baseline import Comparison
from deferred_imports.tooling.scan.page.parts import (
    compared,
    controls,
    distributions,
    gains,
    headline,
    imports,
    measured,
    waterfall,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def render_page(document: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """Return the page.

    Args:
        document: What `scan --json` prints, with one start, which succeeded.
        comparison: How an older start was different, if one is at hand.
    """
    here = Path(__file__).parent
    (start,) = document["starts"]
    style, script = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    title = f"Imports of {start['command']}"
    data = json.dumps(_for_script(document), separators=(",", ":")).replace("<", "\\u003c")
    return "".join(
        [
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n",
            f"<h1>{headline(document)}</h1>\n",
            gains(document),
            measured(document),
            controls(start["modules"]),
            imports(document["imports"], document["packages"]),
            waterfall(document),
            distributions(start["modules"]),
            compared(comparison) if comparison else "",
            '</main>\n<aside id="details" aria-label="Details of a module" hidden></aside>\n',
            '<p id="said" role="status" class="dim"></p>\n',
            f'<script type="application/json" id="data">{data}</script>\n<script>\n{script}</script>\n',
            "</body>\n</html>\n",
        ]
    )


# What no row of the page tells; in a large program it is most of the data.
_UNTOLD = ("uses", "lines", "condition", "steps", "elsewhere", "detail", "self_us", "cumulative_us", "within")


def _for_script(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON without what the page has no use for."""
    told = [item for item in document["imports"] if item["loaded"]]
    imports = [{key: value for key, value in item.items() if key not in _UNTOLD} for item in told]
    return {**document, "imports": imports}
