-- What pages say of themselves, read once for all posts that link to them.

-- url: as posts write it, in normal form. state: new (not read yet), ready, none (it says nothing, or could not be read).
CREATE TABLE cards (
  id {id} PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  author_name TEXT NOT NULL DEFAULT '',
  author_url TEXT NOT NULL DEFAULT '',
  provider_name TEXT NOT NULL DEFAULT '',
  image_url TEXT,
  image_description TEXT NOT NULL DEFAULT '',
  width INTEGER,
  height INTEGER,
  fetched_ms BIGINT,
  created_ms BIGINT NOT NULL
);
CREATE INDEX cards_created ON cards (created_ms);

CREATE TABLE post_cards (
  post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  card_id BIGINT NOT NULL REFERENCES cards (id) ON DELETE CASCADE
);
CREATE INDEX post_cards_card ON post_cards (card_id, post_id);
