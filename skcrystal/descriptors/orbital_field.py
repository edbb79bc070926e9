"""The orbital-field matrix: which valence orbitals meet in the bonds of a crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.columns import Column
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
ORBITAL_WORDS = {
    name: f"free places in the partly filled {name[0]} subshell" if "_" in name else f"{name} electrons"
    for name in ORBITALS
}
ROWS, COLUMNS = np.triu_indices(len(ORBITALS))


class OrbitalFieldMatrix(BondedDescriptor):
    """Valence occupations of bonded atoms, multiplied and summed over the bonds of a site, without unit.

    With o_i, the vector of the numbers of electrons that an atom at site i has in s, p, d and f subshells
    outside its noble-gas core, and of the free places in its partly filled p, d and f subshells, and the
    weights w of the bonds (:meth:`skcrystal.Crystals.bonds`), site i has the matrix

        X(i) = sum_j w_ij (o_i o_j^T + o_j o_i^T) / 2

    of which the mean over the sites is the row by default. It is symmetric: its 28 entries on and above the
    diagonal are the columns. On a disordered site, which counts once, o_i is the mean over its species,
    weighted by their occupancies.

    Lam Pham et al. write an atom as 32 zeros and ones, one for each occupation from s^1 to f^14, and weigh
    by the angle that a Voronoi face spans over the largest one; their matrix has 1,024 entries. Here one
    number stands for each subshell, and a bond weighs 1 instead.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    statistics : sequence of str, default=("mean",)
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give of each entry over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Lam Pham, Kino, Terakura, Miyake, Tsuda, Takigawa & Dam, Sci. Technol. Adv. Mater. 18 (2017) 756,
    doi 10.1080/14686996.2017.1378060.

    Examples
    --------
    Each of the four bonds of a carbon atom, s2 p2, in diamond joins two s electrons to two:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import OrbitalFieldMatrix
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> matrix = OrbitalFieldMatrix()
    >>> row = dict(zip(matrix.get_feature_names_out(), matrix.transform([diamond])[0].round(2).tolist()))
    >>> row["mean_orbital_field_s_s"], row["mean_orbital_field_p_p_unfilled"]
    (16.0, 32.0)
    """

    schema_version = 5

    def __init__(self, *, statistics: Any = ("mean",), cutoff: float = 8.0) -> None:
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``orbital_field_s_s``, ``orbital_field_s_p`` and so on, row by row."""
        names = list(ORBITALS)
        return [
            Column.of(
                f"orbital_field_{names[i]}_{names[j]}",
                "1",
                f"{ORBITAL_WORDS[names[i]]} of an atom times {ORBITAL_WORDS[names[j]]} of a bonded one, "
                "summed over the bonds",
                "0 at a site without bonds",
            )
            for i, j in zip(ROWS, COLUMNS, strict=True)
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the entries of each site's matrix."""
        own = site_means(crystals, elements.filled_table(list(ORBITALS.values())))
        around = crystals.bonds(self.cutoff).sum_of_neighbors(own)
        return 0.5 * (own[:, ROWS] * around[:, COLUMNS] + own[:, COLUMNS] * around[:, ROWS])
