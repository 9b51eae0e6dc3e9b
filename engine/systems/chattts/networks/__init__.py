"""The networks, a file for each box of the figure."""
