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
FOLDER = BENCHMARKS.parent / ".venv-peers"
REQUIREMENTS = BENCHMARKS / "peers-requirements.txt"


def peer_python() -> Path:
    """Return the peers' Python; make or renew the environment where it is not up to date."""
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = FOLDER / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing the peers into {FOLDER.name} (once, some minutes) ...", flush=True)
    venv.create(FOLDER, with_pip=True, clear=True)
    subprocess.run([python, "-m", "pip", "install", "-qq", "-r", REQUIREMENTS], check=True)
    stamp.write_text(wanted)
    return python
