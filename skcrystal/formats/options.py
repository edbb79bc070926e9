"""What a user asks of the readers, as one object that is handed down to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skcrystal.formats.poscar_elements import KnownElements
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """The arguments of :func:`skcrystal.formats.read_many`, where they are described."""

    format: str | None = None
    block: str | int | None = None
    structure_column: str | None = None
    elements: Sequence[str] | None = None
    check_symmetry: bool = False
    max_bytes: int = MAX_BYTES
    max_sites: int = MAX_SITES
    potcar: Callable[[], Sequence[str] | None] | None = None
    """Asked for the elements of the POTCAR beside a file."""

    @property
    def known_elements(self) -> KnownElements:
        """What is known of the elements of a POSCAR from outside of it."""
        return KnownElements(self.elements, self.potcar)
