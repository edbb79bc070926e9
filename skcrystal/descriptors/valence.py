"""Valence electrons of the atoms, and where their orbitals put the band edges."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.free_atoms import orbitals
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column, fate_of_unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["ValenceElectrons"]

KINDS = "spdf"

# Electrons per atom left after filling: less is rounding.
FILLED = 1e-9


def edge_orbitals(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pour the electrons of the neutral atoms into all their orbitals, from the lowest up.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, 119)

    Returns
    -------
    ndarray of shape (n_crystals, 2)
        Energy, in eV, of the highest orbital that holds electrons, and of the lowest that has room. Where
        every orbital is full, the second is 0, the energy of a free electron.
    """
    from skcrystal.kernels.edge_orbitals import pour_electrons

    table = orbitals()
    crystals, numbers = np.nonzero(amounts)
    starts = np.searchsorted(crystals, np.arange(len(amounts) + 1))
    found = amounts[crystals, numbers]
    shares = found / np.add.reduceat(found, starts[:-1])[crystals]
    edges = pour_electrons(starts, numbers, shares, table.energies, table.capacities, table.electrons, FILLED)
    edges[:, 1] = np.where(np.isfinite(edges[:, 1]), edges[:, 1], 0.0)
    return edges


@cache
def element_values() -> NDArray[np.float64]:
    """Return what is averaged over the atoms, a row for each element.

    Electrons by kind, s, p and d electrons times the energy of their outermost orbital, free places by kind,
    and the electronegativity of Mulliken.
    """
    counts = elements.filled_table([f"{kind}_valence_electrons" for kind in KINDS])
    holes = elements.filled_table([f"{kind}_unfilled" for kind in KINDS])
    mulliken = elements.filled_table(["ionization_energy", "electron_affinity"]).mean(axis=1, keepdims=True)
    energies = np.nan_to_num(orbitals().outermost[:, :3])
    # Row 0 is no element and holds NaN, which would spread through the products.
    return np.concatenate([counts, counts[:, :3] * energies, holes, mulliken], axis=1)[1:]


class ValenceElectrons(Descriptor):
    """Mean numbers of s, p, d and f valence electrons per atom, and orbital energies in eV.

    With the share w of each element among the atoms (occupancies counted) and its n_l electrons outside the
    noble-gas core in orbitals of kind l = s, p, d, f:

    - ``mean_s_electrons`` and so on: N_l = sum of w n_l; ``mean_electrons`` is their sum N
    - ``s_electron_fraction`` and so on: N_l / N
    - ``mean_s_holes`` and so on: sum of w times the free places in the partly filled subshell
    - ``mean_s_energy``, ``mean_p_energy``, ``mean_d_energy``: energy of the neutral atoms' outermost orbital
      of this kind, weighted by w n_l; 0 where no atom has such an electron
    - ``highest_occupied_energy``, ``lowest_unoccupied_energy``: the electrons of the neutral atoms fill
      all their orbitals from the lowest up, as if there were no bonds; the last orbital with electrons and
      the first with room are proxies of the valence and the conduction edge
    - ``orbital_gap``: their difference; 0 where one orbital is partly filled
    - ``mean_mulliken_electronegativity``: sum of w (ionization energy + electron affinity) / 2

    Orbital energies are those of the local density approximation; elements beyond uranium take uranium's.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    References
    ----------
    Ward et al., npj Comput. Mater. 2 (2016) 16028, doi 10.1038/npjcompumats.2016.28, for valence electron
    shares; Kotochigova et al., Phys. Rev. A 55 (1997) 191, doi 10.1103/PhysRevA.55.191, for the orbital
    energies.

    Examples
    --------
    Silicon carbide has 2 s and 2 p electrons on either atom. Four p electrons fill carbon's lower 2p
    orbital in part:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import ValenceElectrons
    >>> sic = Crystal.ordered(4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
    >>> valence = ValenceElectrons()
    >>> row = dict(zip(valence.get_feature_names_out(), valence.transform([sic])[0].round(2).tolist()))
    >>> row["mean_electrons"], row["s_electron_fraction"], row["mean_p_holes"]
    (4.0, 0.5, 4.0)
    >>> row["highest_occupied_energy"], row["orbital_gap"]
    (-5.42, 0.0)
    """

    needs_positions = False
    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
        note="the edge orbitals jump with the composition, never with positions",
    )

    def __init__(self) -> None:
        pass

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        eV, of_all = "eV", "electrons outside the noble-gas core; mean over the atoms"
        return [
            *(Column.of(f"mean_{kind}_electrons", "1", f"{kind} {of_all}") for kind in KINDS),
            Column.of("mean_electrons", "1", of_all),
            *(
                Column.of(f"{kind}_electron_fraction", "1", f"share of the valence electrons that are {kind}")
                for kind in KINDS
            ),
            *(
                Column.of(
                    f"mean_{kind}_holes",
                    "1",
                    f"free places in partly filled {kind} subshells; mean over the atoms",
                )
                for kind in KINDS
            ),
            *(
                Column.of(
                    f"mean_{kind}_energy",
                    eV,
                    f"energy of the free atoms' outermost {kind} orbitals; mean over their electrons",
                    f"0 without {kind} electrons",
                )
                for kind in KINDS[:3]
            ),
            Column.of("highest_occupied_energy", eV, "highest orbital of the free atoms with an electron"),
            Column.of(
                "lowest_unoccupied_energy",
                eV,
                "lowest orbital of the free atoms with room",
                "0, a free electron's energy, where all orbitals are full",
            ),
            Column.of(
                "orbital_gap", eV, "lowest unoccupied minus highest occupied orbital of the free atoms"
            ),
            Column.of(
                "mean_mulliken_electronegativity",
                eV,
                "half of ionization energy plus electron affinity; mean over the atoms",
                fate_of_unknown("electron_affinity"),
            ),
        ]

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return electron counts and orbital energies of each crystal."""
        if not len(crystals):
            return np.zeros((0, len(self.describe_columns())))
        amounts = crystals.element_amounts
        shares = amounts / amounts.sum(axis=1, keepdims=True)
        # einsum, not @: rows of a matrix product depend, in the last digit, on how many there are.
        sums = np.einsum("ij,jk->ik", shares[:, 1:], element_values())
        electrons, weighted, rest = sums[:, :4], sums[:, 4:7], sums[:, 7:]
        total = electrons.sum(axis=1, keepdims=True)
        held = electrons[:, :3]
        means = np.where(held > 0, weighted / np.where(held > 0, held, 1.0), 0.0)
        edges = edge_orbitals(amounts)
        gaps = edges[:, 1:] - edges[:, :1]
        return np.concatenate(
            [electrons, total, electrons / total, rest[:, :4], means, edges, gaps, rest[:, 4:]], axis=1
        )
