"""Learned coefficients put into a basis: energies, forces and stresses of crystals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals
    from skcrystal.potentials.basis import Basis, Terms
    from skcrystal.potentials.expansion import Expansion

__all__ = ["EnergySurface", "Polynomial", "Predicted", "make_polynomial"]


class Predicted(NamedTuple):
    """What a potential says of a batch.

    Attributes
    ----------
    kinds : ndarray of shape (n_sites,)
        Number of each site's element.
    compared : ndarray of shape (n_sites, n_compared)
        The invariants by which sites are compared.
    energies : ndarray of shape (n_sites,)
        In eV, without the references.
    forces : ndarray of shape (n_sites, 3)
        In eV/angstrom.
    strains : ndarray of shape (n_crystals, 6)
        Derivative of each crystal's energy with respect to strain, in eV, in the order xx yy zz yz xz xy.
    """

    kinds: NDArray[np.int64]
    compared: NDArray[np.float64]
    energies: NDArray[np.float64]
    forces: NDArray[np.float64]
    strains: NDArray[np.float64]


class Polynomial(NamedTuple):
    """The energy of a site as a polynomial of its densities: sum over pairs of A_a A_b (sum over c of v A_c).

    Products are sorted by the pair of densities that they share with most others, so that each needs one
    multiplication.

    Attributes
    ----------
    pairs : ndarray of shape (n_pairs, 2), uint32
        Places of a and b.
    starts : ndarray of shape (n_pairs + 1,), uint32
        The terms of pair i are ``starts[i]:starts[i + 1]``.
    thirds : ndarray of shape (n_terms,), uint32
        Place of c.
    values : ndarray of shape (n_elements, n_terms)
    """

    pairs: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    thirds: NDArray[np.uint32]
    values: NDArray[np.float64]


def make_polynomial(basis: Basis, learned: NDArray[np.float64]) -> Polynomial:
    """Put coefficients, of shape (n_elements, n_functions), into the invariants."""
    terms, size = basis.terms, basis.n_densities + 1
    # The third factor left out: which two are the pair.
    first, second, third = terms.factors.T
    codes = np.stack([second * size + third, first * size + third, first * size + second], axis=1)
    distinct, numbers, counts = np.unique(codes, return_inverse=True, return_counts=True)
    numbers = numbers.reshape(codes.shape)
    out = counts[numbers].argmax(axis=1)
    rows = np.arange(len(out))
    own, thirds = numbers[rows, out], terms.factors[rows, out]
    order = np.lexsort((thirds, own))
    used, starts = np.unique(own[order], return_index=True)
    pairs = np.stack(np.divmod(distinct[used], size), axis=1)
    return Polynomial(
        pairs.astype(np.uint32),
        np.append(starts, len(order)).astype(np.uint32),
        thirds[order].astype(np.uint32),
        np.ascontiguousarray((terms.coefficients * learned[:, terms.functions])[:, order]),
    )


@dataclass(frozen=True, eq=False)
class EnergySurface:
    """Energies of crystals and their derivatives.

    Attributes
    ----------
    expansion : Expansion
    polynomial : Polynomial
    compared : Terms
        The invariants by which sites are compared with those of the training crystals.
    n_compared : int
    """

    expansion: Expansion
    polynomial: Polynomial
    compared: Terms
    n_compared: int

    def evaluate(self, crystals: Crystals) -> Predicted:
        """Compute everything that is predicted of a batch."""
        from skcrystal.kernels.energy_surface import evaluate_crystal

        kernel: Any = evaluate_crystal
        kinds = self.expansion.kinds(crystals)
        compared = np.zeros((crystals.n_sites, self.n_compared))
        energies, forces = np.zeros(crystals.n_sites), np.zeros((crystals.n_sites, 3))
        strains = np.zeros((len(crystals), 6))
        terms = self.compared.functions, self.compared.factors, self.compared.coefficients
        for index in range(len(crystals)):
            first, last = crystals.site_offsets[index : index + 2].tolist()
            # A table of one crystal at a time: those of large batches do not fit into memory.
            own = crystals if len(crystals) == 1 else crystals[index : index + 1]
            kernel(
                *self.expansion.surroundings(own, kinds[first:last]),
                tuple(self.polynomial),
                terms,
                compared[first:last],
                energies[first:last],
                forces[first:last],
                strains[index],
            )
        return Predicted(kinds, compared, energies, forces, strains)
