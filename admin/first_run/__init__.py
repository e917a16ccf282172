"""Setting a node up in a browser: which commune, under which addresses, by whom. Three pages, without JavaScript."""
