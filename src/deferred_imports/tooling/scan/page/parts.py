"""The parts of the page, each a piece of HTML from the JSON of a scan; all text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from deferred_imports.tooling.scan.baseline import Comparison
from deferred_imports.tooling.scan.report import milliseconds

_SMALL = 100  # a module that takes less than the hundredth part of a start has no row of its own without a script
_KINDS = {
    "can": "can be deferred",
    "change": "can be deferred with a change",
    "risky": "can be deferred with care: importing it has an effect",
    "no-gain": "could be deferred, but is loaded anyway",
    "cannot": "cannot be deferred",
    "must-not": "loaded by every interpreter",
    "deferred": "deferred",
    "brought": "imported by one of these",
}


def headline(document: Mapping[str, Any]) -> str:
    """Return in words what the start costs and what deferring would save; HTML, whose text the JSON can be held to."""
    start = document["starts"][0]
    loaded, saves = start["loaded"], start["saves"]
    text = f"<code>{escape(start['command'])}</code>: {_cost(loaded['us'], loaded['modules'])}. "
    waiting = len({item["module"] for item in document["imports"] if _waits(item) and item["level"] == 0})
    if waiting:
        text += f"{_count(waiting, 'import')} can wait: {_cost(saves['can']['us'], len(saves['can']['modules']))}."
    else:
        text += "No import of it can wait as it is."
    most = saves["risky"]
    if len(most["modules"]) > len(saves["can"]["modules"]):
        text += f" With changes and care: {_cost(most['us'], len(most['modules']))}."
    return text


def _waits(item: Mapping[str, Any]) -> bool:
    """Tell whether deferring an import saves something."""
    return item["level"] is not None and bool(item["saves"]["modules"])


def _cost(us: int, modules: int) -> str:
    return f"{milliseconds(us)}, {_count(modules, 'module')}"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def gains(document: Mapping[str, Any]) -> str:
    """Return the bars of the start as it is, with all that can wait, and with what is ticked."""
    loaded, saves = document["starts"][0]["loaded"], document["starts"][0]["saves"]["can"]
    us, modules = loaded["us"] - saves["us"], loaded["modules"] - len(saves["modules"])
    part = 100 * us / loaded["us"] if loaded["us"] else 0
    return (
        '<dl class="totals">\n'
        '<dt>as it is</dt><dd><span class="scale"><span class="total" style="width:100%"></span></span>'
        f'<span class="number">{_cost(loaded["us"], loaded["modules"])}</span></dd>\n'
        '<dt>with all that can wait</dt><dd><span class="scale">'
        f'<span class="total after" style="width:{part:.1f}%"></span></span>'
        f'<span class="number">{_cost(us, modules)}</span></dd>\n'
        '<dt class="script-only">with what is ticked</dt><dd class="script-only"><span class="scale">'
        '<span class="total after" id="if-bar" style="width:100%"></span></span>'
        '<span class="number" id="if-text"></span></dd>\n</dl>\n'
        '<p class="script-only" role="status" id="if-said"></p>\n'
    )


def measured(document: Mapping[str, Any]) -> str:
    """Return how it was measured."""
    runs = document["starts"][0]["loaded"]["runs_us"]
    spread = f", {milliseconds(min(runs))} to {milliseconds(max(runs))}" if len(runs) > 1 else ""
    return (
        f'<p class="dim">Measured on Python {escape(document["python"])}, {escape(document["platform"])}: '
        f"{_count(len(runs), 'start')}{spread}, with warm disk caches. A start that is watched takes 1.3 to 2 times "
        f"as long as "
        "one that is not; modules that a bare interpreter has loaded are left out.</p>\n"
    )


def controls(modules: Iterable[Mapping[str, Any]]) -> str:
    """Return search, filter, order and switch, for where scripts run."""
    owners = sorted({row["distribution"] for row in modules}, key=str.casefold)
    options = "".join(f"<option>{escape(name)}</option>" for name in owners)
    return (
        '<div class="controls script-only" role="search">\n'
        '<label>Search <input type="search" id="search" placeholder="module, distribution, file" accesskey="/">'
        "</label>\n"
        f'<label>Distribution <select id="distribution"><option value="">all</option>{options}</select></label>\n'
        '<label>Order <select id="sort"><option value="start">as imported</option><option value="self">own '
        "time</option>"
        '<option value="all">time in all</option><option value="saves">saves</option></select></label>\n'
        "<fieldset><legend>Show</legend>"
        '<label><input type="radio" name="show" id="show-before" checked> before</label>'
        '<label><input type="radio" name="show" id="show-after"> after what is ticked</label></fieldset>\n'
        '<button type="button" id="tick-all">Tick all that can wait</button>\n</div>\n'
    )


def _place(path: str, packages: Iterable[str]) -> str:
    """Return a path from the directory of its package on, which is what tells files apart."""
    for package in packages:
        folder = package.replace(".", "/")
        _, found, rest = f"/{path}".rpartition(f"/{folder}/")
        if found:
            return f"{folder}/{rest}"
    return path


def imports(found: Iterable[Mapping[str, Any]], packages: Iterable[str]) -> str:
    """Return the table of the imports that can wait, what saves most first."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in found:
        if _waits(item):
            groups.setdefault(item["module"], []).append(item)
    rows = []
    for module, items in groups.items():
        first = items[0]
        others = len({(item["path"], item["line"]) for item in items}) - 1
        more = f" and {others} more" if others else ""
        name = escape(module)
        rows.append(
            f'<tr tabindex="0" data-module="{name}" data-distribution="{escape(first["distribution"])}" '
            f'data-path="{escape(first["path"])}"><td class="script-only"><input type="checkbox" value="{name}" '
            f'aria-label="defer {name}"></td><td class="number">{milliseconds(first["saves"]["us"])}</td>'
            f'<td class="number">{len(first["saves"]["modules"])}</td><td class="mono">{name}</td>'
            f'<td class="distribution">{escape(first["distribution"])}</td><td>{escape(first["says"])}</td>'
            f'<td class="where mono" title="{escape(first["path"])}">'
            f"{escape(_place(first['path'], packages))}:{first['line']}"
            f"{more}</td></tr>\n"
        )
    head = (
        '<th class="c-tick script-only" scope="col"><span class="dim">wait</span></th><th class="c-number number" '
        'scope="col">saves</th><th class="c-number number" scope="col">modules</th><th class="c-module" scope="col">'
        'import</th><th class="c-distribution" scope="col">distribution</th><th scope="col">verdict</th>'
        '<th class="c-where" scope="col">where</th>'
    )
    return (
        '<h2>What can wait</h2>\n<table id="imports"><caption>Each alone saves what stands before it, together '
        "they save "
        f"what the headline says.</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table>\n"
    )


