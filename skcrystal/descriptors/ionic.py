"""What an ionic picture says of a composition: charges, electronegativities, d and f electrons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.free_atoms import ionization_energies
from skcrystal.chemistry.oxidation import assign_oxidation_states
from skcrystal.crystals import Crystals
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.chemistry.oxidation import IonicComposition
    from skcrystal.crystals import Compositions

__all__ = ["IonicStats"]

# A mean charge below this is none.
UNCHARGED = 1e-6

NO_CATION, NO_ANION, NOT_BOTH = "0 without cations", "0 without anions", "0 without cations or anions"
CHARGE, OF_ATOMS = "elementary charge", "mean over the atoms"
CHI = "electronegativity on Pauling's scale"
FIRST = "first ionization energy of the anions' elements, a proxy of the valence edge"
TAKEN = "energy set free when a cation takes up an electron, a proxy of the conduction edge"
FOLLOWING = "energy that takes one more electron from a cation"
COLUMNS = (
    Column.of("residual_charge", CHARGE, "charge per atom that no tabulated oxidation state balances"),
    Column.of("oxidation_state_cost", "1", f"-ln of the share of an oxidation state in the ICSD; {OF_ATOMS}"),
    Column.of(
        "oxidation_state_slope", "1", "cost of the last unit of charge that was moved for balance, signed"
    ),
    Column.of("cation_fraction", "1", "share of the atoms that are cations"),
    Column.of("anion_fraction", "1", "share of the atoms that are anions"),
    Column.of("mean_cation_charge", CHARGE, "charge of the cations; mean over them", NO_CATION),
    Column.of("max_cation_charge", CHARGE, "charge of the cations; largest", NO_CATION),
    Column.of("min_cation_charge", CHARGE, "charge of the cations; smallest", NO_CATION),
    Column.of("mean_anion_charge", CHARGE, "charge of the anions, negative; mean over them", NO_ANION),
    Column.of("min_anion_charge", CHARGE, "charge of the anions, negative; lowest", NO_ANION),
    Column.of("rms_charge", CHARGE, "charge; root mean square over the atoms"),
    Column.of("mean_abs_charge", CHARGE, f"size of the charge; {OF_ATOMS}"),
    Column.of("mixed_valence", CHARGE, f"distance of a charge to the nearest whole number; {OF_ATOMS}"),
    Column.of("mean_cation_electronegativity", "Pauling", f"{CHI}; mean over the cations", NO_CATION),
    Column.of("mean_anion_electronegativity", "Pauling", f"{CHI}; mean over the anions", NO_ANION),
    Column.of("mean_electronegativity_gap", "Pauling", f"{CHI}; anions' mean minus cations'", NOT_BOTH),
    Column.of(
        "min_electronegativity_gap",
        "Pauling",
        f"{CHI}; least electronegative anion minus most electronegative cation",
        NOT_BOTH,
    ),
    Column.of("mean_ion_d_electrons", "1", f"d electrons of the ions; {OF_ATOMS}"),
    Column.of("max_ion_d_electrons", "1", "d electrons of the ions; most of all elements"),
    Column.of("open_shell_d_electrons", "1", f"d electrons or holes, whichever are fewer; {OF_ATOMS}"),
    Column.of("d0_fraction", "1", "share of the atoms that are d-block ions with an empty d shell"),
    Column.of("d10_fraction", "1", "share of the atoms that are d-block ions with a full d shell"),
    Column.of("mean_ion_f_electrons", "1", f"f electrons of the ions; {OF_ATOMS}"),
    Column.of("open_shell_f_electrons", "1", f"f electrons or holes, whichever are fewer; {OF_ATOMS}"),
    Column.of("lone_pair_fraction", "1", "share of the atoms that are s2 cations, such as Pb2+"),
    Column.of("anion_holes", "1", f"electrons that the anions lack to a noble-gas shell; {OF_ATOMS}"),
    Column.of("mean_anion_ionization_energy", "eV", f"{FIRST}; mean over the anions", NO_ANION),
    Column.of("min_anion_ionization_energy", "eV", f"{FIRST}; smallest", NO_ANION),
    Column.of(
        "mean_anion_electron_affinity",
        "eV",
        "energy set free when the anions' free atoms take up an electron; mean over the anions",
        NO_ANION,
    ),
    Column.of("mean_cation_electron_affinity", "eV", f"{TAKEN}; mean over the cations", NO_CATION),
    Column.of("max_cation_electron_affinity", "eV", f"{TAKEN}; largest", NO_CATION),
    Column.of("min_cation_electron_affinity", "eV", f"{TAKEN}; smallest", NO_CATION),
    Column.of("mean_cation_ionization_energy", "eV", f"{FOLLOWING}; mean over the cations", NO_CATION),
    Column.of("min_cation_ionization_energy", "eV", f"{FOLLOWING}; smallest", NO_CATION),
    Column.of(
        "ionic_gap",
        "eV",
        "smallest ionization energy of the anions minus largest electron affinity of the cations",
        NOT_BOTH,
    ),
    Column.of("mean_cation_radius", "angstrom", "average ionic radius; mean over the cations", NO_CATION),
    Column.of("mean_anion_radius", "angstrom", "average ionic radius; mean over the anions", NO_ANION),
    Column.of("radius_ratio", "1", "mean radius of the cations over that of the anions", NOT_BOTH),
    Column.of(
        "electron_parity",
        "1",
        "1 for an odd number of electrons in the reduced formula, else 0",
        "0.5 under disorder",
    ),
)


def d_electrons(numbers: NDArray[np.int64], charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """d electrons of the ions of groups 3 to 12, f block excluded: group minus charge; 0 for others."""
    group = elements.property_table(["group"])[numbers, 0]
    return np.where(is_d_block(numbers), np.minimum(np.maximum(group - charges, 0), 10), 0.0)


def f_electrons(numbers: NDArray[np.int64], charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """f electrons of lanthanide and actinide ions: Z - 54 or Z - 86, minus the charge; 0 for others."""
    outside_core = numbers - np.where(numbers <= 71, 54, 86)
    return np.where(is_f_block(numbers), np.minimum(np.maximum(outside_core - charges, 0), 14), 0.0)


def is_f_block(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which atomic numbers are lanthanides (La to Lu) or actinides (Ac to Lr)."""
    return ((numbers >= 57) & (numbers <= 71)) | ((numbers >= 89) & (numbers <= 103))


