"""Imports each of some modules in a process of its own, and writes down which cannot be; run by its path.

The arguments: the file for the report, the directories that come first on `sys.path` separated by `os.pathsep`, and a
file with two lines: modules of others that all of them may find loaded, and the modules to import. Each is imported in
a fork of this process, or where there is no fork in a new interpreter.
"""

import os
import sys

_SECONDS = 30


def main() -> None:
    """Import all, and write the report."""
    report, places, request = sys.argv[1:]
    with open(request, encoding="utf-8") as file:
        loaded, modules = (line.split() for line in file.read().split("\n"))
    sys.path[0:1] = [place for place in places.split(os.pathsep) if place]
    sys.argv = sys.argv[:1]
    if hasattr(os, "fork"):
        import_each(loaded)
    failures = {}
    for module in modules:
        reason = alone(module) if hasattr(os, "fork") else elsewhere(module)
        if reason:
            failures[module] = reason
    import json

    with open(report, "w", encoding="utf-8") as file:
        json.dump(failures, file)


def import_each(modules: "list[str]") -> None:
    """Import modules of others, once for all, as far as they can be."""
    hidden, errors = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(hidden, 2)
    for module in modules:
        try:
            __import__(module)
        except BaseException:  # noqa: BLE001, S112 - who needs it will say why
            continue
    os.dup2(errors, 2)


def alone(module: str) -> str:
    """Import a module in a fork; return why it cannot be imported, or nothing."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        reason = tried(module)
        os.write(writing, reason.encode("utf-8", "backslashreplace")[:2000])
        os._exit(0)
    os.close(writing)
    said = b""
    while piece := os.read(reading, 4096):
        said += piece
    os.close(reading)
    _, status = os.waitpid(process, 0)
    return said.decode("utf-8", "replace") or (f"ended with status {status}" if status else "")


def tried(module: str) -> str:
    """Import a module; return why it cannot be imported, or nothing."""
    import signal

    signal.alarm(_SECONDS)
    hidden = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(hidden, stream)
    try:
        __import__(module)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is reported
        return f"{type(error).__name__}: {error}"
    return ""


def elsewhere(module: str) -> str:
    """Import a module in a new interpreter; return why it cannot be imported, or nothing."""
    import subprocess

    code = f"import sys; sys.path[:0] = {sys.path!r}; import {module}"
    try:
        done = subprocess.run(  # noqa: S603 - importing the project's modules is what was asked for
            [sys.executable, "-c", code], capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {_SECONDS} s"
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if done.returncode and lines else ""


if __name__ == "__main__":
    main()
