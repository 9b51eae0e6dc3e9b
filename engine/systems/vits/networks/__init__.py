"""The networks: a file for each box of the figure in docs/systems/vits.md#the-figure-as-files."""
