"""Streaming: what happens is told to connected clients at once, over WebSocket or server-sent events.

An event carries ids only; each connection asks the one door for its own reader and renders for it.
"""
