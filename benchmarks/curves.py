"""Curves of real crystals, learned as a few factors, beside the mean curve; and what that costs.

    python benchmarks/curves.py [--crystals 500] [--folds 2]

Two kinds of curves that a structure has by itself: powder diffraction patterns, by pymatgen for Cu K-alpha,
broadened, each of mean 1; and radial distribution functions, by the package's neighbours. Crystals are drawn
from the training part of mp_sample, one of each formula, up to 12 sites; random folds are of new formulas.
The model is `make_regressor(target="curve")`; its time is compared with that of `make_regressor` on one
scalar target of the same crystals, both behind the featurizer.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import SEED, require_data_folder, table
from environment import describe_environment
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from sklearn.dummy import DummyRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, train_test_split

from skcrystal import CrystalFeaturizer, Crystals, as_crystals
from skcrystal.models import make_regressor

MOST_SITES = 12
# Scattering angles in degrees, distances in angstrom, and the widths (standard deviations) of peaks in both.
ANGLES, ANGLE_WIDTH = np.linspace(10, 80, 200), 0.5
DISTANCES, DISTANCE_WIDTH = np.linspace(1, 8, 200), 0.15


def peaks(grid: np.ndarray, centers: np.ndarray, heights: Any, width: float) -> np.ndarray:
    """Return a sum of Gaussians."""
    return np.exp(-0.5 * ((grid[:, None] - centers) / width) ** 2) @ np.broadcast_to(heights, len(centers))


def diffraction(crystals: Crystals) -> np.ndarray:
    """Return a powder pattern for each crystal, of mean 1."""
    calculator = XRDCalculator()
    rows = []
    for crystal in crystals:
        pattern = calculator.get_pattern(crystal.to_structure(), two_theta_range=(5, 85))
        rows.append(peaks(ANGLES, pattern.x, pattern.y, ANGLE_WIDTH))
    curves = np.array(rows)
    return curves / curves.mean(axis=1, keepdims=True)


def radial_distribution(crystals: Crystals) -> np.ndarray:
    """Return g(r) of each crystal: density of sites at a distance over the mean density."""
    pairs = crystals.neighbors(DISTANCES[-1] + 5 * DISTANCE_WIDTH)
    bounds = pairs.offsets[crystals.site_offsets]
    rows = []
    for first, last, count, lattice in zip(
        bounds[:-1], bounds[1:], crystals.site_counts, crystals.lattices, strict=True
    ):
        height = 1 / (np.sqrt(2 * np.pi) * DISTANCE_WIDTH * count)
        shell = 4 * np.pi * DISTANCES**2 * count / abs(np.linalg.det(lattice))
        rows.append(peaks(DISTANCES, pairs.distances[first:last], height, DISTANCE_WIDTH) / shell)
    return np.array(rows)


def out_of_fold(model: Any, X: np.ndarray, y: np.ndarray, folds: Any) -> tuple[np.ndarray, float]:
    """Return predictions of all rows and the seconds of a fold."""
    predicted, start = np.empty_like(y), process_time()
    for train, test in folds:
        predicted[test] = model.fit(X[train], y[train]).predict(X[test])
    return predicted, (process_time() - start) / len(folds)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--crystals", type=int, default=500)
    parser.add_argument("--folds", type=int, default=2)
    arguments = parser.parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    rows = table(folder, "mp_sample.csv.gz")
    rows = rows.iloc[train_test_split(np.arange(len(rows)), test_size=0.2, random_state=SEED)[0]]
    rows = rows[rows["nsites"].astype(int) <= MOST_SITES].drop_duplicates("formula")
    rows = rows.sample(min(arguments.crystals, len(rows)), random_state=SEED)
    crystals = as_crystals(rows["cif"].tolist())
    X = CrystalFeaturizer().fit_transform(crystals)
    energies = rows["formation_energy_per_atom"].to_numpy(dtype=float)
    folds = list(KFold(arguments.folds, shuffle=True, random_state=SEED).split(X))
    print(f"{describe_environment()}\n\n{len(crystals)} crystals, {arguments.folds} folds\n")
    scalar = out_of_fold(make_regressor()[1:], X, energies, folds)[1]
    print(f"one scalar target, make_regressor: {scalar:.1f} s of processor time per fold\n")
    print("| curve | model | MAE | R2 | smallest value | error of the area | s per fold | of a scalar's |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    curves = {
        "powder diffraction": diffraction(crystals),
        "radial distribution": radial_distribution(crystals),
    }
    for name, y in curves.items():
        models = {
            "mean curve": DummyRegressor(),
            "make_regressor, curve": make_regressor(target="curve")[1:],
            "the same, keep_area": make_regressor(target="curve", keep_area=True)[1:],
        }
        for title, model in models.items():
            predicted, seconds = out_of_fold(model, X, y, folds)
            cells = [
                f"{np.abs(predicted - y).mean():.4f}",
                f"{r2_score(y, predicted, multioutput='variance_weighted'):.3f}",
                f"{predicted.min():.3g}",
                f"{np.abs(predicted.mean(axis=1) / y.mean(axis=1) - 1).mean():.2%}",
                f"{seconds:.1f}",
                f"{seconds / scalar:.2f}",
            ]
            print(f"| {name} | {title} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
