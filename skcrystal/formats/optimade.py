"""Structures as the OPTIMADE standard names their properties, from columns of arrow into flat arrays.

``lattice_vectors`` and ``cartesian_site_positions`` are numbers in angstrom, ``species_at_sites`` names; what
the names stand for is said by ``species``, and where that is absent they are symbols of elements
(https://github.com/Materials-Consortia/OPTIMADE, section 7.2). There is no text to parse, and none is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.admission import arrays_through_gate
from skcrystal.crystals.arrays import CrystalArrays, offsets_of
from skcrystal.crystals.cells import inverses
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.entries import Entry, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.crystal import Crystal

__all__ = ["NEEDED", "USED", "holds_optimade", "optimade_batch", "optimade_entries"]

NEEDED = ("lattice_vectors", "cartesian_site_positions", "species_at_sites")
"""The properties without which there is no crystal."""

USED = (*NEEDED, "species", "dimension_types", "structure_features")
"""All properties that are read."""

# Of ``structure_features``: what such a structure holds is more than its sites.
UNSUPPORTED = {
    "assemblies": "its sites are occupied in groups (assemblies)",
    "implicit_atoms": "some of its atoms have no sites (implicit_atoms)",
    "unknown_positions": "some of its sites have no positions (unknown_positions)",
}


def holds_optimade(columns: Iterable[str]) -> bool:
    """Tell whether columns have all without which there is no crystal."""
    return set(NEEDED) <= set(columns)


def optimade_batch(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return rows of a table that is in memory as a batch of arrow, with the columns that are read.

    Parameters
    ----------
    rows : sequence of dict
        Lists or arrays under the names :data:`USED`.

    Raises
    ------
    CrystalError
        What stands in a column is not of one kind, or pyarrow is absent.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise CrystalError("OPTIMADE's properties need pyarrow: pip install 'skcrystal[parquet]'.") from None
    text, vectors = pa.string(), pa.list_(pa.list_(pa.float64()))
    species = {"name": text, "chemical_symbols": pa.list_(text), "concentration": pa.list_(pa.float64())}
    kinds = {
        "lattice_vectors": vectors,
        "cartesian_site_positions": vectors,
        "species_at_sites": pa.list_(text),
        "species": pa.list_(pa.struct(species)),
        "dimension_types": pa.list_(pa.int64()),
        "structure_features": pa.list_(text),
    }
    # Where no row says what its species are, names are symbols.
    held = [name for name in USED if name in NEEDED or any(row.get(name) is not None for row in rows)]
    try:
        return pa.RecordBatch.from_pydict(
            {name: [_plain(row.get(name)) for row in rows] for name in held},
            schema=pa.schema([(name, kinds[name]) for name in held]),
        )
    except pa.ArrowException as error:
        raise CrystalError(f"its OPTIMADE properties cannot be read: {one_line(str(error))}") from None


def _plain(value: Any) -> Any:
    """Return lists for the arrays of arrays that pandas makes of lists of lists."""
    if isinstance(value, np.ndarray | list):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and np.isnan(value) else value


def optimade_entries(batch: Any, labels: Sequence[str], sources: Sequence[str]) -> Iterator[Entry]:
    """Yield the crystals of rows, or why there are none.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        With the columns :data:`NEEDED`, and of the others of :data:`USED` those that there are.
    labels : sequence of str
        What each row is called.
    sources : sequence of str
        Where each row was read.
    """
    crystals, faults = _read(batch, sources)
    for index, (label, source) in enumerate(zip(labels, sources, strict=True)):
        fault = CrystalError(faults[index]) if index in faults else None
        yield Entry(source, crystals.get(index), fault, label)


def _read(batch: Any, sources: Sequence[str]) -> tuple[dict[int, Crystal], dict[int, str]]:
    try:
        return arrays_through_gate(_arrays(batch), sources)
    except CrystalError as error:
        if len(batch) == 1:
            return {}, {0: f"{sources[0]}: {error}"}
    crystals: dict[int, Crystal] = {}
    faults: dict[int, str] = {}
    for index in range(len(batch)):
        # One by one, so that the one that is at fault costs itself.
        own, fault = _read(batch.slice(index, 1), sources[index : index + 1])
        crystals.update(dict.fromkeys([index], own[0]) if own else {})
        faults.update(dict.fromkeys([index], fault[0]) if fault else {})
    return crystals, faults


def _arrays(batch: Any) -> CrystalArrays:
    """Return rows as arrays.

    Raises
    ------
    CrystalError
        One of them is no crystal.
    """
    _check_types(batch)
    _check_kinds(batch)
    lattices, counts = _vectors(batch.column("lattice_vectors"), "lattice_vectors")
    if (counts != 3).any():
        raise CrystalError(
            "its lattice_vectors are not three; give a crystal that is periodic in all directions"
        )
    lattices = lattices.reshape(-1, 3, 3)
    positions, counts = _vectors(batch.column("cartesian_site_positions"), "cartesian_site_positions")
    names = batch.column("species_at_sites")
    named = _lengths(names)
    if not (counts == named).all() or not counts.all():
        raise CrystalError(
            f"it has {counts[0]} cartesian_site_positions and {named[0]} species_at_sites; there must be as "
            "many, and one at least"
        )
    owners = np.repeat(np.arange(len(counts)), counts)
    reciprocal = inverses(lattices)
    # A flat cell has no coordinates; the gate refuses it, and says why.
    reciprocal[~np.isfinite(reciprocal).all(axis=(1, 2))] = 0
    coords = np.einsum("ni,nij->nj", positions, reciprocal[owners])
    held, numbers, occupancies = _species(batch, names.flatten(), owners)
    return CrystalArrays(
        lattices,
        offsets_of(counts.tolist()),
        coords,
        held,
        numbers,
        occupancies,
        np.full(len(numbers), np.nan),
    )


def _check_types(batch: Any) -> None:
    from pyarrow.types import is_fixed_size_list, is_large_list, is_list

    for name in NEEDED:
        kind = batch.schema.field(name).type
        if not (is_list(kind) or is_large_list(kind) or is_fixed_size_list(kind)):
            raise CrystalError(f"its {name} are {kind}, and no list; write them as the standard says")


def _check_kinds(batch: Any) -> None:
    names = batch.schema.names
    if "dimension_types" in names:
        kinds = batch.column("dimension_types")
        given = kinds.flatten().to_numpy(zero_copy_only=False)
        if not np.asarray(given == 1, dtype=bool).all():
            raise CrystalError(
                "its dimension_types are not 1, 1, 1; give a crystal that is periodic in all directions"
            )
    if "structure_features" in names:
        for feature in batch.column("structure_features").flatten().unique().to_pylist():
            if feature in UNSUPPORTED:
                raise CrystalError(f"{UNSUPPORTED[feature]}, which is not read; leave it out")


def _lengths(lists: Any) -> NDArray[np.int64]:
    import pyarrow.compute as pc

    found: NDArray[np.int64] = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), dtype=np.int64)
    return found


def _vectors(column: Any, name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the vectors of three numbers in each list, and how many each has."""
    counts = _lengths(column)
    vectors = column.flatten()
    numbers = vectors.flatten()
    if (_lengths(vectors) != 3).any() or numbers.null_count or len(numbers) != 3 * counts.sum():
        raise CrystalError(f"its {name} are not vectors of three numbers each; fill in what is missing")
    values = np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values.reshape(-1, 3), counts


