"""A fitted potential: physics, accuracy against the theory it learned from, and its errors."""

from __future__ import annotations

import subprocess
import sys

import joblib
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from skcrystal import Crystal, CrystalError, Crystals
from skcrystal.potentials import ExtrapolationWarning, Labels, LinearPotential
from tests.potentials.copper import alloys, as_batch, fitted_alloy, fitted_copper, labels_of, rattled
from tests.strategies import cell_choices, origin_shifts, permutations, supercells

pytestmark = pytest.mark.filterwarnings("ignore::skcrystal.potentials.ExtrapolationWarning")


@pytest.fixture(scope="module")
def held_out():
    frames = rattled(n=10, seed=1)
    return as_batch(frames), labels_of(frames)


def test_held_out_cells_are_predicted(held_out):
    X, y = held_out
    predicted = fitted_copper().predict_labels(X)
    # The spread of what is predicted: 60 meV/atom, 0.9 eV/angstrom.
    assert np.abs((predicted.energies - y.energies) / 8).mean() < 2e-3
    assert np.abs(predicted.forces - y.forces).mean() < 0.03
    assert np.abs(predicted.stresses - y.stresses).mean() < 2e-3
    assert fitted_copper().score(X, y) > 0.99


def test_each_kind_of_label_suffices(held_out):
    X, y = held_out
    train, labels = as_batch(rattled()), labels_of(rattled())
    model = LinearPotential(cutoff=5.0, degrees=(8, 5, 3))
    by_energies = clone(model).fit(train, labels.energies)
    assert by_energies.score(X, y.energies) > 0.8
    assert np.isnan(by_energies.fold_errors_["force"])
    by_forces = clone(model).fit(train, forces=labels.forces_of())
    assert np.abs(np.concatenate(by_forces.predict_forces(X)) - y.forces).mean() < 0.1
    assert np.isnan(by_forces.fold_errors_["energy"])
    by_stresses = clone(model).fit(train, stresses=labels.stresses)
    assert np.abs(by_stresses.predict_stress(X) - y.stresses).mean() < 0.01


def test_labels_and_the_separate_arguments_are_the_same():
    frames = rattled(n=12)
    X, y = as_batch(frames), labels_of(frames)
    model = LinearPotential(cutoff=4.0, degrees=(5, 4, 3))
    one = clone(model).fit(X, y)
    two = clone(model).fit(X, y.energies, forces=y.forces_of(), stresses=y.stresses)
    np.testing.assert_array_equal(one.coef_, two.coef_)


@pytest.mark.parametrize("fitted", [fitted_copper, fitted_alloy])
def test_forces_are_minus_the_gradient(fitted):
    frames = (rattled if fitted is fitted_copper else alloys)(n=1, seed=3)
    model, atoms, step = fitted(), frames[0], 1e-4
    forces = model.predict_forces(as_batch([atoms]))[0]
    for site, axis in ((0, 0), (3, 1), (7, 2)):
        energies = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[site, axis] += sign * step
            energies.append(model.predict(as_batch([moved]))[0])
        gradient = (energies[0] - energies[1]) / (2 * step)
        assert -gradient == pytest.approx(forces[site, axis], abs=1e-7 * max(1, np.abs(forces).max()))


@pytest.mark.parametrize("fitted", [fitted_copper, fitted_alloy])
def test_stress_is_the_derivative_with_respect_to_strain(fitted):
    atoms = (rattled if fitted is fitted_copper else alloys)(n=1, seed=3)[0]
    model, step = fitted(), 1e-5
    stress = model.predict_stress(as_batch([atoms]))[0]
    for i, j in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        energies = []
        for sign in (1, -1):
            strain = np.zeros((3, 3))
            strain[i, j] += sign * step / 2
            strain[j, i] += sign * step / 2
            strained = atoms.copy()
            strained.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
            energies.append(model.predict(as_batch([strained]))[0])
        slope = (energies[0] - energies[1]) / (2 * step) / atoms.get_volume()
        assert slope == pytest.approx(stress[i, j], abs=1e-7)


def test_the_net_force_vanishes(held_out):
    for forces in fitted_copper().predict_forces(held_out[0]):
        np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-10)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.one_of(origin_shifts(), permutations(), supercells(), cell_choices()))
def test_energy_belongs_to_the_crystal(seed, move):
    crystal = as_batch(alloys(n=1, seed=seed))[0]
    moved = move(crystal)
    energy, same = fitted_alloy().predict(Crystals.from_crystals([crystal, moved]))
    copies = len(moved.frac_coords) / len(crystal.frac_coords)
    assert same == pytest.approx(copies * energy, rel=1e-10, abs=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.booleans())
