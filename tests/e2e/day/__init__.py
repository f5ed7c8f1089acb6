"""A day in the life of a pile: every conversation of the protocol once, against a real hass process.

The modules play in the order of their names, the tests in the order in which they stand.
"""
