-- Counts up where a device of the user's comes, goes or is named anew: whoever listens sees that there is something to ask.
ALTER TABLE head ADD COLUMN roster_number INTEGER NOT NULL DEFAULT 0;
