"""``skcrystal warmup``: compile what the first rows would wait for."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from skcrystal.cli.arguments import PRESETS, add_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

__all__ = ["add_parser", "warm_up"]

# Read without detours, as most files are, and by the operations that it lists.
PLAIN = """\
data_SrTiO3
_cell_length_a    3.905
_cell_length_b    3.905
_cell_length_c    3.905
_cell_angle_alpha 90
_cell_angle_beta  90
_cell_angle_gamma 90
loop_
_space_group_symop_operation_xyz
 'x, y, z'
 'z, x, y'
 'y, z, x'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Sr Sr 0   0   0
Ti Ti 0.5 0.5 0.5
O  O  0   0.5 0.5
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "warmup",
        help="compile inner loops once, so that the first rows need not wait",
        description=(
            "The inner loops are compiled for the machine where much is asked of them, and kept on disk. "
            "This compiles them beforehand: when a container image is built, say, or before many processes "
            "start at once."
        ),
        examples="""
            skcrystal warmup                      everything, half a minute
            skcrystal warmup --preset default     what the default preset needs
        """,
    )
    parser.add_argument(
        "--preset",
        action="append",
        choices=PRESETS,
        help="only what this preset needs; may be repeated (default: everything)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    from time import perf_counter

    from skcrystal.kernels.interpretation import compiled_at_once
    from skcrystal.kernels.watch import watch

    # It is said below.
    watch.told = True
    before, start = watch.compiled, perf_counter()
    with compiled_at_once():
        for step in steps(arguments.preset):
            step()
            if sys.stderr.isatty():
                print(f"\r{watch.compiled - before} compiled", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r" + 20 * " ", end="\r", file=sys.stderr)
    compiled = watch.compiled - before
    if not compiled:
        print("all were compiled before")
        return
    print(f"compiled {compiled} inner loops in {perf_counter() - start:.0f} s, kept in {folder()}")


def folder() -> str:
    """Return where numba keeps what it compiled."""
    from skcrystal.kernels.watch import watch

    return next(str(kernel.stats.cache_path) for kernel in watch.kernels if kernel.stats.cache_path)


def warm_up(presets: list[str] | None = None) -> None:
    """Compile the kernels of some presets, or all kernels of the package.

    Parameters
    ----------
    presets : list of str, default=None
        None stands for everything.
    """
    from skcrystal.kernels.interpretation import compiled_at_once

    with compiled_at_once():
        for step in steps(presets):
            step()


def steps(presets: list[str] | None) -> Iterator[Callable[[], Any]]:
    """Yield what to call, one after the other."""
    import numpy as np

    from skcrystal.crystals import Crystal
    from skcrystal.featurizer import CrystalFeaturizer
    from skcrystal.inputs import as_crystals

    # Bonds of metals have kernels of their own.
    polonium = Crystal.ordered(3.359 * np.eye(3), [[0, 0, 0]], [84])
    for preset in presets or ("notebook", "full"):
        yield partial(CrystalFeaturizer(preset).fit_transform, [PLAIN, polonium])
    if not presets:
        crystals = as_crystals([PLAIN])
        for use in (use_sites, use_graphs, use_large_cells, use_potentials):
            yield partial(use, crystals)
        yield use_boosted_trees


def use_sites(crystals: Any) -> None:
    """Compute SOAP, symmetry functions and their derivatives."""
    import numpy as np

    from skcrystal.descriptors import SOAP, SymmetryFunctions

    for descriptor in (SOAP(n_max=2, l_max=1), SymmetryFunctions()):
        descriptor.site_gradients(crystals, np.ones_like(descriptor.transform_sites(crystals)))


def use_graphs(crystals: Any) -> None:
    """Make graphs of the nearest neighbours."""
    from skcrystal.graphs import crystal_graphs

    crystal_graphs(crystals, max_neighbors=12)


def use_large_cells(crystals: Any) -> None:
    """Search the symmetry of a supercell, and of one displaced by about the tolerance."""
    import numpy as np

    from skcrystal.crystals import Crystal, Crystals
    from skcrystal.crystals.displaced import fold_displaced, has_operation

    one, n, tolerance = crystals[0], 5, 0.01
    cells = np.stack(np.meshgrid(*[np.arange(n)] * 3), axis=-1).reshape(-1, 1, 3)
    coords = (cells + one.frac_coords).reshape(-1, 3) / n
    lattice, numbers = n * one.lattice, np.tile(one.atomic_numbers, n**3)
    Crystals.from_crystals([Crystal.ordered(lattice, coords, numbers.tolist())]).symmetry(tolerance)
    coords += np.random.default_rng(0).normal(scale=0.3 * tolerance, size=coords.shape) @ np.linalg.inv(
        lattice
    )
    fold_displaced(lattice, coords, numbers, tolerance, 10 * tolerance)
    has_operation(lattice, coords, numbers, tolerance)


def use_potentials(crystals: Any) -> None:
    """Fit a small potential and evaluate it."""
    import numpy as np

    from skcrystal.crystals import Crystal, Crystals
    from skcrystal.potentials import LinearPotential

    rng = np.random.default_rng(0)
    one, n = crystals[0], 12
    moved = [one.frac_coords + rng.normal(scale=0.01, size=one.frac_coords.shape) for _ in range(n)]
    numbers = one.atomic_numbers.tolist()
    frames = Crystals.from_crystals([Crystal.ordered(one.lattice, coords, numbers) for coords in moved])
    forces = [rng.normal(size=coords.shape) for coords in moved]
    model = LinearPotential(cutoff=4.0, degrees=(3, 2, 2)).fit(frames, rng.normal(size=n), forces=forces)
    model.predict_forces(frames[:1])


def use_boosted_trees() -> None:
    """Send a row down a tree that is one leaf."""
    import numpy as np

    from skcrystal.models.boosted_trees import TreeArrays

    leaf = TreeArrays(
        roots=np.zeros(1, dtype=np.int32),
        children=np.full((1, 2), -1, dtype=np.int32),
        columns=np.zeros(1, dtype=np.int32),
        values=np.zeros(1, dtype=np.float32),
        base=np.float32(0),
        n_features=1,
        is_logistic=True,
    )
    leaf.answer(np.zeros((1, 1)))
