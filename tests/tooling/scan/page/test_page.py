"""The page of `scan --html`: what it says without a script, and what a real browser makes of it from a file."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from browsers import opened, photographed
from deferred_imports.tooling.scan.baseline import Comparison
from deferred_imports.tooling.scan.page import render_page
from processes import RunPython

# With what costs something everywhere: modules of the standard library that a bare interpreter has not loaded.
FILES = {
    "shop/__init__.py": "",
    "shop/cli.py": """\
import argparse
import decimal
import xml.dom.minidom
from shop import money, report


def main():
    argparse.ArgumentParser(prog="shop").parse_args()
    decimal.Decimal(1) if report.wanted else None


def later():
    return xml.dom.minidom.parseString(money.text())
""",
    "shop/money.py": """\
import fractions
import email.message


def text():
    return str(fractions.Fraction(1, 2)), email.message
""",
    "shop/report.py": "import email\n\nwanted = False\n\n\ndef render():\n    return email\n",
}
_VOID = {"meta", "input", "br"}


def scanned(root: Path, run_python: RunPython) -> Mapping[str, Any]:
    """Return the JSON of a scan of the sample project."""
    for name, text in FILES.items():
        path = root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\nscripts = { shop = "shop.cli:main" }\n', encoding="utf-8"
    )
    code = "import sys; from deferred_imports.__main__ import main; sys.argv[0] = 'x'; sys.exit(main())"
    done = run_python(code, "scan", "--json", "--startup", "shop --help", cwd=root, flags=[])
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document


class _Checker(HTMLParser):
    """Holds that what is opened is closed, in order, and that nothing is fetched; gathers the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href"} & dict(attrs).keys()
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text[tag] = self.text.get(tag, "") + data


def read(page: str) -> dict[str, str]:
    """Return the text below each kind of element of a page, which must be well formed."""
    checker = _Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker.text


def headline(document: Mapping[str, Any]) -> str:
    """Return what the headline must say, by the JSON."""
    (start,) = document["starts"]
    loaded, saves = start["loaded"], start["saves"]["can"]
    waiting = {item["module"] for item in document["imports"] if item["level"] == 0 and item["saves"]["modules"]}
    return (
        f"shop --help: {loaded['us'] / 1000:.1f} ms, {loaded['modules']} modules. {len(waiting)} imports can wait: "
        f"{saves['us'] / 1000:.1f} ms, {len(saves['modules'])} modules."
    )


def test_without_a_script(tmp_path: Path, run_python: RunPython) -> None:
    """The page is well formed, fetches nothing, and its tables and totals are HTML; so is the comparison."""
    document = scanned(tmp_path, run_python)
    text = read(render_page(document, Comparison({"new.one": 1500}, {"gone<one>": 10}, {"slower": (1000, 4000)})))

    assert text["h1"] == headline(document)
    for module in ("shop.money", "xml.dom.minidom"):
        assert module in text["tbody"]
    for row in ("newnew.one1.5 ms", "gonegone<one>0.0 ms", "slowerslower1.0 ms4.0 ms"):
        assert row in text["tbody"]


def test_the_size_of_it(tmp_path: Path, run_python: RunPython) -> None:
    """Without its data, the page has at most 150 kB."""
    document = scanned(tmp_path, run_python)
    page = render_page(document)
    data = page.partition('id="data">')[2].partition("</script>")[0]

    assert json.loads(data)["starts"] == document["starts"]
    assert len(page) - len(data) <= 150_000


# What a script of the test asks the page's own script: the answers become text of the page.
PROBE = """<pre id="answers"></pre><script>
const asked = JSON.parse(document.getElementById("data").textContent);
const modules = [...new Set(asked.imports.filter((item) => item.saves.modules.length).map((item) => item.module))];
const answers = Object.fromEntries(modules.map((module) => [module, whatIf([module]).modules]));
answers["*"] = whatIf(modules).modules;
const began = performance.now();
for (const box of document.querySelectorAll("#imports input")) box.click();
answers["ms"] = performance.now() - began;
answers["boxes"] = document.querySelectorAll("#imports input").length;
answers["said"] = document.getElementById("if-said").textContent;
document.getElementById("answers").textContent = JSON.stringify(answers);
</script></body>"""


def asked(page: str, path: Path) -> dict[str, Any]:
    """Return what the page's script answers in a browser."""
    path.write_text(page.replace("</body>", PROBE), encoding="utf-8")
    found = re.search(r'<pre id="answers">(.*?)</pre>', opened(path), re.DOTALL)
    assert found
    answers: dict[str, Any] = json.loads(found[1].replace("&lt;", "<").replace("&amp;", "&"))
    return answers


