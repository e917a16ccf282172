-- What an order is about (the post, the follower…), and the delivery of an earlier one about the same to the same inbox:
-- it goes first (node/federation/delivery/succession.py).
ALTER TABLE delivery_orders ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX delivery_orders_subject ON delivery_orders (actor_id, subject) WHERE state <> 'done' AND subject <> '';
ALTER TABLE deliveries ADD COLUMN after_id BIGINT;

-- To whom it is said that something was here; empty: it is not known who could read it, and nobody is told.
ALTER TABLE tombstones ADD COLUMN visibility TEXT NOT NULL DEFAULT '';
