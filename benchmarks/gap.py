"""A Gaussian approximation potential on given cells; run by the Python of an environment with quippy-ase.

``gap.py SYMBOL TRAIN TEST`` prints one line of JSON: mean absolute errors (meV/atom, eV/angstrom), seconds of
the fit and of its processors, and microseconds an atom of a step.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from ase.io import read, write
from quippy.potential import Potential

# Zuo et al. 2020 use SOAP of n_max = l_max = 8 up to 5 angstrom.
SOAP = (
    "soap l_max=8 n_max=8 atom_sigma=0.5 zeta=4 cutoff=5.0 cutoff_transition_width=1.0 delta=1.0 "
    "covariance_type=dot_product sparse_method=cur_points n_sparse=600 add_species=T"
)
SIGMAS = "{0.001 0.05 0.05 0.0}"


def main() -> None:
    """Fit, test, time."""
    symbol, train, test = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        cells = Path(folder) / "train.xyz"
        frames = read(train, ":", format="extxyz")
        reference = np.mean([atoms.get_potential_energy() / len(atoms) for atoms in frames])
        for atoms in frames:
            atoms.info["energy_"] = atoms.get_potential_energy()
            atoms.arrays["forces_"] = atoms.get_forces()
            atoms.info["virial_"] = -atoms.get_stress(voigt=False) * atoms.get_volume()
            atoms.calc = None
        write(cells, frames, format="extxyz")
        command = Path(sys.executable).with_name("gap_fit")
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                str(command if command.exists() else shutil.which("gap_fit")),
                f"at_file={cells}",
                f"gap={{{SOAP}}}",
                f"default_sigma={SIGMAS}",
                f"e0={{{symbol}:{reference}}}",
                "energy_parameter_name=energy_",
                "force_parameter_name=forces_",
                "virial_parameter_name=virial_",
                "sparse_jitter=1e-8",
                "do_copy_at_file=F",
                "sparse_separate_file=F",
                f"gp_file={folder}/gap.xml",
            ],
            check=True,
            capture_output=True,
        )
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        potential = Potential(param_filename=f"{folder}/gap.xml")
        energy, force, steps = [], [], []
        for atoms in read(test, ":", format="extxyz"):
            truth = atoms.get_potential_energy(), atoms.get_forces()
            atoms.calc = potential
            start = time.process_time()
            found = atoms.get_forces()
            steps.append((time.process_time() - start) / len(atoms))
            energy.append(abs(atoms.get_potential_energy() - truth[0]) / len(atoms))
            force.append(np.abs(found - truth[1]).ravel())
        print(
            json.dumps(
                {
                    "energy": 1e3 * float(np.mean(energy)),
                    "force": float(np.mean(np.concatenate(force))),
                    "seconds": seconds,
                    "processor": processor,
                    "step": 1e6 * float(np.median(steps)),
                }
            )
        )


if __name__ == "__main__":
    main()
