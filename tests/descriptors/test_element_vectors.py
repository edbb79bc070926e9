"""Element vectors of others: the tables as they were published, and statistics of their components."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import CrystalFeaturizer, as_compositions
from skcrystal.chemistry.element_vectors import element_components, element_vectors
from skcrystal.descriptors import ElementVectors, StoichiometryNorms


# The first two numbers of hydrogen and of iron, and the number of elements, as published.
@pytest.mark.parametrize(
    ("name", "hydrogen", "iron", "count"),
    [
        (
            "mat2vec",
            [0.05714642256498337, -0.22556456923484802],
            [-0.026419024914503098, 0.16102111339569092],
            118,
        ),
        (
            "skipatom",
            [-0.01091545820236206, -0.03660306707024574],
            [0.011247290298342705, 0.009840135462582111],
            86,
        ),
    ],
)
def test_vectors_are_the_published_ones(name, hydrogen, iron, count):
    table = element_vectors(name)
    assert table.shape == (119, 200)
    np.testing.assert_allclose(table[1, :2], hydrogen, rtol=1e-6)
    np.testing.assert_allclose(table[26, :2], iron, rtol=1e-6)
    assert (~np.isnan(table[:, 0])).sum() == count


@pytest.mark.parametrize("name", ["mat2vec", "skipatom"])
def test_components_keep_the_distances_of_the_vectors(name):
    vectors, components = element_vectors(name), element_components(name, 85)
    metals = [11, 12, 26, 29, 79]
    assert np.isfinite(components[1:]).all()
    assert np.isnan(components[0]).all()
    for z in metals:
        whole = np.linalg.norm(vectors[metals] - vectors[z], axis=1)
        kept = np.linalg.norm(components[metals] - components[z], axis=1)
        np.testing.assert_allclose(kept, whole, rtol=0.05)
    # Fewer components are the first of them.
    np.testing.assert_array_equal(element_components(name, 3), components[:, :3])


def test_a_mean_is_that_of_the_atoms():
    own = ElementVectors(n_components=4).transform(["Fe2O3"])[0]
    iron, oxygen = element_components("mat2vec", 4)[[26, 8]]
    np.testing.assert_allclose(own, 0.4 * iron + 0.6 * oxygen)
    both = ElementVectors(vectors="skipatom", n_components=2, statistics=["min", "max"])
    assert both.get_feature_names_out().tolist() == [
        "min_skipatom_1",
        "max_skipatom_1",
        "min_skipatom_2",
        "max_skipatom_2",
    ]
    iron, oxygen = element_components("skipatom", 2)[[26, 8]]
    expected = np.stack([np.minimum(iron, oxygen), np.maximum(iron, oxygen)], axis=1).ravel()
    np.testing.assert_array_equal(both.transform(["FeO"])[0], expected)


def test_noble_gases_are_estimated_by_their_neighbours():
    assert np.isfinite(ElementVectors(vectors="skipatom").transform(["He", "XeF2"])).all()
    table = CrystalFeaturizer([("vectors", ElementVectors(vectors="skipatom"))]).describe_features()
    assert table["missing"].str.startswith("32 elements are estimated").all()
    assert (CrystalFeaturizer([("v", ElementVectors())]).describe_features()["missing"] == "").all()


def test_what_does_not_exist_is_told():
    with pytest.raises(ValueError, match="no element vectors 'megnet'"):
        element_vectors("megnet")
    with pytest.raises(ValueError, match="knows no statistic 'median'"):
        ElementVectors(statistics=["median"]).fit()
    with pytest.raises(ValueError, match="n_components"):
        ElementVectors(n_components=86).fit()


def test_norms_of_shares():
    # By matminer 0.10.1, Stoichiometry(p_list=(0, 2, 3, 5, 7, 10)).
    found = StoichiometryNorms().transform(["Zr41.2Ti13.8Cu12.5Ni10Be22.5", "Fe2O3"])
    expected = [
        [5, 0.5148184146, 0.4429457137, 0.4165306118, 0.4128915800, 0.4120981474],
        [2, 0.7211102551, 0.6542132620, 0.6150303315, 0.6048951994, 0.6010324602],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    names = StoichiometryNorms(p=(0, 1.5)).get_feature_names_out().tolist()
    assert names == ["stoichiometry_norm_0", "stoichiometry_norm_1_5"]
    assert StoichiometryNorms().describe(as_compositions([])).shape == (0, 6)
    with pytest.raises(ValueError, match="is no norm"):
        StoichiometryNorms(p=(0.5,)).fit()
