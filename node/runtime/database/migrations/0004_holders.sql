-- The seat of the process that leased a row (node/runtime/seats.py): a free seat's rows are given back at once.
ALTER TABLE jobs ADD COLUMN holder INTEGER;
ALTER TABLE inbox ADD COLUMN holder INTEGER;
ALTER TABLE deliveries ADD COLUMN holder INTEGER;
