"""What the tests of the hook share beyond the fixtures of all tests."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from processes import clean_env, run


@pytest.fixture
def read_only(home: Path, tree_path: str) -> Callable[..., CompletedProcess[str]]:
    """`read_only(project, sys.executable, "-m", "hatchling", "build")`: in a project that cannot be written to.

    It is mounted so, since file modes do not stop root; the test is skipped where such mounts are not allowed.
    """
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("mounts with Linux means")

    def run_read_only(directory: Path, *command: str) -> CompletedProcess[str]:
        mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && ! touch probe 2>&-'
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        script = ["sh", "-c", f'{mount} || exit 99; shift; "$@"', "sh", str(directory), *command]
        env = {**clean_env(home), "PYTHONPATH": tree_path}
        done = run(["unshare", "--mount", *user, *script], env=env, cwd=directory, check=False)
        if done.returncode == 99 or done.stderr.startswith("unshare:"):
            pytest.skip(f"no read-only mounts here: {done.stderr.strip()}")
        return done

    return run_read_only
