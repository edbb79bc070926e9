"""Shear stresses that are labelled in another order than yz, xz, xy are told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from skcrystal.crystals.labels import to_voigt
from skcrystal.potentials import ExtrapolationWarning, Labels, LabelWarning, LinearPotential
from tests.potentials.copper import as_batch, labels_of, rattled

MODEL = LinearPotential(cutoff=4.0, degrees=(6, 4, 3), ridge=1e-8, energy_weight=100, stress_weight=10)


def reordered(order, changed):
    """Labels of copper, of every second cell with the shear stresses in another order."""
    labels = labels_of(rattled())
    components = to_voigt(labels.stresses)
    components[changed] = components[changed][:, [0, 1, 2, *(3 + place for place in order)]]
    groups = np.where(changed, "changed", "as they are")
    return Labels(labels.energies, labels.forces_of(), components, groups=groups)


@pytest.mark.parametrize(
    ("order", "names"),
    [((1, 0, 2), "xz yz xy"), ((2, 0, 1), "xy yz xz"), ((2, 1, 0), "xy xz yz")],
)
def test_another_order_is_told_of_the_group_that_has_it(order, names):
    changed = np.arange(40) % 2 == 1
    with pytest.warns(LabelWarning, match=rf"20 crystals \(changed\) seem to be in the order {names}, not"):
        MODEL.fit(as_batch(rattled()), reordered(order, changed))


def test_the_right_order_is_not_remarked_on():
    with warnings.catch_warnings():
        warnings.simplefilter("error", LabelWarning)
        warnings.simplefilter("ignore", ExtrapolationWarning)
        MODEL.fit(as_batch(rattled()), reordered((0, 1, 2), np.arange(40) % 2 == 1))
