"""ActivityStreams, read tolerantly into frozen values; nothing behind this package calls `.get()` on a stranger's dict.

`json.read` takes bytes, `documents.read` the object they hold; one file a family: `actors`, `posts` (what they hold:
`polls`, `events`, `places`, `quotes`, `policies`, `pictures`, `tags`), `activities` (`reactions`), `collections`.
`origins` says who may speak of what, `presentation` what people are shown. Pure: no database, no network.
"""
