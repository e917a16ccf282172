"""The web console: what keepers and moderators do at a browser, by the operations of `admin`."""
