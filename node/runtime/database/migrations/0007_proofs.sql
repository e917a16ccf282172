-- Which servers were seen to want RFC 9421, since when it is known and until when it is believed (node/federation/knocking.py).
ALTER TABLE hosts ADD COLUMN rfc9421_since_ms BIGINT;
ALTER TABLE hosts ADD COLUMN rfc9421_until_ms BIGINT;
CREATE INDEX hosts_rfc9421 ON hosts (rfc9421_until_ms) WHERE rfc9421_until_ms IS NOT NULL;

-- The keys that an actor elsewhere publishes beside its first (FEP-521a): for proofs, and for requests that are signed with them.
CREATE TABLE published_keys (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  key_id TEXT NOT NULL,
  -- PEM, or the publicKeyMultibase of a Multikey
  public TEXT NOT NULL,
  PRIMARY KEY (actor_id, key_id)
);
CREATE INDEX published_keys_key ON published_keys (key_id);
