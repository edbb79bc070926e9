"""What each oxidation state costs an element, by the company it keeps.

How often each state occurs stands in ``data/oxidation_states.csv``; which states the other elements of a
crystal rule out or make dear is chemistry, and stands here.
"""

from __future__ import annotations

import itertools
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.tables import table_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Company", "Modes", "Steps", "companies", "company_costs", "modes", "state_costs", "steps"]


# A state counts by the number of ICSD structures that hold it, plus these where a list names it: a common
# state that bond-valence statistics happen not to cover must not look forbidden.
LISTED_WEIGHTS = {"known": 0.2, "common": 5.0, "icsd": 1.0}

# A positive state that no list names and that fewer structures hold is an error of the statistics: Zn4+, La+.
FEWEST_STRUCTURES = 5

# Cost of staying uncharged, as -ln of a probability. Intermetallics have no balance to pay for. Beside
# oxygen, a halogen or a chalcogen, which take electrons, no atom is left uncharged while others pay; nor is a
# metal of groups 1 to 3 or of the f block, whatever takes its electrons (Zintl; Klemm).
NEUTRAL_COST = 4.0
NEUTRAL_SALT_COST = 20.0

# Beside oxygen, what a non-metal pays for each unit of charge below its group number. Reducing phosphate,
# sulfate, silicate, borate or carbonate takes potentials below those of Fe3+/Fe2+, V5+/V3+ or Sn4+/Sn2+: in
# acid -0.28 V for H3PO4/H3PO3, 0.16 for sulfate/sulfite, -0.9 for SiO2/Si and B(OH)3/B, -0.49 for CO2 and
# oxalate (Bratsch, J. Phys. Chem. Ref. Data 18 (1989) 1, doi 10.1063/1.555839), so that the metal is reduced
# first. At 0.94 V nitrate is as hard to keep as most metals' high states; selenate, tellurate, arsenate and
# the oxyanions of the halogens (0.56 V and more) have no such claim.
REDUCTION_COST = {5: 2.0, 6: 2.0, 7: 1.0, 14: 2.0, 15: 2.0, 16: 2.0, 32: 1.0}

# Beside oxygen, what P, S, As, Se and their like pay for a negative charge: oxygen takes electrons first.
OXIDISED_COST = 5.0

# What nitrogen pays for a positive charge beside four hydrogen atoms or more: they are an ammonium ion.
AMMONIUM_COST = 3.0

# Beside oxygen, hydrogen is bound to it as hydroxide or water: H- gives its electrons to whatever O holds.
HYDRIDE_COST = 10.0

# Atoms of one p-block element share one state, whose electrons are paired; different states side by side
# (ammonium nitrate) and bonds between like atoms (oxalate) are the exception; less so for metals with and
# without a lone pair (Pb3O4, BaBiO3).
MIXED_COST = 4.0
MIXED_METAL_COST = 2.0

# Rarer states than this (-ln of a hundredth) are reached by mixing only.
RAREST_STATE = 4.61

# The nitrogen of an azide, N3-, whose count among the ICSD's states no list gives: as rare as N2-. Beside
# oxygen it is reached by mixing.
AZIDE = (7, -1 / 3)
AZIDE_COST = 3.5

# The highest charge of late metals beside S, Se and Te: their d levels lie below the top of the anions' p
# band, which gives electrons until the anions pair up: pyrite is Fe2+ and (S2)2-. Rouxel, Chem. Eur. J. 2
# (1996) 1053, doi 10.1002/chem.19960020904; the states are those of the pyrites, thiospinels and
# chalcopyrites of Vaughan & Craig, Mineral Chemistry of Metal Sulfides (1978).
HIGHEST_IN_SULFIDES = {
    "Mn": 2,
    "Fe": 3,
    "Co": 3,
    "Ni": 2,
    "Cu": 1,
    "Ru": 2,
    "Rh": 3,
    "Pd": 2,
    "Os": 2,
    "Ir": 3,
}
BEYOND_COST = 5.0

OXYGEN, FLUORINE, HYDROGEN = 8, 9, 1
HALOGENS = (9, 17, 35, 53)
# Hydrogen atoms of an ammonium ion, less what is rounding.
FOUR = 4 - 1e-6
NITROGEN, SULFUR, SELENIUM, CARBON = 7, 16, 34, 6
CHALCOGENS = (16, 34, 52)

# Elements whose atoms share one state in a crystal: hydrogen and the p block but oxygen and fluorine.
PAIRED = (1, 5, 6, 7, *range(13, 18), *range(31, 36), *range(49, 54), *range(81, 84))

# The cations of Zintl phases: groups 1 and 2, Eu and Yb.
ZINTL_CATIONS = (3, 4, 11, 12, 19, 20, 37, 38, 55, 56, 87, 88, 63, 70)

