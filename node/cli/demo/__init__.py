"""`beffroi demo`: two nodes as two processes, driven through Mastodon.py. It needs the development environment."""
