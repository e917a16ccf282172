"""The Admin API, for applications that moderate: the operations of `admin`, behind the console's rules, in Mastodon's form."""