def test_what_if(tmp_path: Path, run_python: RunPython) -> None:
    """In a browser, each import alone saves what `savings` says, and all together what the headline says."""
    document = scanned(tmp_path, run_python)
    answers = asked(render_page(document), tmp_path / "page.html")

    (start,) = document["starts"]
    saves = {item["module"]: item["saves"]["modules"] for item in document["imports"] if item["saves"]["modules"]}
    assert len(saves) > 2, "the sample saves next to nothing"
    assert {module: sorted(answers[module]) for module in saves} == {m: sorted(saved) for m, saved in saves.items()}
    assert sorted(answers["*"]) == sorted(start["saves"]["can"]["modules"])
    us, modules = start["saves"]["can"]["us"], len(start["saves"]["can"]["modules"])
    assert answers["said"].endswith(f"saves {us / 1000:.1f} ms, {modules} modules")


def test_the_fragment(tmp_path: Path, run_python: RunPython) -> None:
    """A link shows what its sender saw: the search, what is ticked, what goes then, and the details."""
    page = tmp_path / "page.html"
    page.write_text(render_page(scanned(tmp_path, run_python)), encoding="utf-8")

    html = opened(page, "#search=minidom&tick=xml.dom.minidom&open=xml.dom.minidom")

    shown = re.findall(r'<tr[^>]* data-module="([^"]+)" aria-rowindex', html)
    assert shown == ["xml.dom.minidom"]
    assert re.search(r'<tr[^>]*class="gone"[^>]*>', html)
    panel = html.partition('<aside id="details"')[2].partition("</aside>")[0]
    assert "hidden" not in panel.partition(">")[0]
    assert "Imported through" in panel
    assert "shop.cli, line 3" in panel
    gone = opened(page, "#tick=xml.dom.minidom&show=after&search=minidom")
    assert re.findall(r'<tr[^>]* data-module="([^"]+)" aria-rowindex', gone) == []


def test_five_thousand_modules(tmp_path: Path) -> None:
    """A start of 5,000 modules with 200 imports that can wait answers each tick in far less than a second."""
    answers = asked(render_page(large(5000, 200)), tmp_path / "page.html")

    assert answers["boxes"] == 200
    assert answers["ms"] / answers["boxes"] < 1000  # 200 ms is the promise; a busy machine shall not fail it
    assert len(answers["*"]) == 200 * 24


def large(size: int, roots: int) -> dict[str, Any]:
    """Return the JSON of a start of a made-up program: a module imports others, which import chains of modules."""
    each = size // roots
    names = ["__main__", "app", *(f"r{root}.m{index}" for root in range(roots) for index in range(each - 1))]
    number = {name: index for index, name in enumerate(names)}
    edges = [[0, 0, 0, 0, 1]]
    imports = []
    for root in range(roots):
        own = [f"r{root}.m{index}" for index in range(each - 1)]
        edges.append([1, 1, root + 1, 1, number[own[0]]])
        edges += [[number[a], number[a], 1, 1, number[b]] for a in own for b in own[:: each // 4]]
        edges += [[number[a], number[a], 1, 1, number[b]] for a, b in pairwise(own)]
        imports.append(
            {
                "importer": "app",
                "path": "src/app/__init__.py",
                "line": root + 1,
                "module": own[0],
                "name": None,
                "bound": f"r{root}",
                "distribution": f"r{root}",
                "verdict": "can",
                "level": 0,
                "says": "can be deferred: used only in functions",
                "loaded": True,
                "self_us": 10,
                "cumulative_us": 240,
                "saves": {"modules": own, "us": 10 * len(own)},
            }
        )
    rows = [
        {"name": name, "by": "app", "start_us": 10 * at, "self_us": 10, "cumulative_us": 10, "distribution": name[:4]}
        for at, name in enumerate(names[1:])
    ]
    saving = {"modules": names[2:], "us": 10 * len(names[2:])}
    start = {
        "command": "app",
        "loaded": {"modules": len(rows), "us": 10 * len(rows), "runs_us": [10 * len(rows)]},
        "saves": {"can": saving, "change": saving, "risky": saving},
        "modules": rows,
        "graph": {"names": names, "before": [], "roots": [0], "edges": edges},
    }
    return {"packages": ["app"], "python": "3.11", "platform": "linux", "starts": [start], "imports": imports}


def test_a_picture(tmp_path: Path, run_python: RunPython) -> None:
    """A browser draws it: the picture is there and is not blank."""
    page, image = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(render_page(scanned(tmp_path, run_python)), encoding="utf-8")
    photographed(page, image, "#tick=decimal")

    assert image.read_bytes().startswith(b"\x89PNG")
    assert image.stat().st_size > 20_000


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<img src=x>", "\u2028&amp;'\""])
def test_nothing_of_the_program_becomes_html(text: str) -> None:
    """Names, paths and reasons are text, whatever stands in them; the data reads back as it was."""
    document = large(40, 2)
    document["starts"][0]["command"] = document["imports"][0]["says"] = document["imports"][0]["path"] = text
    document["starts"][0]["modules"][0]["distribution"] = text
    page = render_page(document)

    assert text in read(page)["h1"]
    assert "<img" not in page
    assert page.count("</script>") == 2
