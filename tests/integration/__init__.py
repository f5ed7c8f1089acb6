"""The integration inside Home Assistant, with virtual piles on real sockets."""
