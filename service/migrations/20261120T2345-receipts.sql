-- service: a writer may know how far the outbox has counted, to give a receipt for it
grant select on sequence events.outbox_id_seq to :app;
