-- Which post quotes which, and whether the quoted author agreed (node/timeline/quotes.py).
CREATE TABLE quotes (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  quoted_uri TEXT NOT NULL,
  quoted_id BIGINT REFERENCES posts (id) ON DELETE SET NULL,
  state TEXT NOT NULL,
  stamp TEXT,
  request TEXT
);
CREATE INDEX quotes_quoted ON quotes (quoted_id, post_id) WHERE quoted_id IS NOT NULL;
CREATE INDEX quotes_stamp ON quotes (stamp) WHERE stamp IS NOT NULL;
CREATE INDEX quotes_request ON quotes (request) WHERE request IS NOT NULL;

-- Consent that authors of ours gave: a document at {author}/quote_authorizations/{id}.
CREATE TABLE quote_stamps (
  id {id} PRIMARY KEY,
  quoted_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  quoter_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  revoked_ms BIGINT,
  UNIQUE (quoted_id, post_uri)
);
CREATE INDEX quote_stamps_quoter ON quote_stamps (quoter_id);

-- Emojis with which people elsewhere reacted to posts of ours; name is the emoji, or `shortcode@host`.
CREATE TABLE emoji_reactions (
  id {id} PRIMARY KEY,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  picture TEXT,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (post_id, actor_id, name)
);
CREATE INDEX emoji_reactions_actor ON emoji_reactions (actor_id);
CREATE INDEX emoji_reactions_uri ON emoji_reactions (uri);
