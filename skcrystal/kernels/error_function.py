"""The complementary error function as arithmetic, so that loops over it take several numbers at a time."""

from __future__ import annotations

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.exponential import exponential

# (1 + 2 x) exp(x^2) erfc(x) is smooth in (x - 2) / (x + 2), as Shepherd & Laframboise have it, Math. Comp. 36
# (1981) 249, doi 10.1090/S0025-5718-1981-0595058-X. Here it stands in powers of u, which is that variable
# brought to -1 to 1 for x from 0 to LARGEST: Chebyshev's interpolation at 18 points, good to 4e-15.
# Its coefficients are written into the sum: numba would build a table of them at each place that reads one.
LARGEST = 4.25
CENTER = (LARGEST - 2.0) / (LARGEST + 2.0)


@njit(cache=True, inline="always")
def erfc(x):  # type: ignore[no-untyped-def]
    """Return erfc(x) for x from 0 to 4.25, to 1e-14 of it.

    Callers must not allow sums to be reordered (``reassoc``), as :func:`exponential` says.
    """
    u = (2.0 * (x - 2.0) / (x + 2.0) + 1.0 - CENTER) / (1.0 + CENTER)
    series = 3.97348129707906e-10
    series = series * u - 8.460321825825505e-10
    series = series * u - 9.12981098129725e-09
    series = series * u - 1.2744243981109734e-08
    series = series * u + 6.06780253696747e-08
    series = series * u + 3.3358113190236815e-07
    series = series * u + 3.7078176420537704e-07
    series = series * u - 2.951078060833526e-06
    series = series * u - 1.3419869560950106e-05
    series = series * u + 4.1008238298445585e-06
    series = series * u + 0.00020106957852764065
    series = series * u + 0.0003147940700763347
    series = series * u - 0.0029191999386839027
    series = series * u - 0.0064727391972742385
    series = series * u + 0.06923888938737834
    series = series * u - 0.1632063367858671
    series = series * u + 0.047882293348454806
    series = series * u + 1.2837528674098853
    return series * exponential(-x * x) / (1.0 + 2.0 * x)
