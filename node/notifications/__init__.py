"""What an actor of this node is told about: notifications, and how far its clients have read."""
