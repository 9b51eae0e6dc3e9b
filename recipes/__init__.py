"""How the assets that ship are made. No part of the program: run by hand, and only tests and benchmarks import them."""
