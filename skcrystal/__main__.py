"""``python -m skcrystal`` is the ``skcrystal`` command."""

import sys

from skcrystal.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
