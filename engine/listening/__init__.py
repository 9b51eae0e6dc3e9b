"""Listening tests: how one is designed, kept, and what can be said of its answers (docs/listening-tests.md).

design      which sounds are heard beside which, and in which order by whom
sounds      all of them equally loud, and those that are made for comparison
store       tests, listeners and answers in one file
results     answers to judgements of systems, voices and sentences
statistics  means with intervals, and whether a preference may be chance
"""
