"""What reading says about a file: warnings for what was repaired, limits for what is refused."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.crystals.gate import NOTES as GATE_NOTES
from skcrystal.crystals.notes import SHOWN, NoteKind, ReadWarning, filled, in_one_sentence, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skcrystal.crystals.crystal import Crystal

__all__ = [
    "HEAVY_HYDROGEN",
    "MANY",
    "MAX_BYTES",
    "MAX_SITES",
    "NOTES",
    "Notes",
    "ReadWarning",
    "check_count",
    "check_size",
    "listed",
    "warn_of",
    "warn_of_one",
]

MAX_BYTES = 20_000_000
"""Default limit on the text of one file, in bytes: a CIF of this size needs up to 0.6 GB and some seconds."""

MANY = 50
"""An archive, a table or a trajectory, which holds many crystals, may be so many times as large."""

MAX_SITES = 100_000
"""Default limit on the sites of one crystal after symmetry expansion."""

NOTES = {
    # Of the text.
    "grammar": NoteKind(
        "read as",
        "the text breaks the grammar of CIF 1.1 ({reason}), it was read leniently",
        "a strict parser refuses the CIF; what can be recognised in it was read",
    ),
    "incomplete_row": NoteKind(
        "left out",
        "the loop of {tag} has an incomplete last row, which is left out",
        "a CIF loop ends in the middle of a row",
    ),
    "stated_twice": NoteKind(
        "chosen",
        "{tag} stands twice with different values, the first is kept",
        "one CIF tag has two values in one block",
    ),
    # Of POSCAR and its relatives.
    "elements_of_potcar": NoteKind(
        "read as",
        "the elements were taken from the POTCAR beside the file",
        "a POSCAR of VASP 4 names no elements, and the POTCAR in its folder does",
    ),
    "elements_of_comment": NoteKind(
        "read as",
        "the elements were read from the comment line ({words})",
        "a POSCAR of VASP 4 whose first line has a symbol for each group of sites and further words",
    ),
    "elements_guessed": NoteKind(
        "read as",
        "the elements were guessed from {word} in the comment line",
        "a POSCAR of VASP 4 whose first line holds a formula with the amounts of the groups of sites",
    ),
    "elements_behind": NoteKind(
        "chosen",
        "{other} stands behind the position of site {site}, which is {symbol} by the line of elements",
        "symbols behind the positions of a POSCAR are not those above its numbers of sites, which VASP takes",
    ),
    # Of files that hold more than is asked for, and of their names.
    "positions_left": NoteKind(
        "left out",
        "there are more positions than the numbers of sites say, the first {count} were read",
        "three numbers stand right behind the last position of a POSCAR",
    ),
    "several_crystals": NoteKind(
        "chosen",
        "there are several crystals, the first was read; read_many reads all",
        "one crystal was asked for of a file, text or trajectory that holds more",
    ),
    "renamed": NoteKind(
        "renamed",
        "the name {name} is that of another crystal; this one is called {new}",
        "two rows of one id, blocks of one name or files of one name in several folders; names are given in "
        "the order of reading, to files of one crystal first, with a number behind those that are taken",
    ),
    # Of the atoms.
    "heavy_hydrogen": NoteKind(
        "read as",
        "deuterium or tritium read as hydrogen",
        "the isotopes that have symbols of their own, D and T",
    ),
    "heavy_hydrogen_at": NoteKind(
        "read as",
        "deuterium or tritium read as hydrogen: {names}",
        "the same, with the sites' labels",
    ),
    "dummies": NoteKind("left out", "dummy atoms left out: {names}", "sites that stand for no atom"),
    "unplaced": NoteKind(
        "left out", "atoms without coordinates left out: {names}", "coordinates are ? or missing"
    ),
    "empty_sites": NoteKind("left out", "atoms of occupancy 0 left out: {names}", "nothing is on the site"),
    "labels_guessed": NoteKind(
        "read as",
        "labels guessed: {names}",
        "the element follows from a label or an unusual symbol, never against the stated formula",
    ),
    "dots": NoteKind(
        "read as", "coordinates given as '.' were read as 0", "the dictionary's default of a coordinate"
    ),
    "attached_hydrogens": NoteKind(
        "left out",
        "hydrogens that are stated as attached have no coordinates and are left out: {names}",
        "_atom_site_attached_hydrogens of a CIF",
    ),
    "common_factor": NoteKind(
        "noted",
        "every site is occupied by {share:g}, which looks like a factor common to all occupancies",
        "the occupancies were taken as they stand",
    ),
    "site_factors": NoteKind(
        "noted",
        "each occupancy is the multiplicity of its site over that of the general position, as SHELX has it",
        "the occupancies were taken as they stand",
    ),
    "sites_merged": NoteKind(
        "merged",
        "sites on the same position merged: {names}",
        "atoms within the site tolerance that are one atom written twice",
    ),
    "percent": NoteKind(
        "rescaled",
        "the occupancies are in percent and were divided by 100",
        "all are above 1, none is above 100, and sites are full at 100",
    ),
    "rescaled": NoteKind(
        "rescaled",
        "occupancies above 1 rescaled to 1: {names}",
        "one species, or several on one site, with occupancies that sum to more than 1",
    ),
    # Of the cell.
    "cell_completed": NoteKind(
        "read as",
        "parts of the cell are not stated, it was completed to {values}",
        "lengths and angles that the crystal system gives, or 90 degrees",
    ),
    "cell_units": NoteKind(
        "rescaled",
        "the cell lengths are in {unit}, as the stated {witness} shows, and were turned into angstrom",
        "in picometres, nanometres, metres or bohr the cell has the stated volume or density",
    ),
    "volume": NoteKind(
        "noted",
        "the cell has {found:.4g} cubic angstrom, the stated volume is {stated:.4g}",
        "lengths and angles were used",
    ),
    "density": NoteKind(
        "noted",
        "the crystal has {found:.3g} g/cm3, the stated density is {stated:.3g}",
        "a difference of more than a tenth, which atoms that are not listed may explain",
    ),
    # Of the symmetry.
    "no_symmetry": NoteKind(
        "read as",
        "no symmetry is stated, the atoms were read as the whole cell (P 1)",
        "neither operations nor a space group",
    ),
    "identity_added": NoteKind(
        "read as",
        "the list of symmetry operations lacks x,y,z, which was added",
        "a group holds the identity",
    ),
    "operation_unreadable": NoteKind(
        "chosen",
        "{reason}; {name} was used",
        "one of the listed operations is none: the named group was used",
    ),
    "operations_no_group": NoteKind(
        "chosen",
        "the {count} listed symmetry operations form no group, {name} was used",
        "products of listed operations are missing: the named group, or what they generate, was used",
    ),
    "operations_incomplete": NoteKind(
        "chosen",
        "only {count} of the {order} symmetry operations of {name} are listed, all were used",
        "a list that lacks the centring, or holds x,y,z alone, with atoms that are not the whole cell",
    ),
    "operations_differ": NoteKind(
        "chosen",
        "the listed symmetry operations are not those of {named}; {used} was used",
        "list and name are different groups: what fits formula, Z, multiplicities and distances was used",
    ),
    "operations_contradict": NoteKind(
        "chosen",
        "the listed symmetry operations contradict {witness}, {name} was used",
        "another setting of the named group fits what else the file states",
    ),
    "symbol_contradicts": NoteKind(
        "chosen",
        "the space group symbol contradicts {witness}, {name} was used",
        "another setting of the named group fits what else the file states, and no operations are listed",
    ),
    "setting_open": NoteKind(
        "chosen",
        "the file leaves the {what} of its space group open, {name} was used ({reason})",
        "each origin and setting that the symbol or number allows was tried",
    ),
    "setting_by_cell": NoteKind(
        "chosen",
        "the cell does not have the symmetry of {named}, {name} was used",
        "another setting of the named group (other axes, rhombohedral for hexagonal) fits the cell",
    ),
    "cell_unlike_group": NoteKind(
        "noted",
        "the cell does not have the symmetry of {name}",
        "lengths or angles that the operations do not keep",
    ),
    "hall_contradicts": NoteKind(
        "chosen",
        "the Hall symbol {hall!r} and the symbol {symbol!r} are of different groups, {name} was used",
        "what fits formula, Z, multiplicities and distances; the Hall symbol where both do",
    ),
    "symbol_unknown": NoteKind(
        "chosen", "the space group symbol {symbol!r} is not known, {name} was used", "the number decided"
    ),
    "number_contradicts": NoteKind(
        "chosen",
        "space group number {number} contradicts the symbol {symbol!r}, and was not used",
        "the symbol decided",
    ),
    "magnetic_group": NoteKind(
        "read as",
        "no operations of the group {symbol} are listed, {name} was used",
        "of a magnetic or superspace group, the space group in its symbol",
    ),
    "modulated": NoteKind(
        "read as", "the structure is modulated, its average was read", "modulation functions are not read"
    ),
    "formula": NoteKind(
        "noted",
        "the cell holds {found}, which is not the stated formula {stated}",
        "atomic fractions differ by more than 0.02; hydrogens that were not found are the usual reason",
    ),
    "units": NoteKind(
        "noted",
        "the cell holds {found:g} atoms, which are not Z = {stated:g} units of the stated formula",
        "the elements are there in the stated ratio, and their number is another one",
    ),
    "multiplicities": NoteKind(
        "noted",
        "atoms are on other positions than their stated multiplicities say: {names}",
        "_atom_site_symmetry_multiplicity of a CIF, where no setting of the group gives it",
    ),
    "charges": NoteKind(
        "noted",
        "the stated oxidation states sum to {total:+.3g} in the cell",
        "the states are kept; an atom that is not listed, or a state written wrong, are the usual reasons",
    ),
    "group_not_found": NoteKind(
        "noted",
        "space group {number} is declared, none was found ({reason})",
        "with check_symmetry only",
    ),
    "group_differs": NoteKind(
        "noted",
        "space group {number} is declared, {found} was found (within {symprec:g} angstrom)",
        "with check_symmetry only",
    ),
    # Of the file.
    "several": NoteKind(
        "chosen",
        "the text holds {count} crystals, the first was read, not {names}",
        "one crystal was asked for",
    ),
    # Of every crystal, whatever its door.
    **GATE_NOTES,
}
"""Every note of the readers by name: the documentation's table is made from it."""

