"""The space group of a crystal, one column for each of the 230."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from skcrystal.descriptors.base import SYMPREC, Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["SpaceGroupOneHot"]


@cache
def space_group_symbols() -> tuple[str, ...]:
    """Return the Hermann-Mauguin symbols of the groups 1 to 230, in the standard settings."""
    import gemmi

    return tuple(gemmi.find_spacegroup_by_number(number).hm for number in range(1, 231))


class SpaceGroupOneHot(Descriptor):
    """One where the crystal's space group is that of the column, else zero; 230 columns.

    The space group is that of the structure as moyo finds it, not the one that a file declares. The
    columns are fixed, so that nothing is learned from a training set.

    Invariant to origin, rotation, permutation, supercell and choice of cell. Not invariant to reflection: the
    mirror image of a crystal in one of the eleven enantiomorphic pairs of groups, such as P 31 and P 32, is
    in the other one. Not continuous: a symmetry holds or does not.

    Parameters
    ----------
    symprec : float, default=0.01
        Tolerance on positions, in angstrom, at most 0.2. A smaller one sees smaller distortions; a larger
        one forgives less precise files. Near the tolerance a distortion decides the answer.
    sparse_output : bool, default=False
        Whether to return a ``scipy.sparse.csr_array``.

    References
    ----------
    moyo, https://github.com/spglib/moyo, for the search.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import SpaceGroupOneHot
    >>> caesium_chloride = Crystal.ordered(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> one_hot = SpaceGroupOneHot()
    >>> row = one_hot.transform([caesium_chloride])[0]
    >>> one_hot.get_feature_names_out()[row == 1]
    array(['space_group_221'], dtype=object)
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=False,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="a symmetry holds within symprec or does not; mirror images of the eleven enantiomorphic pairs, "
        "such as P 31 and P 32, have different numbers",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "symprec": SYMPREC,
        "sparse_output": ["boolean"],
    }

    def __init__(self, *, symprec: float = 0.01, sparse_output: bool = False) -> None:
        self.symprec = symprec
        self.sparse_output = sparse_output

    def describe_columns(self) -> list[Column]:
        """Describe ``space_group_1`` to ``space_group_230``."""
        return [
            Column.of(f"space_group_{number}", "1", f"1 where the space group is number {number}, {symbol}")
            for number, symbol in enumerate(space_group_symbols(), start=1)
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return the one-hot rows of a batch."""
        columns = crystals.symmetry(self.symprec).numbers - 1
        n = len(crystals)
        if self.sparse_output:
            # Indices of 32 bits: scikit-learn's trees take no others.
            indices, starts = columns.astype(np.int32), np.arange(n + 1, dtype=np.int32)
            return csr_array((np.ones(n), indices, starts), shape=(n, 230))
        rows = np.zeros((n, 230))
        rows[np.arange(n), columns] = 1.0
        return rows
