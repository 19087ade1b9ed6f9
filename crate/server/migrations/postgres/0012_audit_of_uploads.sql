-- What is done with uploads has rows too.
ALTER TABLE audit ADD COLUMN upload_id text;
