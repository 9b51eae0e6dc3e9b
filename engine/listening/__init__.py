"""Listening tests: what people's answers say.

    statistics  means with intervals, and whether a preference may be chance
"""