def _species(
    batch: Any, names: Any, owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the offsets of the sites' species, their atomic numbers and their occupancies."""
    if "species" in batch.schema.names and not _are_elements(batch.column("species")):
        if len(batch) > 1:
            raise CrystalError("names of species that are no symbols are looked up row by row")
        return _looked_up(names.to_pylist(), batch.column("species").to_pylist()[0] or [])
    if names.null_count:
        raise CrystalError("one of its species_at_sites is missing; fill it in")
    encoded = names.dictionary_encode()
    known = [_number(name) for name in encoded.dictionary.to_pylist()]
    numbers = np.array(known, dtype=np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    return np.arange(len(numbers) + 1), numbers, np.ones(len(numbers))


def _are_elements(species: Any) -> bool:
    """Tell whether each species is one element, wholly, and called by its symbol."""
    import pyarrow.compute as pc

    flat = species.flatten()
    held, shares = flat.field("chemical_symbols"), flat.field("concentration")
    elements = held.flatten()
    return (
        len(elements) == len(flat)
        and bool((_lengths(held) == 1).all())
        and bool(pc.all(pc.equal(elements, flat.field("name")), min_count=0).as_py())
        and bool(pc.all(pc.equal(shares.flatten(), 1.0), min_count=0).as_py())
    )


def _looked_up(
    names: Sequence[str], species: Sequence[Mapping[str, Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Look up what the names of one structure's sites stand for: elements, each with its share."""
    known: dict[str, list[tuple[int, float]]] = {}
    for one in species:
        parts = zip(one["chemical_symbols"], one["concentration"], strict=True)
        known[one["name"]] = [(_number(symbol), share) for symbol, share in parts if symbol != "vacancy"]
    contents = []
    for name in names:
        if not known.get(name):
            raise CrystalError(
                f"its species say nothing of {one_line(str(name))!r}, which is at a site; add it"
            )
        contents.append(known[name])
    flat = [part for content in contents for part in content]
    return (
        offsets_of([len(content) for content in contents]),
        np.array([number for number, _ in flat], dtype=np.int64),
        np.array([share for _, share in flat], dtype=np.float64),
    )


_NUMBERS: dict[str, int] = {}


def _number(symbol: Any) -> int:
    if not _NUMBERS:
        _NUMBERS.update({name: number for number, name in enumerate(symbols()) if number})
    if symbol not in _NUMBERS:
        raise CrystalError(
            f"its species {one_line(str(symbol))!r} is no element; say what it is in the property species"
        )
    return _NUMBERS[symbol]
