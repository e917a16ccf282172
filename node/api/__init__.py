"""The Mastodon client API: Mastodon's words (status, account, reblog) live here and nowhere below."""