# Elements of the p block that are anions beside the most electropositive metals only, as metals are: in Zintl
# phases. The silicides and germanides of d metals are alloys.
ZINTL_ANIONS = (13, 14, 31, 32, 49, 50, 81, 82, 83)

# Metals of the d block that are anions in salts, of caesium for example: Jansen, Chem. Soc. Rev. 37 (2008)
# 1826, doi 10.1039/b708844m.
METALLIC_ANIONS = (78, 79)

# Metals whose ions hold a lone pair or none.
LONE_PAIR_METALS = (31, 49, 50, 81, 82, 83)

# What oxygen binds to as the centre of an oxyanion.
CENTRES = (5, 6, 7, 14, 15, 16, 17, 32, 33, 34, 35, 52, 53)


class Company(IntEnum):
    """The other elements of a crystal, as far as they decide which states cost what.

    ZINTL is added where a metal of group 1 or 2, europium or ytterbium is present, AMMONIUM where there are
    four hydrogen atoms or more for each nitrogen atom.
    """

    ALLOY = 0
    SULFIDE = 1
    HALIDE = 2
    OXIDE = 3
    OXYFLUORIDE = 4
    ZINTL = 5
    AMMONIUM = 10


class Steps(NamedTuple):
    """From each element's cheapest state up (index 0) and down (1): slopes and widths of the segments.

    By company and atomic number.
    """

    states: NDArray[np.float64]
    costs: NDArray[np.float64]
    slopes: NDArray[np.float64]
    widths: NDArray[np.float64]


class Modes(NamedTuple):
    """States that all atoms of a non-metal may share, by company and atomic number, padded by NaN.

    The first mode of every element is not one state but the free choice along its steps.
    """

    counts: NDArray[np.int64]
    states: NDArray[np.float64]
    costs: NDArray[np.float64]


@cache
def state_costs() -> dict[int, dict[int, float]]:
    """Cost -ln p(state | element) of each tabulated oxidation state, by atomic number, whatever the company.

    Returns
    -------
    dict of int to dict of int to float

    Examples
    --------
    Sodium is nearly always 1+:

    >>> from skcrystal.chemistry.state_costs import state_costs
    >>> min(state_costs()[11], key=state_costs()[11].get)
    1
    """
    weights: dict[int, dict[int, float]] = {z: {} for z in range(1, 119)}
    for row in table_rows("oxidation_states.csv"):
        listed = sum(weight * int(row[name]) for name, weight in LISTED_WEIGHTS.items())
        if not listed and int(row["icsd_count"]) < FEWEST_STRUCTURES and int(row["state"]) > 0:
            continue
        weights[int(row["atomic_number"])][int(row["state"])] = int(row["icsd_count"]) + listed
    costs = {}
    for z, counts in weights.items():
        total = sum(counts.values())
        costs[z] = {state: float(-np.log(count / total)) for state, count in counts.items()}
        costs[z][0] = NEUTRAL_COST
    return costs


@cache
def electropositive() -> NDArray[np.bool_]:
    """Tell, by atomic number, which metals give their electrons to whatever takes them: groups 1 to 3, f."""
    group = elements.property_table(["group"])[:, 0]
    found: NDArray[np.bool_] = (group <= 3) & (np.arange(len(group)) != HYDROGEN)
    return found


@cache
def sorts_of_elements() -> NDArray[np.float64]:
    """Return 1 where an element, in rows, is of a sort that decides about companies, in columns.

    Oxygen, nitrogen, halogens, chalcogens, cations of Zintl phases, and all but oxygen and fluorine.
    """
    table = np.zeros((elements.MAX_ATOMIC_NUMBER + 1, 6))
    for sort, numbers in enumerate(((OXYGEN,), (NITROGEN,), HALOGENS, CHALCOGENS, ZINTL_CATIONS)):
        table[list(numbers), sort] = 1.0
    table[:, 5] = 1.0
    table[[OXYGEN, FLUORINE], 5] = 0.0
    return table


