-- hub: a connection that somebody has ended is forgotten here
grant delete on hub.integrations to :app;
