"""Files that are written aside and renamed: whoever looks never sees half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["written_aside"]


@contextmanager
def written_aside(path: str | PathLike[str], *, force: bool = True) -> Iterator[Path]:
    """Give a path in the same folder to write to, and rename it to `path` at the end of a ``with`` block.

    An error or Ctrl-C in the block removes what was written, and leaves what was at `path` as it was.

    Parameters
    ----------
    path : str or path-like
        Its folder is made if absent.
    force : bool, default=True
        Whether a file that exists is replaced.

    Yields
    ------
    Path
        An empty file, with the suffixes of `path`.

    Raises
    ------
    FileExistsError
        There is such a file, and it is not to be replaced.
    OSError
        The place cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with written_aside(Path(folder, "a.csv")) as aside:
    ...         _ = aside.write_text("id\\n")
    ...         before = Path(folder, "a.csv").exists()
    ...     before, Path(folder, "a.csv").read_text(), len(list(Path(folder).iterdir()))
    (False, 'id\\n', 1)
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
    if path.exists() and not path.is_file():
        # A pipe or a device has no content that could be half there.
        yield path
        return
    if path.exists() and not force:
        raise FileExistsError(f"{path} exists; replace it with --force, or name another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem[:40]}-", suffix="".join(path.suffixes), dir=path.parent
    )
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        # mkstemp lets nobody else read; what replaces a file has its rights, and a new one the usual ones.
        aside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
