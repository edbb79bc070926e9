"""Structure types: space group, Wyckoff positions and anonymous formula as one label."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.symmetry import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrystal.crystals.batch import Crystals

__all__ = ["protostructures"]


def protostructures(crystals: Crystals, symprec: float = 0.01) -> list[str]:
    """Return the label of the structure type of each crystal: ``AB_cF8_225_a_b`` for rock salt.

    Its parts are the anonymous formula, the Pearson symbol, the number of the space group, and the Wyckoff
    letters of each kind of site, with their number where there are several. Letters that depend on the choice
    of the origin or the axes are those which come first in the alphabet, of all that the Euclidean normalizer
    of the space group allows: the label belongs to the crystal.

    Sites are of one kind where they hold the same elements at the same occupancies.

    Parameters
    ----------
    crystals : Crystals
    symprec : float, default=0.01
        Tolerance on positions, in angstrom.

    Returns
    -------
    list of n_crystals str
        Where the search for symmetry fails, the label is that of the crystal in P1.

    References
    ----------
    Mehl et al., Comput. Mater. Sci. 136 (2017) S1, doi 10.1016/j.commatsci.2017.01.017, for labels of this
    form.
    """
    labels = []
    bounds, kinds, tolerances = (
        crystals.site_offsets.tolist(),
        crystals.site_kinds,
        crystals.symmetry(symprec),
    )
    for i, tolerance in enumerate(tolerances.symprecs.tolist()):
        sites = slice(bounds[i], bounds[i + 1])
        if np.isnan(tolerance):
            counts = sorted(np.unique(kinds[sites], return_counts=True)[1].tolist())
            total = sum(counts)
            labels.append(_label(f"aP{total}", 1, [(count, _letters({"a": count})) for count in counts]))
            continue
        dataset = search(crystals.lattices[i], crystals.frac_coords[sites], kinds[sites], tolerance)
        labels.append(_of_dataset(dataset))
    return labels


def _of_dataset(dataset: Any) -> str:
    numbers = dataset.std_cell.numbers
    choices = [sequence for _, sequence in dataset.normalizer_wyckoff_positions().coset_representatives]
    return min(
        _label(dataset.pearson_symbol, dataset.number, _of_kinds(numbers, sequence)) for sequence in choices
    )


def _of_kinds(numbers: Sequence[int], positions: Sequence[Any]) -> list[tuple[int, str]]:
    """Return the number of sites and the letters of each kind, in an order that names none."""
    found: dict[int, dict[str, int]] = {}
    sizes = {position.letter: position.multiplicity for position in positions}
    for number, position in zip(numbers, positions, strict=True):
        letters = found.setdefault(number, {})
        letters[position.letter] = letters.get(position.letter, 0) + 1
    kinds = [
        (sum(letters.values()), _letters({letter: n // sizes[letter] for letter, n in letters.items()}))
        for letters in found.values()
    ]
    return sorted(kinds)


def _letters(orbits: dict[str, int]) -> str:
    """Write Wyckoff letters with their numbers of orbits: ``a2b`` for one on a and two on b."""
    # The letter of the general position of Pmmm is a capital A behind z.
    order = sorted(orbits, key=lambda letter: (letter.isupper(), letter))
    return "".join(f"{orbits[letter] if orbits[letter] > 1 else ''}{letter}" for letter in order)


def _label(pearson: str, number: int, kinds: list[tuple[int, str]]) -> str:
    divisor = gcd(*(count for count, _ in kinds))
    names = [chr(ord("A") + k) if k < 26 else f"A{k}" for k in range(len(kinds))]
    formula = "".join(
        f"{name}{count // divisor if count > divisor else ''}"
        for name, (count, _) in zip(names, kinds, strict=True)
    )
    return "_".join([formula, pearson, str(number), *(letters for _, letters in kinds)])
