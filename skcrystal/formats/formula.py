"""The chemical formula that a file states, to hold the crystal read from it against."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.elements import filled_table, symbols
from skcrystal.formats.species import element_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["atomic_masses", "formula_amounts", "formula_mass", "formula_text", "misfit"]

_PART = re.compile(r"([A-Z][a-z]?)(\d+\.?\d*|\.\d+)?(?:\(\d+\))?")


@lru_cache(maxsize=4096)
def formula_amounts(formula: str) -> tuple[tuple[int, float], ...]:
    """Read ``_chemical_formula_sum``: elements and amounts, as (atomic number, amount) pairs.

    Deuterium and tritium count as hydrogen. Empty where the text is no plain sum formula.

    Examples
    --------
    >>> formula_amounts("Sr Ti O3")
    ((8, 3.0), (22, 1.0), (38, 1.0))
    """
    numbers = element_numbers()
    amounts: dict[int, float] = {}
    text = formula.replace(" ", "").replace("~", "").replace("\n", "").replace("*", "")
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None or match[1] not in numbers:
            return ()
        number = numbers[match[1]]
        amounts[number] = amounts.get(number, 0.0) + float(match[2] or 1)
        position = match.end()
    return tuple(sorted((number, amount) for number, amount in amounts.items() if amount > 0))


def formula_mass(amounts: tuple[tuple[int, float], ...]) -> float:
    """Return the mass of what :func:`formula_amounts` gives, in dalton; 0 for nothing."""
    masses = atomic_masses()
    return float(sum(amount * masses[number] for number, amount in amounts))


@cache
def atomic_masses() -> NDArray[np.float64]:
    """Return the masses by atomic number, in dalton."""
    return filled_table(["atomic_mass"])[:, 0]


def misfit(
    atomic_numbers: NDArray[np.int64], amounts: NDArray[np.float64], formula: tuple[tuple[int, float], ...]
) -> float:
    """Largest difference between the atomic fractions of a crystal and of a formula; 0 if they agree.

    Parameters
    ----------
    atomic_numbers, amounts : ndarray of shape (n_species,)
        The species of the crystal with their occupancies.
    formula : tuple of (int, float)
        From :func:`formula_amounts`.
    """
    found = np.bincount(atomic_numbers, weights=amounts, minlength=119)[:119]
    stated = np.zeros(119)
    for number, amount in formula:
        stated[number] = amount
    return float(np.abs(found / found.sum() - stated / stated.sum()).max())


def formula_text(atomic_numbers: NDArray[np.int64], amounts: NDArray[np.float64]) -> str:
    """Write the content of a cell as a sum formula, elements by atomic number."""
    found = np.bincount(atomic_numbers, weights=amounts)
    return " ".join(f"{symbols()[z]}{found[z]:.6g}" for z in np.flatnonzero(found).tolist())