def companies(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tell the company of each composition.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, 119)

    Returns
    -------
    ndarray of shape (n_crystals,)
    """
    present = (amounts > 0).astype(np.float64)
    counts = present @ sorts_of_elements()
    oxygen, nitrogen, halogen, chalcogen, zintl = (counts[:, :5] > 0).T
    kind = np.where(chalcogen & ~nitrogen, Company.SULFIDE, Company.ALLOY)
    kind = np.where(halogen, Company.HALIDE, kind)
    kind = np.where(oxygen, np.where(counts[:, 5] > 0, Company.OXIDE, Company.OXYFLUORIDE), kind)
    ammonium = nitrogen & (amounts[:, HYDROGEN] >= FOUR * amounts[:, NITROGEN])
    return kind + Company.ZINTL * zintl + Company.AMMONIUM * ammonium


def company_costs(z: int, company: int, *, mixed: bool = False) -> dict[int, float]:
    """Cost of each state of an element in some company.

    Parameters
    ----------
    z : int
        Atomic number.
    company : int
        As :func:`companies` tells it.
    mixed : bool, default=False
        Whether atoms of the element in different states stand side by side.

    Returns
    -------
    dict of int to float
    """
    ammonium, zintl, kind = company // 10, company // 5 % 2, company % 5
    costs = dict(state_costs()[z])
    group = int(elements.property_table(["group"])[z, 0])
    is_metal = bool(elements.is_metal()[z]) or z in ZINTL_ANIONS
    if kind != Company.ALLOY or electropositive()[z]:
        costs[0] = NEUTRAL_SALT_COST
    if is_metal and (not zintl or (z not in ZINTL_ANIONS and z not in METALLIC_ANIONS)):
        # Metals are anions only beside the most electropositive ones, in Zintl phases and aurides.
        costs = {q: cost for q, cost in costs.items() if q >= 0}
    if z in (SULFUR, SELENIUM) and kind == Company.SULFIDE:
        # Nothing there takes electrons from them.
        costs = {q: cost for q, cost in costs.items() if q <= 0}
    if z == OXYGEN and kind != Company.OXYFLUORIDE:
        # Only fluorine takes electrons from oxygen.
        costs = {q: cost for q, cost in costs.items() if q <= 0}
    if kind == Company.OXIDE and z == HYDROGEN:
        costs[-1] += HYDRIDE_COST
    if kind == Company.OXIDE and z in CENTRES:
        for q in costs:
            if q > 0 or mixed:
                costs[q] += REDUCTION_COST.get(z, 0.0) * max(group - 10 - q, 0)
            elif q < 0 and z not in (NITROGEN, *HALOGENS):
                costs[q] += OXIDISED_COST
    if z == NITROGEN and ammonium:
        for q in costs:
            costs[q] += AMMONIUM_COST * (q > 0)
    if kind == Company.SULFIDE:
        highest = HIGHEST_IN_SULFIDES.get(elements.symbols()[z])
        if highest is not None:
            for q in costs:
                costs[q] += BEYOND_COST * max(q - highest, 0)
    return costs


def lower_hull(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the points that the lower convex hull of a plane set runs through, from left to right."""
    hull: list[tuple[int, float]] = []
    for x, y in sorted(points):
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2:]
            if (y1 - y0) * (x - x0) < (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    return hull


@cache
def steps() -> Steps:
    """Tabulate the hull of each element's costs as steps away from its cheapest state."""
    n = 2 * Company.AMMONIUM
    hulls = {
        (c, z): lower_hull(list(company_costs(z, c, mixed=True).items()))
        for c in range(n)
        for z in range(1, 119)
    }
    longest = max(map(len, hulls.values())) - 1
    states, costs = np.zeros((n, 119)), np.zeros((n, 119))
    # Segments that do not exist have no width, and come last.
    slopes, widths = np.full((n, 2, 119, longest), np.inf), np.zeros((n, 2, 119, longest))
    for (c, z), hull in hulls.items():
        cheapest = min(range(len(hull)), key=lambda i, hull=hull: hull[i][1])  # type: ignore[misc]
        states[c, z], costs[c, z] = hull[cheapest]
        if z in PAIRED:
            costs[c, z] += MIXED_METAL_COST if z in LONE_PAIR_METALS else MIXED_COST
        for way, vertices in enumerate((hull[cheapest:], hull[cheapest::-1])):
            for i, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(vertices)):
                widths[c, way, z, i] = abs(x1 - x0)
                slopes[c, way, z, i] = (y1 - y0) / abs(x1 - x0)
    return Steps(states, costs, slopes, widths)


@cache
def modes() -> Modes:
    """Tabulate the states that all atoms of a non-metal may share."""
    n = 2 * Company.AMMONIUM
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for company, z in itertools.product(range(n), PAIRED):
        base = state_costs()[z]
        costs = company_costs(z, company)
        if z == CARBON and company % 5 == Company.OXIDE:
            # Carbon that is bound to carbon or hydrogen beside oxygen has several states in one compound.
            costs = {q: cost for q, cost in costs.items() if q > 0}
        found[company, z] = [(q, costs[q]) for q in sorted(costs) if base[q] <= RAREST_STATE or q == 0]
        if z == AZIDE[0] and company % 5 < Company.OXIDE:
            found[company, z].append((AZIDE[1], AZIDE_COST))
    most = max(map(len, found.values())) + 1
    counts = np.ones((n, 119), dtype=np.int64)
    states, costs_ = np.full((2, n, 119, most), np.nan)
    for (company, z), pairs in found.items():
        counts[company, z] += len(pairs)
        states[company, z, 1 : len(pairs) + 1], costs_[company, z, 1 : len(pairs) + 1] = zip(
            *pairs, strict=True
        )
    return Modes(counts, states, costs_)
