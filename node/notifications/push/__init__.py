"""Web Push: an application that is not connected is told of a notification through a push service, encrypted to it.

`subscriptions` are where applications want to be told, `sending` is the job that tells them, `encryption` (RFC 8291,
and the draft that came before it) and `vapid` (RFC 8292) are what goes on the wire.
"""
