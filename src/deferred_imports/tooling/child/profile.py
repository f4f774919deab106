"""Runs first in the interpreters that `profile` starts, see `customize`, if the program does not read ahead itself."""


def main() -> None:
    """Do what the first line of the program could do."""
    __import__("deferred_imports_prefetch").prefetch()  # a copy: the environment may not have the runtime
