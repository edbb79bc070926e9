"""Crystal structures with the coordination that textbooks give: cell, group and sites as published."""

from __future__ import annotations

from typing import NamedTuple

from skcrystal import Crystal, as_crystals


class Textbook(NamedTuple):
    """A structure by its group and asymmetric unit, and how many atoms of which element its atoms bond to.

    `cell` holds a, b, c in angstrom and alpha, beta, gamma in degrees; what is left out follows from the
    group. Where atoms of an element differ, `bonds` lists them.
    """

    name: str
    group: str
    cell: tuple[float, ...]
    sites: str
    bonds: dict[str, list[dict[str, int]]]
    source: str

    def crystal(self) -> Crystal:
        a, b, c, *angles = self.cell
        sites = [line.split() for line in self.sites.split(";")]
        lines = [
            "data_textbook",
            f"_space_group_name_H-M_alt '{self.group}'",
            *(f"_cell_length_{axis} {edge}" for axis, edge in zip("abc", (a, b, c), strict=True)),
            *(
                f"_cell_angle_{name} {angle}"
                for name, angle in zip(("alpha", "beta", "gamma"), angles or (90, 90, 90), strict=True)
            ),
            "loop_",
            "_atom_site_label",
            "_atom_site_type_symbol",
            "_atom_site_fract_x",
            "_atom_site_fract_y",
            "_atom_site_fract_z",
            *(f"{symbol}{n} {symbol} {x} {y} {z}" for n, (symbol, x, y, z) in enumerate(sites)),
        ]
        return as_crystals(["\n".join(lines) + "\n"])[0]


def cubic(a: float) -> tuple[float, ...]:
    return a, a, a


def tetragonal(a: float, c: float) -> tuple[float, ...]:
    return a, a, c


def hexagonal(a: float, c: float) -> tuple[float, ...]:
    return a, a, c, 90, 90, 120


