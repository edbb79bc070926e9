"""The symmetry of a crystal in a few numbers: point group, centring, orbits, complexity."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.descriptors.base import SYMPREC, Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.symmetry import SymmetryTable

__all__ = ["CENTRINGS", "CRYSTAL_SYSTEMS", "SymmetryStats"]

CRYSTAL_SYSTEMS = ("triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic")

#: Letters of the standard settings; A and C centre one pair of faces and count as one.
CENTRINGS = {
    "P": "nothing",
    "C": "one pair of faces",
    "I": "its body",
    "F": "all faces",
    "R": "two points of a diagonal (rhombohedral)",
}

# The ten point groups that leave some vector as it is.
POLAR_POINT_GROUPS = ("1", "2", "m", "mm2", "3", "3m", "4", "4mm", "6", "6mm")

COLUMNS = (
    *(
        Column.of(f"is_{system}", "1", f"1 where the crystal system is {system}")
        for system in CRYSTAL_SYSTEMS
    ),
    *(
        Column.of(f"centring_{letter.lower()}", "1", f"1 where the conventional cell is centred by {words}")
        for letter, words in CENTRINGS.items()
    ),
    Column.of("point_group_order", "1", "number of operations of the point group, 1 to 48"),
    Column.of("has_inversion", "1", "1 where the point group has inversion"),
    Column.of("is_polar", "1", "1 where the point group leaves some vector as it is"),
    Column.of("is_sohncke", "1", "1 where the space group has rotations and screws alone: one of 65"),
    Column.of("log_primitive_sites", "1", "natural logarithm of the number of sites of the primitive cell"),
    Column.of("orbits", "1", "number of sets of equivalent sites"),
    Column.of("orbits_per_site", "1", "sets of equivalent sites over sites of the primitive cell"),
    Column.of("structural_complexity", "bit", "information per site that tells its orbit"),
    Column.of("mean_site_symmetry_order", "1", "operations that leave a site in place; mean over the sites"),
    Column.of("max_site_symmetry_order", "1", "operations that leave a site in place; most of all sites"),
    Column.of("min_site_symmetry_order", "1", "operations that leave a site in place; fewest of all sites"),
    Column.of(
        "mean_log2_site_symmetry_order",
        "1",
        "binary logarithm of the operations that leave a site in place; mean over the sites",
    ),
    Column.of("general_position_fraction", "1", "share of the sites that no operation but identity leaves"),
)
NAMES = tuple(column.name for column in COLUMNS)
# Those that follow from the number of the space group.
GROUP_NAMES = NAMES[: NAMES.index("log_primitive_sites")]


@cache
def group_table() -> NDArray[np.float64]:
    """Return what follows from the space group number alone, one row per number; row 0 is empty."""
    import gemmi

    table = np.zeros((231, len(GROUP_NAMES)))
    for number in range(1, 231):
        group = gemmi.find_spacegroup_by_number(number)
        system = CRYSTAL_SYSTEMS.index(group.crystal_system_str())
        centring = group.hm[0] if group.hm[0] != "A" else "C"
        table[number, system] = 1.0
        table[number, len(CRYSTAL_SYSTEMS) + list(CENTRINGS).index(centring)] = 1.0
        table[number, -4:] = (
            len(group.operations().sym_ops),
            group.is_centrosymmetric(),
            group.point_group_hm() in POLAR_POINT_GROUPS,
            group.is_sohncke(),
        )
    table.flags.writeable = False
    return table


def orbit_sizes(table: SymmetryTable, crystals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return, for each site, how many sites of the primitive cell its orbit holds.

    Parameters
    ----------
    table : SymmetryTable
    crystals : ndarray of shape (n_sites,)
        Index of the crystal that owns each site.
    """
    starts = np.searchsorted(crystals, np.arange(len(table.numbers)))
    members = np.bincount(starts[crystals] + table.orbits, minlength=len(crystals))
    return members[starts[crystals] + table.orbits] / table.multiplicities[crystals]


