"""Symmetry at several tolerances: what a crystal has exactly, and what it nearly has."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.crystals.symmetry import MAX_SYMPREC
from skcrystal.descriptors.base import Descriptor, Invariance, decimal
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.symmetry_numbers import NAMES, SymmetryStats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["SoftSymmetry"]

# Columns of SymmetryStats that are given at each tolerance; of the first, the binary logarithm.
QUANTITIES = (
    "point_group_order",
    "has_inversion",
    "is_polar",
    "orbits_per_site",
    "mean_log2_site_symmetry_order",
    "log_primitive_sites",
)


class SoftSymmetry(Descriptor):
    """Point group, orbits and site symmetries of a crystal at several tolerances, without unit.

    At each tolerance ``symprec``, as :class:`SymmetryStats` defines them,

    - ``log2_point_group_order``, ``has_inversion``, ``is_polar``
    - ``orbits_per_site``, ``mean_log2_site_symmetry_order``, ``log_primitive_sites``

    then ``hidden_log2_order``, what the loosest tolerance adds to log2 of the number of symmetry operations
    per volume (those of the point group over the volume of the primitive cell), and
    ``hidden_log2_site_symmetry``, what it adds to the mean log2 of the sites' symmetry. Both are 0 in a
    crystal of exact symmetry, and above 0 in one that is slightly distorted from a more symmetric parent.

    Each tolerance costs a search of its own, about as long as reading a file; tolerances that other
    descriptors use are searched once.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Not continuous, but
    a distortion that grows passes the tolerances one by one.

    Parameters
    ----------
    symprecs : sequence of float, default=(0.001, 0.01, 0.05)
        Tolerances on positions, in angstrom, each at most 0.2. Files that give four decimals hold symmetry to
        about 0.001.

    References
    ----------
    moyo, https://github.com/spglib/moyo, for the search.

    Examples
    --------
    Tetragonal by 0.02 angstrom: of the 48 operations of a cubic crystal 16 remain, the others show at the
    loosest tolerance:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import SoftSymmetry
    >>> polonium = Crystal.ordered(np.diag([3.35, 3.35, 3.37]), [[0, 0, 0]], [84])
    >>> soft = SoftSymmetry()
    >>> row = dict(zip(soft.get_feature_names_out(), soft.transform([polonium])[0].round(2).tolist()))
    >>> [row[f"log2_point_group_order_at_{symprec}"] for symprec in ("0_001", "0_01", "0_05")]
    [4.0, 4.0, 5.58]
    >>> row["hidden_log2_order"]
    1.58
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="a symmetry holds within each symprec or does not",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"symprecs": [list, tuple, np.ndarray]}

    def __init__(self, *, symprecs: Any = (0.001, 0.01, 0.05)) -> None:
        self.symprecs = symprecs

    def _validate_params(self) -> None:
        super()._validate_params()
        if not len(self.symprecs):
            raise ValueError("symprecs is empty; give at least one tolerance in angstrom, such as 0.01")
        for symprec in self.symprecs:
            if not (isinstance(symprec, Real) and 0 < float(symprec) <= MAX_SYMPREC):
                raise ValueError(
                    f"symprecs holds {symprec!r}; give numbers above 0 and at most {MAX_SYMPREC} angstrom"
                )

    def describe_columns(self) -> list[Column]:
        """Describe ``log2_point_group_order_at_0_001`` and so on, tolerance by tolerance."""
        known = {column.name: column for column in SymmetryStats().describe_columns()}
        columns = []
        for symprec in self.symprecs:
            for place, quantity in enumerate(QUANTITIES):
                name, unit, meaning = quantity, known[quantity].unit, known[quantity].meaning
                if place == 0:
                    name, unit, meaning = f"log2_{name}", unit, f"binary logarithm: {meaning}"
                columns.append(
                    Column.of(
                        f"{name}_at_{decimal(symprec)}", unit, f"{meaning}; at symprec {symprec:g} angstrom"
                    )
                )
        return [
            *columns,
            Column.of(
                "hidden_log2_order",
                "1",
                "binary logarithm of how many times more symmetry operations the loosest tolerance finds",
            ),
            Column.of(
                "hidden_log2_site_symmetry",
                "1",
                "what the loosest tolerance adds to the mean binary logarithm of the site symmetry orders",
            ),
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the symmetry of each crystal at each tolerance."""
        places = [NAMES.index(name) for name in QUANTITIES]
        blocks = []
        for symprec in self.symprecs:
            block = SymmetryStats(symprec=symprec).describe(crystals)[:, places]
            block[:, 0] = np.log2(block[:, 0])
            blocks.append(block)
        tight, loose = (blocks[int(find(self.symprecs))] for find in (np.argmin, np.argmax))
        # The primitive cell that holds fewer sites by a factor n has n times the operations per volume.
        operations = [block[:, 0] - block[:, 5] / np.log(2.0) for block in (tight, loose)]
        hidden = np.stack([operations[1] - operations[0], loose[:, 4] - tight[:, 4]], axis=1)
        return np.concatenate([*blocks, hidden], axis=1)
