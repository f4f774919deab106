"""What importing a module of another distribution does to all others, and what harms nobody."""

from pathlib import Path

import pytest

from deferred_imports.tooling.scan.abroad import look_abroad
from deferred_imports.tooling.scan.packages import locate
from deferred_imports.tooling.scan.pipeline import scan
from goldens import write_app
from scanning import install, sources_of

LOUD = {
    "import os\nos.environ['A'] = '1'\n": "configures",
    "import warnings\nwarnings.simplefilter('ignore')\n": "configures",
    "import warnings\nwarnings.filterwarnings('ignore', category=DeprecationWarning)\n": "configures",
    "import json\njson.JSONEncoder.default = print\n": "patches",
    "import other_kit\nother_kit.part.f = print\n": "patches",
    "import other_kit\nother_kit.register_thing(print)\n": "registers",
    "import other_kit\nother_kit.install()\n": "registers",
    "import codecs\ncodecs.register(print)\n": "registers",
    "import signal\nsignal.signal(2, print)\n": "registers",
    "import threading\nthreading.Thread(target=print).start()\n": "starts",
    "import os\ndef set_up():\n  os.environ['A'] = '1'\nset_up()\n": "configures",
    "import sys\nsys.path.insert(0, 'x')\n": "configures",
}
QUIET = [
    "import logging\nlogging.getLogger('x').addHandler(logging.NullHandler())\n",
    "import logging\nlogging.getLogger('x').setLevel(10)\n",
    "import warnings\nfrom other_kit import Old\nwarnings.simplefilter('ignore', Old)\n",
    "import warnings\nwarnings.filterwarnings('ignore', message='size changed')\n",
    "import warnings\nwith warnings.catch_warnings():\n  warnings.simplefilter('ignore')\n",
    "import atexit\natexit.register(print)\n",
    "import sys\nsys.modules['loud_kit.old'] = sys\n",
    "import collections.abc\nclass A: ...\ncollections.abc.Mapping.register(A)\n",
    "from . import part\npart.x = 1\npart.register(print)\n",
    "import os\nif os.name == 'x':\n  os.environ['A'] = '1'\n",
    "try:\n  import other_kit\n  other_kit.install()\nexcept ImportError: ...\n",
    "import os\ndef later():\n  os.environ['A'] = '1'\n",
    "import other_kit\nx = other_kit.make()\n",
    "import os\nclass A: ...\nos.PathLike.register(A)\n",
    "from other_kit import B\nclass A(B):\n  def __init__(self): B.__init__(self)\nA()\n",
]


@pytest.mark.parametrize(("text", "reason"), LOUD.items(), ids=range(len(LOUD)))
def test_what_reaches_beyond_a_distribution(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of a module that changes others is risky, directly or through a module that it imports."""
    install(tmp_path / "site", {"loud_kit/__init__.py": "from . import inner\n", "loud_kit/inner.py": text})
    monkeypatch.syspath_prepend(tmp_path / "site")
    write_app(tmp_path, {"app/cli.py": "import loud_kit\n\n\ndef use():\n    return loud_kit\n"})
    (found,) = scan(locate(["app"], tmp_path)).found
    assert (found.judged.verdict, found.judged.reason.code) == ("risky", reason)
    line = text[: text.index("os.environ")].count("\n") + 1 if "set_up" in text else 2
    assert found.judged.path == ("loud_kit:1", f"loud_kit.inner:{line}")


@pytest.mark.parametrize("text", QUIET, ids=range(len(QUIET)))
def test_what_harms_nobody(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a distribution does to itself, on trial, under a condition, or as every library does, is no risk."""
    install(tmp_path / "site", {"loud_kit/__init__.py": text, "loud_kit/part.py": ""})
    monkeypatch.syspath_prepend(tmp_path / "site")
    write_app(tmp_path, {"app/cli.py": "import loud_kit\n\n\ndef use():\n    return loud_kit\n"})
    (found,) = scan(locate(["app"], tmp_path)).found
    assert found.judged.verdict == "can"


def test_what_the_importer_loads_anyway_is_no_risk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module with an effect that stays for another name, or that a kept module loads, is no risk."""
    install(
        tmp_path / "site",
        {
            "loud_kit/__init__.py": "",
            "loud_kit/loud.py": "import os\nos.environ['A'] = '1'\n",
            "loud_kit/base.py": "from . import loud\nclass Base: ...\n",
        },
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    text = "import loud_kit.loud as loud\nfrom loud_kit.base import Base\nclass A(Base): ...\ndef use(): return loud\n"
    write_app(tmp_path, {"app/cli.py": text})
    verdicts = {item.judged.module: item.judged.verdict for item in scan(locate(["app"], tmp_path)).found}
    assert verdicts == {"loud_kit.loud": "can", "loud_kit.base": "cannot"}


def test_what_a_module_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that run with a module are followed, with the packages around them; others are not."""
    text = (
        "import sys\nfrom typing import TYPE_CHECKING\nfrom .a import x\nfrom . import b\n"
        "if TYPE_CHECKING:\n  from . import c\nif sys.platform == 'none':\n  from . import d\n"
        "try:\n  from . import e\nexcept ImportError:\n  from . import f\ndef g():\n  from . import h\n"
    )
    files = {f"wide_kit/{name}.py": "" for name in "abcdefh"} | {"wide_kit/__init__.py": text}
    install(tmp_path / "site", files)
    monkeypatch.syspath_prepend(tmp_path / "site")
    sources, _ = sources_of({"app": ""}, tmp_path)
    found = look_abroad(["wide_kit", "json", "not_installed"], sources)
    assert set(found) == {"wide_kit", "wide_kit.a", "wide_kit.b", "wide_kit.e"}
    assert found["wide_kit"].imports == {"wide_kit": 3, "wide_kit.a": 3, "wide_kit.b": 4, "wide_kit.e": 10}
