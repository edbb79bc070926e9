"""Rows of a chunk of inputs with a cache: only what it does not have is read, and described."""

from __future__ import annotations

import os
import stat
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from skcrystal.chemistry.tables import tables_digest
from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.limits import UnfitError
from skcrystal.featurizer.cache_entries import KnownText
from skcrystal.featurizer.code_digests import code_digest
from skcrystal.featurizer.describing import Block, Described, dense, describe
from skcrystal.featurizer.kept_symmetry import KeptSymmetry
from skcrystal.formats.detect import looks_like_path
from skcrystal.inputs import read_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.descriptors import Descriptor
    from skcrystal.featurizer.cache import RowCache

__all__ = ["describe_kept", "text_key"]

# Larger files are not read a second time to know them by their content.
LARGEST_FILE = 20_000_000


@cache
def reader_digest() -> bytes:
    """Return a digest of what decides which crystal a text becomes: the readers' code and their tables.

    A text is known by it, so that a reader that was mended reads again.
    """
    digest = blake2b(f"{version('gemmi')} {tables_digest()}".encode(), digest_size=16)
    digest.update(code_digest("skcrystal.formats", "skcrystal.crystals"))
    return digest.digest()


def text_key(item: Any, disorder: str) -> bytes | None:
    """Return the key of a text, or of the content and name of a file; None for other items.

    Parameters
    ----------
    item : object
    disorder : {"average", "raise"}
        What was good with one need not be with the other.
    """
    name, content = "", b""
    if isinstance(item, str) and not looks_like_path(item):
        content = item.encode("utf-8", "surrogatepass")
    elif isinstance(item, str | os.PathLike):
        path = os.fspath(item)
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                return None
            # The elements of a POSCAR may stand in a file beside it.
            if os.path.exists(os.path.join(os.path.dirname(path), "POTCAR")):
                return None
            with open(path, "rb") as file:
                name, content = os.path.basename(str(path)), file.read()
        except (OSError, ValueError):
            return None  # whoever reads it says what is wrong
    else:
        return None
    digest = blake2b(reader_digest(), digest_size=16)
    for part in (disorder.encode(), name.encode("utf-8", "surrogatepass"), content):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def describe_kept(
    steps: Sequence[Descriptor], items: Sequence[Any], disorder: str, store: RowCache
) -> Described:
    """Describe what the store does not have, and keep it there.

    A text or file that it knows is not read again: its crystal's rows are taken, and the notes on it.
    Descriptors that no other program can name (:meth:`Descriptor.key`) are described each time.

    Parameters
    ----------
    steps : sequence of Descriptor
    items : sequence
    disorder : {"average", "raise"}
    store : RowCache

    Returns
    -------
    Described
    """
    widths: dict[str, int] = {}
    step_keys: list[str | None] = [step.key() for step in steps]
    for step, key in zip(steps, step_keys, strict=True):
        if key is not None:
            widths[key] = len(step.get_feature_names_out())
    _note_unnamed(steps, step_keys, store)

    texts: list[bytes | None] = [None] * len(items)
    known: dict[bytes, KnownText] = {}
    if not isinstance(items, Crystals):
        texts = [text_key(item, disorder) for item in items]
        known = store.read_texts(sorted({key for key in texts if key is not None}))
    asked = {text.crystal for text in known.values()}
    found = store.read(sorted(asked), widths)
    crystal_keys: dict[int, bytes] = {}
    notes: dict[int, tuple[str, ...]] = {}
    sources: dict[int, str] = {}
    for index, own_key in enumerate(texts):
        text = known.get(own_key or b"")
        if (
            text is not None
            and None not in step_keys
            and all(text.crystal in rows for rows in found.values())
        ):
            crystal_keys[index] = text.crystal
            if text.notes:
                notes[index], sources[index] = text.notes, _source_of(items[index], text.source)

    unread = np.array([index for index in range(len(items)) if index not in crystal_keys], dtype=np.intp)
    parts: Any = items if len(unread) == len(items) else [items[index] for index in unread]
    crystals, failed, said = read_items(parts, disorder=disorder)
    faults = {int(unread[index]): reason for index, reason in failed.items()}
    told = {int(unread[index]): own for index, own in said.items()}
    good = np.setdiff1d(np.arange(len(unread)), list(failed))
    origins = unread[good]
    learned: dict[bytes, KnownText] = {}
    keys = crystals.keys()
    for index, key, crystal_key, own, source in zip(
        origins.tolist(),
        [texts[index] for index in origins.tolist()],
        keys,
        crystals.notes,
        crystals.sources,
        strict=True,
    ):
        crystal_keys[index] = crystal_key
        if index in told:
            notes[index], sources[index] = told[index], source
        if key is not None and key not in known:
            learned[key] = KnownText(crystal_key, source, tuple(own))

    for descriptor, more in store.read(sorted(set(keys) - asked), widths).items():
        found[descriptor].update(more)
    unnamed, unfit = _describe_missing(steps, step_keys, crystals, found, store, learned)
    for index in sorted(crystal_keys):
        if crystal_keys[index] in unfit:
            faults[index] = unfit[crystal_keys.pop(index)]
            notes.pop(index, None)
            sources.pop(index, None)

    order = [crystal_keys[index] for index in sorted(crystal_keys)]
    blocks: list[Block] = []
    for place, (step, key) in enumerate(zip(steps, step_keys, strict=True)):
        held = unnamed[place] if key is None else found[key]
        width = len(step.get_feature_names_out())
        block = np.array([held[crystal] for crystal in order]).reshape(len(order), width)
        blocks.append(csr_array(block) if getattr(step, "sparse_output", False) else block)
    return Described(blocks, dict(sorted(faults.items())), notes, sources)


