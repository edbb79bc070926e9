"""scikit-learn's vote, quick for one row."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import ensemble
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skcrystal.models.voting import VotingClassifier

MEMBERS = [("logistic", LogisticRegression()), ("bayes", GaussianNB()), ("dropped", "drop")]


@pytest.mark.parametrize("weights", [None, [0.2, 0.8, 5.0]])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_scikit_learns(weights, n_classes):
    X, y = make_classification(n_informative=4, n_classes=n_classes, random_state=0)
    ours = VotingClassifier(MEMBERS, voting="soft", weights=weights).fit(X, y)
    theirs = ensemble.VotingClassifier(MEMBERS, voting="soft", weights=weights).fit(X, y)
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_a_hard_vote_has_no_probabilities():
    X, y = make_classification(random_state=0)
    votes = VotingClassifier(MEMBERS).fit(X, y)
    assert not hasattr(votes, "predict_proba")
    theirs = ensemble.VotingClassifier(MEMBERS).fit(X, y)
    np.testing.assert_array_equal(votes.predict(X), theirs.predict(X))


def test_an_unfitted_vote_says_so():
    with pytest.raises(NotFittedError, match="VotingClassifier"):
        VotingClassifier(MEMBERS, voting="soft").predict_proba([[0.0]])
