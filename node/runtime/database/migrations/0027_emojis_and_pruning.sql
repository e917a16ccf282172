-- Custom emojis of the node: `:shortcode:` in texts of accounts here (node/media/emojis.py). A disabled one stays where it
-- was used, and is not used any more.
CREATE TABLE custom_emojis (
  id {id} PRIMARY KEY,
  shortcode TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL DEFAULT '',
  image_key TEXT NOT NULL,
  static_key TEXT NOT NULL,
  in_picker BOOLEAN NOT NULL DEFAULT TRUE,
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  size_bytes BIGINT NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);

-- Posts of ours with a custom emoji: walked through when one is removed. Posts without any are not in it.
CREATE INDEX posts_own_emojis ON posts (id) WHERE local AND emojis <> '[]';
