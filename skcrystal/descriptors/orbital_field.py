"""The orbital-field matrix: which valence orbitals meet in the bonds of a crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["OrbitalFieldMatrix"]

#: Short name of each row of the matrix -> property of the element.
ORBITALS = {
    "s": "s_valence_electrons",
    "p": "p_valence_electrons",
    "d": "d_valence_electrons",
    "f": "f_valence_electrons",
    "p_unfilled": "p_unfilled",
    "d_unfilled": "d_unfilled",
    "f_unfilled": "f_unfilled",
}
ROWS, COLUMNS = np.triu_indices(len(ORBITALS))


class OrbitalFieldMatrix(BondedDescriptor):
    """Valence occupations of bonded atoms, multiplied and summed over the bonds of a site, without unit.

    With o_i, the vector of the numbers of electrons that an atom at site i has in s, p, d and f subshells
    outside its noble-gas core, and of the free places in its partly filled p, d and f subshells,

        M = 1/N sum_i sum_j w_ij (o_i o_j^T + o_j o_i^T) / 2 / (1 + sum_j w_ij)

    over the N sites i and their bonds j. The weights w are those of :meth:`skcrystal.Crystals.bonds`. Over
    their sum, the coordination number, plus 1 it is nearly a mean over the bonds, which hardly moves where
    bonds fade. M is symmetric: its 28 entries on and above the diagonal are the row. On a disordered site,
    which counts once, o_i is the mean over its species, weighted by their occupancies.

    Lam Pham et al. write an atom as 32 zeros and ones, one for each occupation from s^1 to f^14, and weigh
    by the angle that a Voronoi face spans; their matrix has 1,024 entries. Here one number stands for each
    subshell.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii that distances are compared by; None compares the plain distances.
    reach : float, default=1.5
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.

    References
    ----------
    Lam Pham, Kino, Terakura, Miyake, Tsuda, Takigawa & Dam, Sci. Technol. Adv. Mater. 18 (2017) 756,
    doi 10.1080/14686996.2017.1378060.

    Examples
    --------
    Each bond of a carbon atom, s2 p2, in diamond joins two s electrons to two; its four bonds, with a trace
    of the next shell, count a little more than four fifths together, 4 of 4 + 1:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import OrbitalFieldMatrix
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> matrix = OrbitalFieldMatrix()
    >>> row = dict(zip(matrix.get_feature_names_out(), matrix.transform([diamond])[0].round(1).tolist()))
    >>> row["orbital_field_s_s"], row["orbital_field_s_p_unfilled"], row["orbital_field_d_d"]
    (3.3, 6.6, 0.0)
    """

    schema_version = 3

    def __init__(
        self, *, cutoff: float = 8.0, radius: str | None = "covalent_radius", reach: float = 1.5
    ) -> None:
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``orbital_field_s_s``, ``orbital_field_s_p`` and so on, row by row.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        names = list(ORBITALS)
        return as_names([f"orbital_field_{names[i]}_{names[j]}" for i, j in zip(ROWS, COLUMNS, strict=True)])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the entries of each crystal's matrix."""
        from skcrystal.kernels.bonds import bonded_sums

        if not len(crystals):
            return np.zeros((0, len(ROWS)))
        bonds = self._bonds(crystals)
        own = site_means(crystals, elements.filled_table(list(ORBITALS.values())))
        around = bonded_sums(bonds.offsets, bonds.neighbors, bonds.weights, own)
        around /= bonds.numbers[:, None] + 1.0
        products = 0.5 * (own[:, ROWS] * around[:, COLUMNS] + own[:, COLUMNS] * around[:, ROWS])
        sums: NDArray[np.float64] = np.add.reduceat(products, crystals.site_offsets[:-1])
        return sums / crystals.site_counts[:, None]
