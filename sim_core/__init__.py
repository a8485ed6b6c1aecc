"""The simulator of a memory zone: knows nothing of HTTP, sockets, asyncio or the page."""
