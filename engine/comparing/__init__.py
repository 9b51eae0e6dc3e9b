"""Grids: texts said by several systems, voices and seeds, to be heard side by side (docs/comparing.md).

cells     what a grid is made of: by its axes, or line by line
store     grids, their cells and sounds in one file
manifest  what is downloaded of a grid
"""
