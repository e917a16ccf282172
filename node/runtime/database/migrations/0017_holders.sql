-- Which servers asked for a post of ours, by who signed: they are told of its edits and of its end.
CREATE TABLE post_holders (
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  PRIMARY KEY (post_id, host)
) {without_rowid};
CREATE INDEX post_holders_actor ON post_holders (actor_id);