TEXTBOOK = [
    Textbook(
        "rock salt", "F m -3 m", cubic(5.6402), "Na 0 0 0; Cl .5 .5 .5",
        {"Na": [{"Cl": 6}], "Cl": [{"Na": 6}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "caesium chloride", "P m -3 m", cubic(4.123), "Cs 0 0 0; Cl .5 .5 .5",
        {"Cs": [{"Cl": 8}], "Cl": [{"Cs": 8}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "sphalerite", "F -4 3 m", cubic(5.4093), "Zn 0 0 0; S .25 .25 .25",
        {"Zn": [{"S": 4}], "S": [{"Zn": 4}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "wurtzite", "P 63 m c", hexagonal(3.8227, 6.2607),
        "Zn .33333333 .66666667 0; S .33333333 .66666667 .3748",
        {"Zn": [{"S": 4}], "S": [{"Zn": 4}]}, "Kisi & Elcombe, Acta Cryst. C45 (1989) 1867",
    ),
    Textbook(
        "fluorite", "F m -3 m", cubic(5.46295), "Ca 0 0 0; F .25 .25 .25",
        {"Ca": [{"F": 8}], "F": [{"Ca": 4}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "rutile", "P 42/m n m", tetragonal(4.5937, 2.9587), "Ti 0 0 0; O .3053 .3053 0",
        {"Ti": [{"O": 6}], "O": [{"Ti": 3}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "corundum", "R -3 c", hexagonal(4.7589, 12.9910), "Al 0 0 .3522; O .3063 0 .25",
        {"Al": [{"O": 6}], "O": [{"Al": 4}]}, "Newnham & de Haan, Z. Kristallogr. 117 (1962) 235",
    ),
    Textbook(
        "strontium titanate", "P m -3 m", cubic(3.905), "Sr .5 .5 .5; Ti 0 0 0; O .5 0 0",
        {"Sr": [{"O": 12}], "Ti": [{"O": 6}], "O": [{"Ti": 2, "Sr": 4}]},
        "Wyckoff, Crystal Structures 2 (1964)",
    ),
    Textbook(
        "spinel", "F d -3 m :2", cubic(8.0806), "Mg .125 .125 .125; Al .5 .5 .5; O .2624 .2624 .2624",
        {"Mg": [{"O": 4}], "Al": [{"O": 6}], "O": [{"Mg": 1, "Al": 3}]},
        "Yamanaka & Takeuchi, Z. Kristallogr. 165 (1983) 65",
    ),
    Textbook(
        "diamond", "F d -3 m :2", cubic(3.56679), "C .125 .125 .125",
        {"C": [{"C": 4}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "graphite", "P 63/m m c", hexagonal(2.464, 6.711), "C 0 0 .25; C .33333333 .66666667 .25",
        {"C": [{"C": 3}]}, "Trucano & Chen, Nature 258 (1975) 136",
    ),
    Textbook(
        "black phosphorus", "C m c e", (3.3136, 10.478, 4.3763), "P 0 .10168 .08056",
        {"P": [{"P": 3}]}, "Brown & Rundqvist, Acta Cryst. 19 (1965) 684",
    ),
    Textbook(
        "selenium", "P 31 2 1", hexagonal(4.3662, 4.9536), "Se .2254 0 .33333333",
        {"Se": [{"Se": 2}]}, "Cherin & Unger, Inorg. Chem. 6 (1967) 1589",
    ),
    Textbook(
        "gallium", "C m c e", (4.523, 7.661, 4.524), "Ga 0 .1549 .081",
        {"Ga": [{"Ga": 7}]}, "Sharma & Donohue, Z. Kristallogr. 117 (1962) 293",
    ),
    Textbook(
        "copper", "F m -3 m", cubic(3.6149), "Cu 0 0 0",
        {"Cu": [{"Cu": 12}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "magnesium", "P 63/m m c", hexagonal(3.2094, 5.2105), "Mg .33333333 .66666667 .25",
        {"Mg": [{"Mg": 12}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "zinc", "P 63/m m c", hexagonal(2.6648, 4.9467), "Zn .33333333 .66666667 .25",
        {"Zn": [{"Zn": 12}]}, "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "polonium", "P m -3 m", cubic(3.359), "Po 0 0 0",
        {"Po": [{"Po": 6}]}, "Desando & Lange, J. Inorg. Nucl. Chem. 28 (1966) 1837",
    ),
    Textbook(
        "cuprite", "P n -3 m :1", cubic(4.2685), "Cu .25 .25 .25; O 0 0 0",
        {"Cu": [{"O": 2}], "O": [{"Cu": 4}]}, "Kirfel & Eichhorn, Acta Cryst. A46 (1990) 271",
    ),
    Textbook(
        "quartz", "P 32 2 1", hexagonal(4.9160, 5.4054), "Si .4697 0 .66666667; O .4135 .2669 .78577",
        {"Si": [{"O": 4}], "O": [{"Si": 2}]}, "Levien, Prewitt & Weidner, Am. Mineral. 65 (1980) 920",
    ),
    Textbook(
        "pyrite", "P a -3", cubic(5.4166), "Fe 0 0 0; S .38484 .38484 .38484",
        {"Fe": [{"S": 6}], "S": [{"Fe": 3, "S": 1}]},
        "Brostigen & Kjekshus, Acta Chem. Scand. 23 (1969) 2186",
    ),
    Textbook(
        "sodium peroxide", "P -6 2 m", hexagonal(6.208, 4.460),
        "Na .295 0 0; Na .632 0 .5; O 0 0 .333; O .33333333 .66666667 .167",
        {"Na": [{"O": 6}], "O": [{"Na": 6, "O": 1}]},
        "Tallman, Margrave & Bailey, J. Am. Chem. Soc. 79 (1957) 2979",
    ),
    Textbook(
        "sodium azide", "R -3 m", hexagonal(3.646, 15.213), "Na 0 0 0; N 0 0 .4227; N 0 0 .5",
        {"Na": [{"N": 6}], "N": [{"Na": 3, "N": 1}, {"N": 2}]},
        "Pringle & Noakes, Acta Cryst. B24 (1968) 262",
    ),
    Textbook(
        "calcite", "R -3 c", hexagonal(4.9896, 17.061), "Ca 0 0 0; C 0 0 .25; O .2568 0 .25",
        {"Ca": [{"O": 6}], "C": [{"O": 3}], "O": [{"C": 1, "Ca": 2}]}, "Graf, Am. Mineral. 46 (1961) 1283",
    ),
    Textbook(
        "molybdenite", "P 63/m m c", hexagonal(3.1604, 12.295),
        "Mo .33333333 .66666667 .25; S .33333333 .66666667 .621",
        {"Mo": [{"S": 6}], "S": [{"Mo": 3}]}, "Bronsema et al., Z. anorg. allg. Chem. 540 (1986) 15",
    ),
    Textbook(
        "molybdenum dioxide", "P 1 21/c 1", (5.6109, 4.8562, 5.6285, 90, 120.95, 90),
        "Mo .2316 .9916 .0164; O .1123 .2171 .2335; O .3908 .6969 .2987",
        {"Mo": [{"O": 6, "Mo": 1}], "O": [{"Mo": 3}]}, "Brandt & Skapski, Acta Chem. Scand. 21 (1967) 661",
    ),
    Textbook(
        "caesium lead bromide at 403 K", "P m -3 m", cubic(5.874), "Cs .5 .5 .5; Pb 0 0 0; Br .5 0 0",
        {"Cs": [{"Br": 12}], "Pb": [{"Br": 6}], "Br": [{"Pb": 2, "Cs": 4}]},
        "Moller, Nature 182 (1958) 1436",
    ),
    Textbook(
        "lithium iron phosphate", "P n m a", (10.332, 6.010, 4.692),
        "Li 0 0 0; Fe .28222 .25 .97472; P .09486 .25 .41820; "
        "O .09678 .25 .74279; O .45710 .25 .20602; O .16558 .04646 .28478",
        {"Li": [{"O": 6}], "Fe": [{"O": 6}], "P": [{"O": 4}],
         "O": [{"P": 1, "Fe": 1, "Li": 2}, {"P": 1, "Fe": 2, "Li": 1}]},
        "Streltsov et al., Acta Cryst. B49 (1993) 147",
    ),
    Textbook(
        "pyrope", "I a -3 d", cubic(11.459),
        "Mg .125 0 .25; Al 0 0 0; Si .375 0 .25; O .0329 .0502 .6534",
        {"Mg": [{"O": 8}], "Al": [{"O": 6}], "Si": [{"O": 4}], "O": [{"Mg": 2, "Al": 1, "Si": 1}]},
        "Gibbs & Smith, Am. Mineral. 50 (1965) 2023",
    ),
    Textbook(
        "niccolite", "P 63/m m c", hexagonal(3.602, 5.009), "Ni 0 0 0; As .33333333 .66666667 .25",
        {"Ni": [{"As": 6, "Ni": 2}], "As": [{"Ni": 6}]},
        "Wyckoff, Crystal Structures 1 (1963)",
    ),
    Textbook(
        "skutterudite",
        "I m -3",
        cubic(8.2055),
        "Co .25 .25 .25; As 0 .3442 .1514",
        {"Co": [{"As": 6}], "As": [{"Co": 2, "As": 2}]},
        "Mandel & Donohue, Acta Cryst. B27 (1971) 2288",
    ),
    Textbook(
        "calcium disilicide",
        "R -3 m",
        hexagonal(3.855, 30.6),
        "Ca 0 0 .083; Si 0 0 .185; Si 0 0 .352",
        {"Si": [{"Si": 3, "Ca": 4}, {"Si": 3, "Ca": 3}], "Ca": [{"Si": 7}]},
        "Janzon et al., Z. anorg. allg. Chem. 365 (1969) 9",
    ),
    Textbook(
        "Laves phase", "F d -3 m :2", cubic(7.034), "Mg .125 .125 .125; Cu .5 .5 .5",
        {"Mg": [{"Cu": 12, "Mg": 4}], "Cu": [{"Cu": 6, "Mg": 6}]}, "Friauf, J. Am. Chem. Soc. 49 (1927) 3107",
    ),
    Textbook(
        "ammonia", "P 21 3", cubic(5.1305), "N .2107 .2107 .2107; H .3689 .2671 .1159",
        {"N": [{"H": 3}], "H": [{"N": 1}]}, "Boese et al., J. Phys. Chem. B 101 (1997) 5794",
    ),
]  # fmt: skip
