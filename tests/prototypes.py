"""Crystals that everybody knows, built by hand; cell edges in angstrom."""

from __future__ import annotations

import numpy as np

from skcrystal import Crystal

FCC = (1 - np.eye(3)) / 2

ROCK_SALT_EDGE = 5.64
ROCK_SALT = Crystal.ordered(ROCK_SALT_EDGE * FCC, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
DIAMOND = Crystal.ordered(3.567 * FCC, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
ZINC_BLENDE_SIC = Crystal.ordered(4.36 * FCC, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
CAESIUM_CHLORIDE = Crystal.ordered(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])

# The two examples of the lecture notes.
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

STRONTIUM_TITANATE_POSCAR = """SrTiO3 cubic perovskite
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

ROCK_SALT_CIF = """data_NaCl
_cell_length_a   5.6402(2)
_cell_length_b   5.6402(2)
_cell_length_c   5.6402(2)
_cell_angle_alpha   90
_cell_angle_beta    90
_cell_angle_gamma   90
_symmetry_space_group_name_H-M   'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na1 Na 0 0 0
Cl1 Cl 0.5 0.5 0.5
"""
