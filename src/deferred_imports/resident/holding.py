"""A process beside a child that shares its memory, so that the child need not take that down before it has ended.

To take down the memory of a large program takes the system milliseconds, and only then does it close the files of the
process and tell that it has ended. With another user of the memory (clone(2), CLONE_VM) the child ends at once, and in
full. The other process runs no Python and has no file but its end of a connection: when the server closes the other
end, or has gone, it ends, too, and takes the memory with it. Where a call has left a file mapped, the server tells of
its end only then (`children`): a file system could not be unmounted before.

There is one where the program has loaded `ctypes`, as what is large has; without, nothing is lost but the time.
"""

import os
import sys

from deferred_imports.resident import ending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLONE_VM, _CLONE_PARENT = 0x100, 0x8000
_UNBUFFERED = 2  # _IONBF of stdio.h
_STACK = 64 << 10


def hold(pipe: int, end: int) -> int:
    """Start the process, in a child that has no other files than these two, and return its process id, or 0.

    Args:
        pipe: The file that the child keeps, and the other process does not have.
        end: What the other process reads until it is closed at the other end; the child has it no more.
    """
    ctypes = sys.modules.get("ctypes")
    holder = 0
    if ctypes is not None:
        import _socket

        # The other process gets a copy of all that is open: so what is not for it is under way in a socket meanwhile.
        ours, theirs = _socket.socketpair()
        ours.sendmsg([b"-"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, pipe.to_bytes(4, sys.byteorder))])
        os.close(pipe)
        try:
            holder = _clone(ctypes, end)
        except (OSError, AttributeError, TypeError, ValueError):  # there is no such function, or it is another one
            pass
        finally:
            _, ((_, _, data),), _, _ = theirs.recvmsg(1, _socket.CMSG_SPACE(4))
            ours.close()
            theirs.close()
            file = int.from_bytes(data[:4], sys.byteorder)
            if file != pipe:
                os.dup2(file, pipe, inheritable=False)
                os.close(file)
    os.close(end)
    return max(holder, 0)


def _clone(ctypes: "Any", end: int) -> int:
    """Have another process read from a file, with the C library's function for it: it needs a stack, and no memory."""
    library = ctypes.PyDLL(None)
    library.fdopen.restype = ctypes.c_void_p
    stream = ctypes.c_void_p(library.fdopen(end, b"r"))
    library.setvbuf(stream, None, _UNBUFFERED, ctypes.c_size_t(0))
    stack = ctypes.create_string_buffer(_STACK)
    ending.keep(stack)
    top = ctypes.c_void_p(ctypes.addressof(stack) + _STACK & ~63)
    return int(library.clone(library.fgetc, top, _CLONE_VM | _CLONE_PARENT, stream))
