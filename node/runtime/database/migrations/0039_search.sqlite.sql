-- Search: the words of posts and of accounts (node/timeline/search). Triggers note what changed, so that no write can
-- forget to; a part of the worker reads it soon after, and nobody who writes waits for it.
-- A term is a stem; words are the forms of it that were seen, so that a beginning finds them.
CREATE TABLE search_terms (
  id {id} PRIMARY KEY,
  term TEXT NOT NULL UNIQUE
);
CREATE TABLE search_words (
  word TEXT PRIMARY KEY,
  term_id BIGINT NOT NULL
) {without_rowid};
CREATE TABLE search_postings (
  term_id BIGINT NOT NULL,
  post_id BIGINT NOT NULL,
  PRIMARY KEY (term_id, post_id)
) {without_rowid};
-- What is in the index of each post: four bytes a term, so that it can be taken out when the post is gone.
CREATE TABLE search_posts (
  post_id {id} PRIMARY KEY,
  terms {blob} NOT NULL
);
CREATE TABLE search_actors (
  word TEXT NOT NULL,
  actor_id BIGINT NOT NULL,
  PRIMARY KEY (word, actor_id)
) {without_rowid};
CREATE INDEX search_actors_actor ON search_actors (actor_id);
-- What is still to be read.
CREATE TABLE search_queue (
  kind TEXT NOT NULL,
  row_id BIGINT NOT NULL,
  PRIMARY KEY (kind, row_id)
) {without_rowid};
INSERT INTO search_queue (kind, row_id) SELECT 'actor', id FROM actors WHERE kind <> 'instance';
INSERT INTO search_queue (kind, row_id) SELECT 'post', id FROM posts WHERE boost_of_id IS NULL;

CREATE TRIGGER search_post_new AFTER INSERT ON posts WHEN NEW.boost_of_id IS NULL
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('post', NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER search_post_edited AFTER UPDATE OF content, summary, name, edited_ms ON posts WHEN NEW.boost_of_id IS NULL
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('post', NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER search_post_gone AFTER DELETE ON posts WHEN OLD.boost_of_id IS NULL
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('post', OLD.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER search_actor_new AFTER INSERT ON actors
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('actor', NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER search_actor_edited AFTER UPDATE OF username, name, insee, state ON actors
  WHEN OLD.username IS NOT NEW.username OR OLD.name IS NOT NEW.name OR OLD.insee IS NOT NEW.insee OR OLD.state IS NOT NEW.state
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('actor', NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER search_actor_gone AFTER DELETE ON actors
  BEGIN INSERT INTO search_queue (kind, row_id) VALUES ('actor', OLD.id) ON CONFLICT DO NOTHING; END;
