"""Lists of symmetry operations as groups: are they one, what do they generate, and how do two compare.

Operations are compared as whole numbers, rotations entry by entry and translations in 1/720 of a lattice
vector, modulo whole ones: halves to tenths, sixteenths and the sums of all of them are exact.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.formats.symops import Operations

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "IDENTITY_KEY",
    "LARGEST_GROUP",
    "distinct",
    "generated",
    "is_group",
    "is_part",
    "same_kind",
    "sorted_keys",
    "tabulated_number",
]

LARGEST_GROUP = 192
"""Operations of the largest space group in a conventional cell."""

_STEPS = 720
_LARGEST_ENTRY = 3
_BASE = (2 * _LARGEST_ENTRY + 1) ** np.arange(9, dtype=np.int64)
_IDENTITY_ROTATION = np.eye(3, dtype=np.int64)


def _whole(operations: Operations) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Rotations and translations as whole numbers; None where a rotation has entries that are none."""
    rotations = np.rint(operations.rotations).astype(np.int64)
    if (
        np.abs(rotations - operations.rotations).max(initial=0) > 1e-6
        or np.abs(rotations).max(initial=0) > _LARGEST_ENTRY
    ):
        return None
    return rotations, np.rint(operations.translations * _STEPS).astype(np.int64) % _STEPS


def _keys(rotations: NDArray[np.int64], translations: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each operation, equal where they are; -1 where a rotation has entries beyond 3."""
    flat = rotations.reshape(-1, 9) + _LARGEST_ENTRY
    keys = flat @ _BASE * _STEPS**3 + translations @ np.array([_STEPS**2, _STEPS, 1])
    return np.where(((flat < 0) | (flat > 2 * _LARGEST_ENTRY)).any(axis=1), -1, keys)


def _products(
    first: tuple[NDArray[np.int64], NDArray[np.int64]], second: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every operation of the one after every operation of the other."""
    rotations = first[0][:, None] @ second[0][None]
    translations = np.einsum("iab,jb->ija", first[0], second[1]) + first[1][:, None]
    return rotations.reshape(-1, 3, 3), translations.reshape(-1, 3) % _STEPS


def sorted_keys(operations: Operations) -> NDArray[np.int64] | None:
    """Return one number for each operation, each once, in ascending order; None where no whole numbers do."""
    whole = _whole(operations)
    return None if whole is None else np.unique(_keys(*whole))


IDENTITY_KEY = int(_keys(_IDENTITY_ROTATION[None], np.zeros((1, 3), dtype=np.int64))[0])


def distinct(operations: Operations) -> Operations:
    """Return the operations with each once, in their order: of a magnetic group space alone is left."""
    whole = _whole(operations)
    if whole is None:
        return operations
    _, first = np.unique(_keys(*whole), return_index=True)
    if len(first) == len(operations.rotations):
        return operations
    kept = np.sort(first)
    return Operations(operations.rotations[kept], operations.translations[kept], operations.name)


def is_group(operations: Operations) -> bool:
    """Tell whether the list is closed: the product of two of its operations is one of them.

    Of lists longer than the largest space group (magnetic supercells have them) a part is tried.
    """
    whole = _whole(operations)
    if whole is None:
        return False
    keys = _keys(*whole)
    step = max(1, len(keys) // LARGEST_GROUP)
    products = _products((whole[0][::step], whole[1][::step]), whole)
    # A finite set that holds its products holds the inverses and the identity too.
    return bool(np.isin(_keys(*products), keys).all())


def generated(operations: Operations, most: int = LARGEST_GROUP) -> Operations | None:
    """Return the group that operations generate, modulo lattice translations; None beyond `most`."""
    whole = _whole(operations)
    if whole is None:
        return None
    rotations = np.concatenate([_IDENTITY_ROTATION[None], whole[0]])
    translations = np.concatenate([np.zeros((1, 3), dtype=np.int64), whole[1]])
    size = 0
    while len(rotations) > size:
        size = len(rotations)
        more = _products((rotations, translations), whole)
        rotations = np.concatenate([rotations, more[0]])
        translations = np.concatenate([translations, more[1]])
        if np.abs(rotations).max() > _LARGEST_ENTRY:
            return None
        _, first = np.unique(_keys(rotations, translations), return_index=True)
        kept = np.sort(first)
        rotations, translations = rotations[kept], translations[kept]
        if len(rotations) > most:
            return None
    return Operations(rotations.astype(np.float64), translations / _STEPS, operations.name)


def is_part(first: Operations, second: Operations) -> tuple[bool, bool]:
    """Tell whether the first list is part of the second, and whether they are the same set."""
    one, other = _whole(first), _whole(second)
    if one is None or other is None:
        return False, False
    keys, others = _keys(*one), _keys(*other)
    part = bool(np.isin(keys, others).all())
    return part, part and len(np.unique(keys)) == len(np.unique(others))


def tabulated_number(operations: Operations) -> int:
    """Return the number of the space group in one of its tabulated settings; 0 for all others."""
    import gemmi

    whole = _whole(operations)
    if whole is None or len(whole[0]) > LARGEST_GROUP:
        return 0
    ops = []
    for rotation, translation in zip(whole[0].tolist(), whole[1].tolist(), strict=True):
        op = gemmi.Op()
        op.rot = [[value * op.DEN for value in row] for row in rotation]
        op.tran = [value * op.DEN // _STEPS for value in translation]
        ops.append(op.wrap())
    group = gemmi.find_spacegroup_by_ops(gemmi.GroupOps(ops))
    return 0 if group is None else int(group.number)


def same_kind(first: Operations, second: Operations) -> bool:
    """Tell whether two lists have the same kinds of rotations in the same numbers, and as many translations.

    Necessary for two settings of one space group, whatever their axes and origins.
    """
    counts = []
    for operations in (first, second):
        determinants = np.rint(np.linalg.det(operations.rotations)).astype(int).tolist()
        traces = np.rint(np.trace(operations.rotations, axis1=1, axis2=2)).astype(int).tolist()
        counts.append(Counter(zip(determinants, traces, strict=True)))
    # A setting may be centred otherwise: only the shares must agree.
    totals = [sum(count.values()) for count in counts]
    shares = [{kind: n / total for kind, n in c.items()} for c, total in zip(counts, totals, strict=True)]
    return shares[0].keys() == shares[1].keys() and all(
        abs(shares[0][kind] - shares[1][kind]) < 1e-9 for kind in shares[0]
    )