class SymmetryStats(Descriptor):
    """Crystal system, centring, point group, orbits and structural complexity.

    - ``is_triclinic`` to ``is_cubic``: the crystal system, one-hot; ``centring_p``, ``centring_c`` (C or A),
      ``centring_i``, ``centring_f``, ``centring_r``: the lattice's centring in the standard setting
    - ``point_group_order``: operations of the point group, 1 to 48; ``has_inversion``; ``is_polar``: the
      point group leaves some vector as it is; ``is_sohncke``: the space group is one of the 65 Sohncke
      groups, of rotations and screws alone, whose crystals may have a hand (22 of these groups have one)
    - ``log_primitive_sites``: natural logarithm of the number n of sites of the primitive cell; ``orbits``:
      number of sets of equivalent sites; ``orbits_per_site``: the same over n
    - ``structural_complexity``, bits per site: -sum of p log2 p over the orbits, p = m / n being the share
      of the orbit's m sites
    - ``..._site_symmetry_order``: point group order over m, which is the order of the site symmetry group;
      mean, extremes and mean log2 over the sites; ``general_position_fraction``: share of the sites on
      general positions (order 1)

    A disordered site counts once. Everything is counted in the primitive cell, so that a supercell gives
    the same row.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Not continuous: a
    symmetry holds or does not.

    Parameters
    ----------
    symprec : float, default=0.01
        Tolerance on positions, in angstrom, at most 0.2. A smaller one sees smaller distortions; a larger
        one forgives less precise files. Near the tolerance a distortion decides the answer.

    References
    ----------
    Krivovichev, Acta Cryst. A68 (2012) 393, doi 10.1107/S0108767312012044, for the complexity;
    International Tables for Crystallography A, doi 10.1107/97809553602060000114, for the groups;
    moyo, https://github.com/spglib/moyo, for the search.

    Examples
    --------
    The point group of rock salt, m-3m, has 48 operations. Both sites have its full symmetry, and one bit
    tells which of the two is meant:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import SymmetryStats
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> stats = SymmetryStats()
    >>> row = dict(zip(stats.get_feature_names_out(), stats.transform([rock_salt])[0].tolist()))
    >>> row["point_group_order"], row["mean_site_symmetry_order"], row["structural_complexity"]
    (48.0, 48.0, 1.0)
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="a symmetry holds within symprec or does not",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"symprec": SYMPREC}

    def __init__(self, *, symprec: float = 0.01) -> None:
        self.symprec = symprec

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        return list(COLUMNS)

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the numbers of each crystal's symmetry."""
        table = crystals.symmetry(self.symprec)
        groups = group_table()[table.numbers]
        if not len(crystals):
            return np.zeros((0, len(NAMES)))
        owners = np.repeat(np.arange(len(crystals)), crystals.site_counts)
        starts = crystals.site_offsets[:-1]
        order = groups[:, NAMES.index("point_group_order")]
        n_sites = crystals.site_counts / table.multiplicities
        sizes = orbit_sizes(table, owners)
        symmetries = order[owners] / sizes

        def mean(values: Any) -> NDArray[np.float64]:
            return np.add.reduceat(np.asarray(values, dtype=np.float64), starts) / crystals.site_counts

        # A site of an orbit of m sites stands for 1/m of an orbit; the mean over sites is sum of p (1/m).
        per_site = mean(1 / sizes)
        columns = (
            np.log(n_sites),
            np.rint(per_site * n_sites),
            per_site,
            np.maximum(mean(np.log2(n_sites[owners] / sizes)), 0.0),
            mean(symmetries),
            np.maximum.reduceat(symmetries, starts),
            np.minimum.reduceat(symmetries, starts),
            mean(np.log2(symmetries)),
            mean(symmetries < 1.5),
        )
        return np.concatenate([groups, np.stack(columns, axis=1)], axis=1)
