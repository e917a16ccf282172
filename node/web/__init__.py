"""Pages for people: the town's public pages, feeds, log-in, consent, errors. No JavaScript, no third party, no tracker."""
