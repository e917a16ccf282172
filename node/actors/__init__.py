"""Actors: who speaks and is followed, the people who speak for them, and what binds them to each other."""
