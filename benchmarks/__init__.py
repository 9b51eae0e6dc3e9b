"""Measurements of quality and speed. Never tests: machines differ, and a slow one is not a wrong one."""
