"""Graphs in other packages' objects, on disk, and as line graphs."""

from __future__ import annotations

import pickle
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.graphs import CrystalGraphs, crystal_graphs
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT
from tests.strategies import crystals

GRAPHITE = Crystal.ordered(
    [[2.461, 0, 0], [-1.2305, 2.13129, 0], [0, 0, 6.708]],
    [[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
    [6, 6, 6, 6],
)


# -- networkx and pymatgen --------------------------------------------------------------------------------


def test_networkx_has_every_edge_with_its_image():
    graph = crystal_graphs([DIAMOND], cutoff=1.6)[0].to_networkx()
    assert graph.is_directed()
    assert graph.is_multigraph()
    assert graph.number_of_edges() == 8
    assert graph.nodes[0]["element"] == "C"
    assert graph.nodes[0]["electronegativity"] == 2.55
    for _, _, image, values in graph.edges(keys=True, data=True):
        assert values["to_jimage"] == image
        # Cell edge times sqrt(3)/4.
        assert values["distance"] == pytest.approx(3.567 * np.sqrt(3) / 4)
        assert np.linalg.norm(values["vector"]) == pytest.approx(values["distance"])


def test_weights_of_bonds_go_along():
    graphs = crystal_graphs([ROCK_SALT], bonds=True)
    weights = [values["weight"] for *_, values in graphs[0].to_networkx().edges(data=True)]
    np.testing.assert_array_equal(np.sort(weights), np.sort(graphs.weights))
    assert graphs[0].to_structure_graph().graph.graph["edge_weight_name"] == "bond_weight"


@pytest.mark.parametrize(("crystal", "cutoff"), [(ROCK_SALT, 3.0), (DIAMOND, 1.6), (GRAPHITE, 1.5)])
def test_structure_graph_is_the_one_that_pymatgen_makes(crystal, cutoff):
    from pymatgen.analysis.graphs import StructureGraph
    from pymatgen.analysis.local_env import MinimumDistanceNN

    ours = crystal_graphs([crystal], cutoff=cutoff)[0].to_structure_graph()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = StructureGraph.from_local_env_strategy(crystal.to_structure(), MinimumDistanceNN())
    assert ours == theirs
    # Each site has its neighbours again.
    assert ours.get_coordination_of_site(0) == theirs.get_coordination_of_site(0)


@given(crystal=crystals(max_sites=5))
def test_structure_graph_holds_half_of_the_edges(crystal):
    graph = crystal_graphs([crystal], cutoff=4.0)[0]
    there = graph.to_structure_graph()
    assert 2 * there.graph.number_of_edges() == graph.n_edges
    np.testing.assert_allclose(
        np.sort([values["weight"] for *_, values in there.graph.edges(data=True)] * 2),
        np.sort(graph.distances),
    )


# -- PyTorch Geometric ------------------------------------------------------------------------------------


def test_without_pytorch_geometric_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_geometric", None)
    monkeypatch.setitem(sys.modules, "torch_geometric.data", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="pip install torch torch_geometric"):
        crystal_graphs([ROCK_SALT]).to_pyg()


@pytest.fixture
def torch():
    reason = "PyTorch Geometric is not installed (pip install torch torch_geometric)"
    pytest.importorskip("torch_geometric", reason=reason)
    return pytest.importorskip("torch", reason=reason)


def test_pyg_data_has_the_graph_of_each_crystal(torch):
    graphs = crystal_graphs([ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE])
    for graph, data in zip(graphs, graphs.to_pyg(y=[1.0, 2.0, 3.0]), strict=True):
        assert data.validate()
        np.testing.assert_array_equal(data.edge_index, graph.edge_index)
        np.testing.assert_array_equal(data.z, graph.atomic_numbers)
        np.testing.assert_allclose(data.x, graph.nodes, rtol=1e-6)
        np.testing.assert_allclose(data.edge_attr[:, 0], graph.distances, rtol=1e-6)
        shifts = torch.einsum("ni,ij->nj", data.cell_shifts, data.cell[0])
        vectors = data.pos[data.edge_index[1]] + shifts - data.pos[data.edge_index[0]]
        np.testing.assert_allclose(vectors, graph.vectors, atol=1e-5)
        assert data.y.shape == (1,)
    single = graphs[1].to_pyg(y=2.0)
    np.testing.assert_array_equal(single.edge_index, graphs[1].edge_index)
    assert single.y.tolist() == [2.0]


def test_a_pyg_batch_comes_apart_again(torch):
    lonely = Crystal.ordered(12 * np.eye(3), [[0, 0, 0]], [2])
    graphs = crystal_graphs([ROCK_SALT, lonely, DIAMOND], bonds=True)
    batch = graphs.to_pyg(batch=True)
    assert batch.num_graphs == 3
    np.testing.assert_array_equal(batch.edge_index, graphs.edge_index)
    np.testing.assert_allclose(batch.edge_attr[:, 1], graphs.weights, rtol=1e-6)
    for one, other in zip(batch.to_data_list(), graphs.to_pyg(), strict=True):
        np.testing.assert_array_equal(one.edge_index, other.edge_index)


def test_messages_pass_in_pytorch_geometric(torch):
    from torch_geometric.nn import CGConv, SimpleConv

    graphs = crystal_graphs([ROCK_SALT, CAESIUM_CHLORIDE], cutoff=3.0, nodes=["electronegativity"])
    batch = graphs.to_pyg(batch=True)
    # Six neighbours of the other kind; in caesium chloride at 3.57 angstrom none within 3.
    sums = SimpleConv(aggr="sum")(batch.x, batch.edge_index)
    np.testing.assert_allclose(sums[:, 0], [6 * 3.16, 6 * 0.93, 0, 0], rtol=1e-6)
    out = CGConv(1, dim=1)(batch.x, batch.edge_index, batch.edge_attr)
    assert torch.isfinite(out).all()


def test_targets_are_per_crystal_or_per_node(torch):
    graphs = crystal_graphs([ROCK_SALT, DIAMOND])
    assert [data.y.tolist() for data in graphs.to_pyg(y=[[1, 2], [3, 4]])] == [[[1, 2]], [[3, 4]]]
    assert [data.y.tolist() for data in graphs.to_pyg(y=range(4))] == [[0, 1], [2, 3]]
    with pytest.raises(
        ValueError, match="y has 3 rows; give one for each of the 2 crystals, or one for each of"
    ):
        graphs.to_pyg(y=range(3))
    with pytest.raises(ValueError, match="no graph to make a batch of"):
        graphs[:0].to_pyg(batch=True)


def test_a_batch_of_line_graphs_counts_edges_as_the_batch_of_graphs_does(torch):
    from torch_geometric.data import Batch

    graphs = crystal_graphs([ROCK_SALT, DIAMOND], max_neighbors=4)
    lines = graphs.line_graph()
    batch = Batch.from_data_list(lines.to_pyg())
    np.testing.assert_array_equal(batch.edge_index, lines.link_index)
    np.testing.assert_allclose(batch.edge_attr[:, 0], lines.cosines, atol=1e-6)
    assert batch.num_nodes == graphs.n_edges


# -- line graphs ------------------------------------------------------------------------------------------


def test_angles_of_diamond_rock_salt_and_graphite():
    # arccos(-1/3) between the four bonds; right and straight angles between six.
    tetrahedral = crystal_graphs([DIAMOND], cutoff=1.6).line_graph()
    np.testing.assert_allclose(tetrahedral.angles, 109.4712206, atol=1e-6)
    assert tetrahedral.n_links == 2 * 4 * 3
    octahedral = crystal_graphs([ROCK_SALT], cutoff=3.0).line_graph()
    angles, counts = np.unique(octahedral.angles.round(6), return_counts=True)
    assert dict(zip(angles.tolist(), counts.tolist(), strict=True)) == {90.0: 2 * 24, 180.0: 2 * 6}
    np.testing.assert_allclose(crystal_graphs([GRAPHITE], cutoff=1.5).line_graph().angles, 120, atol=1e-3)


@given(crystal=crystals(max_sites=4))
def test_links_join_edges_that_follow_each_other(crystal):
    graphs = crystal_graphs(Crystals.from_crystals([DIAMOND, crystal]), cutoff=3.0)
    lines = graphs.line_graph()
    first, second = lines.link_index
    np.testing.assert_array_equal(graphs.edge_index[1, first], graphs.edge_index[0, second])
    # A site of n bonds has n(n - 1) ordered pairs of them; both edges have it in common.
    degrees = np.bincount(graphs.edge_index[0], minlength=graphs.n_nodes)
    assert lines.n_links == (degrees * (degrees - 1)).sum()
    assert lines.link_offsets[1] == (degrees[:2] * (degrees[:2] - 1)).sum()
    single = graphs[1].line_graph()
    np.testing.assert_allclose(single.cosines, lines.cosines[lines.link_offsets[1] :])
    np.testing.assert_array_equal(
        single.link_index + lines.edge_offsets[1], lines.link_index[:, lines.link_offsets[1] :]
    )


# -- files ------------------------------------------------------------------------------------------------


@given(batch=st.lists(crystals(max_sites=5), max_size=3), bonds=st.booleans())
def test_files_keep_graphs(batch, bonds, tmp_path_factory):
    path = tmp_path_factory.mktemp("graphs") / "graphs.of.mine"
    graphs = crystal_graphs(Crystals.from_crystals(batch), cutoff=4.0, bonds=bonds)
    graphs.save(path)
    read = CrystalGraphs.load(path)
    assert read.columns == graphs.columns
    for name in ("nodes", "edge_offsets", "edge_index", "cell_shifts", "vectors", "distances", "weights"):
        ours, theirs = getattr(graphs, name), getattr(read, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=1e-12)
    assert read.crystals.keys() == graphs.crystals.keys()


def test_files_that_hold_no_graphs_are_told_in_one_sentence(tmp_path):
    path = tmp_path / "graphs.npz"
    crystal_graphs([ROCK_SALT, DIAMOND], cutoff=3.0).save(path)
    with np.load(path) as file:
        arrays = dict(file)

    def refused(match, **changed):
        np.savez(path, **{name: array for name, array in (arrays | changed).items() if array is not None})
        with pytest.raises(ValueError, match=match):
            CrystalGraphs.load(path)

    refused("lacks the array 'neighbors'; write it anew with CrystalGraphs.save", neighbors=None)
    refused("holds no graphs in the format", format=None)
    refused("holds no graphs in the format", format=np.array("something else"))
    refused(r"damaged: cell_shifts is of shape \(3, 3\)", cell_shifts=np.zeros((3, 3), dtype=int))
    refused("an edge leads to a node that is not there", neighbors=arrays["neighbors"] + 100)
    refused("an edge leads from one crystal to another", neighbors=3 - arrays["neighbors"])
    refused("damaged: crystal 0", lattices=np.zeros((2, 3, 3)))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="holds no graphs"):
        CrystalGraphs.load(path)
    path.write_text("a text")
    with pytest.raises(ValueError, match="holds no graphs"):
        CrystalGraphs.load(path)
    with pytest.raises(FileNotFoundError):
        CrystalGraphs.load(tmp_path / "no such file")


def test_a_pickle_is_not_opened(tmp_path):
    opened = []

    class Trap:
        def __reduce__(self):
            return opened.append, (1,)

    path = tmp_path / "trap.npz"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="holds no graphs"):
        CrystalGraphs.load(path)
    assert not opened
