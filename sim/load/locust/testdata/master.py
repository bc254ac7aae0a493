"""Locust as the package of Debian has it, which lacks its version."""

import sys

import locust
import locust.runners

if not locust.__version__:
    locust.__version__ = locust.runners.__version__ = "2.12.1"

from locust.main import main  # noqa: E402

sys.exit(main())
