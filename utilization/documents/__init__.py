"""Values in, bytes out: the justification as PDF and the exports. Nothing here asks the database what to print.

Importing this package closes the process to whatever of its machine would change the bytes of a PDF. Django imports it
at start-up (`utilization.apps`), so that the web server, the worker, every command and the tests print alike.
"""

import os
import warnings
from pathlib import Path

# Read by Fontconfig whenever a font map is made: a configuration without folders finds no font of the machine.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("no_host_fonts.conf"))
os.environ.pop("FONTCONFIG_SYSROOT", None)
# Read by Pango: which language Han characters are taken to be in, which the machine's LANGUAGE would decide otherwise.
os.environ["PANGO_LANGUAGE"] = "en"
# Read by fontTools, which writes the time of day into each font that it makes from a variable one.
os.environ["SOURCE_DATE_EPOCH"] = "0"

# WeasyPrint looks for fonts of the machine when it is imported, and is meant to find none.
warnings.filterwarnings("ignore", "No fonts configured in FontConfig", UserWarning)
