-- Search: the words of posts and of accounts (node/timeline/search). Triggers note what changed, so that no write can
-- forget to; a part of the worker reads it soon after, and nobody who writes waits for it.
-- A term is a stem; words are the forms of it that were seen, so that a beginning finds them.
CREATE TABLE search_terms (
  id {id} PRIMARY KEY,
  term TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE search_words (
  word TEXT COLLATE "C" PRIMARY KEY,
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
  word TEXT COLLATE "C" NOT NULL,
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

-- By statement: a batch of posts that arrived is one insertion here too.
CREATE FUNCTION search_posts_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) SELECT 'post', id FROM fresh WHERE boost_of_id IS NULL ORDER BY id ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE FUNCTION search_posts_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) SELECT 'post', id FROM gone WHERE boost_of_id IS NULL ORDER BY id ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE FUNCTION search_post_edited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) VALUES ('post', NEW.id) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE FUNCTION search_actors_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) SELECT 'actor', id FROM fresh ORDER BY id ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE FUNCTION search_actors_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) SELECT 'actor', id FROM gone ORDER BY id ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE FUNCTION search_actor_edited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search_queue (kind, row_id) VALUES ('actor', NEW.id) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE TRIGGER search_post_new AFTER INSERT ON posts REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_posts_new();
CREATE TRIGGER search_post_gone AFTER DELETE ON posts REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION search_posts_gone();
CREATE TRIGGER search_post_edited AFTER UPDATE OF content, summary, name, edited_ms ON posts FOR EACH ROW
  WHEN (NEW.boost_of_id IS NULL) EXECUTE FUNCTION search_post_edited();
CREATE TRIGGER search_actor_new AFTER INSERT ON actors REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_actors_new();
CREATE TRIGGER search_actor_gone AFTER DELETE ON actors REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION search_actors_gone();
CREATE TRIGGER search_actor_edited AFTER UPDATE ON actors FOR EACH ROW
  WHEN ((OLD.username, OLD.name, OLD.insee, OLD.state) IS DISTINCT FROM (NEW.username, NEW.name, NEW.insee, NEW.state))
  EXECUTE FUNCTION search_actor_edited();
