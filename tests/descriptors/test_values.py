"""Values calculated by hand, on crystals that everybody knows."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal
from skcrystal.descriptors import CompositionStats, Density, DistanceStats, LatticeAngles, SpaceGroupOneHot
from tests.prototypes import (
    CAESIUM_CHLORIDE,
    DIAMOND,
    ROCK_SALT,
    ROCK_SALT_EDGE,
    SILICON_POSCAR,
    STRONTIUM_TITANATE_POSCAR,
    ZINC_BLENDE_SIC,
)


def values(descriptor, crystal):
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


def space_group(crystal, **parameters):
    descriptor = SpaceGroupOneHot(**parameters)
    (name,) = descriptor.get_feature_names_out()[descriptor.transform([crystal])[0] == 1]
    return name


def test_silicon_carbide_has_mean_atomic_number_ten():
    stats = values(CompositionStats(properties=["atomic_number"]), ZINC_BLENDE_SIC)
    assert stats == {
        "mean_atomic_number": (14 + 6) / 2,
        "max_atomic_number": 14,
        "min_atomic_number": 6,
        "std_atomic_number": 4,
        "metal_fraction": 0,
    }


def test_strontium_titanate_composition():
    # Sr 38, Ti 22, O 8 three times: mean 84 / 5.
    every = ["mean", "max", "min", "std", "range", "mean_abs_dev", "mode"]
    stats = values(
        CompositionStats(properties=["atomic_number"], statistics=every), STRONTIUM_TITANATE_POSCAR
    )
    mean = (38 + 22 + 3 * 8) / 5
    assert stats["mean_atomic_number"] == pytest.approx(mean)
    assert stats["std_atomic_number"] == pytest.approx(
        np.sqrt(((38 - mean) ** 2 + (22 - mean) ** 2 + 3 * (8 - mean) ** 2) / 5)
    )
    assert stats["mean_abs_dev_atomic_number"] == pytest.approx(
        ((38 - mean) + (22 - mean) + 3 * (mean - 8)) / 5
    )
    assert stats["range_atomic_number"] == 30
    assert stats["mode_atomic_number"] == 8
    assert stats["metal_fraction"] == pytest.approx(2 / 5)


def test_mode_of_equally_abundant_elements_is_the_smaller_value():
    stats = values(CompositionStats(properties=["atomic_number"], statistics=["mode"]), ROCK_SALT)
    assert stats["mode_atomic_number"] == 11


def test_occupancies_weigh_the_composition():
    # Half of the sites hold 3/4 Fe + 1/4 Co, the others O: weights 3/8, 1/8, 4/8.
    crystal = Crystal(
        4.2 * np.eye(3),
        np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
        np.array([0, 2, 3]),
        np.array([26, 27, 8]),
        np.array([0.75, 0.25, 1.0]),
        np.full(3, np.nan),
    )
    stats = values(CompositionStats(properties=["atomic_number"]), crystal)
    assert stats["mean_atomic_number"] == pytest.approx(3 / 8 * 26 + 1 / 8 * 27 + 4 / 8 * 8)
    assert stats["metal_fraction"] == pytest.approx(0.5)


def test_a_vacancy_weighs_nothing_in_the_composition_and_counts_as_room():
    half = Crystal(
        4.0 * np.eye(3),
        np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
        np.array([0, 1, 2]),
        np.array([26, 8]),
        np.array([0.5, 1.0]),
        np.full(2, np.nan),
    )
    stats = values(CompositionStats(properties=["atomic_number"]), half)
    assert stats["mean_atomic_number"] == pytest.approx((0.5 * 26 + 8) / 1.5)
    density = values(Density(quantities=["volume_per_site", "density"]), half)
    assert density["volume_per_site"] == pytest.approx(64 / 2)
    assert density["density"] == pytest.approx((0.5 * 55.845 + 15.9994) / 64 * 1.66053906892, rel=1e-9)


def test_missing_values_are_filled_as_asked():
    # Rutherfordium has no electronegativity; the estimate follows that of hafnium, 1.3.
    rutherfordium = Crystal.ordered(4.4 * np.eye(3), [[0, 0, 0]], [104])
    electronegativity = {
        missing: values(
            CompositionStats(
                properties=["electronegativity"], statistics=["mean"], metal_fraction=False, missing=missing
            ),
            rutherfordium,
        )["mean_electronegativity"]
        for missing in ("trend", "zero", "nan")
    }
    assert electronegativity["zero"] == 0
    assert np.isnan(electronegativity["nan"])
    assert 1.2 < electronegativity["trend"] < 1.5


def test_rock_salt_nearest_distance_is_half_the_cell_edge():
    a = ROCK_SALT_EDGE
    stats = values(DistanceStats(), ROCK_SALT)
    # Na-Na and Cl-Cl are a/sqrt(2) apart, Na-Cl and Cl-Na a/2: two entries of each.
    assert stats["min_distance"] == pytest.approx(a / 2)
    assert stats["max_distance"] == pytest.approx(a / np.sqrt(2))
    assert stats["mean_distance"] == pytest.approx((a / 2 + a / np.sqrt(2)) / 2)
    assert stats["std_distance"] == pytest.approx((a / np.sqrt(2) - a / 2) / 2)


def test_zero_diagonal_counts_in_the_distance_matrix():
    stats = values(DistanceStats(self_distance="zero"), ROCK_SALT)
    assert stats["min_distance"] == 0
    assert stats["max_distance"] == pytest.approx(ROCK_SALT_EDGE / 2)
    assert stats["mean_distance"] == pytest.approx(ROCK_SALT_EDGE / 4)
    assert stats["std_distance"] == pytest.approx(ROCK_SALT_EDGE / 4)


def test_caesium_chloride_distances():
    a = 4.12
    stats = values(DistanceStats(), CAESIUM_CHLORIDE)
    assert stats["min_distance"] == pytest.approx(a * np.sqrt(3) / 2)
    assert stats["max_distance"] == pytest.approx(a)


def test_diamond_bond_is_a_quarter_of_the_body_diagonal():
    assert values(DistanceStats(), DIAMOND)["min_distance"] == pytest.approx(3.567 * np.sqrt(3) / 4)
    assert values(DistanceStats(), SILICON_POSCAR)["min_distance"] == pytest.approx(5.43 * np.sqrt(3) / 4)


def test_strontium_titanate_distances():
    # The distance matrix of the five sites: Sr-Ti a sqrt(3)/2, Sr-O and O-O a/sqrt(2), Ti-O a/2.
    a = 3.905
    stats = values(DistanceStats(self_distance="zero"), STRONTIUM_TITANATE_POSCAR)
    entries = [a * np.sqrt(3) / 2] * 2 + [a / np.sqrt(2)] * (6 + 6) + [a / 2] * 6 + [0] * 5
    assert stats["mean_distance"] == pytest.approx(np.mean(entries))
    assert stats["std_distance"] == pytest.approx(np.std(entries))
    assert stats["max_distance"] == pytest.approx(max(entries))


@pytest.mark.parametrize(
    ("crystal", "angles"),
    [
        (ROCK_SALT, (60, 60, 60)),
        (DIAMOND, (60, 60, 60)),
        (SILICON_POSCAR, (60, 60, 60)),
        (CAESIUM_CHLORIDE, (90, 90, 90)),
        (STRONTIUM_TITANATE_POSCAR, (90, 90, 90)),
        # Body-centred cubic: the half diagonals, with cosine -1/3 or 1/3; the obtuse cell is Niggli's.
        (Crystal.ordered(3 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26]), (109.4712206,) * 3),
    ],
)
def test_angles_of_the_reduced_primitive_cell(crystal, angles):
    np.testing.assert_allclose(LatticeAngles().transform([crystal])[0], angles, atol=1e-6)


@pytest.mark.parametrize(
    ("crystal", "number"),
    [
        (ROCK_SALT, 225),
        (DIAMOND, 227),
        (SILICON_POSCAR, 227),
        (ZINC_BLENDE_SIC, 216),
        (CAESIUM_CHLORIDE, 221),
        (STRONTIUM_TITANATE_POSCAR, 221),
    ],
)
def test_space_group(crystal, number):
    assert space_group(crystal) == f"space_group_{number}"


def test_symprec_decides_whether_a_distortion_counts():
    # Ti moved along c by 0.04 angstrom: tetragonal P4mm to a fine eye, cubic to a coarse one.
    lattice = 3.905 * np.eye(3)
    coords = [[0, 0, 0], [0.5, 0.5, 0.5 + 0.04 / 3.905], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    distorted = Crystal.ordered(lattice, coords, [38, 22, 8, 8, 8])
    assert space_group(distorted, symprec=0.01) == "space_group_99"
    assert space_group(distorted, symprec=0.1) == "space_group_221"


def test_sparse_one_hot_equals_dense():
    crystals = [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE]
    sparse = SpaceGroupOneHot(sparse_output=True).transform(crystals)
    assert sparse.format == "csr"
    np.testing.assert_array_equal(sparse.toarray(), SpaceGroupOneHot().transform(crystals))


def test_density_of_rock_salt():
    # 4 formula units in a^3: 4 (22.98976928 + 35.453) amu.
    density = values(Density(), ROCK_SALT)
    assert density["volume_per_site"] == pytest.approx(ROCK_SALT_EDGE**3 / 8)
    assert density["density"] == pytest.approx(
        4 * (22.98976928 + 35.453) * 1.66053906892 / ROCK_SALT_EDGE**3, rel=1e-6
    )


def test_packing_fraction_of_close_packing():
    # Touching spheres on a face-centred cubic lattice fill pi / sqrt(18). The atomic radius of Al is 1.25.
    touching = Crystal.ordered(2 * np.sqrt(2) * 1.25 * (1 - np.eye(3)) / 2, [[0, 0, 0]], [13])
    assert values(Density(), touching)["packing_fraction"] == pytest.approx(np.pi / np.sqrt(18))


def test_edge_product_is_larger_than_the_volume_in_a_skewed_cell():
    values_of = values(Density(quantities=["edge_product_per_site", "volume_per_site"]), ROCK_SALT)
    edge = ROCK_SALT_EDGE / np.sqrt(2)
    assert values_of["edge_product_per_site"] == pytest.approx(edge**3 / 2)
    assert values_of["volume_per_site"] == pytest.approx(ROCK_SALT_EDGE**3 / 8)


@pytest.mark.parametrize(
    ("descriptor", "words"),
    [
        (CompositionStats(properties=["colour"]), "'colour'"),
        (CompositionStats(statistics=["median"]), "'median'"),
        (CompositionStats(missing="guess"), "missing"),
        (Density(quantities=["weight"]), "'weight'"),
        (DistanceStats(symprec=-1), "symprec"),
        (DistanceStats(self_distance="none"), "self_distance"),
        (LatticeAngles(symprec=0), "symprec"),
        (SpaceGroupOneHot(sparse_output="yes"), "sparse_output"),
    ],
)
def test_a_wrong_parameter_is_named(descriptor, words):
    with pytest.raises(ValueError, match=words):
        descriptor.fit()
    with pytest.raises(ValueError, match=words):
        descriptor.transform([ROCK_SALT])