def test_forces_and_stress_turn_with_the_crystal(seed, mirror):
    crystal = as_batch(alloys(n=1, seed=seed))[0]
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    if (np.linalg.det(turn) < 0) != mirror:
        turn = -turn
    turned = Crystal.ordered(crystal.lattice @ turn.T, crystal.frac_coords, crystal.atomic_numbers)
    one, two = fitted_alloy().predict_labels(Crystals.from_crystals([crystal, turned]))
    assert two.energy == pytest.approx(one.energy, abs=1e-10 * max(1, abs(one.energy)))
    np.testing.assert_allclose(two.forces, one.forces @ turn.T, atol=1e-9)
    np.testing.assert_allclose(two.stress, turn @ one.stress @ turn.T, atol=1e-10)


@settings(max_examples=20)
@given(st.permutations(range(8)))
def test_forces_permute_with_the_atoms(order):
    crystal = as_batch(alloys(n=1, seed=5))[0]
    order = list(order)
    permuted = Crystal.ordered(crystal.lattice, crystal.frac_coords[order], crystal.atomic_numbers[order])
    one, two = fitted_alloy().predict_forces(Crystals.from_crystals([crystal, permuted]))
    np.testing.assert_allclose(two, one[order], atol=1e-10)


def test_energy_and_forces_have_no_jump_at_the_cutoff():
    """Two atoms of a long cell pull apart through the cutoff: the second differences stay small."""
    model = fitted_copper()
    distances = 5.0 + np.linspace(-2e-3, 2e-3, 41)
    pairs = [
        Crystal.ordered(np.diag([40.0, 40, 40]), [[0, 0, 0], [d / 40, 0, 0]], [29, 29]) for d in distances
    ]
    labels = model.predict_labels(Crystals.from_crystals(pairs))
    forces = labels.forces.reshape(-1, 2, 3)[:, 1, 0]
    assert np.abs(np.diff(labels.energies)).max() < 1e-8
    assert np.abs(np.diff(forces)).max() < 1e-4
    assert np.abs(forces[-1]) == 0


def test_lattice_constant_and_bulk_modulus_are_those_of_the_theory():
    """Over energies of the perfect crystal at 11 volumes, fitted by a cubic polynomial."""

    def properties(energy):
        edges = np.linspace(3.5, 3.7, 11)
        volumes = edges**3 / 4
        fit = np.polynomial.Polynomial.fit(volumes, [energy(a) for a in edges], 3)
        lowest = min(
            (v.real for v in fit.deriv().roots() if abs(v.imag) < 1e-9 and fit.deriv(2)(v.real) > 0),
            key=lambda v: abs(v - volumes.mean()),
        )
        return (4 * lowest) ** (1 / 3), lowest * fit.deriv(2)(lowest)

    def theory(a):
        atoms = bulk("Cu", "fcc", a=a)
        atoms.calc = EMT()
        return atoms.get_potential_energy()

    edge, modulus = properties(theory)
    found_edge, found_modulus = properties(
        lambda a: fitted_copper().predict(as_batch([bulk("Cu", "fcc", a=a)]))[0]
    )
    assert found_edge == pytest.approx(edge, rel=3e-3)
    assert found_modulus == pytest.approx(modulus, rel=0.05)


def test_reference_energies_are_fitted_or_given():
    frames = alloys(n=20)
    X, y = as_batch(frames), labels_of(frames)
    shifted = Labels(y.energies + 3 * X.element_amounts[:, 29] - 7 * X.element_amounts[:, 79])
    model = LinearPotential(cutoff=4.0, degrees=(4, 3, 2), ridge=1e-8)
    fitted, plain = clone(model).fit(X, shifted), clone(model).fit(X, Labels(y.energies))
    assert fitted.references_["Cu"] - plain.references_["Cu"] == pytest.approx(3)
    assert fitted.references_["Au"] - plain.references_["Au"] == pytest.approx(-7)
    given = clone(model).set_params(references={"Cu": -1.0, "Au": 2.0}).fit(X, y)
    assert given.references_ == {"Cu": -1.0, "Au": 2.0}


def test_surroundings_unlike_the_training_cells_are_told(held_out):
    model = fitted_copper()
    usual = np.concatenate(model.extrapolation_grades(held_out[0]))
    assert np.quantile(usual, 0.99) < 1
    squeezed = as_batch([bulk("Cu", "fcc", a=2.9) * (2, 2, 2)])
    simple = as_batch([bulk("Cu", "sc", a=2.4)])
    for crystals in (squeezed, simple):
        assert np.min(model.extrapolation_grades(crystals)[0]) > 1
        with pytest.warns(ExtrapolationWarning, match="do not cover"):
            model.predict(crystals)


