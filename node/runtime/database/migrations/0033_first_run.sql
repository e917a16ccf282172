-- Addresses by which a node without a domain is set up in a browser: only digests, for an hour (node/actors/first_run.py).
CREATE TABLE first_runs (
  token_hash TEXT PRIMARY KEY,
  expires_ms BIGINT NOT NULL
);