HEAVY_HYDROGEN = NOTES["heavy_hydrogen"].template
"""What is noted of the isotopes that have symbols of their own: D and T."""


class Notes:
    """Collects what was repaired in one file.

    What it has collected goes with the crystal, as ``Crystal.notes``; functions that users call for one file
    say it in one warning (:func:`warn_of_one`), and who reads many says it once for all.

    Parameters
    ----------
    source : str
        Where the text came from; begins the warning when not empty.
    """

    def __init__(self, source: str = "") -> None:
        self.source = source
        self._sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Remember one sentence, without its full stop; the same sentence is kept once."""
        if sentence not in self._sentences:
            self._sentences.append(sentence)

    def tell(self, kind: str, **fields: object) -> None:
        """Remember a note of a kind of :data:`NOTES`, with its fields filled in."""
        self.add(filled(NOTES[kind], **fields))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was collected, for the ``notes`` of a crystal."""
        return tuple(self._sentences)

    def extend(self, other: Notes) -> None:
        """Take over the sentences of another collection."""
        for sentence in other._sentences:
            self.add(sentence)

    def prefix(self) -> str:
        """Return ``"source: "``, or nothing when the source is unknown."""
        return f"{self.source}: " if self.source else ""

    def error(self, sentence: str) -> CrystalError:
        """Return the error of this file with the source in front, to be raised by the caller."""
        return CrystalError(self.prefix() + sentence)


