"""Print where the table of the elements differs from a second source, and where it contradicts itself.

    python tools/compare_elements.py

The second source is the ``mendeleev`` package (MIT), which is no dependency: install it beside skcrystal.
What it does not have (moduli, hardness, resistivity) is held against physics: E = 2 G (1 + nu) and
E = 3 K (1 - 2 nu) of an isotropic solid, the law of Wiedemann and Franz, mass = density times molar volume,
and the two hardnesses against each other. What is printed is judged by hand; what is wrong goes to
``skcrystal/chemistry/data/elements_corrections.csv`` with its source.
"""

from __future__ import annotations

import math

import numpy as np

from skcrystal.chemistry import elements

# Property -> relative difference from which on it is printed.
TOLERANCES = {
    "melting_point": 0.02,
    "liquid_range": 0.05,
    "thermal_conductivity": 0.1,
    "atomic_mass": 0.001,
    "density_of_solid": 0.05,
    "electronegativity": 0.02,
    "electron_affinity": 0.05,
    "ionization_energy": 0.002,
    "metallic_radius": 0.05,
    "van_der_waals_radius": 0.05,
}


def second_source(symbol: str) -> dict[str, float | None]:
    """Return the values of mendeleev in the units of the table."""
    from mendeleev import element

    found = element(symbol)
    melts, boils = found.melting_point, found.boiling_point
    return {
        "melting_point": melts,
        "liquid_range": boils - melts if boils and melts else None,
        "thermal_conductivity": found.thermal_conductivity,
        "atomic_mass": found.atomic_weight,
        "density_of_solid": 1000 * found.density if found.density else None,
        "electronegativity": found.en_pauling,
        "electron_affinity": found.electron_affinity,
        "ionization_energy": found.ionenergies.get(1),
        "metallic_radius": found.metallic_radius_c12 / 100 if found.metallic_radius_c12 else None,
        "van_der_waals_radius": found.vdw_radius / 100 if found.vdw_radius else None,
    }


def compare_with_second_source() -> None:
    for symbol in elements.symbols()[1:]:
        other = second_source(symbol)
        for name, tolerance in TOLERANCES.items():
            own = float(elements.property_table([name])[elements.atomic_number(symbol), 0])
            value = other[name]
            if value is None or math.isnan(own):
                continue
            if abs(own - float(value)) > tolerance * abs(float(value)):
                print(f"{name:24} {symbol:3} {own:10.4g}  second source {float(value):10.4g}")


def compare_with_physics() -> None:
    def values(name: str) -> np.ndarray:
        return elements.property_table([name])[:, 0]

    young, shear, bulk = (values(name) for name in ("youngs_modulus", "rigidity_modulus", "bulk_modulus"))
    poisson = values("poissons_ratio")
    ratios = {
        "E / 2G(1 + nu)": (young / (2 * shear * (1 + poisson)), 1.25),
        "E / 3K(1 - 2nu)": (young / (3 * bulk * (1 - 2 * poisson)), 1.25),
        "Lorenz number": (
            values("thermal_conductivity") * values("electrical_resistivity") / (2.44e-8 * 298),
            2.0,
        ),
        "density volume / mass": (
            1e-3 * values("density_of_solid") * values("molar_volume") / values("atomic_mass"),
            1.05,
        ),
        "Brinell / Vickers": (values("brinell_hardness") / values("vickers_hardness"), 2.5),
    }
    for name, (ratio, factor) in ratios.items():
        for z in np.flatnonzero(np.abs(np.log(ratio)) > np.log(factor)):
            print(f"{name:24} {elements.symbols()[z]:3} {ratio[z]:10.3g}")


if __name__ == "__main__":
    compare_with_physics()
    compare_with_second_source()
