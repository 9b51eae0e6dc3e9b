"""Sound: reading, writing, transforms, joining. Knows no system."""
