"""CIF text into crystals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.admission import checked
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.cif_block import ReadOptions, read_block
from skcrystal.formats.cif_plain import read_plain
from skcrystal.formats.cif_syntax import parse_blocks
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, Notes, check_size, listed, warn_of_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.formats.cif_columns import CifBlock

__all__ = ["cif_crystals", "first_of_cif", "iter_cif", "read_cif", "read_cif_blocks"]


def read_cif(
    text: str,
    *,
    source: str = "",
    block: str | int | None = None,
    site_tolerance: float = 0.01,
    special_tolerance: float = 0.05,
    occupancy_tolerance: float = 0.5,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Crystal:
    """Read the crystal of a CIF, its whole cell with symmetry applied.

    gemmi parses the text. The symmetry operations are those that the file lists; without a list, those of
    its Hall symbol, Hermann-Mauguin symbol or space group number. Atoms on one position become one
    disordered site with several species.

    Parameters
    ----------
    text : str
        Content of the file.
    source : str, default=""
        Where the text came from; begins every message and is kept in the crystal.
    block : str or int or None, default=None
        The data block to read: its name, or its place among those that hold a crystal, from 0. None is the
        first, with a warning if there are more.
    site_tolerance : float, default=0.01
        In angstrom: atoms closer than this share one site.
    special_tolerance : float, default=0.05
        In angstrom: an atom closer than this to its own image under a symmetry operation lies on a special
        position up to the rounding of its coordinates, and is moved exactly onto it. Of coordinates with few
        decimals a special position farther away is taken, too, if they are, all of them, a rounding of it.
    occupancy_tolerance : float, default=0.5
        Occupancies of different elements on one site that sum to more than 1 plus this are an error; below
        it they are divided by their sum, with a warning. The occupancy of one element is set to 1 at most.
    check_symmetry : bool, default=False
        Warn where the space group that the file declares is not the one found in the crystal.
    max_bytes : int, default=20_000_000
        Longer texts are refused.
    max_sites : int, default=100_000
        Crystals with more sites in the cell are refused.

    Returns
    -------
    Crystal
        That of the chosen data block, or of the first that holds one.

    Raises
    ------
    CrystalError
        If the text holds no crystal.

    Warns
    -----
    ReadWarning
        If something was repaired, guessed or left out: one warning per file, saying what.

    References
    ----------
    S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A47, 655 (1991), doi:10.1107/S010876739101067X.
    M. Wojdyr, J. Open Source Softw. 7, 4200 (2022), doi:10.21105/joss.04200 (gemmi).

    Examples
    --------
    >>> from skcrystal.formats import read_cif
    >>> text = '''data_NaCl
    ... _cell_length_a 5.6402(2)
    ... _cell_length_b 5.6402(2)
    ... _cell_length_c 5.6402(2)
    ... _cell_angle_alpha 90
    ... _cell_angle_beta 90
    ... _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'F m -3 m'
    ... loop_
    ... _atom_site_label
    ... _atom_site_fract_x
    ... _atom_site_fract_y
    ... _atom_site_fract_z
    ... Na1 0 0 0
    ... Cl1 1/2 1/2 1/2
    ... '''
    >>> len(read_cif(text).frac_coords)
    8
    >>> read_cif("data_empty", source="empty.cif")
    Traceback (most recent call last):
        ...
    skcrystal.CrystalError: empty.cif: the text holds no crystal: no data block has both a cell
    (_cell_length_a) and atoms (_atom_site_fract_x); give the CIF of a structure.
    """
    options = ReadOptions(
        source, site_tolerance, special_tolerance, occupancy_tolerance, check_symmetry, max_sites
    )
    crystal, is_plain = _found(text, options, block, max_bytes)
    if not is_plain:
        crystal = checked([crystal])[0]
    warn_of_one(source, crystal.notes)
    return crystal


def read_cif_blocks(
    text: str,
    *,
    source: str = "",
    block: str | int | None = None,
    site_tolerance: float = 0.01,
    special_tolerance: float = 0.05,
    occupancy_tolerance: float = 0.5,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> list[Crystal]:
    """Read the crystals of all data blocks of a CIF.

    Blocks that hold no atoms (a powder pattern, a publication's text) are passed over; a block that holds
    atoms and cannot be read is an error.

    Parameters
    ----------
    text, source, block, site_tolerance, special_tolerance, occupancy_tolerance, check_symmetry, \
max_bytes, max_sites
        As in :func:`read_cif`; `source` is followed by the name of the block where there are several, and
        None as `block` is all of them.

    Returns
    -------
    list of Crystal
    """
    crystals = cif_crystals(
        text,
        source=source,
        block=block,
        site_tolerance=site_tolerance,
        special_tolerance=special_tolerance,
        occupancy_tolerance=occupancy_tolerance,
        check_symmetry=check_symmetry,
        max_bytes=max_bytes,
        max_sites=max_sites,
    )
    crystals = checked(crystals)
    warn_of_one(source, [note for crystal in crystals for note in crystal.notes])
    return crystals


def first_of_cif(
    text: str,
    *,
    source: str = "",
    block: str | int | None = None,
    site_tolerance: float = 0.01,
    special_tolerance: float = 0.05,
    occupancy_tolerance: float = 0.5,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> tuple[Crystal, bool]:
    """Read as :func:`read_cif`, without a warning: what was repaired stands in the crystal's notes.

    Returns
    -------
    crystal : Crystal
        Before the gate of checks.
    is_plain : bool
        Whether nothing needed repair (:func:`skcrystal.formats.cif_plain.read_plain`): the gate lets the
        crystal pass as it is.
    """
    options = ReadOptions(
        source, site_tolerance, special_tolerance, occupancy_tolerance, check_symmetry, max_sites
    )
    return _found(text, options, block, max_bytes)


def _found(text: str, options: ReadOptions, block: str | int | None, max_bytes: int) -> tuple[Crystal, bool]:
    """Return the crystal that is asked for, and whether it is plain."""
    text = _with_line_ends(text)
    crystal = _plain(text, options, block, max_bytes)
    return (_first(text, options, block, max_bytes), False) if crystal is None else (crystal, True)


def _plain(text: str, options: ReadOptions, block: str | int | None, max_bytes: int) -> Crystal | None:
    """Read a text in which nothing needs repair, which the gate would let pass as it is; None for others."""
    if block is not None or options.check_symmetry or len(text) > max_bytes:
        return None
    return read_plain(text, options)


def _first(text: str, options: ReadOptions, block: str | int | None, max_bytes: int) -> Crystal:
    """Read the crystal of the chosen data block, or of the first that holds one."""
    candidates = _candidates(text, options, max_bytes)
    if block is not None:
        chosen = _chosen(candidates, block, options)
        several = len(candidates) > 1
        return read_block(chosen, options.with_block(chosen.name) if several else options)
    crystal = read_block(candidates[0], options)
    if len(candidates) == 1:
        return crystal
    notes = Notes()
    names = listed([other.name or "(unnamed)" for other in candidates[1:]])
    notes.tell("several", count=len(candidates), names=names)
    return replace(crystal, notes=notes.sentences + crystal.notes)


def cif_crystals(text: str, **options: Any) -> list[Crystal]:
    """Read as :func:`read_cif_blocks`, without a warning: what was repaired stands in the crystals' notes."""
    crystals = []
    for found in iter_cif(text, **options):
        if isinstance(found, CrystalError):
            raise found
        crystals.append(found)
    return crystals


def iter_cif(
    text: str,
    *,
    source: str = "",
    block: str | int | None = None,
    site_tolerance: float = 0.01,
    special_tolerance: float = 0.05,
    occupancy_tolerance: float = 0.5,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Iterator[Crystal | CrystalError]:
    """Yield the crystal of each data block that holds one, or the error that says why it cannot be read.

    Nothing is warned of: what was repaired stands in the notes of each crystal.

    Parameters
    ----------
    text, source, block, site_tolerance, special_tolerance, occupancy_tolerance, check_symmetry, \
max_bytes, max_sites
        As in :func:`read_cif_blocks`.

    Raises
    ------
    CrystalError
        If the text as a whole cannot be read, or holds no crystal.
    """
    options = ReadOptions(
        source, site_tolerance, special_tolerance, occupancy_tolerance, check_symmetry, max_sites
    )
    text = _with_line_ends(text)
    crystal = _plain(text, options, block, max_bytes)
    if crystal is not None:
        yield crystal
        return
    candidates = _candidates(text, options, max_bytes)
    several = len(candidates) > 1
    if block is not None:
        candidates = [_chosen(candidates, block, options)]
    for candidate in candidates:
        try:
            yield read_block(candidate, options.with_block(candidate.name) if several else options)
        except CrystalError as error:
            yield error


def _with_line_ends(text: str) -> str:
    """Return a text whose lines end as on Unix: those of an old Macintosh and of Windows count too."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _candidates(text: str, options: ReadOptions, max_bytes: int) -> list[CifBlock]:
    """Return the data blocks that hold a crystal."""
    notes = Notes(options.source)
    check_size(text, max_bytes, notes)
    blocks = parse_blocks(text, notes, 2 * options.max_sites + 1000)
    candidates = [block for block in blocks if block.has_structure()]
    if not candidates:
        raise notes.error(
            "the text holds no crystal: no data block has both a cell (_cell_length_a) and atoms "
            "(_atom_site_fract_x); give the CIF of a structure."
        )
    return candidates


def _chosen(candidates: list[CifBlock], chosen: str | int, options: ReadOptions) -> CifBlock:
    """Return the data block of a name, whose case does not matter, or at a place."""
    if isinstance(chosen, int):
        if -len(candidates) <= chosen < len(candidates):
            return candidates[chosen]
    else:
        wanted = chosen.lower().removeprefix("data_")
        for block in candidates:
            if block.name.lower() == wanted:
                return block
    names = listed([block.name or "(unnamed)" for block in candidates], most=10)
    raise Notes(options.source).error(
        f"there is no data block {chosen!r} that holds a crystal; it has {names}."
    )
