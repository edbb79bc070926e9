"""Write skcrystal/chemistry/data/elements.csv and elements_columns.csv from pymatgen's periodic table.

Run ``python tools/build_elements.py`` after an update of pymatgen; tests/test_elements.py says when
that is due, and which values moved.
"""

from __future__ import annotations

import csv
import math
import re
import warnings
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pymatgen.analysis.local_env import CovalentRadius
from pymatgen.core import Element

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "chemistry" / "data"

PYMATGEN = "pymatgen periodic table"
WARD = "Ward et al. 2016, doi:10.1038/npjcompumats.2016.28, from pymatgen's electronic_structure"

# The lecture notes' metals: not pymatgen's is_metal, which also counts Al, Ga, In, Sn, Tl, Pb and Bi.
METAL_RANGES = ((3, 4), (11, 12), (19, 30), (37, 48), (55, 80), (87, 112))

ORBITALS = "spdf"
CAPACITY = {"s": 2, "p": 6, "d": 10, "f": 14}


class Column(NamedTuple):
    """One column of the table: what it is, and the function from an Element to its value."""

    name: str
    unit: str
    source: str
    description: str
    attribute: str
    value: Callable[[Element], float]


def attribute(element: Element, name: str) -> float:
    """Return pymatgen's attribute as a float, NaN where pymatgen has none.

    pymatgen says "none" in three ways: None with a warning, NaN with a warning, and for an attribute
    without a default a KeyError.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No (data|Pauling electronegativity)", category=UserWarning)
        try:
            value: Any = getattr(element, name)
        except KeyError:
            return math.nan
    return math.nan if value is None else float(value)


def positive(element: Element, name: str) -> float:
    """As :func:`attribute`, for the ionic radii, whose 0.0 means that pymatgen has no data."""
    return attribute(element, name) or math.nan


def covalent_radius(element: Element) -> float:
    return float(CovalentRadius.radius.get(element.symbol, math.nan))


def block(element: Element) -> float:
    # pymatgen sorts helium (1s2) by its group into the p block.
    return 0.0 if element.symbol == "He" else float(ORBITALS.index(element.block))


def is_metal(element: Element) -> float:
    return float(any(first <= element.Z <= last for first, last in METAL_RANGES))


@cache
def outer_electrons(element: Element) -> dict[str, int] | None:
    """Count the electrons outside the noble-gas core per kind of orbital; None where unknown."""
    try:
        structure = element.electronic_structure
    except KeyError:  # pymatgen's list ends at rutherfordium
        return None
    counts = dict.fromkeys(ORBITALS, 0)
    for orbital, electrons in re.findall(r"\d([spdf])(\d+)", structure):
        counts[orbital] += int(electrons)
    return counts


def valence(element: Element, orbitals: str) -> float:
    counts = outer_electrons(element)
    return math.nan if counts is None else float(sum(counts[orbital] for orbital in orbitals))


def unfilled(element: Element, orbitals: str) -> float:
    counts = outer_electrons(element)
    if counts is None:
        return math.nan
    return float(sum(CAPACITY[o] - counts[o] for o in orbitals if counts[o]))


def _plain(
    name: str,
    unit: str,
    description: str,
    *,
    of: str = "",
    source: str = PYMATGEN,
    zero_is_missing: bool = False,
) -> Column:
    of = of or name
    read = positive if zero_is_missing else attribute
    return Column(name, unit, source, description, of, partial(read, name=of))


IONIC = "Shannon 1976, doi:10.1107/S0567739476001551, through pymatgen"

COLUMNS: tuple[Column, ...] = (
    _plain("atomic_number", "1", "number of protons", of="Z"),
    _plain("van_der_waals_radius", "angstrom", "van der Waals radius"),
    _plain("electrical_resistivity", "ohm m", "electrical resistivity of the element near room temperature"),
    _plain("velocity_of_sound", "m/s", "velocity of sound in the element"),
    _plain("reflectivity", "%", "optical reflectivity of the element"),
    _plain("poissons_ratio", "1", "Poisson's ratio of the element"),
    _plain("molar_volume", "cm^3/mol", "molar volume of the element"),
    _plain("thermal_conductivity", "W/(m K)", "thermal conductivity of the element"),
    _plain("melting_point", "K", "melting point of the element"),
    _plain("critical_temperature", "K", "temperature of the liquid-gas critical point of the element"),
    _plain("superconduction_temperature", "K", "superconducting transition temperature of the element"),
    _plain("liquid_range", "K", "boiling point minus melting point of the element"),
    _plain("bulk_modulus", "GPa", "bulk modulus of the element"),
    _plain("youngs_modulus", "GPa", "Young's modulus of the element"),
    _plain("brinell_hardness", "MPa", "Brinell hardness of the element"),
    _plain("rigidity_modulus", "GPa", "shear modulus of the element"),
    _plain("vickers_hardness", "MPa", "Vickers hardness of the element"),
    _plain("density_of_solid", "kg/m^3", "density of the solid element"),
    _plain("coefficient_of_linear_thermal_expansion", "1/K", "linear thermal expansion of the solid element"),
    _plain(
        "average_ionic_radius",
        "angstrom",
        "ionic radius, mean over the element's oxidation states with data",
        source=IONIC,
        zero_is_missing=True,
    ),
    _plain(
        "average_cationic_radius",
        "angstrom",
        "ionic radius, mean over the element's positive oxidation states with data",
        source=IONIC,
        zero_is_missing=True,
    ),
    _plain(
        "average_anionic_radius",
        "angstrom",
        "ionic radius, mean over the element's negative oxidation states with data",
        source=IONIC,
        zero_is_missing=True,
    ),
    _plain(
        "ionization_energy",
        "eV",
        "energy that removes the first electron from the free atom",
        source="NIST Atomic Spectra Database, doi:10.18434/T4W30F, through pymatgen",
    ),
    _plain(
        "electron_affinity",
        "eV",
        "energy set free when the free atom takes up an electron; negative if it costs energy",
    ),
    _plain("electronegativity", "Pauling", "electronegativity on Pauling's scale", of="X"),
    _plain("group", "1", "group of the periodic table, 1-18; lanthanides and actinides are in 3"),
    _plain("row", "1", "period of the periodic table, 1-7"),
    Column(
        "block",
        "1",
        PYMATGEN,
        "orbital quantum number of the block: s 0, p 1, d 2, f 3; helium is s, La and Ac are f",
        "block",
        block,
    ),
    _plain(
        "mendeleev_number",
        "1",
        "place on Pettifor's string through the periodic table, by chemical likeness",
        of="mendeleev_no",
        source="Pettifor 1984, doi:10.1016/0038-1098(84)90765-8, through pymatgen",
    ),
    _plain("atomic_mass", "u", "standard atomic mass"),
    _plain(
        "atomic_radius",
        "angstrom",
        "empirical atomic radius",
        source="Slater 1964, doi:10.1063/1.1725697, through pymatgen",
    ),
    _plain(
        "atomic_radius_calculated",
        "angstrom",
        "radius of the outermost shell's largest charge density in a self-consistent free atom",
        source="Clementi et al. 1967, doi:10.1063/1.1712084, through pymatgen",
    ),
    Column(
        "covalent_radius",
        "angstrom",
        "Cordero et al. 2008, doi:10.1039/b801115j, through pymatgen",
        "covalent radius from crystal structures; C sp2; Mn, Fe and Co the mean of low and high spin",
        "analysis.local_env.CovalentRadius",
        covalent_radius,
    ),
    _plain("metallic_radius", "angstrom", "radius of the atom in the metallic element"),
    *(
        Column(
            f"{o}_valence_electrons",
            "1",
            WARD,
            f"{o} electrons outside the noble-gas core",
            "electronic_structure",
            partial(valence, orbitals=o),
        )
        for o in ORBITALS
    ),
    Column(
        "valence_electrons",
        "1",
        WARD,
        "electrons outside the noble-gas core",
        "electronic_structure",
        partial(valence, orbitals=ORBITALS),
    ),
    *(
        Column(
            f"{o}_unfilled",
            "1",
            WARD,
            f"free places in the partly filled {o} subshell outside the noble-gas core; 0 if it is empty",
            "electronic_structure",
            partial(unfilled, orbitals=o),
        )
        for o in ORBITALS
    ),
    Column(
        "unfilled",
        "1",
        WARD,
        "sum of s_unfilled, p_unfilled, d_unfilled and f_unfilled",
        "electronic_structure",
        partial(unfilled, orbitals=ORBITALS),
    ),
    Column(
        "is_metal",
        "1",
        "the ranges "
        + ", ".join(f"{first}-{last}" for first, last in METAL_RANGES)
        + " of the atomic number",
        "1 for alkali, alkaline-earth, d- and f-block elements, else 0 (Al, Ga, In, Sn, Tl, Pb, Bi are 0)",
        "Z",
        is_metal,
    ),
)


def build() -> dict[str, dict[str, float]]:
    """Return symbol -> column -> value for Z = 1 to 118; NaN is missing."""
    elements = [Element.from_Z(z) for z in range(1, 119)]
    return {e.symbol: {column.name: column.value(e) for column in COLUMNS} for e in elements}


def _text(value: float) -> str:
    """Print the shortest text that reads back as the same float; empty if missing."""
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def main() -> None:
    names = [column.name for column in COLUMNS]
    with (DATA / "elements.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([names[0], "symbol", *names[1:]])
        for symbol, row in build().items():
            values = [_text(row[name]) for name in names]
            writer.writerow([values[0], symbol, *values[1:]])
    with (DATA / "elements_columns.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Column._fields[:-1])
        writer.writerows(column[:-1] for column in COLUMNS)


if __name__ == "__main__":
    main()