def test_scikit_learn_splits_crystals_and_labels_together():
    frames = rattled(n=20)
    X, y = as_batch(frames), labels_of(frames, groups=np.arange(20) // 2)
    model = LinearPotential(cutoff=4.0, degrees=(5, 4, 3), ridge=1e-8, energy_weight=100, stress_weight=10)
    scores = cross_val_score(model, X, y, cv=GroupKFold(4), groups=y.groups)
    assert scores.shape == (4,)
    assert scores.mean() > 0.5


def test_saved_it_predicts_the_same_bits_elsewhere(tmp_path, held_out):
    X = held_out[0]
    joblib.dump((fitted_copper(), X), tmp_path / "potential.joblib")
    program = (
        "import sys, warnings, joblib; warnings.simplefilter('ignore'); "
        "model, X = joblib.load(sys.argv[1]); y = model.predict_labels(X); "
        "joblib.dump((y.energies, y.forces, y.stresses), sys.argv[2])"
    )
    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "potential.joblib", tmp_path / "out.joblib"], check=True
    )
    here = fitted_copper().predict_labels(X)
    # With the lowest versions that are allowed, forces of 0 differ by 1e-15 from process to process.
    is_old = tuple(map(int, np.__version__.split(".")[:2])) < (2, 3)
    for got, expected in zip(
        joblib.load(tmp_path / "out.joblib"), (here.energies, here.forces, here.stresses), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13 if is_old else 0)


def test_crystals_that_no_potential_knows_are_refused():
    model = fitted_copper()
    with pytest.raises(CrystalError, match=r"\(Ni\) holds Ni, which the training crystals \(Cu\) lack"):
        model.predict(as_batch([bulk("Ni")]))
    halves = Crystal(
        3.6 * np.eye(3),
        np.zeros((1, 3)),
        np.array([0, 2]),
        np.array([29, 28]),
        np.array([0.5, 0.5]),
        np.full(2, np.nan),
    )
    with pytest.raises(CrystalError, match="site 0 is shared or partly vacant"):
        model.predict([halves])
    with pytest.raises(CrystalError, match="crystal 0"):
        LinearPotential().fit([halves, halves], [0.0, 1.0])


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([1.0, 2.0, 3.0], {}, "3 energies for 2 crystals"),
        ([[1.0], [2.0]], {}, r"energies have the shape \(2, 1\)"),
        ([np.nan, np.nan], {}, "all labels are NaN"),
        ([np.inf, 0.0], {}, "a label of crystal 0 is infinite"),
        ([0.0, 1.0], {"forces": [np.zeros((7, 3)), None]}, "crystal 0"),
        (
            [0.0, 1.0],
            {"forces": [np.full((8, 3), np.nan)] * 2, "stresses": np.full((2, 6), 30.0)},
            "divide kbar",
        ),
        ([0.0, 1.0], {"groups": ["a"]}, "groups has 1 entries for 2 crystals"),
    ],
)
def test_labels_that_do_not_fit_are_one_sentence(y, options, message):
    with pytest.raises(ValueError, match=message):
        LinearPotential(degrees=(3, 2, 2)).fit(as_batch(rattled(n=2)), y, **options)


def test_some_missing_forces_are_told():
    forces = [np.zeros((8, 3)), np.zeros((8, 3))]
    forces[1][3] = np.nan
    with pytest.raises(ValueError, match="crystal 1 lacks the forces of some of its sites"):
        LinearPotential(degrees=(3, 2, 2)).fit(as_batch(rattled(n=2)), [0.0, 1.0], forces=forces)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"degrees": (4, 3)}, "degrees has 2 entries for correlation_order=3"),
        ({"degrees": (4.5, 3, 2)}, "give whole numbers"),
        ({"cutoff": -1}, "cutoff"),
        ({"ridge": 0.0}, "ridge"),
    ],
)
def test_parameters_are_checked(parameters, message):
    with pytest.raises(ValueError, match=message):
        LinearPotential(**parameters).fit(as_batch(rattled(n=2)), [0.0, 1.0])


def test_the_defaults_learn_from_a_few_cells():
    """Far fewer rows than coefficients: what the folds choose must still be solvable on all rows."""
    frames = rattled(n=4)
    model = LinearPotential().fit(as_batch(frames[:3]), labels_of(frames[:3]))
    assert np.isfinite(model.coef_).all()
    assert np.isfinite(list(model.fold_errors_.values())).all()
    assert np.isfinite(model.predict(as_batch(frames[3:]))).all()
