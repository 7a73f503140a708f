"""Which process does a piece of work, and whether it still lives."""

import os
import socket
import uuid

_START = uuid.uuid4().hex[:8]


def process_name() -> str:
    """Host, process id and start of this process; at most 160 characters."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}:{_START}"


def is_gone(process: str) -> bool:
    """Whether that process is known to have ended; of another host nobody knows."""
    host, _, rest = process.rpartition(":")[0].rpartition(":")
    start = process.rpartition(":")[2]
    if host != socket.gethostname()[:100] or not rest.isdigit():
        return False
    if int(rest) == os.getpid():
        return start != _START
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
