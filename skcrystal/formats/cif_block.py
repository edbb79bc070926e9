"""One CIF data block into one crystal: each reading that its symmetry allows, and the one that fits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.assemble import assemble
from skcrystal.formats.cif_atoms import read_atoms
from skcrystal.formats.cif_cell import read_cell
from skcrystal.formats.cif_content import (
    check_modulation,
    note_common_factor,
    note_site_factors,
    wrong_unit,
)
from skcrystal.formats.cif_symmetry import (
    METRIC_ROUNDING,
    declared,
    fits_cell,
    group_of,
    groups_of_symbol,
    judge,
    magnetic_groups,
    note_names,
    read_stated,
    settings_that_fit,
)
from skcrystal.formats.formula import formula_amounts, formula_text
from skcrystal.formats.groups import generated
from skcrystal.formats.problems import Notes, listed
from skcrystal.formats.space_group import check_space_group
from skcrystal.formats.symops import IDENTITY
from skcrystal.formats.witnesses import DENSITY_TOLERANCE, Score, Witnesses, density_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_atoms import Atoms
    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.cif_symmetry import Stated, Verdict
    from skcrystal.formats.symops import Operations

__all__ = ["ReadOptions", "read_block"]


class ReadOptions(NamedTuple):
    """The parameters of :func:`skcrystal.formats.read_cif`, passed down together."""

    source: str
    site_tolerance: float
    special_tolerance: float
    occupancy_tolerance: float
    check_symmetry: bool
    max_sites: int

    def with_block(self, name: str) -> ReadOptions:
        """Return the same options with the name of a data block behind the source."""
        return self._replace(source=f"{self.source}, data_{name}" if self.source else f"data_{name}")


class Reading(NamedTuple):
    """A crystal by one set of operations: how it fits, and what was repaired in it."""

    operations: Operations
    crystal: Crystal
    images: NDArray[np.int64]
    score: Score
    notes: Notes

    def fits_better(self, other: Reading) -> bool:
        """Tell whether this reading mends another one's distances, and its atoms lie on special positions."""
        fewer = len(self.crystal.frac_coords) < len(other.crystal.frac_coords)
        return not self.score.contact and fewer and sum(self.score.stated) >= sum(other.score.stated)

    def moved(self, atoms: Atoms) -> str:
        """Name the atoms that became another number of sites than is stated of them."""
        stated = atoms.multiplicities
        other = np.flatnonzero(~np.isnan(stated) & (self.images != stated)).tolist()
        return listed([f"{atoms.labels[i]} ({self.images[i]}, not {stated[i]:g})" for i in other])


def read_block(block: CifBlock, options: ReadOptions) -> Crystal:
    """Read the crystal of a block, with symmetry applied and its notes.

    Where the file leaves the setting open (the origin of ``F d -3 m``, the axes of a bare number), or its
    list of operations is no group, is not the named one or contradicts what else it states, every setting
    that it allows is tried and the one that fits is taken: by formula, Z, multiplicities, density, charges
    and the shortest distance.

    Parameters
    ----------
    block : CifBlock
    options : ReadOptions

    Raises
    ------
    CrystalError
        If the block holds no readable crystal.
    """
    notes = Notes(options.source)
    if block.fault:
        raise notes.error(block.fault)
    for sentence in block.notes.sentences:
        notes.add(sentence)
    check_modulation(block, notes)
    lattice = read_cell(block, notes)
    formula = formula_amounts(block.first("_chemical_formula_sum"))
    atoms = read_atoms(block, lattice, frozenset(z for z, _ in formula), notes)
    witnesses = Witnesses.of(block, formula)
    reading = _Room(lattice, atoms, witnesses, options).best(block, notes)
    unit = wrong_unit(reading.crystal, witnesses.density, notes)
    if unit != 1:
        reading = _Room(lattice / unit, atoms, witnesses, options).best(block, notes)
    crystal = reading.crystal
    notes.extend(reading.notes)
    if not fits_cell(reading.operations, crystal.lattice, METRIC_ROUNDING):
        notes.tell("cell_unlike_group", name=reading.operations.name)
    if reading.score.formula < 0:
        found = formula_text(crystal.atomic_numbers, crystal.occupancies)
        notes.tell("formula", found=found, stated=" ".join(block.first("_chemical_formula_sum").split()))
    elif witnesses.density > 0:
        density = density_of(crystal)
        if abs(density / witnesses.density - 1) > DENSITY_TOLERANCE:
            notes.tell("density", found=density, stated=witnesses.density)
    elif reading.score.units < 0 and formula:
        amount = float(crystal.occupancies.sum())
        notes.tell("units", found=round(amount, 3), stated=witnesses.units)
    if reading.score.multiplicities < 0:
        notes.tell("multiplicities", names=reading.moved(atoms))
    if reading.score.charge < 0:
        notes.tell("charges", total=float(crystal.oxidation_states @ crystal.occupancies))
    note_common_factor(crystal, atoms, notes)
    note_site_factors(reading.images, len(reading.operations.rotations), atoms, notes)
    if options.check_symmetry:
        stated = read_stated(block, lattice, notes)
        check_space_group(crystal, stated.symbol, stated.number, notes)
    return replace(crystal, notes=notes.sentences)


