"""Federation: routes > inbox | outbox > resolve > objects > delivery > signatures > vocab."""
