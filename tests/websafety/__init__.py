"""Attacks on the pages, each played over HTTP against a whole node.

| attack | played by |
|---|---|
| a form sent by another site, with no token or another one's, as text, as an address | `test_forgery.py` (every POST) |
| a field with a NUL, half a character, a huge number, a word that is no choice, too much | `test_bad_input.py` (every POST) |
| a page in a frame, guessed types, scripts, other people's files, pages kept by caches, errors too | `test_headers.py` (every GET) |
| markup, scripts, templates, line ends in what a strange server sends | `test_strangers_words.py` (every GET) |
| a session planted, copied, used after log-out, new password or shut-out; half a log-in stolen | `test_ways_in.py` |
| an invitation used by two at once or by somebody else; links guessed or tampered with | `test_ways_in.py` |
| who has an account: log-in | `test_ways_in.py`; forgotten, address: `people/test_forgotten.py`; sign-up: `people/test_sign_up.py` |
| to another site by `next`, `lang`, an address to act upon, `redirect_uri` | `test_ways_out.py`, `oauth/test_redirects.py`, `web/test_login.py` |
| letters with an attacker's host, unknown hosts | `test_ways_out.py`, `people/test_forgotten.py` |
| formulas in tables that keepers copy | `test_ways_out.py`, `moderation/test_lists.py` |
| passwords and codes tried without end, and people shut out by it | `test_limits.py`, `web/test_login.py`, `web/test_second_factor.py` |
| files that are two things at once, bombs, names and types that lie | `test_uploads.py`, `media/test_images.py` |
| line ends in a letter's head | `runtime/mail/test_sending.py` |
"""
