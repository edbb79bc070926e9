"""Named lists of descriptors, for `CrystalFeaturizer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.descriptors import (
    AlloyStats,
    AverageMinimumDistance,
    BondAngles,
    BondLengths,
    BondOrder,
    BondValences,
    CompositionStats,
    CoordinationStats,
    Density,
    Descriptor,
    DistanceStats,
    ElementFractions,
    ElementVectors,
    IonicStats,
    LatticeAngles,
    LocalDifferences,
    MadelungEnergy,
    MessagePassing,
    OrbitalFieldMatrix,
    PairSpectrum,
    PaulingEnergy,
    RadialSpectrum,
    SpaceGroupOneHot,
    StoichiometryNorms,
    StretchingFrequencies,
    SymmetryStats,
    ValenceElectrons,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PRESETS", "Steps"]

Steps = list[tuple[str, Descriptor]]

# The element properties of the lecture notebook, in its order.
NOTEBOOK_PROPERTIES = (
    "van_der_waals_radius",
    "electrical_resistivity",
    "velocity_of_sound",
    "reflectivity",
    "poissons_ratio",
    "molar_volume",
    "thermal_conductivity",
    "melting_point",
    "critical_temperature",
    "superconduction_temperature",
    "liquid_range",
    "bulk_modulus",
    "youngs_modulus",
    "brinell_hardness",
    "rigidity_modulus",
    "vickers_hardness",
    "density_of_solid",
    "coefficient_of_linear_thermal_expansion",
    "average_ionic_radius",
    "average_cationic_radius",
    "average_anionic_radius",
)


def notebook() -> Steps:
    """Return the 327 columns of the lecture notebook, in its order.

    Its composition columns stand in three places, hence three steps for them.
    """
    return [
        ("atomic_number", CompositionStats(properties=("atomic_number",), metal_fraction=False)),
        ("density", Density(quantities=("edge_product_per_site",))),
        ("lattice", LatticeAngles()),
        ("metal", CompositionStats(properties=())),
        ("distance", DistanceStats(self_distance="zero")),
        (
            "composition",
            CompositionStats(
                properties=NOTEBOOK_PROPERTIES, metal_fraction=False, missing="zero", values="pymatgen"
            ),
        ),
        ("space_group", SpaceGroupOneHot()),
    ]


def default() -> Steps:
    """Return the families that pay on development rows, alone or together, cheap ones first.

    ``benchmarks/ablation.py`` shows what each of them is worth.

    The step ``space_group`` holds the symmetry in numbers; the one-hot is in ``full``.
    """
    return [
        ("composition", CompositionStats()),
        ("ionic", IonicStats()),
        ("valence", ValenceElectrons()),
        ("density", Density()),
        ("distance", DistanceStats()),
        ("space_group", SymmetryStats()),
        # The descriptors of one cutoff in angstrom share its table of neighbours with those after them.
        ("coordination", CoordinationStats()),
        ("local_differences", LocalDifferences()),
        ("orbital_field", OrbitalFieldMatrix()),
        ("bond_valence", BondValences()),
        ("bond_angles", BondAngles()),
        ("madelung", MadelungEnergy()),
    ]


def composition() -> Steps:
    """Return what a formula alone can tell: no step of it needs positions."""
    return [
        ("composition", CompositionStats()),
        ("ionic", IonicStats()),
        ("valence", ValenceElectrons()),
    ]


def full() -> Steps:
    """Return one descriptor of every family: the default's, and those that do not pay beside them.

    SOAP and symmetry functions are left out: their place is sites.
    """
    return [
        *default(),
        ("lattice", LatticeAngles()),
        ("radial", RadialSpectrum()),
        ("pair_spectrum", PairSpectrum()),
        ("bond_lengths", BondLengths()),
        ("bond_order", BondOrder()),
        ("stretching", StretchingFrequencies()),
        ("pauling_energy", PaulingEnergy()),
        ("message_passing", MessagePassing()),
        ("relative_radial", RadialSpectrum(units="spacing")),
        ("average_minimum_distance", AverageMinimumDistance()),
        ("space_group_one_hot", SpaceGroupOneHot()),
        ("element_fractions", ElementFractions()),
        ("element_vectors", ElementVectors()),
        ("alloys", AlloyStats()),
        ("stoichiometry", StoichiometryNorms()),
    ]


#: Preset name -> function that makes its steps anew.
PRESETS: dict[str, Callable[[], Steps]] = {
    "default": default,
    "full": full,
    "notebook": notebook,
    "composition": composition,
}
