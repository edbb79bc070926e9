"""A damaged cache never gives a wrong row nor an exception: 500 damages of each kind, 10,000 in a soak."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import settings

from skcrystal import Crystal, Crystals
from skcrystal.descriptors import Density
from skcrystal.descriptors.base import Descriptor, Invariance, as_names
from skcrystal.featurizer.cache import RowCache
from skcrystal.featurizer.kept_rows import describe_kept

# As long as the soak of the other tests is beside their normal run.
DAMAGES = 10_000 if settings.default.max_examples > 1000 else 500

NAMES = tuple(f"wide_{n}" for n in range(200))


class Wide(Descriptor):
    """Rows as long as those of the larger descriptors, in no time."""

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
    )

    def get_feature_names_out(self, input_features=None):
        return as_names(list(NAMES))

    def describe(self, crystals):
        return np.cos(crystals.volumes[:, None] * np.arange(1, len(NAMES) + 1))


STEPS = [Wide(), Density()]
EDGES = np.linspace(3, 4, 16)
CRYSTALS = Crystals.from_crystals([Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [84]) for edge in EDGES])
EXPECTED = [step.describe(CRYSTALS) for step in STEPS]
BLOCK = 4096


def swap_blocks(content, rng):
    one, other = rng.integers(0, len(content) // BLOCK, 2) * BLOCK
    part = content[one : one + BLOCK].copy()
    content[one : one + BLOCK] = content[other : other + BLOCK]
    content[other : other + BLOCK] = part


def random_bytes(content, rng):
    start, length = rng.integers(0, len(content)), int(rng.integers(1, 2000))
    content[start : start + length] = rng.integers(0, 256, len(content[start : start + length]))


def flip_bits(content, rng):
    for place in rng.integers(0, len(content), rng.integers(1, 4)):
        content[place] ^= 1 << rng.integers(0, 8)


def flip_bits_of_the_first_page(content, rng):
    for place in rng.integers(0, BLOCK, rng.integers(1, 4)):
        content[place] ^= 1 << rng.integers(0, 8)


def zero_blocks(content, rng):
    start = rng.integers(0, len(content) // 512) * 512
    content[start : start + 512 * rng.integers(1, 17)] = 0


def described(file):
    """The blocks of the crystals, and what is said of the file."""
    store = RowCache(file)
    return describe_kept(STEPS, CRYSTALS, "average", store).blocks, store.notes


@pytest.mark.parametrize(
    "damage", [swap_blocks, random_bytes, flip_bits, flip_bits_of_the_first_page, zero_blocks]
)
def test_no_damage_gives_a_wrong_row(tmp_path, damage):
    file = tmp_path / "rows.sqlite"
    described(file)
    whole = np.frombuffer(file.read_bytes(), dtype=np.uint8)
    assert len(whole) > 10 * BLOCK
    reported = 0
    for seed in range(DAMAGES):
        content = whole.copy()
        damage(content, np.random.default_rng(seed))
        file.write_bytes(content.tobytes())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            blocks, notes = described(file)
        for block, expected in zip(blocks, EXPECTED, strict=True):
            np.testing.assert_array_equal(block, expected, err_msg=f"{damage.__name__}, seed {seed}")
        assert all("is damaged" in note and "begun anew" in note for note in notes), notes
        reported += bool(notes)
        for aside in tmp_path.glob("*.damaged-*"):
            aside.unlink()
    # A swap of a block with itself, or a flip in the free room that most of the first page is, is no damage.
    assert reported > DAMAGES / 10
