"""Programs and tools of others, from an index: numpy's random numbers and threads, debuggers, coverage, pytest."""

import subprocess
from collections.abc import Callable

import pytest

from indexed import install
from residents import PATIENCE, Program, shown

pytestmark = pytest.mark.network

Atlas = Callable[[str, str], Program]

WATCHED = "a debugger, a profiler or coverage is at work\n"


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment that has them, from whatever index the machine is set up for."""
    return str(install(tmp_path_factory.mktemp("libraries") / "venv", "numpy", "pytest-cov", "debugpy"))


def test_random_numbers_of_numpy(atlas: Atlas, python: str) -> None:
    """14: each call has others, from its own generator and from new ones; after a seed of the program's, the same.

    Of four calls at once, one at most has the child that has waited. A generator of the program's is left alone, too.
    """
    code = "import numpy.random\ndef main(): print(numpy.random.rand(), numpy.random.default_rng().random())"
    program = atlas(code, python)
    program.start()
    calls = [program.run().stdout.split() for _ in range(3)]
    assert program.served() == 3, program.events()
    calls += [call.communicate(timeout=PATIENCE)[0].split() for call in [program.popen() for _ in range(4)]]
    assert program.served() == 7, program.events()
    assert all(len(set(column)) == 7 for column in zip(*calls, strict=True))
    for theirs in ("seed([1, 2])", "set_bit_generator(numpy.random.PCG64(1))"):
        program = atlas(f"import numpy\nnumpy.random.{theirs}\ndef main(): print(numpy.random.rand(3))", python)
        program.start()
        program.both()
        assert program.served() == 1, program.events()


def test_threads_of_a_library_in_c(atlas: Atlas, python: str) -> None:
    """14, 30: a pool that BLAS starts when it is loaded, which a fork does not copy, is there in each call."""
    program = atlas(
        """
        import os
        import numpy
        def main():
            square = numpy.arange(160_000.0).reshape(400, 400) % 7
            before = square @ square
            print(before.sum(), numpy.linalg.svd(square[:50, :50])[1][0].round(6))
            print(len(os.listdir("/proc/self/task")))
        """,
        python,
    )
    variables = {"OPENBLAS_NUM_THREADS": "2"}  # a machine with one processor has none otherwise
    program.start(env=variables)
    assert program.both(env=variables).stdout.endswith(b"\n2\n")


@pytest.mark.parametrize(
    ("tool", "reason"),
    [
        (["-m", "pdb", "-c", "continue", "-c", "quit"], ""),  # once told to go on, it watches no more
        (["-m", "coverage", "run"], WATCHED),
        (["-m", "debugpy", "--listen", "127.0.0.1:0"], WATCHED),
        (["-X", "importtime"], "an option of the interpreter (-X, -i, -d or -v)\n"),
    ],
    ids=lambda tool: " ".join(tool) if isinstance(tool, list) else "",
)
def test_a_tool_that_watches(tool: list[str], reason: str, atlas: Atlas, python: str) -> None:
    """38: under a debugger or coverage the call runs directly, in their process, which sees every line of it."""
    program = atlas("import os\ndef main():\n    print('here', os.getpid() == os.getppid())\n    return 3", python)
    program.start()
    quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    direct, through = (program.run(before=[python, *tool], resident=resident, env=quiet) for resident in (False, True))
    assert b"here False\n" in through.stdout
    if "importtime" in tool:
        assert b"import time:" in through.stderr
        assert (through.returncode, through.stdout) == (direct.returncode, direct.stdout)
    else:
        assert shown(through) == shown(direct)
    assert (program.served(), program.events().count("started: ")) == (0, 1)  # nor is another one started for it
    assert f"direct: {reason}" in program.events()
    if "coverage" in tool:
        done = subprocess.run(
            [python, "-m", "coverage", "report", "--include=atlas.py"],
            cwd=program.path,
            env=program.env(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "100%" in done.stdout


def test_within_pytest(atlas: Atlas, python: str) -> None:
    """38: called by a test, the function runs in the process of that test: capsys, a patch and coverage reach it."""
    program = atlas("import helper\ndef main():\n    print(helper.VALUE)\n    return 3", python)
    program.write({"helper.py": "VALUE = 1\n"})
    program.write(
        {
            "test_atlas.py": """
            import door, helper
            def test_atlas(capsys, monkeypatch):
                monkeypatch.setattr(helper, "VALUE", "patched")
                monkeypatch.setattr("sys.argv", ["atlas"])
                assert door.main() == 3
                assert capsys.readouterr().out == "patched\\n"
        """
        }
    )
    program.start()
    measure(program, python, WATCHED)


def measure(program: Program, python: str, reason: str) -> None:
    """Run its tests under pytest-cov, which sees every line of it, and is the reason why that is so."""
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov=atlas", "--cov-report=term"],
        cwd=program.path,
        env=program.env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "100%" in done.stdout
    assert (program.served(), program.events().count("started: ")) == (0, 1)  # nor is another one started for it
    assert f"direct: {reason}" in program.events()


def test_coverage_of_what_a_test_starts(atlas: Atlas, python: str) -> None:
    """38: a program that pytest-cov measures in a process of its own runs there, and is measured."""
    program = atlas("def main():\n    print('measured')", python)
    program.write(
        {
            ".coveragerc": "[run]\nparallel = true\npatch = subprocess\n",
            "test_atlas.py": f"""
            import subprocess
            def test_atlas():
                assert subprocess.check_output([{str(program.script)!r}]) == b"measured\\n"
        """,
        }
    )
    program.start()
    measure(program, python, "the variable COVERAGE_PROCESS_CONFIG is set\n")