def waterfall(document: Mapping[str, Any]) -> str:
    """Return the modules in the order of the start; the small ones as one row, until a script draws all."""
    kinds: dict[str, str] = {}
    order = list(_KINDS)
    for item in document["imports"]:
        kind = item["verdict"].replace(" ", "-")
        if item["loaded"] is not False and item["module"] not in kinds:
            kinds[item["module"]] = kind
    rows = document["starts"][0]["modules"]
    end = max([row["start_us"] + row["cumulative_us"] for row in rows], default=1) or 1
    large = [row for row in rows if row["cumulative_us"] * _SMALL >= end]
    small = [row for row in rows if row["cumulative_us"] * _SMALL < end]
    counts = dict.fromkeys(order, 0)
    for row in rows:
        counts[kinds.get(row["name"], "brought")] = counts.get(kinds.get(row["name"], "brought"), 0) + 1
    legend = "".join(
        f'<li><i class="{kind}"></i>{escape(_KINDS.get(kind, kind))}: {count}</li>'
        for kind, count in counts.items()
        if count
    )
    depths: dict[str, int] = {}
    shown = []
    for row in large:
        depths[row["name"]] = depth = min(depths.get(row["by"], -1) + 1, 12)
        left, width = 100 * row["start_us"] / end, 100 * row["cumulative_us"] / end
        own = 100 * row["self_us"] / row["cumulative_us"] if row["cumulative_us"] else 0
        kind = kinds.get(row["name"], "brought")
        shown.append(
            f'<tr><td class="name mono" style="--depth:{depth}">{escape(row["name"])}</td><td class="distribution">'
            f'{escape(row["distribution"])}</td><td class="number">{milliseconds(row["self_us"])}</td><td '
            f'class="number">'
            f'{milliseconds(row["cumulative_us"])}</td><td class="bar"><span class="span {kind}" '
            f'style="left:{left:.2f}%;'
            f'width:{width:.2f}%"><i style="width:{own:.0f}%"></i></span></td></tr>\n'
        )
    if small:
        us = sum(row["self_us"] for row in small)
        shown.append(
            f'<tr><td class="name dim">and {_count(len(small), "small one")}</td><td></td><td class="number">'
            f"{milliseconds(us)}</td><td></td><td></td></tr>\n"
        )
    head = (
        '<th class="c-name" scope="col">module</th><th class="c-distribution" scope="col">distribution</th>'
        '<th class="c-number number" scope="col">own</th><th class="c-number number" scope="col">in all</th>'
        f'<th scope="col">from the first import to the last, {milliseconds(end)}</th>'
    )
    return (
        f'<h2>The start, module by module</h2>\n<ul class="legend">{legend}</ul>\n<p class="dim" id="shown"></p>\n'
        '<div id="waterfall-frame"><table id="waterfall"><caption class="dim">In the order of the start; what a module '
        "was the first to import stands below it. The dark part of a bar is its own code.</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(shown)}</tbody></table></div>\n"
    )


