-- What a site asks of its people, in its keepers' words; a site that wrote none has the usual ones (node/moderation/rules.py).
-- A number is kept while its words change: clients and reports name a rule by it.
CREATE TABLE rules (
  domain_id BIGINT NOT NULL REFERENCES domains (id),
  number INTEGER NOT NULL,
  place INTEGER NOT NULL,
  words TEXT NOT NULL,
  hint TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (domain_id, number)
);

-- What those who keep a site tell everybody who uses it. Drafts have no published_ms; starts_ms and ends_ms say from and until when it is shown.
CREATE TABLE announcements (
  id {id} PRIMARY KEY,
  domain_id BIGINT NOT NULL REFERENCES domains (id),
  words TEXT NOT NULL,
  starts_ms BIGINT,
  ends_ms BIGINT,
  published_ms BIGINT,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE INDEX announcements_by_domain ON announcements (domain_id, id);

CREATE TABLE announcement_reads (
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (announcement_id, actor_id)
);
CREATE INDEX announcement_reads_by_actor ON announcement_reads (actor_id);
