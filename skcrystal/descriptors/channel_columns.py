"""Which columns belong to which channels: a crystal's row is computed for the channels that it has."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from skcrystal.crystals.batch import Crystals

__all__ = ["ChannelColumns", "HeldChannels", "channel_columns"]


class HeldChannels(NamedTuple):
    """The channels of each crystal that are not empty.

    Attributes
    ----------
    mask : ndarray of bool, shape (n_crystals, n_channels)
    offsets, channels : ndarray
        Crystal i has the channels ``channels[offsets[i]:offsets[i + 1]]``.
    """

    mask: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    channels: NDArray[np.int64]

    @classmethod
    def of(cls, crystals: Crystals, weights: NDArray[np.float64], every: bool) -> HeldChannels:
        """Find them from the weights of the sites; `every` crystal may be said to have all of them."""
        mask = np.ones((len(crystals), weights.shape[1]), dtype=bool)
        if not every and len(crystals):
            mask = np.maximum.reduceat(weights, crystals.site_offsets[:-1]) > 0.0
        offsets = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
        return cls(mask, offsets, np.ascontiguousarray(np.nonzero(mask)[1]))


class ChannelColumns(NamedTuple):
    """Columns of each channel, all of them first, and of each pair of channels a <= b, row by row.

    Attributes
    ----------
    own : int
        Columns of a channel.
    sizes : ndarray of shape (n_channels, n_channels)
        Columns of a pair; 0 below the diagonal, and where a pair has none.
    starts : ndarray of shape (n_channels, n_channels)
        First column of a pair.
    total : int
    """

    own: int
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    total: int

    def row_offsets(self, held: HeldChannels, repeats: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where rows start that hold the columns of each crystal's channels, `repeats` rows each."""
        mask = held.mask.astype(np.int64)
        widths = self.own * mask.sum(axis=1) + np.einsum("ia,ab,ib->i", mask, self.sizes, mask)
        return np.concatenate([[0], np.cumsum(np.repeat(widths, repeats))])

    def table(
        self,
        rows: NDArray[np.float64],
        offsets: NDArray[np.int64],
        held: HeldChannels,
        repeats: NDArray[np.int64],
        sparse: bool,
    ) -> NDArray[np.float64] | csr_array:
        """Return rows of the channels that crystals have as one table of all columns."""
        from scipy.sparse import csr_array

        if held.mask.all() and not sparse:
            return rows.reshape(-1, self.total)
        indices = [np.zeros(0, dtype=np.int64)]
        for own, count in zip(held.mask, repeats, strict=True):
            here = np.flatnonzero(own)
            square = np.ix_(here, here)
            firsts = np.concatenate([here * self.own, self.starts[square].ravel()])
            sizes = np.concatenate([np.full(len(here), self.own), self.sizes[square].ravel()])
            parts = [np.arange(first, first + size) for first, size in zip(firsts, sizes, strict=True)]
            indices.append(np.tile(np.concatenate(parts), count))
        shape = (len(offsets) - 1, self.total)
        table = csr_array((rows, np.concatenate(indices), offsets), shape=shape)
        return table if sparse else table.toarray()


@lru_cache(maxsize=32)
def channel_columns(n_channels: int, own: int, of_alike: int, of_unlike: int | None = None) -> ChannelColumns:
    """Lay out the columns.

    Parameters
    ----------
    n_channels : int
    own : int
        Columns of a channel.
    of_alike : int
        Columns of a channel's pair with itself.
    of_unlike : int, default=None
        Columns of a pair of two channels; None where only a channel's pair with itself has columns.

    Returns
    -------
    ChannelColumns
    """
    sizes = np.zeros((n_channels, n_channels), dtype=np.int64)
    if of_unlike is not None:
        sizes[np.triu_indices(n_channels, 1)] = of_unlike
    np.fill_diagonal(sizes, of_alike)
    ends = n_channels * own + np.cumsum(sizes.ravel()).reshape(sizes.shape)
    starts = ends - sizes
    sizes.flags.writeable = starts.flags.writeable = False
    return ChannelColumns(own, sizes, starts, int(ends[-1, -1]))
