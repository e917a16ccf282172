"""The client API's entities, one file each: how a thing of ours is said in Mastodon's words."""
