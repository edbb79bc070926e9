"""Invariants of an atom's surroundings: the linear atomic cluster expansion, up to four bodies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.potentials.harmonics import gaunt_coefficients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Basis", "Terms", "make_basis"]


@dataclass(frozen=True, eq=False)
class Terms:
    """Invariants as sums of products of three densities.

    Attributes
    ----------
    functions : ndarray of shape (n_terms,)
        Number of the invariant that a product belongs to; rises.
    factors : ndarray of shape (n_terms, 3)
        Places of the densities. The place after the last density holds 1: products of fewer end with it.
    coefficients : ndarray of shape (n_terms,)
    """

    functions: NDArray[np.int64]
    factors: NDArray[np.int64]
    coefficients: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Basis:
    """Which invariants describe an atom.

    The density of channel c, radial function n and harmonic lm stands at the place
    ``c n_densities / n_channels + starts[n] + l^2 + l + m``.

    Attributes
    ----------
    n_channels : int
    starts : ndarray of shape (n_max + 1,)
        Where the densities of each radial function begin: there are (l + 1)^2 of them, up to the largest l
        that an invariant has together with this n.
    orders : ndarray of shape (n_functions,)
        How many neighbours a product sees: 1 to 3.
    degrees : ndarray of shape (n_functions,)
        Sum over the densities of n + l, and 1 for each channel but the first.
    roughness : ndarray of shape (n_functions,)
        Sum of the squares of the same: how fast the invariant changes with positions.
    terms : Terms
    """

    n_channels: int
    starts: NDArray[np.int64]
    orders: NDArray[np.int64]
    degrees: NDArray[np.int64]
    roughness: NDArray[np.float64]
    terms: Terms

    @property
    def n_functions(self) -> int:
        """Number of invariants."""
        return len(self.orders)

    def allowed(self, degrees: Sequence[int]) -> NDArray[np.bool_]:
        """Tell which invariants are within the largest degree of each correlation order."""
        most = np.full(4, -1)
        most[1 : 1 + len(degrees)] = degrees
        return np.asarray(self.degrees <= most[self.orders])

    def subset(self, chosen: NDArray[np.bool_]) -> Basis:
        """Return the basis of some of its invariants, in the same order."""
        numbers = np.cumsum(chosen) - 1
        kept = chosen[self.terms.functions]
        terms = Terms(
            numbers[self.terms.functions[kept]], self.terms.factors[kept], self.terms.coefficients[kept]
        )
        return Basis(
            self.n_channels,
            self.starts,
            self.orders[chosen],
            self.degrees[chosen],
            self.roughness[chosen],
            terms,
        )

    @property
    def n_densities(self) -> int:
        """Number of densities."""
        return self.n_channels * int(self.starts[-1])

    @property
    def n_max(self) -> int:
        """Number of radial functions."""
        return len(self.starts) - 1

    @property
    def l_max(self) -> int:
        """Largest degree of the harmonics."""
        return int(np.sqrt(np.diff(self.starts).max())) - 1


def make_basis(degrees: Sequence[int], *, n_max: int, l_max: int, n_channels: int = 1) -> Basis:
    """List the invariants up to a total degree for each correlation order.

    With densities A_(cnlm) = sum over neighbours of w_c R_n(r) Y_lm, the invariants are

    - of one neighbour: A_(cn00)
    - of two: the sum over m of A_(cnlm) A_(c'n'lm), divided by the square root of 2 l + 1
    - of three: the sum over m, m' and m'' of the integral of three harmonics times three densities

    of which those with an odd sum of l vanish. Each unordered set of (c, n, l) is taken once.

    Parameters
    ----------
    degrees : sequence of int
        Largest total degree, the sum of n + l (and 1 for each channel but the first), of products of one, of
        two and of three densities. As many as there are correlation orders, at most three.
    n_max : int
        Number of radial functions, n from 0.
    l_max : int
        Largest l.
    n_channels : int, default=1

    Returns
    -------
    Basis

    References
    ----------
    Drautz, Phys. Rev. B 99 (2019) 014104, doi 10.1103/PhysRevB.99.014104.
    """
    gaunt = gaunt_coefficients(l_max)
    densities = [(c, n, l) for c in range(n_channels) for n in range(n_max) for l in range(l_max + 1)]  # noqa: E741
    cost = {v: v[1] + v[2] + (v[0] > 0) for v in densities}
    # A density of degree l needs another of degree l at least beside it, and such a one costs l or more.
    most = max(degrees[1:], default=0)
    reach = [min(l_max, max(most - n, 0) // 2) for n in range(min(n_max, max(degrees) + 1))]
    densities = [v for v in densities if v[1] < len(reach) and v[2] <= reach[v[1]]]
    starts = np.concatenate([[0], np.cumsum([(l + 1) ** 2 for l in reach])])  # noqa: E741
    last = n_channels * int(starts[-1])

    def place(v: tuple[int, int, int], m: int) -> int:
        c, n, degree = v
        return c * int(starts[-1]) + int(starts[n]) + degree**2 + degree + m

    orders: list[int] = []
    totals: list[int] = []
    roughness: list[float] = []
    functions: list[int] = []
    factors: list[tuple[int, int, int]] = []
    coefficients: list[float] = []

    def add(chosen: tuple[tuple[int, int, int], ...], products: dict[tuple[int, int, int], float]) -> None:
        number = len(orders)
        orders.append(len(chosen))
        totals.append(sum(cost[v] for v in chosen))
        roughness.append(float(sum(cost[v] ** 2 for v in chosen)))
        for product, coefficient in products.items():
            functions.append(number)
            factors.append(product)
            coefficients.append(coefficient)

    for v in densities:
        if v[2] == 0 and cost[v] <= degrees[0]:
            add((v,), {(place(v, 0), last, last): 1.0})
    if len(degrees) > 1:
        for v, u in combinations_with_replacement(densities, 2):
            if v[2] != u[2] or cost[v] + cost[u] > degrees[1]:
                continue
            norm = 1 / np.sqrt(2 * v[2] + 1)
            add((v, u), {(place(v, m), place(u, m), last): norm for m in range(-v[2], v[2] + 1)})
    if len(degrees) > 2:
        few = [v for v in densities if cost[v] <= degrees[2]]
        for v, u, w in combinations_with_replacement(few, 3):
            a, b, c = v[2], u[2], w[2]
            if cost[v] + cost[u] + cost[w] > degrees[2] or (a + b + c) % 2 or not abs(a - b) <= c <= a + b:
                continue
            block = gaunt[a**2 : (a + 1) ** 2, b**2 : (b + 1) ** 2, c**2 : (c + 1) ** 2]
            products: dict[tuple[int, int, int], float] = {}
            norm = np.sqrt((block**2).sum())
            for i, j, k in np.argwhere(block).tolist():
                # Densities commute: products that differ in their order are one.
                one, two, three = sorted((place(v, i - a), place(u, j - b), place(w, k - c)))
                key = (one, two, three)
                products[key] = products.get(key, 0.0) + block[i, j, k] / norm
            add((v, u, w), {key: value for key, value in products.items() if abs(value) > 1e-12})
    return Basis(
        n_channels,
        starts,
        np.array(orders),
        np.array(totals),
        np.array(roughness),
        Terms(np.array(functions), np.array(factors).reshape(-1, 3), np.array(coefficients)),
    )
