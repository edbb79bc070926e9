"""One crystal as a person wants it, as facts and as lines of text."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrystal.crystals import Crystal, Crystals

__all__ = ["UNITS", "as_text", "facts_of", "features_of"]

#: Units of the facts, for programs that read them.
UNITS = {
    "a": "angstrom",
    "b": "angstrom",
    "c": "angstrom",
    "alpha": "degree",
    "beta": "degree",
    "gamma": "degree",
    "volume": "angstrom^3",
    "density": "g/cm^3",
    "symprec": "angstrom",
    "oxidation_state": "e",
    "length": "angstrom",
    "bond_length": "angstrom",
    "nearest_distance": "angstrom",
}


def facts_of(crystal: Crystal, symprec: float = 0.01) -> dict[str, Any]:
    """Gather what is known of a crystal.

    Parameters
    ----------
    crystal : Crystal
    symprec : float, default=0.01
        Tolerance of the search for symmetry, in angstrom.

    Returns
    -------
    dict
        Of what JSON can hold. Sites are listed orbit by orbit: each orbit once, with its first site.
    """
    import gemmi

    from skcrystal.crystals import Crystals
    from skcrystal.descriptors.site_table import site_table
    from skcrystal.protostructures import protostructure

    batch = Crystals.from_crystals([crystal])
    cell = crystal.lattice_parameters
    symmetry = batch.symmetry(symprec)
    group = gemmi.find_spacegroup_by_number(int(symmetry.numbers[0]))
    table = site_table(batch, symprec=symprec).reset_index(level="crystal", drop=True)
    bonds = _bonds(batch)
    firsts, counts = np.unique(symmetry.orbits, return_counts=True)
    sites = [
        {
            "site": int(first),
            "element": str(table.element[first]),
            "equivalent_sites": int(count),
            "wyckoff": f"{table.wyckoff_multiplicity[first]}{table.wyckoff_letter[first]}",
            "site_symmetry": str(table.site_symmetry[first]),
            "frac_coords": [float(x) for x in crystal.frac_coords[first]],
            "oxidation_state": _rounded(table.oxidation_state[first]),
            "coordination_number": _rounded(table.coordination_number[first]),
            # Without a bond the column has the cutoff, which is no length of a bond.
            "bond_length": _rounded(table.bond_length[first]) if bonds[first] else None,
            "nearest_distance": _rounded(table.nearest_distance[first]),
            "bonds": bonds[first],
        }
        for first, count in zip(firsts.tolist(), counts.tolist(), strict=True)
    ]
    return {
        "source": crystal.source,
        "formula": crystal.formula,
        "cell_contents": crystal.composition.formula,
        "n_sites": crystal.n_sites,
        "n_sites_primitive": crystal.n_sites // int(symmetry.multiplicities[0]),
        "cell": {name: _rounded(value) for name, value in cell._asdict().items()},
        "volume": _rounded(crystal.volume),
        "density": _rounded(crystal.density),
        "charge": _rounded(crystal.charge),
        "space_group": {
            "symbol": group.short_name(),
            "number": group.number,
            "crystal_system": group.crystal_system_str(),
            "point_group": group.point_group_hm(),
            "found": bool(np.isfinite(symmetry.symprecs[0])),
            "symprec": symprec,
        },
        "structure_type": protostructure([crystal], symprec=symprec)[0],
        "sites": sites,
        "notes": list(crystal.notes),
        "units": UNITS,
    }


def features_of(crystal: Crystal, preset: str) -> list[dict[str, Any]]:
    """Compute the columns of a preset: name, value (None where it is not defined), unit and meaning."""
    from skcrystal.featurizer import CrystalFeaturizer

    featurizer = CrystalFeaturizer(preset)
    values = featurizer.fit_transform([crystal])[0].tolist()
    table = featurizer.describe_features()
    return [
        {"name": name, "value": value if math.isfinite(value) else None, "unit": unit, "meaning": meaning}
        for name, value, unit, meaning in zip(table.name, values, table.unit, table.meaning, strict=True)
    ]


def as_text(facts: dict[str, Any], features: list[dict[str, Any]] | None = None) -> str:
    """Write facts as lines of text, for a terminal."""
    cell, group = facts["cell"], facts["space_group"]
    lengths = "  ".join(f"{name} {cell[name]:.4f}" for name in ("a", "b", "c"))
    angles = "  ".join(f"{name} {cell[name]:.2f}" for name in ("alpha", "beta", "gamma"))
    found = f"tolerance {group['symprec']:g} angstrom"
    if not group["found"]:
        found = "no search succeeded, counted as P1"
    title = facts["formula"] + (f"  ({facts['source']})" if facts["source"] else "")
    sites = f"{facts['n_sites']} sites ({facts['cell_contents']})"
    if facts["n_sites_primitive"] != facts["n_sites"]:
        sites += f", {facts['n_sites_primitive']} in the primitive cell"
    lines = [
        title,
        "",
        f"cell            {lengths} angstrom",
        f"                {angles} degrees",
        f"contents        {sites}",
        f"volume          {facts['volume']:.2f} cubic angstrom",
        f"density         {facts['density']:.3f} g/cm^3",
        f"space group     {group['symbol']} ({group['number']}), {group['crystal_system']}; {found}",
        f"structure type  {facts['structure_type']}",
    ]
    if facts["charge"]:
        lines.append(f"charge          {facts['charge']:g} e in the cell, by the stated oxidation states")
    lines += ["", *_site_lines(facts["sites"])]
    if facts["notes"]:
        lines += ["", "notes", *(f"  {note}" for note in facts["notes"])]
    if features is not None:
        lines += ["", *_feature_lines(features)]
    return "\n".join(lines)


def _site_lines(sites: list[dict[str, Any]]) -> list[str]:
    head = ("Wyckoff", "element", "symmetry", "x", "y", "z", "state", "neighbours", "bonds (angstrom)")
    rows = [
        (
            one["wyckoff"],
            one["element"],
            one["site_symmetry"],
            *(f"{x:.5f}" for x in one["frac_coords"]),
            _state(one["oxidation_state"]),
            f"{one['coordination_number']:.3g}",
            ", ".join(_bond(bond) for bond in one["bonds"]) or "none",
        )
        for one in sites
    ]
    return _aligned([head, *rows], right=(3, 4, 5, 6, 7))


def _feature_lines(features: list[dict[str, Any]]) -> list[str]:
    rows = [
        (
            one["name"],
            "missing" if one["value"] is None else f"{one['value']:.6g}",
            "" if one["unit"] == "1" else one["unit"],
        )
        for one in features
    ]
    return _aligned([("column", "value", "unit"), *rows], right=(1,))


def _aligned(rows: list[tuple[str, ...]], right: tuple[int, ...]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _bonds(crystals: Crystals) -> list[list[dict[str, Any]]]:
    """Return of each site of one crystal its bonds, by what stands at their other ends."""
    from skcrystal.descriptors.site_table import contents

    table, names = crystals.bonds(), contents(crystals)
    found = []
    for start, stop in pairwise(table.offsets.tolist()):
        kinds: dict[str, list[int]] = {}
        for k in range(start, stop):
            kinds.setdefault(names[table.neighbors[k]], []).append(k)
        found.append(
            [
                {
                    "element": name,
                    "number": _rounded(table.weights[own].sum()),
                    "shortest": _rounded(table.distances[own].min()),
                    "longest": _rounded(table.distances[own].max()),
                }
                for name, own in sorted(kinds.items())
            ]
        )
    return found


def _bond(bond: dict[str, Any]) -> str:
    shortest, longest = f"{bond['shortest']:.3f}", f"{bond['longest']:.3f}"
    lengths = shortest if shortest == longest else f"{shortest} to {longest}"
    return f"{bond['number']:.3g} {bond['element']} at {lengths}"


def _state(state: float) -> str:
    return f"{abs(state):.3g}{'-' if state < 0 else '+'}" if state else "0"


def _rounded(value: Any) -> float:
    """Return a number without the digits that are rounding errors."""
    return float(f"{float(value):.8g}") + 0.0
