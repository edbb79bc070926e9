"""The energy surface is the sum of coefficients times invariants, however its products are ordered."""

from __future__ import annotations

import numpy as np
import pytest

from tests.potentials.copper import alloys, as_batch, fitted_alloy, fitted_copper, rattled


@pytest.mark.parametrize("fitted", [fitted_copper, fitted_alloy])
def test_it_predicts_what_the_rows_of_the_design_say(fitted):
    model, crystals = fitted(), as_batch((rattled if fitted is fitted_copper else alloys)(n=2, seed=5))
    found = model._surface.evaluate(crystals)
    coefficients = model.coef_.reshape(-1)
    for index, design in enumerate(model._surface.expansion.designs(crystals)):
        sites = slice(*crystals.site_offsets[index : index + 2].tolist())
        scale = np.abs(design.energy * coefficients).sum()
        energies = (design.sites * model.coef_[design.kinds]).sum(axis=1)
        np.testing.assert_allclose(found.energies[sites], energies, rtol=0, atol=1e-13 * scale)
        np.testing.assert_allclose(
            found.forces[sites].reshape(-1), design.forces @ coefficients, rtol=0, atol=1e-12 * scale
        )
        np.testing.assert_allclose(
            found.strains[index], design.strain @ coefficients, rtol=0, atol=1e-12 * scale
        )
