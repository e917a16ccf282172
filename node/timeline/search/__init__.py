"""Search: what somebody may find, of what she may read. `docs/decisions/search.md` says why it is made so.

`asked` reads what was typed, `index` keeps the words of posts and accounts, `posts`, `accounts` and `hashtags` find,
`addresses` looks up what was pasted.
"""
