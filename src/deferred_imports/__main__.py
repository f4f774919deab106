"""``python -m deferred_imports`` and the console script: starts the command, if what it needs is installed."""

import sys


def main() -> int:
    """Run the command and return its exit code."""
    # Inside the try stands the whole run: the command imports what it needs only when it needs it.
    try:
        from deferred_imports.tooling.cli import main as run

        return run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "deferred_imports":
            raise
        print(
            f'deferred-imports: the command needs {error.name}; pip install "deferred-imports[tooling]"',
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
