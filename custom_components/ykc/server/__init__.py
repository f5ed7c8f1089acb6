"""The platform side of the YKC conversation. asyncio, no Home Assistant."""
