-- service: a writer may know the number of the last event it left in the outbox, to give a receipt for it
grant usage on sequence events.outbox_id_seq to :app;
