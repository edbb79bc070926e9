"""The environment of the peers: what they pin must not reach ours."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["peer_python"]

BENCHMARKS = Path(__file__).resolve().parents[1]


def peer_python(name: str = "peers") -> Path:
    """Return the Python of .venv-NAME, made or renewed where NAME-requirements.txt has changed."""
    folder, requirements = BENCHMARKS.parent / f".venv-{name}", BENCHMARKS / f"{name}-requirements.txt"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {requirements.name} into {folder.name} (once, some minutes) ...", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run([python, "-m", "pip", "install", "-qq", "-r", requirements], check=True)
    stamp.write_text(wanted)
    return python
