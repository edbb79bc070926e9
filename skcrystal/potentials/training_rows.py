"""What a potential is trained on: labels that fit their crystals, and folds that keep runs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.labels import Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals

__all__ = ["checked_labels", "make_folds"]

# In eV/angstrom^3, 800 GPa: beyond it lie planets' cores, and stresses in other units.
LARGEST_STRESS = 5.0


def checked_labels(crystals: Crystals, y: Any, forces: Any, stresses: Any) -> Labels:
    """Return what is known of the crystals, and check that it fits them."""
    if isinstance(y, Labels):
        if forces is not None or stresses is not None:
            raise ValueError("y is of Labels, and forces or stresses were given beside it; give either")
        labels = y
    else:
        energies = None if y is None else np.asarray(y, dtype=np.float64)
        if energies is not None and energies.ndim != 1:
            raise ValueError(f"the energies have the shape {energies.shape}; give one for each crystal")
        if energies is not None and len(energies) != len(crystals):
            raise ValueError(
                f"there are {len(energies)} energies for {len(crystals)} crystals; give one for each"
            )
        labels = Labels(energies, forces, stresses, n_sites=crystals.site_counts.tolist())
    if len(labels) != len(crystals):
        raise ValueError(f"there are {len(labels)} labels for {len(crystals)} crystals; give one for each")
    counts = np.diff(labels.site_offsets)
    for index in np.flatnonzero((counts != crystals.site_counts) & (counts > 0)).tolist():
        raise ValueError(
            f"crystal {index} has {crystals.site_counts[index]} sites and forces on {counts[index]}; give a "
            "row for each site"
        )
    owner = np.repeat(np.arange(len(labels)), counts)
    infinite = np.isinf(labels.energies) | np.isinf(labels.stresses).any(axis=(1, 2))
    infinite[owner[np.isinf(labels.forces).any(axis=1)]] = True
    for index in np.flatnonzero(infinite).tolist():
        raise ValueError(f"a label of crystal {index} is infinite; give NaN where nothing is known")
    unknown = np.isnan(labels.forces).any(axis=1)
    n_unknown = np.bincount(owner, unknown, len(labels))
    for index in np.flatnonzero((n_unknown > 0) & (n_unknown < counts)).tolist():
        raise ValueError(f"crystal {index} lacks the forces of some of its sites; give all, or none of them")
    large = np.abs(labels.stresses[labels.has_stress]).max(axis=(1, 2)) > LARGEST_STRESS
    for index in np.flatnonzero(labels.has_stress)[large].tolist():
        raise ValueError(
            f"the stress of crystal {index} is up to {np.abs(labels.stresses[index]).max():.3g} "
            "eV/angstrom^3, more than a crystal bears: divide kbar by -1602.18 (VASP's sign), GPa by 160.218"
        )
    return labels


def make_folds(crystals: Crystals, n_folds: int, groups: NDArray[Any] | None) -> NDArray[np.int64]:
    """Return the fold of each crystal: groups stay whole where each set of elements has enough of them.

    Frames of one run are alike, and do not judge each other. A fold whose elements, or pairs of them, the
    rest lacks would ask for what no fit can know: where crystals of the same elements have fewer groups than
    there are folds, or groups are unknown, stretches of consecutive crystals of a group stay together.

    Parameters
    ----------
    crystals : Crystals
    n_folds : int
    groups : ndarray of shape (n_crystals,) or None

    Returns
    -------
    ndarray of shape (n_crystals,)
    """
    n = len(crystals)
    n_folds = min(n_folds, n)
    if n_folds < 2:
        raise ValueError("a potential needs at least two crystals to learn from; give more")
    if groups is not None and len(groups) != n:
        raise ValueError(f"groups has {len(groups)} entries for {n} crystals; give one for each")
    labels = np.zeros(n, dtype=np.int64)
    if groups is not None:
        labels = np.unique(groups, return_inverse=True)[1].reshape(-1)
    systems = np.unique(crystals.element_amounts > 0, axis=0, return_inverse=True)[1].reshape(-1)
    folds = np.empty(n, dtype=np.int64)
    filled = np.zeros(n_folds, dtype=np.int64)
    for system in range(int(systems.max()) + 1):
        members = np.flatnonzero(systems == system)
        found, sizes = np.unique(labels[members], return_counts=True)
        # The largest first, each to the emptiest fold.
        for place in np.argsort(-sizes, kind="stable").tolist():
            own = members[labels[members] == found[place]]
            if len(found) >= n_folds:
                folds[own] = filled.argmin()
            else:
                # The longest of unequal stretches go where there is most room.
                stretches = (np.arange(len(own)) * n_folds) // len(own)
                folds[own] = np.argsort(filled, kind="stable")[stretches]
            filled = np.bincount(folds[own], minlength=n_folds) + filled
    return folds
