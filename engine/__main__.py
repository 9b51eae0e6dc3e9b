"""``python -m engine``."""

import logging
import sys
import warnings

from engine.cli import main

if __name__ == "__main__":
    # The error stream belongs to our own lines, unless the interpreter was told otherwise.
    if not sys.warnoptions and not sys.flags.dev_mode:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(main())
