-- insights: a score that is what it was is known by this, and not written again with everything that explains it
alter table insights.health add column fingerprint text;
