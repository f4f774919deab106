"""``python -m deferred_imports.resident``: starts, shows and ends the resident processes of a user."""

import argparse
import os
import shutil
import subprocess
import sys

from deferred_imports.resident import asking, client, doubts, identity, started, starting, wire


class UsageError(Exception):
    """What the user has asked for cannot be; the text says why."""


def main(arguments: "list[str] | None" = None) -> int:
    """Run the command and return its exit code: 0 fine, 1 not done, 2 usage, 141 as if SIGPIPE had ended it."""
    args = parser().parse_args(arguments)
    try:
        code = int(args.run(identity.directory(), args))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (UsageError, identity.UnusableError) as error:
        print(f"deferred-imports: {error}", file=sys.stderr)
        return 2
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser; each verb stores its function as ``run``."""
    parser = argparse.ArgumentParser(
        prog="python -m deferred_imports.resident",
        description="Start, show and end the resident processes of programs that offer it.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, run, text in (
        ("start", _start, "have a program resident, from now on"),
        ("status", _status, "show what runs, what it has saved, what ran directly and why"),
        ("stop", _stop, "end what runs, and what was started before is no longer asked for"),
        ("restart", _restart, "end what runs and start it anew"),
        ("logs", _logs, "print what the processes have printed, and what has happened"),
    ):
        verb = verbs.add_parser(name, help=text, description=text)
        needed = name in ("start", "restart")
        verb.add_argument(
            "program", metavar="PROGRAM", nargs=None if needed else "?", help="its console script, by name or path"
        )
        if needed:
            verb.add_argument("--idle", metavar="TIME", default="15m", help="how long it waits for calls (%(default)s)")
        verb.set_defaults(run=run)
    return parser


def _script(program: str) -> str:
    """Return the absolute path of a console script: of this environment, or else on PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), program)
    found = program if "/" in program else beside if os.path.exists(beside) else shutil.which(program)
    if not found or not os.path.exists(found):
        raise UsageError(f"expected a console script of {os.path.dirname(sys.executable)} or on PATH, got {program}")
    return os.path.abspath(found)


def _start(directory: str, args: argparse.Namespace) -> int:
    script = _script(args.program)
    try:
        idle = client.idle_time(args.idle)
    except doubts.DirectError:
        raise UsageError(f"--idle: expected a time like 90s, 15m or 2h, got {args.idle}") from None
    variables = {**os.environ, "PYDEFER_RESIDENT": f"{client.START}{idle}"}
    starting.undo_coercion(variables)
    done = subprocess.run(  # noqa: S603 - the user has named it
        [script], env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True
    )
    if done.returncode or done.stdout or done.stderr:
        print(f"{args.program}: {done.stderr.strip() or 'this program does not offer it'}", file=sys.stderr)
        return 1
    started.write(directory, {**started.read(directory), script: idle})
    print(f"{args.program}: ready, and waits {idle} for calls")
    return 0


def _programs(directory: str, program: "str | None") -> "list[str]":
    """Return the names of the programs that are or were resident, or those that a name or path means."""
    names = sorted(name[: -len(".events")] for name in os.listdir(directory) if name.endswith(".events"))
    wanted = program and os.path.basename(program)[:24]
    return [name for name in names if not wanted or name.rpartition("-")[0] == wanted]


def _running(directory: str, program: "str | None") -> "dict[str, dict[str, str]]":
    events = {f"{directory}/{name}.events" for name in _programs(directory, program)}
    return {path: found for path, found in asking.running(directory).items() if found.get("events") in events}


def _status(directory: str, args: argparse.Namespace) -> int:
    running = _running(directory, args.program)
    names = _programs(directory, args.program)
    if not names:
        print("no program has been resident")
    for name in names:
        print(name.rpartition("-")[0])
        processes = [found for found in running.values() if found["events"] == f"{directory}/{name}.events"]
        for found in processes:
            print(f"  {_in_words(found)}")
        if not processes:
            print("  no process")
        for line in _lines(f"{directory}/{name}.events")[-10:]:
            print(f"  {line}")
    return 0


def _in_words(found: "dict[str, str]") -> str:
    calls, seconds = int(found["calls"]), float(found["seconds"])
    now, most = found["idle"].split()
    return (
        f"process {found['process']}: {calls} calls, {found['running']} running, {calls * seconds:.1f} s saved "
        f"({seconds:.2f} s each), {int(found['memory']) / 1e6:.0f} MB, {found['files']} files, "
        f"idle {float(now):.0f} s of {float(most):.0f} s"
    )


def _stop(directory: str, args: argparse.Namespace) -> int:
    running = _running(directory, args.program)
    for path, found in running.items():
        asking.ask(path, wire.STOP)
        print(f"process {found['process']} ends")
    if not running:
        print("no process")
    name = args.program and os.path.basename(args.program)
    asked = started.read(directory)
    started.write(directory, {path: idle for path, idle in asked.items() if name and os.path.basename(path) != name})
    return 0


def _restart(directory: str, args: argparse.Namespace) -> int:
    _stop(directory, args)
    return _start(directory, args)


def _logs(directory: str, args: argparse.Namespace) -> int:
    for name in _programs(directory, args.program):
        print("\n".join(_lines(f"{directory}/{name}.events")))
    prefixes = {name.rpartition("-")[0] for name in _programs(directory, args.program)}
    for name in sorted(os.listdir(directory)):
        if name.endswith(".log") and name.rpartition("-")[0] in prefixes:
            print("\n".join([f"{name}:", *_lines(f"{directory}/{name}")]))
    return 0


def _lines(path: str) -> "list[str]":
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    sys.exit(main())
