"""``python -m deferred_imports`` and the console script: starts the command, if what it needs is installed."""

import os
import sys

# What keeps a tool in an environment of its own, by the file that it leaves there: pip would install into another one.
_INSTALLERS = {"uv-receipt.toml": "uv tool install", "pipx_metadata.json": "pipx install --force"}


def main() -> int:
    """Run the command and return its exit code."""
    # Inside the try stands the whole run: the command imports what it needs only when it needs it.
    try:
        from deferred_imports.tooling.cli import main as run

        return run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "deferred_imports":
            raise
        installers = (how for file, how in _INSTALLERS.items() if os.path.exists(os.path.join(sys.prefix, file)))
        remedy = f'{next(installers, "pip install")} "deferred-imports[tooling]"'
        print(f"deferred-imports: the command needs {error.name}; {remedy}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
