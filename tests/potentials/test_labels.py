"""Labels: a sequence that is split as its crystals are."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from skcrystal.potentials import Labels, stress_from_vasp, to_gpa, to_kbar

FORCES = [np.arange(6.0).reshape(2, 3), None, np.ones((1, 3))]
LABELS = Labels(
    [1.0, np.nan, 3.0],
    FORCES,
    [[1, 2, 3, 4, 5, 6], [np.nan] * 6, [0] * 6],
    groups=["a", "b", "a"],
    n_sites=[2, 2, 1],
)


def test_entries_come_back():
    assert len(LABELS) == 3
    assert LABELS[0].energy == 1.0
    np.testing.assert_array_equal(LABELS[0].forces, FORCES[0])
    # xx yy zz yz xz xy
    np.testing.assert_array_equal(LABELS[0].stress, [[1, 6, 5], [6, 2, 4], [5, 4, 3]])
    assert np.isnan(LABELS[1].forces).all()
    assert LABELS.has_forces.tolist() == [True, False, True]
    assert LABELS.has_stress.tolist() == [True, False, True]
    assert repr(LABELS) == "Labels(3 crystals: 2 energies, 2 forces, 2 stresses)"


@pytest.mark.parametrize("key", [slice(1, None), [2, 0], np.array([False, True, True]), ([0, 2], ...)])
def test_slices_keep_what_belongs_together(key):
    taken = LABELS[key]
    indices = np.arange(3)[key[0] if isinstance(key, tuple) else key]
    assert taken.groups.tolist() == np.array(["a", "b", "a"])[indices].tolist()
    for got, index in zip(taken, indices.tolist(), strict=True):
        np.testing.assert_array_equal(got.forces, LABELS[index].forces)
        np.testing.assert_array_equal(got.stress, LABELS[index].stress)


def test_scikit_learn_splits_them():
    train, test = train_test_split(LABELS, test_size=1, random_state=0)
    assert isinstance(test, Labels)
    assert sorted([*train.groups, *test.groups]) == ["a", "a", "b"]


def test_they_survive_pickling_and_cannot_be_changed():
    again = pickle.loads(pickle.dumps(LABELS))
    np.testing.assert_array_equal(again.forces, LABELS.forces)
    with pytest.raises(ValueError, match="read-only"):
        LABELS.energies[0] = 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs energies, forces or stresses"),
        ({"energies": [1.0], "forces": [None, None]}, "energies 1, forces 2"),
        ({"forces": [np.ones((2, 2))]}, r"forces of crystal 0 have the shape \(2, 2\)"),
        ({"forces": [np.ones((2, 3))], "n_sites": [3]}, r"give \(3, 3\), a row for each site"),
        ({"stresses": np.ones((2, 4))}, r"stresses has the shape \(2, 4\)"),
        ({"energies": [1.0], "groups": ["a", "b"]}, "groups has 2 entries for 1 crystals"),
    ],
)
def test_what_does_not_fit_is_one_sentence(given, message):
    with pytest.raises(ValueError, match=message):
        Labels(**given)


def test_units_of_stress():
    """1 eV is 1.602176634e-19 J, 1 cubic angstrom 1e-30 cubic metres, 1 kbar 0.1 GPa."""
    assert to_gpa(1.0) == pytest.approx(160.2176634)
    assert to_kbar(1.0) == pytest.approx(1602.176634)
    # VASP prints xx yy zz xy yz zx in kbar, positive under pressure.
    assert stress_from_vasp([1602.176634, 0, 0, 0, 0, 0])[0] == pytest.approx(-1)
    assert np.flatnonzero(stress_from_vasp([0, 0, 0, 1, 0, 0])).tolist() == [5]
    assert np.flatnonzero(stress_from_vasp([0, 0, 0, 0, 1, 0])).tolist() == [3]
