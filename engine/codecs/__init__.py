"""Sound to codes and back: codecs that know no system."""
