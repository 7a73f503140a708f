"""What cannot be grown from the seed, kept in a file of JSON lines.

Every change of that kind is one event, `{"event": "<name>", …}`. Without a path
the journal remembers nothing, and a restart begins afresh.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

Event = dict[str, Any]


class Journal:
    def __init__(self, path: str = "") -> None:
        self.path = Path(path) if path else None
        self._lock = Lock()

    def read(self) -> Iterator[Event]:
        """The events so far; a line torn by a crash, always the last, is dropped."""
        if self.path is None or not self.path.exists():
            return
        raw = self.path.read_bytes()
        whole, _, torn = raw.rpartition(b"\n")
        if torn:
            os.truncate(self.path, len(raw) - len(torn))
        for line in whole.splitlines():
            if not line.strip():
                continue
            event = json.loads(line)
            if isinstance(event, dict):
                yield event

    def append(self, event: Event) -> None:
        if self.path is None:
            return
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(line.encode())
                file.flush()

    def clear(self) -> None:
        if self.path is not None:
            with self._lock:
                self.path.unlink(missing_ok=True)
