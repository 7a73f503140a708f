"""Worker processes that wait for the same starting shot."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.desk_process import DeskProcess

# Each round: read one line with the work, get ready, read "go", work, print a line.
FRAME = """
import sys
{preparation}
print("up", flush=True)
while line := sys.stdin.readline().strip():
    ready = prepare(line)
    print("ready", flush=True)
    sys.stdin.readline()
    print(work(ready), flush=True)
"""


@dataclass
class Workers:
    processes: Sequence["subprocess.Popen[str]"]

    def round(self, line: str) -> list[str]:
        """Let all do the same work at once; what each printed."""
        self._tell(line)
        self._expect("ready")
        self._tell("go")
        return [self._hear(process) for process in self.processes]

    def _tell(self, line: str) -> None:
        for process in self.processes:
            assert process.stdin
            process.stdin.write(f"{line}\n")
            process.stdin.flush()

    def _expect(self, word: str) -> None:
        for process in self.processes:
            assert self._hear(process) == word

    def _hear(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            assert process.stderr
            raise AssertionError(process.stderr.read())
        return line.strip()


@contextmanager
def run_workers(desk: DeskProcess, count: int, preparation: str) -> Iterator[Workers]:
    """`preparation` defines prepare(line) and work(ready)."""
    script = FRAME.format(preparation=preparation)
    workers = Workers([desk.start_script(script) for _ in range(count)])
    try:
        workers._expect("up")
        yield workers
    finally:
        for process in workers.processes:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=20)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
