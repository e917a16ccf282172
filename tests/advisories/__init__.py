"""What broke others, played over TCP and TLS against a running node: one test an advisory, named after it."""
