"""Write experimental.csv and experimental.rst in skcrystal/datasets/data/ from a compilation of crystals.

``python tools/build_experimental.py compilation.csv`` takes a table with the columns that ``SOURCE_COLUMNS``
names, checks every row, leaves out the rows that ``LEFT_OUT`` doubts, and stops at the first row that is
neither doubted nor sound. Takes about two minutes: pymatgen builds each crystal, independently of the
package's own way through gemmi.
"""

from __future__ import annotations

import re
import sys
import textwrap
import warnings
from collections import defaultdict
from pathlib import Path

import moyopy
import numpy as np
import pandas as pd
from pymatgen.analysis.local_env import CovalentRadius
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "datasets" / "data"

SOURCE_COLUMNS = (
    "formula name prototype space_group a b c alpha beta gamma sites band_gap_eV gap_kind "
    "structure_source gap_source"
)

# Rows that build well but whose gap or phase we doubt: (formula, prototype) by reason.
LEFT_OUT = {
    "a Mott or charge-transfer insulator, whose gap depends on what is called the gap": [
        ("MnO", "rocksalt"),
        ("NiO", "rocksalt"),
        ("MnSe", "rocksalt"),
        ("MnF2", "rutile"),
        ("NiS2", "pyrite"),
    ],
    "the edge is a transition out of a localised 4f level, not the gap between bands": [
        ("EuO", "rocksalt"),
        ("EuS", "rocksalt"),
        ("EuTe", "rocksalt"),
        ("YbSe", "rocksalt"),
        ("YbTe", "rocksalt"),
    ],
    "the value is that of the other polymorph too, so the source may not tell them apart": [
        ("CdS", "zincblende"),
        ("CdSe", "zincblende"),
        ("AgI", "zincblende"),
    ],
    "semimetal in some reports, semiconductor in others": [
        ("HgS", "zincblende"),
        ("CaB6", "hexaboride"),
        ("CoAs3", "skutterudite"),
        ("Mg2Pb", "antifluorite"),
        ("PrP", "rocksalt"),
    ],
    "a correlated narrow gap that is closed at room temperature": [("FeSi", "iron_silicide_B20")],
    "a thermal activation energy of a defect-rich half-Heusler, not an optical gap": [
        ("ScNiSb", "half_heusler"),
        ("YNiSb", "half_heusler"),
        ("ScSbPd", "half_heusler"),
        ("YSbPt", "half_heusler"),
    ],
    "a direct absorption edge well above the lower, weakly absorbing one": [
        ("ScCuO2", "delafossite"),
        ("YCuO2", "delafossite"),
        ("ScAgO2", "delafossite"),
    ],
    "published values lie further apart than 0.4 eV or 20 %": [
        ("Cs2SnCl6", "vacancy_ordered_double_perovskite"),
        ("Cs2SnBr6", "vacancy_ordered_double_perovskite"),
        ("GeO2", "rutile"),
        ("TeO2", "paratellurite"),
        ("PdO", "palladium_oxide"),
    ],
    "the value does not fit gaps computed with semilocal functionals, which come out too small as a rule": [
        ("OsS2", "pyrite"),
        ("NaInS2", "delafossite"),
    ],
    "the compound has a hexagonal phase too, and the source does not say which was measured": [
        ("Li3Sb", "bismuth_fluoride"),
    ],
}

GAP_KINDS = {"direct", "indirect", "unknown", "metal"}

# Solid neon has the widest gap of all, 21.5 eV.
MAX_GAP = 22.0

# Shortest distance over the sum of covalent radii: alpha-uranium, 0.70, is the closest honest one.
MIN_BOND = 0.69

# Cubic angstrom per atom, from refractory carbides to caesium (110).
VOLUME_RANGE = (5.0, 120.0)


class UnsoundRowError(ValueError):
    """A row that fails a check and is not among those left out."""


def require(fact: bool, row: pd.Series, what: str) -> None:
    if not fact:
        raise UnsoundRowError(f"{row.formula} ({row.prototype}): {what}")


