"""Crystals into text and files."""

from __future__ import annotations

import gzip
import json
import math
import os
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.crystals.notes import ReadWarning, filled
from skcrystal.formats.aside import written_aside
from skcrystal.formats.cell import parameters_from_lattice
from skcrystal.formats.extxyz import extxyz_text, ordered_symbols
from skcrystal.formats.formula import formula_text
from skcrystal.formats.names import TABLES, format_of, is_xdatcar
from skcrystal.formats.problems import NOTES, listed
from skcrystal.formats.pymatgen_json import dict_from_crystal
from skcrystal.formats.space_group import symmetrized as standard_setting
from skcrystal.formats.table_writing import table_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

__all__ = ["cif_text", "poscar_text", "write"]


def write(
    crystals: Crystal | Iterable[Crystal],
    path: str | PathLike[str],
    *,
    format: str | None = None,
    symmetrized: bool = False,
    symprec: float = 0.01,
    targets: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Write one or many crystals to a file, whose name says the format.

    Parameters
    ----------
    crystals : Crystal or iterable of Crystal
        Many crystals fit into CIF (one block each), extended XYZ, JSON, ASE's formats and tables; a POSCAR
        file holds one.
    path : str or path-like
        With ``.gz`` at the end, text is compressed. An existing file is replaced.
    format : {"cif", "poscar", "extxyz", "json", "ase", "csv", "jsonl", "parquet"} or None, default=None
        None takes it from the name.
    symmetrized : bool, default=False
        CIF only: False writes all sites of the cell as it is (P 1); True writes the standard setting of the
        space group found, with one site of each orbit.
    symprec : float, default=0.01
        In angstrom, for `symmetrized`.
    targets : mapping of str to sequence, default=None
        Tables only: further columns, one value for each crystal; a dict, say, or a DataFrame.

    Raises
    ------
    CrystalError
        If the format is not known or cannot hold the crystals.
    """
    name = os.fspath(path)
    many = [crystals] if isinstance(crystals, Crystal) else list(crystals)
    if not many:
        raise CrystalError("there is no crystal to write; give at least one.")
    kind = format or (None if is_xdatcar(name) else format_of(name))
    if targets is not None:
        _check_targets(targets, len(many), kind)
    if kind == "ase":
        from skcrystal.formats.ase_files import write_ase_file

        with written_aside(path) as aside:
            write_ase_file(many, str(aside))
        return
    if kind in TABLES:
        texts = [cif_text(crystal, symmetrized=symmetrized, symprec=symprec) for crystal in many]
        ids, renamed = _different_ids(many)
        separator = "\t" if name.lower().removesuffix(".gz").endswith(".tsv") else ","
        content = table_bytes(many, ids, texts, kind, targets, separator)
        if renamed:
            warnings.warn(f"{name}: {listed(renamed)}.", ReadWarning, stacklevel=2)
    elif kind == "cif":
        names = _block_names(many)
        pairs = zip(many, names, strict=True)
        texts = [cif_text(c, name=n, symmetrized=symmetrized, symprec=symprec) for c, n in pairs]
        content = "\n".join(texts).encode()
    elif kind == "poscar":
        if len(many) > 1:
            raise CrystalError(f"a POSCAR file holds one crystal, not {len(many)}; write one file for each.")
        content = poscar_text(many[0]).encode()
    elif kind == "extxyz":
        content = "".join(map(extxyz_text, many)).encode()
    elif kind == "json":
        dicts = [dict_from_crystal(crystal) for crystal in many]
        content = json.dumps(dicts if len(dicts) > 1 else dicts[0]).encode()
    else:
        raise CrystalError(
            f"the name {name!r} does not say which format to write; end it in .cif, .vasp, .xyz, .json, "
            ".csv, .jsonl, .parquet, .traj or .db."
        )
    if name.lower().endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    with written_aside(path) as aside:
        aside.write_bytes(content)


def _check_targets(targets: Mapping[str, Sequence[Any]], n_crystals: int, kind: str | None) -> None:
    if kind not in TABLES:
        raise CrystalError(f"only tables (.csv, .jsonl, .parquet) hold targets, not {kind}; leave them out.")
    for name in targets:
        if len(targets[name]) != n_crystals:
            raise CrystalError(
                f"the target {name!r} has {len(targets[name])} values for {n_crystals} crystals; "
                "give one for each."
            )


def cif_text(crystal: Crystal, *, name: str = "", symmetrized: bool = False, symprec: float = 0.01) -> str:
    """Write a crystal as the text of one CIF data block.

    Parameters
    ----------
    crystal : Crystal
    name : str, default=""
        Name of the block; the formula if empty.
    symmetrized, symprec
        As in :func:`write`.
    """
    content = formula_text(crystal.atomic_numbers, crystal.occupancies)
    operations, symbol, hall, number = ["x,y,z"], "P 1", "P 1", 1
    multiplicities = [1] * len(crystal.frac_coords)
    if symmetrized:
        crystal, multiplicities, operations, symbol, hall, number = standard_setting(crystal, symprec)
        sites = np.repeat(multiplicities, np.diff(crystal.species_offsets))
        content = formula_text(crystal.atomic_numbers, crystal.occupancies * sites)
    keys = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = [f"data_{name or content.replace(' ', '')}"]
    values = parameters_from_lattice(crystal.lattice)
    # Angles to 1e-10 degrees: arccos cannot give more digits, and 90 should read 90.
    lines += [f"_cell_{key} {round(value, 10):.12g}" for key, value in zip(keys, values, strict=True)]
    lines.append(f"_cell_volume {abs(float(np.linalg.det(crystal.lattice))):.10g}")
    if symbol:
        lines += [f"_symmetry_space_group_name_H-M '{symbol}'", f"_space_group_name_Hall '{hall}'"]
    lines += [f"_symmetry_Int_Tables_number {number}", f"_chemical_formula_sum '{content}'"]
    lines += ["_cell_formula_units_Z 1", "loop_", "_symmetry_equiv_pos_site_id", "_symmetry_equiv_pos_as_xyz"]
    lines += [f"{i} '{operation}'" for i, operation in enumerate(operations, start=1)]
    return "\n".join([*lines, *_oxidation_loop(crystal), *_site_loop(crystal, multiplicities)]) + "\n"


def _type_symbol(symbol: str, state: float) -> str:
    """``Fe`` and 3 give ``Fe3+``."""
    return symbol if math.isnan(state) else f"{symbol}{abs(state):g}{'-' if state < 0 else '+'}"


def _oxidation_loop(crystal: Crystal) -> list[str]:
    pairs = zip(crystal.atomic_numbers.tolist(), crystal.oxidation_states.tolist(), strict=True)
    stated = sorted({pair for pair in pairs if not math.isnan(pair[1])})
    if not stated:
        return []
    rows = [f"{_type_symbol(symbols()[number], state)} {state:g}" for number, state in stated]
    return ["loop_", "_atom_type_symbol", "_atom_type_oxidation_number", *rows]


def _site_loop(crystal: Crystal, multiplicities: list[int]) -> list[str]:
    columns = ("type_symbol", "label", "symmetry_multiplicity", "fract_x", "fract_y", "fract_z", "occupancy")
    lines = ["loop_", *(f"_atom_site_{column}" for column in columns)]
    species = list(
        zip(
            crystal.atomic_numbers.tolist(),
            crystal.occupancies.tolist(),
            crystal.oxidation_states.tolist(),
            strict=True,
        )
    )
    for site, (low, high) in enumerate(pairwise(crystal.species_offsets.tolist())):
        x, y, z = crystal.frac_coords[site].tolist()
        for row, (number, occupancy, state) in enumerate(species[low:high], start=low):
            symbol = symbols()[number]
            lines.append(
                f"{_type_symbol(symbol, state)} {symbol}{row} {multiplicities[site]} "
                f"{x:.12f} {y:.12f} {z:.12f} {occupancy:.10g}"
            )
    return lines


def _different_ids(crystals: list[Crystal]) -> tuple[list[str], list[str]]:
    """Return an identifier for each crystal, its source or its number, and what is noted of those changed."""
    taken: set[str] = set()
    ids, notes = [], []
    for i, crystal in enumerate(crystals):
        wanted = new = crystal.source or str(i)
        count = 1
        while new in taken:
            count += 1
            new = f"{wanted}_{count}"
        if new != wanted and crystal.source:
            notes.append(filled(NOTES["renamed"], name=repr(wanted), new=repr(new)))
        taken.add(new)
        ids.append(new)
    return ids, notes


def _block_names(crystals: list[Crystal]) -> list[str]:
    """Different names for the blocks of one file, without spaces."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for crystal in crystals:
        name = formula_text(crystal.atomic_numbers, crystal.occupancies).replace(" ", "")
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names


def poscar_text(crystal: Crystal) -> str:
    """Write an ordered crystal as POSCAR text (VASP 5), the sites of an element together.

    Raises
    ------
    CrystalError
        If the crystal is disordered.
    """
    names = ordered_symbols(crystal, "POSCAR")
    order = list(dict.fromkeys(names))
    rows = [[i for i, symbol in enumerate(names) if symbol == element] for element in order]
    lines = [formula_text(crystal.atomic_numbers, crystal.occupancies), "1.0"]
    lines += [" ".join(f"{value:20.14f}" for value in vector) for vector in crystal.lattice.tolist()]
    lines += [" ".join(order), " ".join(str(len(group)) for group in rows), "Direct"]
    for group in rows:
        lines += [" ".join(f"{value:18.14f}" for value in crystal.frac_coords[i].tolist()) for i in group]
    return "\n".join(lines) + "\n"