class _Room:
    """Tries readings of one set of atoms."""

    def __init__(
        self, lattice: NDArray[np.float64], atoms: Atoms, witnesses: Witnesses, options: ReadOptions
    ) -> None:
        self.lattice, self.atoms, self.witnesses, self.options = lattice, atoms, witnesses, options
        self.failures: list[CrystalError] = []

    def read(self, operations: Operations) -> Reading | None:
        """Apply operations; None, and the reason among the failures, where they give no crystal."""
        own = Notes(self.options.source)
        try:
            crystal, images = assemble(
                self.lattice,
                self.atoms,
                operations,
                own,
                site_tolerance=self.options.site_tolerance,
                special_tolerance=self.options.special_tolerance,
                occupancy_tolerance=self.options.occupancy_tolerance,
                max_sites=self.options.max_sites,
                source=self.options.source,
            )
        except CrystalError as error:
            self.failures.append(error)
            return None
        score = Score.of(crystal, images, self.atoms.multiplicities, self.witnesses)
        return Reading(operations, crystal, images, score, own)

    def all(self, settings: list[Operations]) -> list[Reading]:
        """Apply each of several settings."""
        readings = [self.read(operations) for operations in settings]
        return [reading for reading in readings if reading is not None]

    def best(self, block: CifBlock, notes: Notes) -> Reading:
        """Return the reading that fits what the block states.

        Raises
        ------
        CrystalError
            If symmetry is stated that cannot be read, or no reading gives a crystal.
        """
        stated = read_stated(block, self.lattice, notes)
        verdict = judge(stated)
        if verdict.lacks_identity:
            notes.tell("identity_added")
        if verdict.relation == "nothing":
            verdict = self._without_group(block, stated, verdict, notes)
        note_names(stated, verdict, notes)
        if verdict.reason and verdict.named:
            notes.tell("operation_unreadable", reason=verdict.reason, name=verdict.named[0].name)
        if verdict.relation == "named":
            return self._named(stated, verdict, notes)
        assert verdict.listed is not None
        if verdict.relation == "listed":
            reading = self._listed(stated, verdict, notes)
            if groups_of_symbol(stated):
                self._note_hall(stated, reading, notes)
            return reading
        return self._doubtful(stated, verdict, notes)

    def _without_group(self, block: CifBlock, stated: Stated, verdict: Verdict, notes: Notes) -> Verdict:
        symbol, groups = magnetic_groups(block, stated.angles)
        if groups:
            notes.tell("magnetic_group", symbol=symbol, name=groups[0].name)
            return verdict._replace(named=groups, relation="named")
        if verdict.reason:
            raise notes.error(f"{verdict.reason}.")
        name = declared(block)
        if name:
            raise notes.error(
                f"the space group {' '.join(name.split())[:60]!r} is not known and no symmetry operations "
                "are listed; list them in _space_group_symop_operation_xyz."
            )
        notes.tell("no_symmetry")
        return verdict._replace(listed=IDENTITY, relation="listed")

    def _taken(self, reading: Reading | None) -> Reading:
        if reading is None:
            raise self.failures[0]
        return reading

    def _named(self, stated: Stated, verdict: Verdict, notes: Notes) -> Reading:
        """Without a list: the settings of the name that keep the cell."""
        of_symbol = groups_of_symbol(stated)
        settings = [group for group in (*verdict.named, *of_symbol) if fits_cell(group, self.lattice)]
        if settings and of_symbol:
            best = self._taken(_most_likely(self.all(settings)))
            self._note_hall(stated, best, notes)
            return best
        if not settings:
            settings = settings_that_fit(group_of(stated, verdict), self.lattice)
            if settings:
                readings = self.all(settings)
                best = self._taken(_most_likely(readings))
                notes.tell("setting_by_cell", named=verdict.named[0].name, name=best.operations.name)
                return best
            notes.tell("cell_unlike_group", name=verdict.named[0].name)
            settings = list(verdict.named)
        readings = self.all(settings)
        best = self._taken(_most_likely(readings))
        if self._is_doubtful(best) and not stated.hall:
            # What the symbol says is not possible: perhaps it is that of other axes or of another origin.
            known = {setting.name for setting in settings}
            others = settings_that_fit(group_of(stated, verdict), self.lattice)
            other = _most_likely(self.all([group for group in others if group.name not in known]))
            if other is not None and other.fits_better(best):
                notes.tell("symbol_contradicts", witness=best.score.worst(), name=other.operations.name)
                return other
        if len(settings) > 1 and not _stated_decides(best, readings):
            what = "setting" if not stated.symbol else "origin"
            reason = _reason(best, readings)
            notes.tell("setting_open", what=what, name=best.operations.name, reason=reason)
        return best

    def _listed(self, stated: Stated, verdict: Verdict, notes: Notes) -> Reading:
        """The list is a group, and the named one if there is a name."""
        assert verdict.listed is not None
        fits = fits_cell(verdict.listed, self.lattice)
        reading = self.read(verdict.listed)
        if reading is not None and fits and not self._is_doubtful(reading):
            return reading
        # Coordinates of another origin or of other axes than the list is for.
        first = set() if reading is None else {reading.operations.name}
        settings = {group.name: group for group in verdict.named}
        if verdict.named:
            number_ = group_of(stated, verdict)
            settings |= {group.name: group for group in settings_that_fit(number_, self.lattice)}
        others = [s for name, s in settings.items() if name not in first and fits_cell(s, self.lattice)]
        other = _most_likely(self.all(others))
        if not fits and other is not None and (reading is None or other.score.total >= reading.score.total):
            notes.tell("setting_by_cell", named=verdict.listed.name, name=other.operations.name)
            return other
        if not fits:
            notes.tell("cell_unlike_group", name=verdict.listed.name)
        if reading is None:
            if other is None or other.score.contact or other.score.total <= 0:
                raise self.failures[0]
            notes.tell("operations_contradict", witness="the atoms", name=other.operations.name)
            return other
        if other is not None and other.score.total > reading.score.total:
            notes.tell("operations_contradict", witness=reading.score.worst(), name=other.operations.name)
            return other
        return reading

    def _note_hall(self, stated: Stated, reading: Reading, notes: Notes) -> None:
        name = reading.operations.name
        notes.tell("hall_contradicts", hall=stated.hall[:30], symbol=stated.symbol[:30], name=name)

    def _is_doubtful(self, reading: Reading) -> bool:
        """Tell whether another setting could mend what a reading contradicts."""
        score = reading.score
        if score.contact == -2 or score.multiplicities < 0:
            return True
        elements = {z for z, _ in self.witnesses.formula}
        whole = not elements or elements == set(reading.crystal.atomic_numbers.tolist())
        return whole and min(score.formula, score.units) < 0

    def _doubtful(self, stated: Stated, verdict: Verdict, notes: Notes) -> Reading:
        """The list is no group, a part of the named one, or another one."""
        listed, named = verdict.listed, list(verdict.named)
        assert listed is not None
        settings = [group for group in named if fits_cell(group, self.lattice)]
        if named and not settings:
            settings = settings_that_fit(group_of(stated, verdict), self.lattice)
        if not named:
            whole = generated(listed)
            settings = [] if whole is None else [whole._replace(name="the group that they generate")]
        readings = self.all(settings)
        own = self.read(listed)
        if own is not None and verdict.relation == "part":
            n_sites = len(own.crystal.frac_coords)
            if any(len(reading.crystal.frac_coords) == n_sites for reading in readings):
                return own  # the whole cell is listed
        best = self._taken(_most_likely(readings) or own)
        # A list that is a group of its own is what the atoms were refined in; any other is damaged.
        proper = verdict.relation == "differ"
        if own is not None and (own.score.total, proper) > (best.score.total, not proper):
            best = own
        count, name = len(listed.rotations), best.operations.name
        if verdict.relation == "differ" or (best is own and named):
            notes.tell("operations_differ", named=named[0].name, used=name)
        elif verdict.relation == "part":
            order = len(best.operations.rotations)
            notes.tell("operations_incomplete", count=count, order=order, name=name)
        else:
            notes.tell("operations_no_group", count=count, name=name)
        return best


def _most_likely(readings: list[Reading]) -> Reading | None:
    """Return the reading that fits best: then the one of fewest sites, with the longest shortest distance.

    Coordinates are chosen on special positions: where a setting is wrong, they miss them, and sites are more.
    """
    if not readings:
        return None
    # max keeps the first of equals, which is the likeliest.
    return max(
        readings,
        key=lambda r: (r.score.total, -len(r.crystal.frac_coords), math.floor(20 * r.score.ratio)),
    )


def _stated_decides(best: Reading, readings: list[Reading]) -> bool:
    """Tell whether what the file states leaves this reading alone."""
    if not any(best.score.stated):
        return False
    own = sum(best.score.stated)
    return own > 0 and all(sum(r.score.stated) < own or r is best for r in readings)


def _reason(best: Reading, readings: list[Reading]) -> str:
    others = [reading for reading in readings if reading is not best]
    if all(r.score.total < best.score.total for r in others):
        return "by what the file states and the distances"
    if all(len(r.crystal.frac_coords) > len(best.crystal.frac_coords) for r in others):
        return "by the special positions of its atoms"
    return "the likeliest of several"
