"""Graphs: their edges against pymatgen's neighbour lists, and what moves leave as it is."""

from __future__ import annotations

import csv
import gzip
import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalError, Crystals, as_crystals
from skcrystal.chemistry.elements import property_table
from skcrystal.datasets import load_experimental
from skcrystal.graphs import crystal_graphs
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_EDGE
from tests.strategies import MOVES, crystals

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[3] / "shared")) / "data"
SAMPLE = SHARED / "mp_sample.csv.gz"


def assert_edges_of_pymatgen(batch, cutoff):
    graphs = crystal_graphs(batch, cutoff=cutoff)
    for crystal, graph in zip(batch, graphs, strict=True):
        centers, neighbors, images, distances = crystal.to_structure().get_neighbor_list(cutoff)
        theirs = np.column_stack([centers, neighbors, images]).astype(int)
        ours = np.column_stack([graph.edge_index.T, graph.cell_shifts])
        order, own = np.lexsort(theirs.T), np.lexsort(ours.T)
        np.testing.assert_array_equal(ours[own], theirs[order], err_msg=crystal.formula)
        np.testing.assert_allclose(graph.distances[own], distances[order], atol=1e-9)


def test_edges_are_those_of_pymatgen():
    batch = load_experimental().data[::4]
    assert len(batch) > 100
    assert_edges_of_pymatgen(batch, 5.0)
    assert_edges_of_pymatgen(batch[:20], 8.0)


@pytest.mark.skipif(
    not SAMPLE.exists(), reason=f"{SAMPLE} is not there; SKCRYSTAL_SHARED may name its folder"
)
def test_edges_of_300_crystals_are_those_of_pymatgen():
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as file:
        texts = [row["cif"] for row in islice(csv.DictReader(file), 0, None, 58)]
    batch = as_crystals(texts[:300])
    assert len(batch) == 300
    assert_edges_of_pymatgen(batch, 5.0)


def edge_rows(graph):
    """Elements at both ends and length of each edge, in ascending order."""
    numbers = graph.atomic_numbers[graph.edge_index]
    rows = np.column_stack([*numbers, graph.distances.round(6)])
    return rows[np.lexsort(rows.T[::-1])]


@pytest.mark.parametrize("move", [move for move in MOVES if move != "supercell"])
@pytest.mark.parametrize("max_neighbors", [None, 5])
def test_moves_leave_elements_and_distances_of_the_edges(move, max_neighbors):
    @given(crystal=crystals(max_sites=8), moved=MOVES[move])
    def check(crystal, moved):
        graphs = crystal_graphs(
            Crystals.from_crystals([crystal, moved(crystal)]), cutoff=4.0, max_neighbors=max_neighbors
        )
        before, after = map(edge_rows, graphs)
        assert len(before) == len(after)
        np.testing.assert_allclose(after, before, atol=3e-6)

    check()


@pytest.mark.parametrize("max_neighbors", [None, 5])
def test_a_supercell_gives_copies(max_neighbors):
    @given(crystal=crystals(max_sites=6), moved=MOVES["supercell"])
    def check(crystal, moved):
        graphs = crystal_graphs(
            Crystals.from_crystals([crystal, moved(crystal)]), cutoff=4.0, max_neighbors=max_neighbors
        )
        one, many = graphs
        copies = many.n_nodes // one.n_nodes
        assert many.n_edges == copies * one.n_edges
        np.testing.assert_allclose(np.repeat(edge_rows(one), copies, axis=0), edge_rows(many), atol=3e-6)
        np.testing.assert_array_equal(np.repeat(one.nodes, copies, axis=0), many.nodes)

    check()


@given(
    crystal=crystals(max_sites=8), moved=MOVES["permutation"], max_neighbors=st.none() | st.integers(1, 20)
)
def test_each_edge_has_its_way_back_and_leads_to_its_image(crystal, moved, max_neighbors):
    graph = crystal_graphs([moved(crystal)], cutoff=4.0, max_neighbors=max_neighbors)[0]
    there = np.column_stack([graph.edge_index.T, graph.cell_shifts])
    back = np.column_stack([graph.edge_index[::-1].T, -graph.cell_shifts])
    assert len(np.unique(there, axis=0)) == len(there)
    np.testing.assert_array_equal(np.unique(there, axis=0), np.unique(back, axis=0))
    centers, neighbors = graph.edge_index
    ends = graph.positions[neighbors] + graph.cell_shifts @ graph.crystal.lattice
    np.testing.assert_allclose(ends - graph.positions[centers], graph.vectors, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(graph.vectors, axis=1), graph.distances)
    # The order is one of whole numbers: centre, then neighbour.
    assert (np.diff(centers * graph.n_nodes + neighbors) >= 0).all()


