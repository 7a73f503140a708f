"""Compile the pinned sets from pyproject.toml; `--check` says whether they agree.

The widest set is resolved first and constrains the others, so one package has one
version everywhere. Pins that still fit are kept; `--upgrade` looks for newer ones.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETS = {
    "development": ["--extra", "production", "--group", "development"],
    "production": ["--extra", "production"],
    "base": [],
}
HEADER = "# Compiled from pyproject.toml by `make requirements`; do not edit.\n"


def compile_sets(target: Path, *, upgrade: bool) -> None:
    """Write each set to `target`/NAME.txt, starting from the pins already there."""
    for name, options in SETS.items():
        output = target / f"{name}.txt"
        constraints = (
            [] if name == "development" else ["-c", str(target / "development.txt")]
        )
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
            str(ROOT / "pyproject.toml"),
            *options,
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-header", "--no-annotate", "--output-file", str(output)),
            *constraints,
            *(["--upgrade"] if upgrade and name == "development" else []),
        ]
        # The machine's own package sources must not end up in the files.
        env = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
        subprocess.run(command, cwd=ROOT, env=env, check=True)  # noqa: S603 (our own words)
        output.write_text(HEADER + output.read_text())


def main() -> int:
    here = ROOT / "requirements"
    if "--check" not in sys.argv:
        compile_sets(here, upgrade="--upgrade" in sys.argv)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            Path(folder, f"{name}.txt").write_text((here / f"{name}.txt").read_text())
        compile_sets(Path(folder), upgrade=False)
        stale = [
            name
            for name in SETS
            if Path(folder, f"{name}.txt").read_text()
            != (here / f"{name}.txt").read_text()
        ]
    if stale:
        print(f"Stale: {', '.join(stale)}. Run `make requirements`.")  # noqa: T201
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
