"""The space group found in a crystal: to check the one that a file declares, and to write with symmetry."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import Crystal
from skcrystal.crystals.symmetry import search
from skcrystal.formats.problems import Notes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Symmetrized", "check_space_group", "symmetrized"]


class Symmetrized(NamedTuple):
    """A crystal in the standard setting of its space group.

    Attributes
    ----------
    crystal : Crystal
        One site of each orbit.
    multiplicities : list of int
        Sites in the cell that each of them stands for.
    operations : list of str
        As in a CIF: ``x,y,z``.
    symbol, hall : str
        Hermann-Mauguin and Hall symbol; empty if not tabulated.
    number : int
    """

    crystal: Crystal
    multiplicities: list[int]
    operations: list[str]
    symbol: str
    hall: str
    number: int


def _site_kinds(crystal: Crystal, *, charges: bool) -> NDArray[np.int64]:
    """One integer per site, equal where the sites hold the same species and occupancies."""
    states = (
        np.nan_to_num(crystal.oxidation_states, nan=99.0) if charges else np.zeros(len(crystal.occupancies))
    )
    columns = crystal.atomic_numbers.tolist(), crystal.occupancies.round(4).tolist(), states.tolist()
    content = list(zip(*columns, strict=True))
    keys = [tuple(sorted(content[low:high])) for low, high in pairwise(crystal.species_offsets.tolist())]
    kinds = {key: i for i, key in enumerate(dict.fromkeys(keys), start=1)}
    return np.array([kinds[key] for key in keys], dtype=np.int64)


def _dataset(lattice: Any, coords: Any, kinds: Any, symprec: float) -> Any:
    """Search at a tolerance at which the search ends, which the cell bounds, in the standard setting."""
    import moyopy

    setting = moyopy.Setting.standard()
    return search(np.asarray(lattice), np.asarray(coords), np.asarray(kinds), symprec, setting=setting)


def check_space_group(
    crystal: Crystal, symbol: str, number: int, notes: Notes, *, symprec: float = 0.01
) -> None:
    """Note it where the space group found in a crystal is not the declared one.

    Parameters
    ----------
    crystal : Crystal
    symbol : str
        Declared Hermann-Mauguin symbol, used where no number is declared; may be empty.
    number : int
        Declared number, 0 if none.
    notes : Notes
    symprec : float, default=0.01
        In angstrom, for moyopy's search.
    """
    import gemmi

    if not number and symbol:
        group = gemmi.find_spacegroup_by_name(symbol)
        number = 0 if group is None else group.number
    if not number:
        return
    try:
        kinds = _site_kinds(crystal, charges=False)
        found = _dataset(crystal.lattice, crystal.frac_coords, kinds, symprec).number
    except (ValueError, RuntimeError) as error:
        notes.tell("group_not_found", number=number, reason=error)
        return
    if found != number:
        notes.tell("group_differs", number=number, found=found, symprec=symprec)


def symmetrized(crystal: Crystal, symprec: float) -> Symmetrized:
    """Bring a crystal into the standard setting of the space group found in it.

    Parameters
    ----------
    crystal : Crystal
    symprec : float
        In angstrom; lowered where the cell is so small that a search at it may not end. Positions and cell
        are made exact for the group found within it.

    Raises
    ------
    CrystalError
        If no symmetry can be found.
    """
    import gemmi

    kinds = _site_kinds(crystal, charges=True)
    try:
        cell = _dataset(crystal.lattice, crystal.frac_coords, kinds, symprec).std_cell
        # In the standard cell positions are exact, so a tight tolerance finds the same group again.
        dataset = _dataset(cell.basis, cell.positions, cell.numbers, min(symprec, 1e-3))
    except (ValueError, RuntimeError) as error:
        raise Notes(crystal.source).error(
            f"no symmetry was found within symprec={symprec:g} angstrom ({error}); write without symmetry."
        ) from None
    orbits = np.array(dataset.orbits)
    first, multiplicities = np.unique(orbits, return_counts=True)
    examples = {kind: site for site, kind in reversed(list(enumerate(kinds.tolist())))}
    sources = [examples[cell.numbers[site]] for site in first.tolist()]
    spans = [np.arange(*crystal.species_offsets[site : site + 2]) for site in sources]
    species = np.concatenate(spans)
    part = Crystal(
        np.array(cell.basis),
        np.array(cell.positions)[first],
        np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64),
        crystal.atomic_numbers[species],
        crystal.occupancies[species],
        crystal.oxidation_states[species],
        crystal.source,
    )
    ops = []
    for rotation, translation in zip(
        dataset.operations.rotations, dataset.operations.translations, strict=True
    ):
        op = gemmi.Op()
        op.rot = [[int(value) * op.DEN for value in row] for row in rotation]
        op.tran = [round(float(value) * op.DEN) for value in translation]
        ops.append(op.wrap())
    group = gemmi.find_spacegroup_by_ops(gemmi.GroupOps(ops))
    return Symmetrized(
        part,
        multiplicities.tolist(),
        [op.triplet() for op in ops],
        group.xhm() if group else "",
        group.hall if group else "",
        dataset.number,
    )
