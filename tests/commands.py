"""The command in tests: the table of the sample project, and how child processes start it."""

import sys
from pathlib import Path

from goldens import CASES

TABLE = (CASES / "registry" / "design.toml").read_text(encoding="utf-8")
# For child processes: the command, with what its caller's environment has installed.
CODE = "import sys; from deferred_imports.__main__ import main; sys.exit(main())"
INSTALLED = [Path(folder) for folder in sys.path if folder]
