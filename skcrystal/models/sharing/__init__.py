"""Models that can be given away: what is in the file is looked at before any of it becomes an object."""

from skcrystal.models.sharing.archive import ModelHeader, load, read_header, save

__all__ = ["ModelHeader", "load", "read_header", "save"]
