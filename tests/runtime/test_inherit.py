"""Worker processes inherit what is eager, and a fork server can load everything once for all of them."""

import multiprocessing
import sys

import pytest

from worlds import World

METHODS = multiprocessing.get_all_start_methods()

# A program that starts one child process and prints what that finds loaded once it has imported the package.
MAIN = """
import multiprocessing, os, sys

def work(results):
    early = "heavy" in sys.modules
    import weather
    results.put((early, "heavy" in sys.modules, "light" in sys.modules))

def start(method):
    context = multiprocessing.get_context(method)
    results = context.SimpleQueue()
    process = context.Process(target=work, args=(results,))
    process.start()
    print(*results.get())
    process.join()

if __name__ == "__main__":
    {prepare}
    start(sys.argv[1] if len(sys.argv) > 1 else None)
    {afterwards}
"""


@pytest.fixture
def weather(world: World) -> World:
    """A package that defers `heavy`, and one beside it that defers `light`."""
    world.write({"heavy.py": "", "light.py": ""})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from weather import _deferred"})
    world.package('imports.light = "light"', {"__init__.py": "from other import _deferred"}, package="other")
    world.write({"weather/__init__.py": "from weather import _deferred\nimport other\n"})
    return world


def run_main(world: World, *arguments: str, prepare: str = "pass", afterwards: str = "pass", env: str = "") -> str:
    """Run the program as a file, as spawned children need it, and return what it printed."""
    text = MAIN.replace("{prepare}", prepare).replace("{afterwards}", afterwards)
    world.write({"main.py": text})
    # Where Python warns of forking while there are threads: there are none of ours.
    code = "import runpy, sys; sys.argv[0] = 'main.py'; runpy.run_path('main.py', run_name='__main__')"
    return world.run(code, *arguments, env={"PYDEFER_EAGER": env} if env else {})


@pytest.mark.parametrize("method", METHODS)
def test_children_inherit_the_variable(weather: World, method: str) -> None:
    """`PYDEFER_EAGER` holds in children, however they are started."""
    assert run_main(weather, method) == "False False False"
    assert run_main(weather, method, env="weather") == "False True False"


@pytest.mark.parametrize("method", METHODS)
def test_children_inherit_what_was_forced_before_they_start(weather: World, method: str) -> None:
    """`force_eager()` holds in children that are started afterwards, with its packages, on top of the variable."""
    force = "from deferred_imports import force_eager; force_eager({})"
    assert run_main(weather, method, prepare=force.format("'weather'")) == "False True False"
    assert run_main(weather, method, prepare=force.format("'weather'"), env="other") == "False True True"


def test_children_inherit_it_by_default(weather: World) -> None:
    """So it is with the start method that this Python takes of itself: a fork server from 3.14 on."""
    prepare = "from deferred_imports import force_eager; force_eager()"
    assert run_main(weather, prepare=prepare) == "False True True"


@pytest.mark.parametrize("method", METHODS)
def test_children_have_what_their_parent_could_give_them(weather: World, method: str) -> None:
    """A forked child has what its parent has loaded; the others load it themselves, and find it as well."""
    prepare = "import weather\n    from deferred_imports import resolve_now; resolve_now('weather')"
    found = "True True False" if method == "fork" else "False False False"
    assert run_main(weather, method, prepare=prepare) == found


@pytest.mark.skipif("forkserver" not in METHODS, reason="there is no fork server on this system")
def test_a_fork_server_loads_once_for_all(weather: World) -> None:
    """A module that resolves, given to `set_forkserver_preload`, really loads: each child has it from the start."""
    weather.write({"preload.py": "import weather\nfrom deferred_imports import resolve_now\nresolve_now('weather')\n"})
    prepare = "multiprocessing.set_forkserver_preload(['preload'])"
    assert run_main(weather, "forkserver", prepare=prepare) == "True True False"
    weather.write({"preload.py": "import weather\n"})
    assert run_main(weather, "forkserver", prepare=prepare) == "False False False"


@pytest.mark.skipif("forkserver" not in METHODS, reason="there is no fork server on this system")
def test_a_fork_server_that_runs_already_is_a_reason_to_warn(weather: World) -> None:
    """Its children get what held when it started: whoever forces later is told, and what to do."""
    afterwards = """
    import warnings
    from deferred_imports import force_eager
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        force_eager()
    print(caught[0].category.__name__, caught[0].message, caught[0].filename)
    start("forkserver")
    """
    text = "the fork server of multiprocessing runs already, and its children will not be eager"
    remedy = "call force_eager() before the first process is started"
    assert run_main(weather, "forkserver", afterwards=afterwards).splitlines() == [
        "False False False",
        f"RuntimeWarning force_eager: {text}; {remedy} main.py",
        "False False False",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_pools_inherit_it_too(weather: World, method: str) -> None:
    """Workers of `concurrent.futures` are children like others."""
    weather.write(
        {
            "pool.py": """
                import multiprocessing, sys
                from concurrent.futures import ProcessPoolExecutor
                from deferred_imports import force_eager

                def work(_):
                    import weather
                    return "heavy" in sys.modules

                if __name__ == "__main__":
                    force_eager("weather")
                    with ProcessPoolExecutor(2, multiprocessing.get_context(sys.argv[1])) as pool:
                        print(*pool.map(work, range(3)))
            """
        }
    )
    done = weather.run_python(
        "import runpy, sys; sys.argv[0] = 'pool.py'; runpy.run_path('pool.py', run_name='__main__')",
        method,
        path=[weather.path],
        flags=["-W", "ignore::DeprecationWarning"] if sys.version_info >= (3, 12) else [],
        cwd=weather.path,
    )
    assert done.stdout == "True True True\n"