@given(crystal=crystals(max_sites=8), max_neighbors=st.integers(1, 20))
def test_the_nearest_of_each_site_are_kept_in_whole_shells(crystal, max_neighbors):
    whole = crystal_graphs([crystal], cutoff=4.0)[0]
    graph = crystal_graphs([crystal], cutoff=4.0, max_neighbors=max_neighbors, tolerance=0.01)[0]
    limits = []
    for node in range(whole.n_nodes):
        lengths = np.sort(whole.distances[whole.edge_index[0] == node])
        limits.append(lengths[max_neighbors - 1] + 0.01 if len(lengths) >= max_neighbors else np.inf)
    either = np.maximum(*np.array(limits)[whole.edge_index])
    np.testing.assert_array_equal(graph.distances, whole.distances[whole.distances <= either])


def test_a_shell_is_not_cut_in_two():
    # Six sites around each at half the edge: two of them would be arbitrary.
    graph = crystal_graphs([ROCK_SALT], max_neighbors=2)[0]
    np.testing.assert_array_equal(np.bincount(graph.edge_index[0]), [6, 6])
    np.testing.assert_allclose(graph.distances, ROCK_SALT_EDGE / 2)


def test_a_shell_on_the_cutoff_belongs_to_the_graph_as_a_whole():
    # Rounding moves the six neighbours at 5 angstrom to either side of it where the cell is rotated.
    rng = np.random.default_rng(0)
    rotations = [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(20)]
    cubes = [Crystal.ordered(5.0 * rotation, [[0.1, 0.2, 0.7]], [84]) for rotation in rotations]
    assert {graph.n_edges for graph in crystal_graphs(cubes, cutoff=5.0)} == {6}


def test_an_isolated_atom_is_a_node_without_edges():
    lonely = Crystal.ordered(12 * np.eye(3), [[0, 0, 0]], [2])
    graphs = crystal_graphs([ROCK_SALT, lonely, DIAMOND], cutoff=3.0)
    assert [(graph.n_nodes, graph.n_edges) for graph in graphs] == [(2, 12), (1, 0), (2, 56)]
    assert graphs[1].line_graph().n_links == 0


def test_an_empty_batch_has_graphs_too():
    graphs = crystal_graphs([])
    assert (len(graphs), graphs.n_nodes, graphs.n_edges) == (0, 0, 0)
    assert graphs.atomic_numbers.shape == graphs.disordered.shape == (0,)
    assert list(graphs) == graphs.to_networkx() == []


def test_a_batch_is_indexed_as_crystals_are():
    graphs = crystal_graphs([ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE], nodes=["atomic_number"])
    # Shells within 5 angstrom: 6 + 12 + 8, 4 + 12 + 12 + 6 + 12 + 24 + 16, 8 + 6.
    assert repr(graphs) == "CrystalGraphs(3 graphs, 6 nodes, 252 edges)"
    assert repr(graphs[-1]) == "CrystalGraph(CsCl, 2 nodes, 28 edges)"
    picked = graphs[[2, 0]]
    for one, other in (
        (picked[0], graphs[2]),
        (graphs[1:][1], graphs[2]),
        (graphs[[True, False, False]][0], graphs[0]),
    ):
        np.testing.assert_array_equal(one.edge_index, other.edge_index)
        np.testing.assert_array_equal(one.vectors, other.vectors)
        np.testing.assert_array_equal(one.nodes, other.nodes)
    np.testing.assert_array_equal(picked.edge_index[:, picked.edge_offsets[1] :], graphs[0].edge_index + 2)
    with pytest.raises(IndexError, match="graph 3 of 3"):
        graphs[3]


def test_scikit_learn_splits_a_batch():
    from sklearn.model_selection import train_test_split

    graphs = crystal_graphs([ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE, ROCK_SALT])
    train, test = train_test_split(graphs, test_size=1, random_state=0)
    assert (len(train), len(test)) == (3, 1)


def test_node_table_holds_properties_and_what_sites_have():
    columns = ("electronegativity", "coordination_number", "oxidation_state", "occupancy")
    graphs = crystal_graphs([ROCK_SALT], nodes=columns)
    assert graphs.columns == columns
    # Pauling's scale: sodium 0.93, chlorine 3.16.
    np.testing.assert_allclose(graphs.nodes[:, 0], [0.93, 3.16])
    np.testing.assert_allclose(graphs.nodes[:, 1], graphs.crystals.bonds().numbers)
    np.testing.assert_allclose(graphs.nodes[:, 2:], [[1, 1], [-1, 1]])


