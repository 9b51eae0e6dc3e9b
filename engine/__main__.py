"""``python3 -m engine``."""

import logging
import sys
import warnings

from engine.environment import enter

if __name__ == "__main__":
    enter(["-m", "engine", *sys.argv[1:]])
    from engine.cli import main

    # The error stream belongs to our own lines, unless the interpreter was told otherwise.
    if not sys.warnoptions and not sys.flags.dev_mode:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(main())
