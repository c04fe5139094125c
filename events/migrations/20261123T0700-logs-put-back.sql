-- events: how a reader finds out that a log was put back to an earlier day and went on differently from there

-- A position's stamp names the batch it was given to and when, which a log that begins again at an earlier day gives differently.
alter table events.head add column stamp text;
comment on column events.head.stamp is 'The stamp of the position before the oldest one kept; null while that is not known.';
-- The newest place that a follower has seen, at or beyond its low-water mark.
alter table events.cursors add column seen bigint, add column stamp text;
alter table events.marks add column stamp text;
