"""pymatgen's CIF parser, asked where the first reader failed or contradicts the file's own formula."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import Crystal
from skcrystal.formats.formula import misfit

if TYPE_CHECKING:
    from skcrystal.formats.cif_block import ReadOptions

__all__ = ["read_with_pymatgen"]

# pymatgen compares all images of all atoms in Python: some seconds for this many, four times that for twice.
_MAX_CHARACTERS = 200_000
_MAX_IMAGES = 5_000

# What its parser lets through from a text that it does not expect.
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_with_pymatgen(
    text: str, formula: tuple[tuple[int, float], ...], n_images: int, limit: float, options: ReadOptions
) -> Crystal | None:
    """Read the first crystal of a CIF with pymatgen.

    Parameters
    ----------
    text : str
        A text of one data block.
    formula : tuple of (int, float)
        The stated formula. A crystal that contradicts it is not better than none, and without a formula
        there is nothing to decide by.
    n_images : int
        Atoms times symmetry operations: the work to expect.
    limit : float
        Difference in an atomic fraction up to which the crystal agrees with the formula.
    options : ReadOptions

    Returns
    -------
    Crystal or None
        None if pymatgen fails too, or its crystal contradicts the formula.
    """
    if not formula or len(text) > _MAX_CHARACTERS or n_images > _MAX_IMAGES:
        return None
    from pymatgen.io.cif import CifParser

    with warnings.catch_warnings():
        # The caller tells the user that pymatgen was asked.
        warnings.simplefilter("ignore")
        try:
            parser = CifParser.from_str(text, occupancy_tolerance=1 + options.occupancy_tolerance)
            structures = parser.parse_structures(primitive=False, on_error="ignore")
        except _FAILURES:
            return None
    if not structures or len(structures[0]) > options.max_sites:
        return None
    structure = structures[0]
    species = [sorted(site.species.items(), key=str) for site in structure]
    flat = [(getattr(kind, "oxi_state", None), kind, amount) for site in species for kind, amount in site]
    numbers = np.array([kind.Z for _, kind, _ in flat], dtype=np.int64)
    amounts = np.array([amount for _, _, amount in flat], dtype=np.float64)
    if numbers.min() < 1 or numbers.max() > 118 or misfit(numbers, amounts, formula) > limit:
        return None
    return Crystal(
        np.array(structure.lattice.matrix),
        np.array(structure.frac_coords),
        np.concatenate([[0], np.cumsum([len(site) for site in species])]).astype(np.int64),
        numbers,
        amounts,
        np.array([np.nan if state is None else state for state, _, _ in flat], dtype=np.float64),
        options.source,
    )
