"""Moderation decides; what it decides is a state of an actor or a host, which the packages below hold and enforce."""
