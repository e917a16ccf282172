"""`make bench`: how fast this node is on this machine, against what the machine itself can do in the same minutes."""
