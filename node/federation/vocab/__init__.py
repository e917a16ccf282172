"""ActivityStreams, read tolerantly into frozen values; nothing behind this package calls `.get()` on a stranger's dict.

`json.read` takes bytes, `documents.read` the object they hold; one file a family: `actors`, `posts`, `activities`,
`collections`. Pure: no database, no network.
"""
