"""Language models over a codec's codes: VALL-E's networks (arXiv:2301.02111) and VALL-E X's (arXiv:2303.03926).

They take text as ids and a prompt as codes, give codes, and know neither text, nor sound, nor a system.
"""
