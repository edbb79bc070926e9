"""The notebook preset against an independent computation with pymatgen, of the same definitions."""

from __future__ import annotations

import csv
import gzip
import os
import warnings
from pathlib import Path

import gemmi
import numpy as np
import pytest
from pymatgen.core import Element
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.featurizer.presets import NOTEBOOK_PROPERTIES
from tests.chemistry.marks import WITH_STORED_VALUES

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[3] / "shared"))
ABC3 = SHARED / "data" / "mp_abc3.csv.gz"

# spglib's way to report failures is changing; pymatgen has not followed yet.
pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING")

METALS = {*range(3, 5), *range(11, 13), *range(19, 31), *range(37, 49), *range(55, 81), *range(87, 113)}


def statistics(values):
    return [np.mean(values), np.max(values), np.min(values), np.std(values)]


def attribute(element, name):
    with warnings.catch_warnings():
        # pymatgen warns of what it does not know; here that is 0.
        warnings.simplefilter("ignore")
        value = getattr(element, name)
    return 0.0 if value is None or np.isnan(value) else float(value)


def reference_row(structure):
    """The lecture notebook's vector of the Niggli-reduced primitive cell, by pymatgen and spglib.

    An angle tolerance of -1 makes symprec, a length, the only tolerance. The edges and angles are those of
    gemmi's Niggli cell: pymatgen's reduced lattice is right only to within one degree, so that 90.02 can come
    back as 89.98.
    """
    number = SpacegroupAnalyzer(structure, symprec=0.01, angle_tolerance=-1).get_space_group_number()
    cell = structure.get_primitive_structure(tolerance=0.01).get_reduced_structure("niggli")
    gruber = gemmi.GruberVector(gemmi.UnitCell(*cell.lattice.parameters), "P")
    gruber.niggli_reduce(epsilon=1e-5 * cell.volume ** (1 / 3))
    a, b, c, *angles = gruber.get_cell().parameters
    elements = [Element(site.specie.symbol) for site in cell]
    row = statistics([element.Z for element in elements])
    row += [a * b * c / len(cell), *angles]
    row += [np.mean([element.Z in METALS for element in elements])]
    row += statistics(cell.distance_matrix.ravel())
    for name in NOTEBOOK_PROPERTIES:
        row += statistics([attribute(element, name) for element in elements])
    return row + [float(number == k) for k in range(1, 231)]


def compare(structures):
    rows = CrystalFeaturizer("notebook").fit_transform(structures)
    for structure, row in zip(structures, rows, strict=True):
        np.testing.assert_allclose(
            row, reference_row(structure), rtol=1e-6, atol=1e-6, err_msg=str(structure.composition)
        )


@WITH_STORED_VALUES
def test_built_in_crystals():
    crystals = load_experimental().data
    chosen = [crystal for crystal in crystals if crystal.n_sites <= 40][::6]
    assert len(chosen) >= 50
    compare([crystal.to_structure() for crystal in chosen])


@pytest.mark.skipif(
    not ABC3.exists(), reason="the Materials Project's ABC3 crystals are not part of the package"
)
@WITH_STORED_VALUES
def test_abc3_crystals():
    with gzip.open(ABC3, "rt", newline="") as file:
        texts = [row["cif"] for row in csv.DictReader(file)][::22]
    assert len(texts) >= 50
    compare([crystal.to_structure() for crystal in as_crystals(texts)])
