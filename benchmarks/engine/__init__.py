"""What every contest needs: the same rows, a fair clock, one table."""

import os

# One thread per process, for every contestant: processor time then means work done. This must stand before
# numpy is loaded, and processes that are started later inherit it.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
