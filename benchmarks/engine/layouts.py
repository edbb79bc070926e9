"""The same crystals as CIF with symmetry, in the layouts of pymatgen, the COD and the ICSD."""

from __future__ import annotations

import math
import random
import warnings
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.formats import read_cif
from skcrystal.formats.cell import parameters_from_lattice
from skcrystal.formats.formula import formula_text
from skcrystal.formats.space_group import Symmetrized, symmetrized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skcrystal import Crystal

__all__ = ["LAYOUTS", "written"]

SYMPREC = 0.01


def written(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return the texts of crystals in each layout; what no symmetry is found in stays out of all."""
    found: dict[str, list[str]] = {name: [] for name in LAYOUTS}
    for text in texts:
        crystal = read_cif(text)
        try:
            standard = symmetrized(crystal, SYMPREC)
            texts_of_one = {name: write(crystal, standard) for name, write in LAYOUTS.items()}
        except (ValueError, TypeError):
            continue
        for name, one in texts_of_one.items():
            found[name].append(one)
    return found


def pymatgen_layout(crystal: Crystal, standard: Symmetrized) -> str:
    """What pymatgen's CifWriter makes with a symprec."""
    from pymatgen.io.cif import CifWriter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(CifWriter(crystal.to_structure(), symprec=SYMPREC))


def cod_layout(crystal: Crystal, standard: Symmetrized) -> str:
    """As the Crystallography Open Database serves: its own tags first, operations in the newer names."""
    lines = [
        "data_1000000",
        "loop_",
        "_publ_author_name",
        "'First, A.'",
        "'Second, B.'",
        "_publ_section_title",
    ]
    lines += [";", " Crystal structure of a compound", " of the sample", ";"]
    lines += ["_journal_name_full 'Journal of Crystals'", "_journal_year 2001", "_journal_page_first 1"]
    lines += [f"_chemical_formula_sum '{_formula(standard)[0]}'"]
    lines += [
        f"_space_group_IT_number {standard.number}",
        f"_symmetry_space_group_name_Hall '{standard.hall}'",
    ]
    lines += [f"_symmetry_space_group_name_H-M '{standard.symbol}'", *_cell(standard.crystal, uncertain=True)]
    lines += [f"_cell_formula_units_Z {_formula(standard)[1]}", "_exptl_crystal_density_diffrn ?", "loop_"]
    lines += ["_space_group_symop_operation_xyz", *(operation for operation in standard.operations), "loop_"]
    lines += [f"_atom_site_{tag}" for tag in ("label", "type_symbol", "fract_x", "fract_y", "fract_z")]
    lines += [f"_atom_site_{tag}" for tag in ("occupancy", "U_iso_or_equiv", "calc_flag")]
    for label, symbol, xyz in _sites(standard, 5):
        lines.append(f"{label} {symbol} {xyz} 1.0000 0.0123(4) d")
    lines += ["loop_", *(f"_atom_site_aniso_{tag}" for tag in ("label", "U_11", "U_22", "U_33"))]
    lines += [f"{label} 0.0110(10) 0.0120(10) 0.0130(10)" for label, _, _ in _sites(standard, 5)]
    return "\n".join(lines) + "\n"


def icsd_layout(crystal: Crystal, standard: Symmetrized) -> str:
    """As the Inorganic Crystal Structure Database serves: charges, multiplicities, Wyckoff letters."""
    lines = ["data_100000-ICSD", "_database_code_ICSD 100000", "_audit_creation_date 2001-01-01"]
    lines += [f"_chemical_formula_sum '{_formula(standard)[0]}'", *_cell(standard.crystal, uncertain=True)]
    lines += [f"_cell_formula_units_Z {_formula(standard)[1]}"]
    lines += [f"_symmetry_space_group_name_H-M '{_plain_symbol(standard.symbol)}'"]
    lines += [f"_symmetry_Int_Tables_number {standard.number}", "_refine_ls_R_factor_all 0.03", "loop_"]
    lines += ["_symmetry_equiv_pos_site_id", "_symmetry_equiv_pos_as_xyz"]
    lines += [f"{i} '{op.replace(',', ', ')}'" for i, op in enumerate(standard.operations, start=1)]
    kinds = sorted(set(standard.crystal.atomic_numbers.tolist()))
    symbols = dict(zip(standard.crystal.atomic_numbers.tolist(), _symbols(standard), strict=True))
    lines += ["loop_", "_atom_type_symbol", "_atom_type_oxidation_number"]
    lines += [f"{symbols[kind]}0+ 0" for kind in kinds]
    tags = (
        "label",
        "type_symbol",
        "symmetry_multiplicity",
        "Wyckoff_symbol",
        "fract_x",
        "fract_y",
        "fract_z",
    )
    lines += ["loop_", *(f"_atom_site_{tag}" for tag in (*tags, "B_iso_or_equiv", "occupancy"))]
    for (label, symbol, xyz), count in zip(_sites(standard, 4), standard.multiplicities, strict=True):
        lines.append(f"{label} {symbol}0+ {count} a {xyz} . 1.")
    return "\n".join([*lines, "#End of TTdata_100000-ICSD"]) + "\n"


def _formula(standard: Symmetrized) -> tuple[str, int]:
    """Return the reduced sum formula and the number of its units in the cell."""
    counts = np.bincount(standard.crystal.atomic_numbers, weights=standard.multiplicities).astype(int)
    units = math.gcd(*counts[counts > 0].tolist())
    numbers = np.flatnonzero(counts)
    return formula_text(numbers, counts[numbers] / units), units


def _cell(crystal: Crystal, *, uncertain: bool) -> list[str]:
    values = parameters_from_lattice(crystal.lattice)
    tags = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = []
    for tag, value in zip(tags, values, strict=True):
        exact = abs(value - round(value)) < 1e-6 and tag.startswith("angle")
        lines.append(f"_cell_{tag} {round(value)}." if exact else f"_cell_{tag} {value:.5f}(7)")
    return [*lines, f"_cell_volume {crystal.volume:.2f}"]


def _plain_symbol(symbol: str) -> str:
    """``F d -3 m Z`` of ``F d -3 m :2``, ``R -3 m H`` of ``R -3 m:H``."""
    name, _, choice = symbol.partition(":")
    return name.strip() + {"1": " S", "2": " Z", "H": " H", "R": " R"}.get(choice, "")


def _symbols(standard: Symmetrized) -> list[str]:
    from gemmi import Element

    return [Element(number).name for number in standard.crystal.atomic_numbers.tolist()]


def _sites(standard: Symmetrized, digits: int) -> list[tuple[str, str, str]]:
    """Label, symbol and coordinates with uncertainties, as refined: simple fractions have none."""
    rows = []
    for i, (symbol, xyz) in enumerate(
        zip(_symbols(standard), standard.crystal.frac_coords.tolist(), strict=True), start=1
    ):
        texts = []
        for value in xyz:
            exact = any(abs(value * n - round(value * n)) < 1e-9 for n in (4, 6))
            text = f"{value:.{digits}f}"
            texts.append(text if exact else f"{text}({random.Random(i).randint(1, 9)})")
        rows.append((f"{symbol}{i}", symbol, " ".join(texts)))
    return rows


LAYOUTS = {"pymatgen": pymatgen_layout, "COD": cod_layout, "ICSD": icsd_layout}
"""Name of each writer, and the function."""