def distributions(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a bar for each distribution."""
    costs: dict[str, list[int]] = {}
    for row in rows:
        costs.setdefault(row["distribution"], []).append(row["self_us"])
    most = max([sum(each) for each in costs.values()], default=1) or 1
    lines = "".join(
        f'<li><button type="button" value="{escape(name)}">{escape(name)}</button><span class="number">'
        f'{milliseconds(sum(each))}</span><span><span class="total" style="width:{100 * sum(each) / most:.1f}%" '
        f'title="{_count(len(each), "module")}"></span></span></li>\n'
        for name, each in sorted(costs.items(), key=lambda item: (-sum(item[1]), item[0]))
    )
    return f'<h2>By distribution</h2>\n<ul id="distributions">\n{lines}</ul>\n'


def compared(found: Comparison) -> str:
    """Return how an older start was different."""
    rows = [("new", name, "", milliseconds(us)) for name, us in found.new.items()]
    rows += [("gone", name, milliseconds(us), "") for name, us in found.gone.items()]
    rows += [("slower", name, milliseconds(us), milliseconds(now)) for name, (us, now) in found.slower.items()]
    if not rows:
        return "<h2>Compared with the baseline</h2>\n<p>No module is new, gone or slower.</p>\n"
    body = "".join(
        f'<tr><td>{what}</td><td class="mono">{escape(name)}</td><td class="number">{before}</td><td '
        f'class="number">{now}'
        "</td></tr>\n"
        for what, name, before, now in rows
    )
    return (
        '<h2>Compared with the baseline</h2>\n<table id="compared"><thead><tr><th class="c-number" scope="col">'
        "what</th>"
        '<th scope="col">module</th><th class="c-number number" scope="col">own, then</th><th class="c-number number" '
        f'scope="col">own, now</th></tr></thead>\n<tbody>\n{body}</tbody></table>\n'
    )