def exact_sixths(sites: str) -> str:
    """Write the six-digit 0.333333 as the float nearest to 1/3, so that the orbit closes exactly."""

    def number(text: str) -> str:
        sixths = float(text) * 6
        close = abs(sixths - round(sixths)) < 1e-5
        return f"{round(sixths) / 6 if close else float(text):.16g}"

    parts = [site.split() for site in sites.split(";")]
    return "; ".join(f"{symbol} {' '.join(number(x) for x in xyz)}" for symbol, *xyz in parts)


def build(row: pd.Series) -> Structure:
    parts = [site.split() for site in row.sites.split(";")]
    lattice = Lattice.from_parameters(row.a, row.b, row.c, row.alpha, row.beta, row.gamma)
    coords = [[float(x) for x in xyz] for _, *xyz in parts]
    return Structure.from_spacegroup(int(row.space_group), lattice, [part[0] for part in parts], coords)


def check(row: pd.Series, structure: Structure) -> None:
    """Raise if the row is not the crystal that it says it is."""
    require(structure.composition.reduced_formula == row.formula, row, "the sites give another formula")
    numbers = [site.specie.Z for site in structure]
    cell = moyopy.Cell(structure.lattice.matrix.tolist(), structure.frac_coords.tolist(), numbers)
    found = moyopy.MoyoDataset(cell, symprec=0.01).number
    require(found == row.space_group, row, f"symmetry finds space group {found}")

    radii = np.array([CovalentRadius.radius[site.specie.symbol] for site in structure])
    centres, points, _, distances = structure.get_neighbor_list(4.0)
    if len(distances):
        shortest = (distances / (radii[centres] + radii[points])).min()
        require(shortest > MIN_BOND, row, f"atoms overlap: {shortest:.2f} of the sum of covalent radii")
    volume = structure.volume / len(structure)
    require(VOLUME_RANGE[0] < volume < VOLUME_RANGE[1], row, f"{volume:.1f} cubic angstrom per atom")

    require(row.gap_kind in GAP_KINDS, row, f"unknown kind of gap {row.gap_kind!r}")
    require((row.gap_kind == "metal") == (row.band_gap_eV == 0), row, "a metal has gap 0, others have one")
    require(0 <= row.band_gap_eV < MAX_GAP, row, f"a gap of {row.band_gap_eV} eV")
    require(bool(row.structure_source and row.gap_source), row, "a source is empty")


def check_distinct(rows: pd.DataFrame, structures: dict[int, Structure]) -> None:
    """Raise if one crystal stands in the table twice; polymorphs are different crystals."""
    groups = defaultdict(list)
    for row in rows.itertuples():
        groups[row.formula, row.space_group].append(row.Index)
    matcher = StructureMatcher()
    for (formula, group), members in groups.items():
        for i, first in enumerate(members):
            for second in members[i + 1 :]:
                if matcher.fit(structures[first], structures[second]):
                    raise UnsoundRowError(f"{formula} in space group {group} stands in the table twice")


def sources(row: pd.Series) -> str:
    """Join both sources; agreement with files of other projects is evidence, but no source."""
    cell = re.sub(r", (file|jarvis_small|matbench_phonons) [^,;]*", "", row.structure_source)
    cell = re.sub(r"agrees with file .*", "checked against a published CIF or POSCAR file", cell)
    return f"cell: {cell}; gap: {row.gap_source}"


