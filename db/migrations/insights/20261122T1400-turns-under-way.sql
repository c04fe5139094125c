-- insights: turns under way are found by themselves: they count for how many a minute may have, and some were never brought back
create index enrichment_queue_running on insights.enrichment_queue (org_id, due_at) where state = 'RUNNING';
