"""Values of elements at sites: what stands for those that nobody knows."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal.chemistry.elements import filled_table, property_table
from skcrystal.descriptors import SOAP, PairSpectrum, SymmetryFunctions
from skcrystal.descriptors.site_values import standardized_table
from skcrystal.descriptors.symmetry_functions import relative_table

# Known of 70 elements; francium's stands between those of caesium and radium.
RADIUS = "metallic_radius"
CAESIUM, FRANCIUM, RADIUM = 55, 87, 88


@pytest.mark.parametrize("scaled", [standardized_table, relative_table])
def test_an_unknown_value_follows_the_trend_of_its_neighbours(scaled):
    table = scaled([RADIUS])[:, 0]
    assert np.isnan(property_table([RADIUS])[FRANCIUM, 0])
    assert table[RADIUM] < table[FRANCIUM] < table[CAESIUM]
    # All in one unit: scaling is the same for what is known and what is estimated.
    filled = filled_table([RADIUS])[:, 0]
    slope = (table[CAESIUM] - table[RADIUM]) / (filled[CAESIUM] - filled[RADIUM])
    np.testing.assert_allclose(table[1:] - table[1], slope * (filled[1:] - filled[1]), atol=1e-12)
    assert np.isfinite(table).all()


@pytest.mark.parametrize("family", [PairSpectrum, SOAP, SymmetryFunctions])
def test_columns_say_which_values_are_estimates(family):
    def notes(name):
        return {column.missing for column in family(properties=[name]).describe_columns()}

    assert all("are estimated by their neighbours" in note for note in notes(RADIUS))
    assert notes("group") == {""}
