-- How the log of each join was when the recording was sealed: so many segments, the hash of the last one (each names the
-- hash of the one before it), and what was missing then.
alter table recording_segments add column segments bigint;
alter table recording_segments add column head_sha256 text;
alter table recording_segments add column faults text;
