"""Work is bounded before it is begun: what would be too much is an error that names its crystal alone."""

from __future__ import annotations

import pickle
import re
import time

import numpy as np
import pytest

import skcrystal.crystals.neighbors as neighbors_module
from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals
from skcrystal.crystals.limits import LimitError, expected_pairs
from skcrystal.descriptors import (
    SOAP,
    AverageMinimumDistance,
    Density,
    DistanceStats,
    MadelungEnergy,
    RadialSpectrum,
)
from skcrystal.descriptors.electrostatics import ewald_terms
from skcrystal.featurizer import describing
from tests.prototypes import CAESIUM_CHLORIDE, ROCK_SALT


def repeated_rock_salt(n):
    steps = np.stack(np.meshgrid(*[np.arange(n)] * 3), axis=-1).reshape(-1, 1, 3)
    coords = (ROCK_SALT.frac_coords + steps).reshape(-1, 3) / n
    return Crystal.ordered(ROCK_SALT.lattice * n, coords, np.tile([11, 17], n**3))


def test_expected_pairs_are_those_of_the_density():
    batch = Crystals.from_crystals([ROCK_SALT, CAESIUM_CHLORIDE])
    counts = np.diff(batch.neighbors(20.0).offsets[batch.site_offsets])
    expected = expected_pairs(batch.volumes, batch.site_counts, np.full(2, 20.0))
    np.testing.assert_allclose(counts, expected, rtol=0.02)


@pytest.mark.parametrize(
    ("descriptor", "what"),
    [
        (RadialSpectrum(cutoff=1000.0, step=100.0), "pairs of sites within the cutoff"),
        (AverageMinimumDistance(k=10**9), "nearest sites to find"),
    ],
)
def test_too_much_work_is_refused_before_it_is_begun(descriptor, what):
    start = time.process_time()
    with pytest.raises(CrystalError, match=f"crystal 0: it has about .* {what}, more than .*check the unit"):
        descriptor.transform([ROCK_SALT])
    assert time.process_time() - start < 5


def test_pairs_are_counted_where_sites_are_not_spread_evenly(monkeypatch):
    # A cluster in a wide cell: at an even density there would be 1 pair in 5,000 of those that there are.
    monkeypatch.setattr(neighbors_module, "MAX_PAIRS", 50_000)
    rng = np.random.default_rng(0)
    cluster = Crystal.ordered(100 * np.eye(3), rng.random((300, 3)) * 0.06, [26] * 300)
    batch = Crystals.from_crystals([ROCK_SALT])
    assert expected_pairs(np.array([1e6]), np.array([300]), np.array([8.0]))[0] < 200
    with pytest.raises(LimitError, match="crystal 0: it has about 9e\\+04 pairs"):
        Crystals._trusted(
            cluster.lattice[None],
            np.array([0, 300]),
            cluster.frac_coords,
            np.arange(301),
            cluster.atomic_numbers,
            cluster.occupancies,
            cluster.oxidation_states,
            sources=("",),
            notes=((),),
        ).neighbors(12.0)
    assert len(batch.neighbors(8.0).distances) > 0


def test_ewalds_terms_grow_with_the_square_of_large_cells_and_are_few_in_small_ones():
    small, large = ewald_terms(np.array([50.0, 5e6]), np.array([2, 200_000]))
    assert small < 1e5
    assert 2e10 < large < 1e12


@pytest.mark.filterwarnings("ignore:.*closer than half a bond")
def test_large_sums_name_their_crystal(monkeypatch):
    import skcrystal.descriptors.distance as distance
    import skcrystal.descriptors.electrostatics as electrostatics

    for module, descriptor in ((distance, DistanceStats()), (electrostatics, MadelungEnergy())):
        monkeypatch.setattr(module, "MAX_TERMS", 1e4)
        rng = np.random.default_rng(1)
        large = Crystal.ordered(15 * np.eye(3), rng.random((300, 3)), [11, 17] * 150)
        with pytest.raises(LimitError, match="crystal 1: it has about"):
            descriptor.transform([ROCK_SALT, large])


@pytest.mark.parametrize("cached", [False, True])
def test_items_beyond_a_limit_are_rows_of_nan(tmp_path, monkeypatch, cached):
    monkeypatch.setattr(neighbors_module, "MAX_PAIRS", 5_000)
    large = repeated_rock_salt(4)
    items = [ROCK_SALT, large, None, CAESIUM_CHLORIDE, large]
    featurizer = CrystalFeaturizer(on_error="nan", cache=tmp_path if cached else None)
    for _ in range(2):
        with pytest.warns(UserWarning, match="3 of 5"):
            rows = featurizer.transform(items)
        assert np.isnan(rows).all(axis=1).tolist() == [False, True, True, False, True]
        errors = featurizer.report(items).errors
        assert list(errors) == [1, 2, 4]
        assert "pairs of sites within the cutoff" in errors[1]
    with pytest.raises(CrystalError, match="crystal 1: it has about"):
        CrystalFeaturizer(cache=tmp_path if cached else None).transform(items)
    np.testing.assert_array_equal(rows[[0, 3]], CrystalFeaturizer().transform([ROCK_SALT, CAESIUM_CHLORIDE]))


class NoSodium(Density):
    """A descriptor of a user, which does not say the index as ours do."""

    def describe(self, crystals):
        if (crystals.atomic_numbers == 11).any():
            raise CrystalError("sodium is beyond me")
        return super().describe(crystals)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    ("descriptor", "reason"),
    [
        (
            SOAP(species=["Cs", "Cl"], n_max=2, l_max=2),
            r"NaCl holds Na, which is not among species=\['Cs', 'Cl'\]; add it",
        ),
        (NoSodium(), "sodium is beyond me"),
    ],
)
def test_a_crystal_that_a_descriptor_refuses_costs_its_own_row_only(tmp_path, descriptor, reason, cached):
    items = [CAESIUM_CHLORIDE, None, CAESIUM_CHLORIDE, ROCK_SALT, CAESIUM_CHLORIDE, ROCK_SALT]
    steps = [("density", Density()), ("other", descriptor)]
    place = tmp_path if cached else None
    featurizer = CrystalFeaturizer(steps, on_error="nan", chunk_size=2, cache=place)
    for _ in range(2):
        with pytest.warns(UserWarning, match="3 of 6"):
            rows = featurizer.transform(items)
        errors = featurizer.report(items).errors
        assert list(errors) == [1, 3, 5]
        assert re.match(reason, errors[3])
        assert np.isnan(rows).all(axis=1).tolist() == [False, True, False, True, False, True]
        assert np.isfinite(rows[[0, 2, 4]]).all()
    with pytest.raises(CrystalError, match=f"^crystal 1: {reason}"):
        CrystalFeaturizer(steps, chunk_size=3, cache=place).transform(items[2:])


def test_a_batch_described_in_parts_is_the_batch(monkeypatch):
    crystals = [ROCK_SALT, repeated_rock_salt(2), CAESIUM_CHLORIDE, repeated_rock_salt(3), ROCK_SALT]
    whole = CrystalFeaturizer("full").set_params(space_group_one_hot__sparse_output=True).transform(crystals)
    monkeypatch.setattr(describing, "MOST_SITES", 10)
    assert len(describing._parts(np.array([2, 16, 2, 54, 2]))) == 4
    parts = CrystalFeaturizer("full").set_params(space_group_one_hot__sparse_output=True).transform(crystals)
    np.testing.assert_allclose(parts.toarray(), whole.toarray(), atol=1e-12)


def test_the_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(LimitError({3: "too much"})))
    assert (str(error), error.faults) == ("crystal 3: too much", {3: "too much"})
