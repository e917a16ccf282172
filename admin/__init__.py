"""What the keepers of a node use: commands now, the web console later."""
