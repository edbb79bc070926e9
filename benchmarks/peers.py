"""matminer and dscribe on given crystals; run by the Python of .venv-peers, which has no skcrystal.

CIF texts come as a JSON list of [name, text] on stdin; seconds of processor time and failures, one
contestant after the other, go as JSON to stdout.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# 252 columns whatever the elements: the widest SOAP that a table of 69 elements can bear.
SOAP_SETTINGS = {"r_cut": 6.0, "n_max": 8, "l_max": 6, "average": "inner", "periodic": True}


def matminer_featurizers() -> dict[str, Any]:
    """Return what matminer's users run, its own names as labels."""
    from matminer.featurizers.composition import ElementProperty
    from matminer.featurizers.structure import (
        DensityFeatures,
        GlobalSymmetryFeatures,
        SiteStatsFingerprint,
    )

    return {
        "ElementProperty magpie": ElementProperty.from_preset("magpie", impute_nan=True),
        "DensityFeatures": DensityFeatures(),
        "GlobalSymmetryFeatures": GlobalSymmetryFeatures(),
        "SiteStats of Voronoi local differences": SiteStatsFingerprint.from_preset(
            "LocalPropertyDifference_ward-prb-2017"
        ),
        "SiteStats of CrystalNN fingerprints": SiteStatsFingerprint.from_preset("CrystalNNFingerprint_ops"),
    }


def timed(call: Callable[[Any], object], names: list[str], inputs: list[Any]) -> dict[str, Any]:
    """Call once per crystal; a failure costs the time until it came, and is kept with its reason."""
    failures: dict[str, str] = {}
    start = time.process_time()
    for name, item in zip(names, inputs, strict=True):
        try:
            call(item)
        except Exception as error:  # whatever a peer raises is a row its user does not get
            failures[name] = f"{type(error).__name__}: {error}"[:200]
    return {"seconds": time.process_time() - start, "failures": failures}


def main() -> None:
    """Measure them all on the crystals of stdin."""
    warnings.simplefilter("ignore")
    from dscribe.descriptors import SOAP
    from pymatgen.core import Structure
    from pymatgen.io.ase import AseAtomsAdaptor

    texts = dict(json.load(sys.stdin))
    structures: dict[str, Any] = {}

    def read(name: str) -> None:
        structures[name] = Structure.from_str(texts[name], fmt="cif")

    results = {"reading with pymatgen": timed(read, list(texts), list(texts))}
    names = list(structures)
    for label, featurizer in matminer_featurizers().items():
        print(f"  matminer {label}, {len(names)} rows ...", file=sys.stderr, flush=True)
        on_composition = label.startswith("ElementProperty")
        inputs = [s.composition if on_composition else s for s in structures.values()]
        # The first call loads tables from disk: not counted.
        timed(featurizer.featurize, names[:1], inputs[:1])
        results[label] = timed(featurizer.featurize, names, inputs)
        results[label]["columns"] = len(featurizer.feature_labels())

    print(f"  dscribe SOAP, {len(names)} rows ...", file=sys.stderr, flush=True)
    atoms = [AseAtomsAdaptor.get_atoms(s) for s in structures.values()]
    species = sorted({number for one in atoms for number in one.numbers.tolist()})
    compression = {"mode": "mu2", "species_weighting": None}
    soap = SOAP(species=species, compression=compression, **SOAP_SETTINGS)
    results["SOAP"] = timed(soap.create, names, atoms) | {"columns": soap.get_number_of_features()}
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
