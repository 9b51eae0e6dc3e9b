"""The networks, a file for each box of the figure in docs/systems/chattts.md#from-text-to-sound."""
