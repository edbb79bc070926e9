"""Progress bars: in a notebook its own, in a terminal one of text, and not a word where none is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["progress_bar"]


class SilentBar:
    """What is used as a bar is, and shows nothing: tqdm's own takes part of a crystal's time to be made."""

    def __init__(self, items: Iterable[Any] | None) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items or ())

    def __enter__(self) -> SilentBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self, count: int = 1) -> None:
        """Say nothing of what is done."""

    def close(self) -> None:
        """End."""


def progress_bar(items: Iterable[Any] | None = None, *, shown: bool | int, **options: Any) -> Any:
    """Return tqdm's bar, or one that shows nothing.

    Parameters
    ----------
    items : iterable, default=None
        What it iterates over; None where it is moved on by hand.
    shown : bool or int
        Without, ``tqdm.auto`` is not even imported: in a notebook without ipywidgets it warns.
    **options
        Of ``tqdm``.
    """
    if not shown:
        return SilentBar(items)
    from tqdm.auto import tqdm

    return tqdm(items, **options)
