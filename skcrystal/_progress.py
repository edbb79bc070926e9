"""Progress bars: in a notebook its own, in a terminal one of text, and not a word where none is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["progress_bar"]


def progress_bar(items: Iterable[Any] | None = None, *, shown: bool | int, **options: Any) -> Any:
    """Return tqdm's bar.

    Parameters
    ----------
    items : iterable, default=None
        What it iterates over; None where it is moved on by hand.
    shown : bool or int
        Without, ``tqdm.auto`` is not even imported: in a notebook without ipywidgets it warns.
    **options
        Of ``tqdm``.
    """
    if shown:
        from tqdm.auto import tqdm
    else:
        from tqdm import tqdm
    return tqdm(items, disable=not shown, **options)
