"""Measurements of quality and speed. Never tests: machines differ, and a slow one is not a wrong one."""

import engine.device  # noqa: F401 - before torch, because it decides how torch's threads wait
