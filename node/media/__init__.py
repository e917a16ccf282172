"""Pictures: a stranger's file made safe, and the pictures an actor has before it brings its own."""
