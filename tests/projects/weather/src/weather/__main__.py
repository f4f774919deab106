"""The console script, and ``python -m weather``: the program, resident for those who ask for that."""

import sys


def main() -> int:
    """Run the command line; return the exit code."""
    from deferred_imports.resident import run

    return run("weather.cli:main")


if __name__ == "__main__":
    sys.exit(main())
