-- What a reader wants hidden or warned of, by words or one by one. contexts: words with spaces between them.
CREATE TABLE filters (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  contexts TEXT NOT NULL,
  action TEXT NOT NULL,
  expires_ms BIGINT,
  created_ms BIGINT NOT NULL
);
CREATE INDEX filters_actor ON filters (actor_id, id);

CREATE TABLE filter_keywords (
  id {id} PRIMARY KEY,
  filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  keyword TEXT NOT NULL,
  whole_word BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE INDEX filter_keywords_filter ON filter_keywords (filter_id, id);

CREATE TABLE filter_posts (
  id {id} PRIMARY KEY,
  filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  UNIQUE (filter_id, post_id)
);
CREATE INDEX filter_posts_post ON filter_posts (post_id);