def is_d_block(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which atomic numbers are in groups 3 to 12 and not in the f block."""
    group = elements.property_table(["group"])[numbers, 0]
    return (group >= 3) & (group <= 12) & ~is_f_block(numbers)


def lone_pairs(numbers: NDArray[np.int64], charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for an s2 cation of groups 13 to 16 from the fourth row on (Tl+, Sn2+, Bi3+), falling to 0 for s1."""
    group, row = elements.property_table(["group", "row"])[numbers].T
    heavy = (group >= 13) & (group <= 16) & (row >= 4) & (charges > UNCHARGED)
    return np.where(heavy, np.clip(1 - np.abs(group - 12 - charges), 0, 1), 0.0)


def anion_holes(numbers: NDArray[np.int64], charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Electrons that an anion of groups 14 to 17, or H-, lacks to the next noble gas; 0 for others."""
    group = elements.property_table(["group"])[numbers, 0]
    closed = np.where(numbers == 1, -1.0, group - 18)
    counts = (charges < -UNCHARGED) & ((numbers == 1) | ((group >= 14) & (group <= 17)))
    return np.where(counts, np.maximum(charges - closed, 0.0), 0.0)


def electron_parities(crystals: Crystals | Compositions) -> NDArray[np.float64]:
    """1 for an odd number of electrons in the reduced formula, 0 for an even one, 0.5 under disorder."""
    amounts = np.rint(crystals.element_amounts).astype(np.int64)
    reduced = amounts // np.gcd.reduce(amounts, axis=1)[:, None].clip(1)
    parities = (reduced @ np.arange(119) % 2).astype(np.float64)
    return np.where(crystals.whole, parities, 0.5)


class _Ions:
    """Statistics over the elements of each crystal, all of them or only cations or anions.

    What is to be summed, and what the largest is to be found of, is given in rows, all at once: of one
    crystal, a call of numpy costs far more than its arithmetic.
    """

    def __init__(self, ions: IonicComposition) -> None:
        self.ions = ions
        self.cation, self.anion = ions.states > UNCHARGED, ions.states < -UNCHARGED

    def totals(self, rows: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
        """Return the sums over the atoms of each crystal, a row for each of those given."""
        weighted = self.ions.shares * np.array(rows, dtype=np.float64)
        return np.add.reduceat(weighted, self.ions.starts, axis=1)

    def largest(
        self, rows: Sequence[NDArray[Any]], which: Sequence[NDArray[np.bool_]]
    ) -> NDArray[np.float64]:
        """Return the largest values among elements of a kind, each row's own; 0 where there is none."""
        known = np.where(np.array(which), np.array(rows), -np.inf)
        found = np.maximum.reduceat(known, self.ions.starts, axis=1)
        return np.where(np.isfinite(found), found, 0.0)


def ion_columns(stats: _Ions) -> dict[str, NDArray[np.float64]]:
    """Return what the ions of each crystal are: charges, shells, energies in eV, radii."""
    ions, cation, anion = stats.ions, stats.cation, stats.anion
    numbers, charges = ions.atomic_numbers, ions.states
    chi, affinity, radius = elements.filled_table(
        ["electronegativity", "electron_affinity", "average_ionic_radius"]
    )[numbers].T
    ionization = ionization_energies()
    first = ionization[numbers, 0]
    steps = np.clip(np.rint(charges), 1, ionization.shape[1] - 1).astype(np.int64)
    taken, following = ionization[numbers, steps - 1], ionization[numbers, steps]
    d, f, has_d = d_electrons(numbers, charges), f_electrons(numbers, charges), is_d_block(numbers)

    of_cations = [charges, chi, taken, following, radius]
    of_anions = [charges, chi, first, affinity, radius]
    sums = stats.totals(
        [
            cation,
            anion,
            charges**2,
            np.abs(charges),
            np.abs(charges - np.rint(charges)),
            d,
            np.minimum(d, 10 - d),
            has_d & (d < 0.5),
            has_d & (d > 9.5),
            f,
            np.minimum(f, 14 - f),
            lone_pairs(numbers, charges),
            anion_holes(numbers, charges),
            *np.where(cation, of_cations, 0.0),
            *np.where(anion, of_anions, 0.0),
        ]
    )
    cation_fraction, anion_fraction = sums[:2]
    cation_means = sums[13:18] / np.where(cation_fraction > 0, cation_fraction, 1.0)
    anion_means = sums[18:] / np.where(anion_fraction > 0, anion_fraction, 1.0)
    everything = np.ones(len(numbers), dtype=bool)
    # The smallest is what is largest with the other sign.
    largest = stats.largest(
        [d, charges, chi, taken, -charges, -taken, -following, -charges, -chi, -first],
        [everything, *6 * [cation], *3 * [anion]],
    )
    conduction_edge = largest[3]
    least_charge, least_taken, least_following, lowest_charge, least_chi, valence_edge = -largest[4:]
    both = (cation_fraction > 0) & (anion_fraction > 0)
    has_both = (valence_edge > 0) & (conduction_edge > 0)
    return {
        "residual_charge": ions.residuals,
        "oxidation_state_cost": ions.costs,
        "oxidation_state_slope": ions.slopes,
        "cation_fraction": cation_fraction,
        "anion_fraction": anion_fraction,
        "mean_cation_charge": cation_means[0],
        "max_cation_charge": largest[1],
        "min_cation_charge": least_charge,
        "mean_anion_charge": anion_means[0],
        "min_anion_charge": lowest_charge,
        "rms_charge": np.sqrt(sums[2]),
        "mean_abs_charge": sums[3],
        "mixed_valence": sums[4],
        "mean_cation_electronegativity": cation_means[1],
        "mean_anion_electronegativity": anion_means[1],
        "mean_electronegativity_gap": np.where(both, anion_means[1] - cation_means[1], 0.0),
        "min_electronegativity_gap": np.where(both, least_chi - largest[2], 0.0),
        "mean_ion_d_electrons": sums[5],
        "max_ion_d_electrons": largest[0],
        "open_shell_d_electrons": sums[6],
        "d0_fraction": sums[7],
        "d10_fraction": sums[8],
        "mean_ion_f_electrons": sums[9],
        "open_shell_f_electrons": sums[10],
        "lone_pair_fraction": sums[11],
        "anion_holes": sums[12],
        "mean_anion_ionization_energy": anion_means[2],
        "min_anion_ionization_energy": valence_edge,
        "mean_anion_electron_affinity": anion_means[3],
        "mean_cation_electron_affinity": cation_means[2],
        "max_cation_electron_affinity": conduction_edge,
        "min_cation_electron_affinity": least_taken,
        "mean_cation_ionization_energy": cation_means[3],
        "min_cation_ionization_energy": least_following,
        "ionic_gap": np.where(has_both, valence_edge - conduction_edge, 0.0),
        "mean_cation_radius": cation_means[4],
        "mean_anion_radius": anion_means[4],
        "radius_ratio": np.where(has_both, cation_means[4] / np.where(has_both, anion_means[4], 1.0), 0.0),
    }


class IonicStats(Descriptor):
    """Charges of the ions and what follows from them, from the composition alone.

    Each element gets the likeliest oxidation states that balance the charge
    (:func:`skcrystal.chemistry.oxidation.assign_oxidation_states`; mixed valence gives fractional states).
    Cations are the elements of positive, anions those of negative charge; means are weighted by amount; where
    there is no cation or no anion, a column that speaks of them is 0. In elementary charges, unless a unit is
    given:

    - ``residual_charge``: charge per atom that no tabulated state balances; ``oxidation_state_cost``: mean
      -ln p of the states per atom, p being their share among ICSD structures; ``oxidation_state_slope``:
      cost of the last unit of charge moved for balance, negative for electrons added
    - ``cation_fraction``, ``anion_fraction``: shares of the atoms; means, extremes and root mean square of
      the charges; ``mixed_valence``: mean distance of a charge to the nearest whole number
    - ``..._electronegativity`` (Pauling) of cations and anions; ``..._gap``: means' difference, and least
      electronegative anion minus most electronegative cation
    - ``..._ion_d_electrons``: per atom, and largest; ``open_shell_d_electrons``: electrons or holes,
      whichever are fewer, per atom; ``d0_fraction``, ``d10_fraction``: shares of ions with an empty or a
      full d shell; the same of f electrons; ``lone_pair_fraction``: share of s2 cations such as Pb2+
    - ``anion_holes``: electrons per atom that the anions lack to a noble-gas shell: of a peroxide, whose
      atoms pair them up, or of a metal such as CsNaF3
    - ``..._anion_ionization_energy`` (eV): first ionization energy of the anions' elements, a proxy of the
      valence edge; ``..._cation_electron_affinity`` (eV): the cation's, which is the q-th ionization
      energy of its element, a proxy of the conduction edge; ``..._cation_ionization_energy`` (eV): the
      next, (q+1)-th; ``ionic_gap`` (eV): smallest anion ionization energy minus largest cation affinity
    - ``..._radius`` (angstrom): average ionic radius; ``radius_ratio``: cations' over anions'
    - ``electron_parity``: 1 for an odd number of electrons in the reduced formula, else 0; 0.5 for a
      crystal with partial occupancies

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals. Oxidation states that a file declares are not read.

    References
    ----------
    Waroquiers et al., Chem. Mater. 29 (2017) 8346, doi 10.1021/acs.chemmater.7b02766, for statistics of
    oxidation states in the ICSD; Ward et al., npj Comput. Mater. 2 (2016) 16028,
    doi 10.1038/npjcompumats.2016.28, for ionic statistics as descriptors.

    Examples
    --------
    Rock salt is Na+ and Cl-:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import IonicStats
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> stats = IonicStats()
    >>> row = dict(zip(stats.get_feature_names_out(), stats.transform([rock_salt])[0].round(2).tolist()))
    >>> row["mean_cation_charge"], row["mean_anion_charge"], row["mean_electronegativity_gap"]
    (1.0, -1.0, 2.23)
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
        note="extremes, fractions and electron_parity jump with the composition, never with positions",
    )

    schema_version = 2

    def __init__(self) -> None:
        pass

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        return list(COLUMNS)

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return the ionic statistics of each crystal."""
        if not len(crystals):
            return np.zeros((0, len(COLUMNS)))
        # Those of crystals hang on the batch, where bonds and electrostatics find them again.
        ions = crystals.ions if isinstance(crystals, Crystals) else None
        stats = _Ions(ions or assign_oxidation_states(crystals.element_amounts))
        columns = {**ion_columns(stats), "electron_parity": electron_parities(crystals)}
        return np.array([columns[column.name] for column in COLUMNS]).T.copy()