DESCRIPTION = """\
.. _experimental_dataset:

Measured crystal structures and band gaps
-----------------------------------------

**Data set characteristics**

:Number of crystals: {taken} ({gapped} with a band gap, {metals} metals or semimetals, whose gap is 0)
:Number of formulas: {formulas}
:Target: band gap in eV
:Space groups: {groups}, from {lowest} to {highest}
:Missing values: none

Each crystal is the conventional unit cell, all sites ordered. Cells (angstrom, degrees) and coordinates are
experimental handbook values, at room temperature where the phase exists there (the rare-gas solids do not);
each cell agrees with an outside reference, which its ``sources`` name: the ICSD cell volumes listed in the
2025 revision by Grossmann of the benchmark of Borlido et al., AFLOW prototypes, ASE's reference states, or
the Materials Project's computed cell (within 4 %). ``gap_kind`` is direct, indirect, unknown or metal.

Most gaps are optical ones at room temperature; those of the alkali halides are partly measured cold. Indirect
gaps are given where they are the smaller ones (CdO: 0.84 eV). Different sources agree to a few per cent at
best, so an error of 0.1 eV is nothing to explain. Each gap is traceable to at least one of three
compilations; the metals without one are textbook metals, without a gap in the Materials Project too. The
rare-earth sesquioxides of the bixbyite structure share rounded coordinates.

**What was checked**

Every row builds through its space group, has the stated reduced formula, shows its space group again (moyopy,
symprec 0.01 angstrom), has no distance below {min_bond} of the sum of the covalent radii, {low:g} to {high:g}
cubic angstrom per atom, a gap of 0 exactly if it is called a metal, and a source; and no crystal is given
twice. Polymorphs are, so split by formula to estimate the error for a new compound.

**What was left out**

{left_out} of the {total} rows of the compilation, because we doubt that the gap is the band gap of
this structure. The reasons are our judgement, not a new review of the literature:

{reasons}

.. rubric:: References

- W. H. Strehlow and E. L. Cook, "Compilation of Energy Band Gaps in Elemental and Binary Compound
  Semiconductors and Insulators", J. Phys. Chem. Ref. Data 2, 163 (1973), doi:10.1063/1.3253115
- P. Borlido et al., "Large-Scale Benchmark of Exchange-Correlation Functionals for the Determination of
  Electronic Band Gaps of Solids", J. Chem. Theory Comput. 15, 5069 (2019), doi:10.1021/acs.jctc.9b00322
- Y. Zhuo, A. Mansouri Tehrani and J. Brgoch, "Predicting the Band Gaps of Inorganic Solids by Machine
  Learning", J. Phys. Chem. Lett. 9, 1668 (2018), doi:10.1021/acs.jpclett.8b00124
- A. Jain et al., "Commentary: The Materials Project", APL Mater. 1, 011002 (2013), doi:10.1063/1.4812323
"""


def describe(rows: pd.DataFrame, total: int) -> str:
    reasons = "\n".join(
        textwrap.fill(f"- {', '.join(f for f, _ in keys)}: {reason}.", 110, subsequent_indent="  ")
        for reason, keys in LEFT_OUT.items()
    )
    return DESCRIPTION.format(
        taken=len(rows),
        gapped=(rows.band_gap_eV > 0).sum(),
        metals=(rows.band_gap_eV == 0).sum(),
        formulas=rows.formula.nunique(),
        groups=rows.space_group.nunique(),
        lowest=rows.space_group.min(),
        highest=rows.space_group.max(),
        min_bond=MIN_BOND,
        low=VOLUME_RANGE[0],
        high=VOLUME_RANGE[1],
        left_out=total - len(rows),
        total=total,
        reasons=reasons,
    )


def main(compilation: Path) -> None:
    warnings.filterwarnings(
        "ignore", message="No Pauling electronegativity for (Ne|Ar)", category=UserWarning
    )
    rows = pd.read_csv(compilation, keep_default_na=False)[SOURCE_COLUMNS.split()]
    total = len(rows)
    doubted = {key: reason for reason, keys in LEFT_OUT.items() for key in keys}
    keys = list(zip(rows.formula, rows.prototype, strict=True))
    if unknown := set(doubted) - set(keys):
        raise UnsoundRowError(f"left out, but not in the compilation: {sorted(unknown)}")
    rows = rows[[key not in doubted for key in keys]].reset_index(drop=True)
    rows["sites"] = rows.sites.map(exact_sixths)

    structures = {i: build(row) for i, row in rows.iterrows()}
    for i, row in rows.iterrows():
        check(row, structures[i])
    check_distinct(rows, structures)

    description = describe(rows, total)
    (DATA / "experimental.rst").write_text(description, encoding="utf-8")
    rows["sources"] = [sources(row) for _, row in rows.iterrows()]
    table = rows.drop(columns=["structure_source", "gap_source"]).rename(columns={"band_gap_eV": "band_gap"})
    table.to_csv(DATA / "experimental.csv", index=False, lineterminator="\n")
    print(f"{len(rows)} of {total} rows taken, {total - len(rows)} left out")
    for (formula, prototype), reason in doubted.items():
        print(f"  {formula} ({prototype}): {reason}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
