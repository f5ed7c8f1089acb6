"""A real Home Assistant with the integration, and virtual piles that call it.

`scripts/demo`, `scripts/screenshots` and the end-to-end tests drive the same
process through the modules of this package: only over HTTP, the websocket and
the piles' TCP port, as a person and a pile would.
"""
