"""The product's settings in test mode, whatever mode the surrounding shell is in."""

import os

os.environ["IVIG_MODE"] = "test"

from utilization.settings import *  # noqa: F403 - the product's own settings, whole
