"""`VotingClassifier`: scikit-learn's, whose boosted trees answer for few rows without fixed costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import ensemble
from sklearn.utils.metaestimators import available_if

from skcrystal._documentation import Documented
from skcrystal.models.boosted_trees import predict_proba
from skcrystal.models.fitted import ensure_fitted

__all__ = ["VotingClassifier"]


class VotingClassifier(Documented, ensemble.VotingClassifier):
    """scikit-learn's vote of classifiers, which takes less time for one row.

    Its parameters and attributes are scikit-learn's.
    """

    @available_if(lambda votes: votes._check_voting())
    def predict_proba(self, X: Any) -> Any:
        """Return the weighted mean of the members' probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        # scikit-learn's way to the same looks at all members' tags first.
        ensure_fitted(self, "estimators_")
        members = np.asarray([predict_proba(member, X) for member in self.estimators_])
        return np.average(members, axis=0, weights=self._weights_not_none)
