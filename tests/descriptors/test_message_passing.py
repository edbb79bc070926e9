"""Message passing, by hand on molecules in large cells, whose bonds leave no doubt."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal
from skcrystal.descriptors import MessagePassing
from tests.prototypes import DIAMOND, ROCK_SALT

BOX = 14.0


def molecule(positions, atomic_numbers):
    return Crystal.ordered(BOX * np.eye(3), np.array(positions) / BOX, atomic_numbers)


CARBON_DIOXIDE = molecule([[0, 0, 0], [1.16, 0, 0], [-1.16, 0, 0]], [6, 8, 8])


def columns_of(crystal, **parameters):
    passing = MessagePassing(**parameters)
    return dict(zip(passing.get_feature_names_out(), passing.transform([crystal])[0], strict=True))


def test_rounds_of_carbon_dioxide_by_hand():
    row = columns_of(CARBON_DIOXIDE, properties=["electronegativity"])
    carbon, oxygen = 2.55, 3.44
    for number in (1, 2, 3):
        # Carbon has two bonds, each oxygen has one.
        carbon, oxygen = (carbon + 2 * oxygen) / 3, (oxygen + carbon) / 2
        values = np.array([carbon, oxygen, oxygen])
        assert row[f"mean_round_{number}_electronegativity"] == pytest.approx(values.mean(), abs=1e-3)
        assert row[f"std_round_{number}_electronegativity"] == pytest.approx(values.std(), abs=1e-3)
    assert row["mean_round_1_electronegativity"] == pytest.approx((3.1433 + 2 * 2.995) / 3, abs=1e-3)


def test_six_neighbours_of_rock_salt_outweigh_the_ion_itself():
    row = columns_of(ROCK_SALT, properties=["electronegativity"], depth=1)
    sodium, chlorine = (0.93 + 6 * 3.16) / 7, (3.16 + 6 * 0.93) / 7
    assert row["max_round_1_electronegativity"] == pytest.approx(sodium, abs=0.01)
    assert row["min_round_1_electronegativity"] == pytest.approx(chlorine, abs=0.01)


def test_a_pair_agrees_after_one_round():
    # Hydrogen 2.20 and fluorine 3.98.
    row = columns_of(molecule([[0, 0, 0], [0.917, 0, 0]], [1, 9]), properties=["electronegativity"], depth=2)
    assert row["mean_round_2_electronegativity"] == pytest.approx(3.09, abs=1e-3)
    assert row["std_round_1_electronegativity"] == pytest.approx(0, abs=1e-3)


def test_an_element_and_a_lone_atom_keep_their_value():
    for crystal, value in ((DIAMOND, 2.55), (molecule([[0, 0, 0]], [8]), 3.44)):
        row = columns_of(crystal, properties=["electronegativity"], depth=2)
        assert row["mean_round_2_electronegativity"] == pytest.approx(value)
        assert row["max_round_2_electronegativity"] == pytest.approx(value)


def test_names_and_width_follow_the_parameters():
    assert len(MessagePassing().get_feature_names_out()) == 3 * 4 * 4
    names = MessagePassing(depth=2, properties=("row",)).get_feature_names_out()
    assert names.tolist() == [f"{s}_round_{k}_row" for k in (1, 2) for s in ("mean", "std", "min", "max")]


@pytest.mark.parametrize("parameters", [{"depth": 0}, {"depth": 1.5}, {"properties": ["no such thing"]}])
def test_wrong_parameters_are_refused(parameters):
    with pytest.raises(ValueError, match=r"depth|no such thing"):
        MessagePassing(**parameters).fit()