def warn_of_one(source: str, sentences: Iterable[str]) -> None:
    """Issue sentences as one :class:`ReadWarning` at the caller's caller, if there are any."""
    text = "; ".join(dict.fromkeys(sentences))
    if text:
        prefix = f"{source}: " if source else ""
        warnings.warn(f"{prefix}{text}.", ReadWarning, stacklevel=3)


def warn_of(source: str, crystals: Sequence[Crystal], left_out: Sequence[str] = ()) -> None:
    """Issue one :class:`ReadWarning` at the caller's caller of what is noted or was left out, if anything."""
    noted = {crystal.source or str(i): crystal.notes for i, crystal in enumerate(crystals) if crystal.notes}
    parts = [in_one_sentence(noted, len(crystals)).rstrip(".")] if noted else []
    if left_out:
        more = f"; and {len(left_out) - SHOWN:,} more" if len(left_out) > SHOWN else ""
        shown = "; ".join(sentence.rstrip(".") for sentence in left_out[:SHOWN])
        parts.insert(0, f"{len(left_out):,} left out: {shown}{more}")
    if parts:
        warnings.warn(f"{source}: {'. '.join(parts)}.", ReadWarning, stacklevel=3)


def check_size(text: str, max_bytes: int, notes: Notes) -> None:
    """Refuse a text longer than `max_bytes` characters, and an empty one."""
    if len(text) > max_bytes:
        raise notes.error(
            f"the text has {len(text):,} characters, more than max_bytes={max_bytes:,}; "
            "raise max_bytes to read it."
        )
    if not text or text.isspace():
        raise notes.error("the text is empty; give the content of a CIF or POSCAR file.")


def check_count(n_sites: int, max_sites: int) -> None:
    """Refuse a cell of more than `max_sites` sites."""
    if n_sites > max_sites:
        raise CrystalError(
            f"the cell holds {n_sites:,} sites, more than max_sites={max_sites:,}; raise max_sites to read it"
        )
