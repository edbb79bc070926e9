"""The batch of flat arrays: a sequence that scikit-learn can split, immutable, small when pickled."""

from __future__ import annotations

import gc
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalError, CrystalFeaturizer, Crystals
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ZINC_BLENDE_SIC
from tests.strategies import crystals

BATCH = Crystals.from_crystals([ROCK_SALT, DIAMOND, ZINC_BLENDE_SIC, CAESIUM_CHLORIDE] * 5)


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "oxidation_states")
        for name in (
            "frac_coords",
            "species_offsets",
            "atomic_numbers",
            "occupancies",
            "oxidation_states",
        )
    )


@given(items=st.lists(crystals(max_sites=6), max_size=6), data=st.data())
def test_indexing_is_that_of_a_list(items, data):
    batch = Crystals.from_crystals(items)
    assert len(batch) == len(items) == batch.shape[0]
    assert all(same(one, item) for one, item in zip(batch, items, strict=True))
    cut = data.draw(st.slices(len(items)))
    assert all(same(one, item) for one, item in zip(batch[cut], items[cut], strict=True))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items))), dtype=bool)
    chosen = [item for item, keep in zip(items, mask, strict=True) if keep]
    assert all(same(one, item) for one, item in zip(batch[mask], chosen, strict=True))
    if items:
        indices = data.draw(st.lists(st.integers(-len(items), len(items) - 1)))
        got = batch[np.array(indices, dtype=int)]
        assert all(same(one, items[i]) for one, i in zip(got, indices, strict=True))
        assert all(same(batch[i], items[i]) for i in indices)


def test_an_index_out_of_range_is_an_index_error():
    with pytest.raises(IndexError, match="crystal 20 of 20"):
        BATCH[20]
    with pytest.raises(IndexError, match="one dimension"):
        BATCH[0, 1]


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        BATCH.lattices[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        BATCH[0].frac_coords[0, 0] = 1


def test_the_arrays_given_stay_writeable():
    lattices = 4.0 * np.eye(3)[None]
    Crystals(lattices, [0, 1], [[0, 0, 0]], [0, 1], [26], [1])
    lattices[0, 0, 0] = 5


def test_pickle_holds_the_arrays_and_no_tables():
    size = len(pickle.dumps(BATCH))
    BATCH.symmetry()
    BATCH.primitive()
    assert len(pickle.dumps(BATCH)) == size
    back = pickle.loads(pickle.dumps(BATCH))
    assert all(same(one, other) for one, other in zip(back, BATCH, strict=True))
    np.testing.assert_array_equal(back.symmetry().numbers, BATCH.symmetry().numbers)
    with pytest.raises(ValueError, match="read-only"):
        back.lattices[0, 0, 0] = 1


def test_scikit_learn_splits_a_batch():
    y = np.arange(20.0)
    train, test, y_train, _ = train_test_split(BATCH, y, test_size=0.25, random_state=0)
    assert isinstance(train, Crystals)
    assert (len(train), len(test)) == (15, 5)
    assert same(train[0], BATCH[int(y_train[0])])
    pipeline = make_pipeline(CrystalFeaturizer(), DummyRegressor())
    assert len(cross_val_score(pipeline, BATCH, y, cv=4)) == 4
    search = GridSearchCV(pipeline, {"dummyregressor__strategy": ["mean", "median"]}, cv=2).fit(BATCH, y)
    assert search.predict(BATCH).shape == (20,)


def test_primitive_cell_is_found_once_per_batch_and_tolerance():
    batch = BATCH[:3]
    assert batch.primitive(0.01) is batch.primitive(0.01)
    assert batch.primitive(0.01) is not batch.primitive(0.02)


def test_primitive_cell_keeps_species_and_averages_sites():
    # Two cells along c, the second atom displaced by 0.004 angstrom: one site, half way.
    batch = Crystals(
        [np.diag([3.0, 3.1, 6.4])],
        [0, 2],
        [[0, 0, 0], [0, 0, 0.5 + 0.004 / 6.4]],
        [0, 1, 2],
        [26, 26],
        [1, 1],
    )
    cell = batch.primitive(0.01)
    assert cell.n_sites == 1
    assert cell.atomic_numbers.tolist() == [26]
    np.testing.assert_allclose(np.linalg.norm(cell.lattices[0], axis=1), [3.0, 3.1, 3.2])
    assert cell.frac_coords[0] @ cell.lattices[0] == pytest.approx([0, 0, 0.002], abs=1e-12)
    assert batch.primitive(0.001).n_sites == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"site_offsets": [0, 2]}, "site_offsets"),
        ({"species_offsets": [0, 2]}, "species_offsets"),
        ({"occupancies": [1, 1]}, "occupancies"),
        ({"sources": ["a", "b"]}, "sources"),
        ({"atomic_numbers": [0]}, "crystal 0: atomic number 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, reason):
    arrays = {
        "lattices": [np.eye(3) * 3],
        "site_offsets": [0, 1],
        "frac_coords": [[0, 0, 0]],
        "species_offsets": [0, 1],
        "atomic_numbers": [26],
        "occupancies": [1],
    }
    Crystals(**arrays)
    with pytest.raises(CrystalError, match=reason):
        Crystals(**(arrays | change))


@given(items=st.lists(crystals(max_sites=6), min_size=1, max_size=4))
def test_primitive_cells_have_the_oxidation_states_of_their_crystals(items):
    batch = Crystals.from_crystals([*items, ROCK_SALT])
    alone = Crystals.from_crystals([*items, ROCK_SALT]).primitive()
    batch.ions  # noqa: B018 - so that they are known before
    shared = batch.primitive()
    np.testing.assert_array_equal(shared.site_charges, alone.site_charges)
    np.testing.assert_array_equal(shared.ions.costs, alone.ions.costs)


def test_oxidation_states_are_found_once_for_a_crystal_and_its_primitive_cell():
    doubled = Crystals.from_crystals(
        [
            type(ROCK_SALT).ordered(
                ROCK_SALT.lattice * [[2.0], [1.0], [1.0]],
                [[0, 0, 0], [0.5, 0, 0], [0.25, 0.5, 0.5], [0.75, 0.5, 0.5]],
                [11, 11, 17, 17],
            )
        ]
    )
    before = doubled.ions
    assert len(doubled.primitive().frac_coords) == 2
    assert doubled.primitive().ions is before


def test_a_batch_is_freed_at_once():
    batch = Crystals.from_crystals([ROCK_SALT, CAESIUM_CHLORIDE])
    CrystalFeaturizer().transform(batch)
    reference = weakref.ref(batch)
    gc.disable()
    try:
        del batch
        assert reference() is None
    finally:
        gc.enable()
