-- sync: how each record stands towards the source, worked out of what was noted of it whenever somebody looks
create view sync.standings with (security_invoker = true) as
  select l.org_id, l.connection_id, l.type, l.external_id, l.local_id, l.gone_at, l.last_synced_at,
    -- Somebody has to decide about it.
    c.open as contested,
    -- What both sides agreed on is kept apart as long as the hub says
    -- something else: what then waits for nothing was given up.
    case
      when exists (
        select from sync.dead_letters d
        where d.org_id = l.org_id and d.connection_id = l.connection_id and d.type = l.type and d.external_id = l.external_id
          and d.direction = 'IN' and d.state in ('OPEN', 'DISMISSED')
      ) then 'ERROR'
      when c.open or exists (
        select from sync.outgoing o
        where o.org_id = l.org_id and o.connection_id = l.connection_id and o.type = l.type and o.local_id = l.local_id
      ) or exists (
        select from sync.signals s
        where s.org_id = l.org_id and s.connection_id = l.connection_id and s.type = l.type and s.external_id = l.external_id
      ) then 'PENDING'
      when l.base is not null then 'ERROR'
      else 'SYNCED'
    end as state
  from sync.links l
  cross join lateral (
    select exists (select from sync.decisions d where d.outcome = 'open' and d.org_id = l.org_id and d.local_id = l.local_id) as open
  ) c
  -- Whose id another record has taken over stands nowhere by itself.
  where l.gone_reason is distinct from 'merged';
grant select on sync.standings to :app;
