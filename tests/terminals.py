"""A user at a terminal: an interactive bash on a pseudo-terminal, that types and reads."""

import os
import re
import select
import signal
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from residents import BASH, PATIENCE

PROMPT = "ready> "


@dataclass
class Terminal:
    """An interactive shell with job control.

    Attributes:
        pid: The shell.
        master: The other end of its terminal.
        text: What it has printed and nobody has read.
    """

    pid: int
    master: int
    text: str = ""
    seen: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, env: Mapping[str, str], cwd: str) -> "Terminal":
        """Start a shell."""
        import pty  # not every system has it, and all of them collect the tests

        pid, master = pty.fork()
        if not pid:
            try:
                os.chdir(cwd)
                # Without line editing: what is typed comes back once, as the terminal echoes it.
                shell = [BASH, "--norc", "--noprofile", "--noediting", "-i"]
                os.execve(BASH, shell, {**env, "PS1": PROMPT, "TERM": "xterm"})  # noqa: S606 - it is one
            finally:
                os._exit(127)
        terminal = cls(pid, master)
        terminal.resize(80, 24)
        terminal.expect(re.escape(PROMPT))
        return terminal

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        import fcntl
        import termios

        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text: str) -> None:
        """Type something; the character 3 is Ctrl-C."""
        os.write(self.master, text.encode())

    def expect(self, pattern: str) -> str:
        """Wait until something that matches is on the screen, and return all up to its end."""
        end = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, self.text)
            if found:
                before, self.text = self.text[: found.end()], self.text[found.end() :]
                return before
            assert time.monotonic() < end, f"{pattern!r} does not come; there is {self.text!r} after {self.seen[-5:]}"
            if select.select([self.master], [], [], 1)[0]:
                try:
                    more = os.read(self.master, 4096)
                except OSError:
                    more = b""
                assert more, f"the terminal is closed after {self.text!r}"
                self.seen.append(more.decode("utf-8", "replace"))
                self.text += self.seen[-1].replace("\r\n", "\n")

    def run(self, line: str) -> str:
        """Type a line, wait for the next prompt, and return what was printed in between."""
        self.type(f"{line}\n")
        self.expect(re.escape(line) + "\n")
        return self.expect(re.escape(PROMPT))[: -len(PROMPT)]

    def close(self) -> None:
        """Close the window, and wait until the shell has ended."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
            try:
                os.kill(self.pid, signal.SIGHUP)
                os.kill(self.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
            os.waitpid(self.pid, 0)