def test_stated_oxidation_states_are_taken_where_all_are_stated():
    # Iron(II, III) by its two sites; by the composition alone both are 2.5.
    arrays = {
        "lattices": 4.0 * np.eye(3)[None],
        "site_offsets": [0, 3],
        "frac_coords": [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0, 0]],
        "species_offsets": [0, 1, 2, 3],
        "atomic_numbers": [26, 26, 8],
        "occupancies": [1, 1, 1],
    }
    stated = Crystals(**arrays, oxidation_states=[2, 3, -2])
    partly = Crystals(**arrays, oxidation_states=[2, 3, np.nan])
    assert crystal_graphs(stated, nodes=["oxidation_state"]).nodes.ravel().tolist() == [2, 3, -2]
    assert len(set(crystal_graphs(partly, nodes=["oxidation_state"]).nodes[:2, 0])) == 1


def test_disordered_sites_are_weighted_means_and_say_so():
    alloy = Crystals(
        lattices=3.9 * np.eye(3)[None],
        site_offsets=[0, 2],
        frac_coords=[[0, 0, 0], [0.5, 0.5, 0.5]],
        species_offsets=[0, 2, 3],
        atomic_numbers=[29, 79, 8],
        occupancies=[0.75, 0.25, 0.5],
    )
    graphs = crystal_graphs(alloy, nodes=["atomic_number", "occupancy"])
    np.testing.assert_allclose(graphs.nodes, [[0.75 * 29 + 0.25 * 79, 1.0], [8, 0.5]])
    assert graphs.atomic_numbers.tolist() == [29, 8]
    assert graphs.disordered.tolist() == [True, True]
    assert crystal_graphs([ROCK_SALT]).disordered.tolist() == [False, False]


def test_an_unknown_property_lies_between_those_of_the_neighbours_in_the_periodic_table():
    # Boron has no metallic radius; beryllium and aluminium, beside and below it, have.
    boron = Crystal.ordered(5.26 * (1 - np.eye(3)) / 2, [[0, 0, 0]], [5])
    beryllium, aluminium = property_table(["metallic_radius"])[[4, 13], 0]
    assert np.isnan(property_table(["metallic_radius"])[5, 0])
    radius = crystal_graphs([boron], nodes=["metallic_radius"]).nodes[0, 0]
    assert beryllium < radius < aluminium


@given(crystal=crystals(max_sites=8), moved=MOVES["permutation"])
def test_bonds_are_edges_with_weights(crystal, moved):
    batch = Crystals.from_crystals([moved(crystal), ROCK_SALT])
    graphs, bonds = crystal_graphs(batch, cutoff=9.0, bonds=True), batch.bonds()
    np.testing.assert_array_equal(graphs.weights, bonds.weights)
    np.testing.assert_array_equal(graphs.edge_index[1], bonds.neighbors)
    there = np.column_stack([graphs.edge_index.T, graphs.cell_shifts])
    back = np.column_stack([graphs.edge_index[::-1].T, -graphs.cell_shifts])
    order, other = np.lexsort(there.T), np.lexsort(back.T)
    np.testing.assert_array_equal(there[order], back[other])
    np.testing.assert_allclose(graphs.weights[order], graphs.weights[other], atol=1e-9)
    lattices = np.repeat(batch.lattices, np.diff(graphs.edge_offsets), axis=0)
    ends = graphs.positions[graphs.edge_index[1]] + np.einsum("ni,nij->nj", graphs.cell_shifts, lattices)
    np.testing.assert_allclose(ends - graphs.positions[graphs.edge_index[0]], bonds.vectors, atol=1e-8)


def test_no_bond_is_longer_than_the_cutoff():
    caesium = Crystal.ordered(6.14 * (1 - 2 * np.eye(3)) / 2, [[0, 0, 0]], [55])
    assert crystal_graphs([caesium], cutoff=5.0, bonds=True).n_edges == 0
    # Eight at sqrt(3)/2 of the edge, 5.32 angstrom.
    assert crystal_graphs([caesium], cutoff=5.5, bonds=True).n_edges == 8


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cutoff": 0}, "cutoff must be a finite length in angstrom above 0, got 0"),
        ({"cutoff": np.inf}, "cutoff must be a finite length"),
        ({"cutoff": "5"}, "cutoff must be a finite length"),
        ({"tolerance": -1.0}, "tolerance must be a finite length"),
        ({"max_neighbors": 0}, "max_neighbors must be a whole number from 1 on, or None, got 0"),
        ({"max_neighbors": 2.5}, "max_neighbors must be a whole number"),
        ({"nodes": ["electronegativty"]}, "did you mean 'electronegativity'"),
        ({"nodes": ["xyz"]}, "nodes has no column 'xyz'"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        crystal_graphs([ROCK_SALT], **parameters)


def test_wrong_inputs_are_named():
    with pytest.raises(TypeError, match=r"use \['atomic_mass'\]"):
        crystal_graphs([ROCK_SALT], nodes="atomic_mass")
    with pytest.raises(CrystalError, match="crystal 1"):
        crystal_graphs([ROCK_SALT, 5])
