"""Metals and intermetallic compounds with the coordination that textbooks give; cell and sites as published.

The numbers of neighbours are those of Pearson, The Crystal Chemistry and Physics of Metals and Alloys (1972),
and of Wells, Structural Inorganic Chemistry (1984); of tetrahedral close packings, of Frank & Kasper, Acta
Cryst. 11 (1958) 184 and 12 (1959) 483.
"""

from __future__ import annotations

from tests.crystals.textbook import Textbook, cubic, hexagonal, tetragonal

WYCKOFF = "Wyckoff, Crystal Structures 1 (1963)"

METALS = [
    Textbook("sodium", "I m -3 m", cubic(4.2906), "Na 0 0 0", {"Na": [{"Na": 8}]}, WYCKOFF),
    Textbook("iron", "I m -3 m", cubic(2.8665), "Fe 0 0 0", {"Fe": [{"Fe": 8}]}, WYCKOFF),
    Textbook("caesium", "I m -3 m", cubic(6.141), "Cs 0 0 0", {"Cs": [{"Cs": 8}]}, WYCKOFF),
    Textbook(
        "beryllium", "P 63/m m c", hexagonal(2.2858, 3.5843), "Be .33333333 .66666667 .25",
        {"Be": [{"Be": 12}]}, WYCKOFF,
    ),
    # Six neighbours at 2.98 and six at 3.29 angstrom.
    Textbook(
        "cadmium", "P 63/m m c", hexagonal(2.9793, 5.6196), "Cd .33333333 .66666667 .25",
        {"Cd": [{"Cd": 12}]}, WYCKOFF,
    ),
    Textbook(
        "lanthanum", "P 63/m m c", hexagonal(3.774, 12.171), "La 0 0 0; La .33333333 .66666667 .25",
        {"La": [{"La": 12}]}, "Spedding, Daane & Herrmann, Acta Cryst. 9 (1956) 559",
    ),
    Textbook(
        "indium", "I 4/m m m", tetragonal(3.2530, 4.9470), "In 0 0 0", {"In": [{"In": 12}]}, WYCKOFF,
    ),
    Textbook(
        "protactinium", "I 4/m m m", tetragonal(3.925, 3.238), "Pa 0 0 0",
        {"Pa": [{"Pa": 10}]}, "Zachariasen, Acta Cryst. 5 (1952) 19",
    ),
    # Two at 2.75, two at 2.85, four at 3.26, four at 3.34 angstrom.
    Textbook(
        "uranium", "C m c m", (2.8537, 5.8695, 4.9548), "U 0 .1025 .25",
        {"U": [{"U": 12}]}, "Barrett, Mueller & Hitterman, Phys. Rev. 129 (1963) 625",
    ),
    # Four at 3.02 and two at 3.18 angstrom.
    Textbook(
        "white tin", "I 41/a m d :1", tetragonal(5.8316, 3.1815), "Sn 0 0 0", {"Sn": [{"Sn": 6}]}, WYCKOFF,
    ),
    Textbook(
        "AuCu3", "P m -3 m", cubic(3.749), "Au 0 0 0; Cu 0 .5 .5",
        {"Au": [{"Cu": 12}], "Cu": [{"Au": 4, "Cu": 8}]}, WYCKOFF,
    ),
    Textbook(
        "AuCu", "P 4/m m m", tetragonal(2.800, 3.670), "Cu 0 0 0; Au .5 .5 .5",
        {"Cu": [{"Cu": 4, "Au": 8}], "Au": [{"Cu": 8, "Au": 4}]}, WYCKOFF,
    ),
    Textbook(
        "NiAl", "P m -3 m", cubic(2.887), "Ni 0 0 0; Al .5 .5 .5",
        {"Ni": [{"Al": 8}], "Al": [{"Ni": 8}]}, WYCKOFF,
    ),
    Textbook(
        "brass", "P m -3 m", cubic(2.954), "Cu 0 0 0; Zn .5 .5 .5",
        {"Cu": [{"Zn": 8}], "Zn": [{"Cu": 8}]}, WYCKOFF,
    ),
    Textbook(
        "MgSr", "P m -3 m", cubic(3.900), "Mg 0 0 0; Sr .5 .5 .5",
        {"Mg": [{"Sr": 8}], "Sr": [{"Mg": 8}]}, WYCKOFF,
    ),
    Textbook(
        "Heusler alloy", "F m -3 m", cubic(5.95), "Al 0 0 0; Mn .5 .5 .5; Cu .25 .25 .25",
        {"Al": [{"Cu": 8}], "Mn": [{"Cu": 8}], "Cu": [{"Mn": 4, "Al": 4}]},
        "Bradley & Rodgers, Proc. R. Soc. A 144 (1934) 340",
    ),
    Textbook(
        "NaTl", "F d -3 m :1", cubic(7.488), "Na 0 0 0; Tl .5 .5 .5",
        {"Na": [{"Na": 4, "Tl": 4}], "Tl": [{"Na": 4, "Tl": 4}]},
        "Zintl & Dullenkopf, Z. Phys. Chem. B 16 (1932) 195",
    ),
    Textbook(
        "Cr3Si", "P m -3 n", cubic(4.555), "Si 0 0 0; Cr .25 0 .5",
        {"Si": [{"Cr": 12}], "Cr": [{"Si": 4, "Cr": 10}]}, "Boren, Ark. Kemi Mineral. Geol. 11A (1933) 10",
    ),
    Textbook(
        "Nb3Sn", "P m -3 n", cubic(5.289), "Sn 0 0 0; Nb .25 0 .5",
        {"Sn": [{"Nb": 12}], "Nb": [{"Sn": 4, "Nb": 10}]},
        "Geller, Matthias & Goldstein, J. Am. Chem. Soc. 77 (1955) 1502",
    ),
    Textbook(
        "MgZn2", "P 63/m m c", hexagonal(5.223, 8.566),
        "Mg .33333333 .66666667 .062; Zn 0 0 0; Zn .830 .660 .25",
        {"Mg": [{"Mg": 4, "Zn": 12}], "Zn": [{"Zn": 6, "Mg": 6}]}, "Friauf, Phys. Rev. 29 (1927) 34",
    ),
    Textbook(
        "sigma phase", "P 42/m n m", tetragonal(8.800, 4.544),
        "Fe 0 0 0; Fe .3986 .3986 0; Fe .4635 .1312 0; Fe .7399 .0661 0; Fe .1823 .1823 .252",
        {"Fe": [{"Fe": 12}, {"Fe": 14}, {"Fe": 15}]}, "Bergman & Shoemaker, Acta Cryst. 7 (1954) 857",
    ),
    Textbook(
        "NaZn13", "F m -3 c", cubic(12.284), "Na .25 .25 .25; Zn 0 0 0; Zn 0 .1806 .1192",
        {"Na": [{"Zn": 24}], "Zn": [{"Zn": 12}, {"Zn": 10, "Na": 2}]},
        "Shoemaker et al., Acta Cryst. 5 (1952) 637",
    ),
    Textbook(
        "CuAl2", "I 4/m c m", tetragonal(6.067, 4.877), "Cu 0 0 .25; Al .1581 .6581 0",
        {"Cu": [{"Cu": 2, "Al": 8}], "Al": [{"Cu": 4, "Al": 11}]},
        "Havinga, Damsma & Hokkeling, J. Less-Common Met. 27 (1972) 169",
    ),
    Textbook(
        "Al3Ti", "I 4/m m m", tetragonal(3.8537, 8.5839), "Ti 0 0 0; Al 0 0 .5; Al 0 .5 .25",
        {"Ti": [{"Al": 12}], "Al": [{"Ti": 4, "Al": 8}]}, WYCKOFF,
    ),
    Textbook(
        "iron boride", "P n m a", (5.506, 2.952, 4.061), "Fe .180 .25 .125; B .036 .25 .610",
        {"B": [{"Fe": 7, "B": 2}], "Fe": [{"B": 7, "Fe": 10}]}, WYCKOFF,
    ),
    Textbook(
        "chromium boride", "C m c m", (2.969, 7.858, 2.932), "Cr 0 .146 .25; B 0 .440 .25",
        {"B": [{"Cr": 7, "B": 2}], "Cr": [{"B": 7, "Cr": 10}]}, "Kiessling, Acta Chem. Scand. 3 (1949) 595",
    ),
    Textbook(
        "Fe4N", "P m -3 m", cubic(3.795), "Fe 0 0 0; Fe .5 .5 0; N .5 .5 .5",
        {"N": [{"Fe": 6}], "Fe": [{"Fe": 12}, {"Fe": 12, "N": 2}]}, "Jack, Proc. R. Soc. A 195 (1948) 34",
    ),
    Textbook(
        "palladium hydride", "F m -3 m", cubic(4.095), "Pd 0 0 0; H .5 .5 .5",
        {"Pd": [{"H": 6, "Pd": 12}], "H": [{"Pd": 6}]},
        "Worsham, Wilkinson & Shull, J. Phys. Chem. Solids 3 (1957) 303",
    ),
    Textbook(
        "Cu2Sb", "P 4/n m m :1", tetragonal(3.992, 6.091), "Cu 0 0 0; Cu 0 .5 .27; Sb 0 .5 .70",
        {"Sb": [{"Cu": 9}], "Cu": [{"Cu": 8, "Sb": 4}, {"Cu": 4, "Sb": 5}]}, WYCKOFF,
    ),
]  # fmt: skip
