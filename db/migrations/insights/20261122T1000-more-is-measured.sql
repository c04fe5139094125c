-- insights: health reads calls, invoices, payments and what platforms send: everybody is judged anew, behind those whose facts change
alter table insights.customers no force row level security;
update insights.customers set due_at = timestamptz '2026-11-22T10:00:00Z' where merged_into is null;
alter table insights.customers force row level security;
