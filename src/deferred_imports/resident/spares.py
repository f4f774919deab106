"""The children of the resident process: one is forked ahead and waits for the next call, and warms itself meanwhile."""

import os

from deferred_imports.resident.children import Child, fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    import select
    from collections.abc import Callable


class Spares:
    """The children, of which one waits.

    Args:
        poll: Where the server hears of what they say.
        become: What a child does first, given its end of the connection.
    """

    def __init__(self, poll: "select.poll", become: "Callable[[int], None]") -> None:
        self._poll = poll
        self._become = become
        self._waiting: Child | None = None

    def prepare(self) -> "Callable[[], None] | None":
        """Have a child wait, unless one does; return in it, with what it has to do."""
        if self._waiting is not None:
            return None
        child = self._fork()
        if not isinstance(child, Child):
            return child
        self._waiting = child
        return None

    def take(self) -> "Child | Callable[[], None]":
        """Return the child that waits, if it can hear, or else a new one, and in that what it has to do."""
        child = self._waiting
        if child is None or child.is_warming:
            return self._fork()
        self._waiting = None
        return child

    def hear(self, file: int) -> bool:
        """Hear the child that waits, if this is its file; tell whether it has said that it can hear from now."""
        child = self._waiting
        if child is None or child.pipe != file:
            return False
        if not child.hear():
            self.dismiss()
            return False
        return not child.is_warming

    def dismiss(self) -> None:
        """End the child that waits."""
        if self._waiting is not None:
            self.end(self._waiting)
            self._waiting = None

    def end(self, child: Child) -> None:
        """End a child that has not begun, before it can notice that it is of no use."""
        child.kill()
        self.drop(child)

    def drop(self, child: Child) -> None:
        """Hear no more of a child."""
        if child.pipe >= 0:
            self._poll.unregister(child.pipe)
            os.close(child.pipe)
            child.pipe = -1

    def _fork(self) -> "Child | Callable[[], None]":
        import select

        child = fork(self._become)
        if isinstance(child, Child):
            self._poll.register(child.pipe, select.POLLIN)
        return child
