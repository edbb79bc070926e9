"""matminer's Magpie columns of formulas; run by the Python of .venv-peers, which has no skcrystal.

Formulas come as a JSON list on stdin; seconds of processor time, for reading and for the columns, and the
number of columns and failures go as JSON to stdout.
"""

from __future__ import annotations

import json
import sys
import time
import warnings


def main() -> None:
    """Measure on the formulas of stdin."""
    warnings.simplefilter("ignore")
    from matminer.featurizers.composition import ElementProperty
    from pymatgen.core import Composition

    formulas = json.load(sys.stdin)
    magpie = ElementProperty.from_preset("magpie", impute_nan=True)
    # The first call loads tables from disk: not counted.
    magpie.featurize(Composition("NaCl"))
    start = time.process_time()
    compositions = [Composition(formula) for formula in formulas]
    read = time.process_time()
    failures = 0
    for composition in compositions:
        try:
            magpie.featurize(composition)
        except Exception:  # whatever a peer raises is a row its user does not get
            failures += 1
    done = time.process_time()
    result = {"reading": read - start, "columns": done - read, "failures": failures}
    json.dump({**result, "width": len(magpie.feature_labels())}, sys.stdout)


if __name__ == "__main__":
    main()
