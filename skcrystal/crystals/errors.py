"""The error of all that reads, checks and describes crystals."""

__all__ = ["CrystalError"]


class CrystalError(ValueError):
    """An input that is no usable crystal: one sentence on what is wrong and what to do."""

    __module__ = "skcrystal"  # where users find it, and what tracebacks say
