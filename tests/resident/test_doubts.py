"""Each doubt runs the call directly for its own reason: without it, the resident process would make the call."""

import sys
from collections.abc import Callable

import pytest

from deferred_imports.resident import doubts
from residents import Program

Atlas = Callable[[str], Program]

DOOR = """
    import os
    def main():
        from deferred_imports.resident import run
        exec(os.environ.get("DOUBT", ""), {})
        return run("atlas:main")
"""
WATCHED = "a debugger, a profiler or coverage is at work"
THREAD = """
import _thread, time
begun = _thread.allocate_lock()
begun.acquire()
_thread.start_new_thread(lambda: (begun.release(), time.sleep(60)), ())
begun.acquire()
"""
DOUBTS = {
    "import sys; sys.settrace(lambda *_: None)": WATCHED,
    "import sys; sys.setprofile(lambda *_: None)": WATCHED,
    "import sys; sys.monitoring.use_tool_id(5, 'tests')": WATCHED,
    "import faulthandler; faulthandler.enable()": "faulthandler is enabled",
    "import atexit; atexit.register(int)": "something is to be done when this process exits",
    THREAD: "threads are running",
    "import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer)": "standard input or output was replaced",
    "import io, sys; sys.stdin = io.StringIO()": "standard input or output was replaced",
}
"""What the door does before it asks, and why the call then runs directly."""


@pytest.mark.parametrize("code", DOUBTS, ids=lambda code: " ".join(code.split())[:40])
def test_what_is_about_in_the_process(code: str, atlas: Atlas) -> None:
    """38: a tool that watches, what is due at exit, a thread, another stream: each alone has the call run directly."""
    if "monitoring" in code and sys.version_info < (3, 12):
        pytest.skip("Python 3.12 has it")
    program = atlas("def main(): print('well')")
    program.write({"door.py": DOOR})
    program.start()
    assert program.run(env={"DOUBT": "pass"}).stdout == b"well\n"
    assert program.run(env={"DOUBT": code}).stdout == b"well\n"
    assert program.events().count("direct: ") == program.events().count(f"direct: {DOUBTS[code]}") == 1
    assert program.served() == 1


def test_options_and_variables_that_watch(atlas: Atlas) -> None:
    """38: an option or a variable by which the interpreter is watched is a reason of its own."""
    program = atlas("def main(): print('well')")
    option = "an option of the interpreter (-X, -i, -d or -v)"
    for options in (["-X", "utf8=0"], ["-X", "dev"], ["-i"], ["-v"]):
        assert program.run(before=[sys.executable, *options]).stdout == b"well\n"
    assert program.events().count("direct: ") == program.events().count(f"direct: {option}") == 4
    # Those that set a flag of the interpreter, too, are options by then.
    flags = (b"PYTHONINSPECT", b"PYTHONVERBOSE", b"PYTHONDEBUG", b"PYTHONDEVMODE", b"PYTHONFAULTHANDLER")
    for variable in doubts._VARIABLES:
        value = "normal" if variable == b"PYTHON_LAZY_IMPORTS" else "1"
        assert program.run(env={variable.decode(): value}).stdout.startswith(b"well\n")
        named = f"direct: the variable {variable.decode()} is set\n" in program.events()
        assert named or (variable in flags and program.events().count(f"direct: {option}") > 4), variable
    assert "started: " not in program.events()


def test_another_program_that_calls(atlas: Atlas) -> None:
    """38: a function that calls that of a program wants to go on when it is over: it is called there."""
    program = atlas("def main(): return 7")
    program.write({"other.py": "from door import main\ndef call():\n    return main()\nprint(call())\n"})
    program.start()
    assert program.run(before=[sys.executable, str(program.path / "other.py")]).stdout == b"7\n"
    assert program.events().count("direct: another program has called it") == 1
    assert program.served() == 0
