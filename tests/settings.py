"""The product's settings in test mode, whatever mode the surrounding shell is in."""

import os

os.environ["IVIG_MODE"] = "test"

from utilization.settings import *  # noqa: F403 - the product's own settings, whole
from utilization.settings import TEMPLATES

# Templates count for coverage by line, and the plugin that counts them reads the lines that debug mode keeps.
TEMPLATES[0]["OPTIONS"]["debug"] = True