def _describe_missing(
    steps: Sequence[Descriptor],
    step_keys: Sequence[str | None],
    crystals: Crystals,
    found: dict[str, dict[bytes, NDArray[np.float64]]],
    store: RowCache,
    learned: Mapping[bytes, KnownText],
) -> tuple[dict[int, dict[bytes, NDArray[np.float64]]], dict[bytes, str]]:
    """Describe each crystal once by the steps that lack it; add the rows to those found, and keep them.

    Returns
    -------
    unnamed : dict
        Place of a step that has no key -> key of a crystal -> row.
    unfit : dict
        Key of a crystal that a step cannot describe -> reason.
    """
    symmetry = KeptSymmetry(store, crystals._known_symmetry)
    crystals = crystals.knowing(symmetry)
    first: dict[bytes, int] = {}
    for index, crystal in enumerate(crystals.keys()):
        first.setdefault(crystal, index)
    unnamed: dict[int, dict[bytes, NDArray[np.float64]]] = {
        place: {} for place, key in enumerate(step_keys) if key is None
    }
    unfit: dict[bytes, str] = {}
    while True:
        # Steps mostly lack the same crystals; they share the batch, and with it symmetry and neighbours.
        groups: dict[tuple[bytes, ...], list[int]] = {}
        for place, key in enumerate(step_keys):
            held = unnamed[place] if key is None else found[key]
            missing = tuple(crystal for crystal in first if crystal not in held and crystal not in unfit)
            if missing:
                groups.setdefault(missing, []).append(place)
        fresh: dict[str, tuple[list[bytes], NDArray[np.float64]]] = {}
        try:
            for missing, places in groups.items():
                batch = crystals[np.array([first[crystal] for crystal in missing])]
                for place, block in zip(places, describe([steps[p] for p in places], batch), strict=True):
                    key, rows = step_keys[place], dense(block)
                    held = unnamed[place] if key is None else found[key]
                    held.update(zip(missing, rows, strict=True))
                    if key is not None:
                        fresh[key] = list(missing), rows
        except UnfitError as error:
            unfit.update({missing[index]: reason for index, reason in error.faults.items()})
            store.write(fresh, {}, symmetry.take_fresh())
            continue
        good = {key: text for key, text in learned.items() if text.crystal not in unfit}
        store.write(fresh, good, symmetry.take_fresh())
        return unnamed, unfit


def _source_of(item: Any, known: str) -> str:
    """Return where an item came from: files of equal content lie at different places."""
    return known if isinstance(item, str) and not looks_like_path(item) else str(item)


def _note_unnamed(steps: Sequence[Descriptor], step_keys: Sequence[str | None], store: RowCache) -> None:
    names = sorted({type(step).__name__ for step, key in zip(steps, step_keys, strict=True) if key is None})
    if names:
        store.notes.append(
            f"rows of {', '.join(names)} are not kept in the cache: its class, or a parameter, is defined in "
            "the program itself or in a function, where another program may mean something else by its name; "
            "define it in a module"
        )
