"""Small files written for the tests, one for each kind of trouble."""

from __future__ import annotations

# The two POSCAR examples of the lecture that the package accompanies.
SILICON_POSCAR = """Si diamond conventional cell
1.0
5.43  0.00  0.00
0.00  5.43  0.00
0.00  0.00  5.43
Si
8
Direct
0.00000  0.00000  0.00000
0.25000  0.25000  0.25000
0.00000  0.50000  0.50000
0.25000  0.75000  0.75000
0.50000  0.00000  0.50000
0.75000  0.25000  0.75000
0.50000  0.50000  0.00000
0.75000  0.75000  0.25000
"""

PEROVSKITE_POSCAR = """SrTiO3 cubic perovskite
1.0
 3.905  0.000  0.000
 0.000  3.905  0.000
 0.000  0.000  3.905
Sr Ti O
1 1 3
Direct
 0.00000  0.00000  0.00000
 0.50000  0.50000  0.50000
 0.50000  0.50000  0.00000
 0.50000  0.00000  0.50000
 0.00000  0.50000  0.50000
"""


def cif(
    cell: str = "5 5 5 90 90 90",
    symmetry: str = "_symmetry_space_group_name_H-M 'P 1'",
    atoms: str = "Po Po1 0 0 0",
    columns: str = "type_symbol label fract_x fract_y fract_z",
    extra: str = "",
) -> str:
    """Write a CIF of the given parts."""
    names = ["length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"]
    lines = ["data_test", *(f"_cell_{n} {v}" for n, v in zip(names, cell.split(), strict=True))]
    lines += [symmetry, extra, "loop_", *(f"_atom_site_{name}" for name in columns.split()), atoms, ""]
    return "\n".join(lines)


CUBIC = "5.6402(2) 5.6402(2) 5.6402(2) 90 90 90"
ROCK_SALT = cif(
    CUBIC,
    "_symmetry_space_group_name_H-M 'F m -3 m'\n_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4",
    "Na1+ Na1 0 0 0\nCl1- Cl1 0.5 0.5 0.5",
)
# Coordinates as Levien, Prewitt and Weidner (1980) give them, doi:10.2138/am-1980-9-1007, in space group 154.
QUARTZ = cif(
    "4.916 4.916 5.4054 90 90 120",
    "_space_group_IT_number 154\n_chemical_formula_sum 'Si O2'\n_cell_formula_units_Z 3",
    "Si Si1 0.4697 0 0.6667\nO O1 0.4135 0.2669 0.7858",
)
P1_LIST = "loop_\n_symmetry_equiv_pos_as_xyz\n 'x, y, z'\n_symmetry_space_group_name_H-M 'P 1'"
