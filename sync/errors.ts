import { define } from '#kernel/errors.ts'

/** The budget of calls is spent. `after` says when there is room again. */
export const LimitReached = define('HUB_LIMIT_REACHED', {
  status: 503,
  retry: 'later',
  says: 'The other system limits how often we may ask. Your work is kept and goes on by itself.',
})

/** Another worker has taken the run: whatever this one still wanted to write is void. */
export const LeaseLost = define('HUB_LEASE_LOST', {
  status: 503,
  retry: 'now',
  says: 'Another worker has taken over this run and goes on with it.',
})

/** Somebody stopped the run. */
export const RunCancelled = define('HUB_RUN_CANCELLED', {
  status: 409,
  retry: 'never',
  says: 'The run was stopped. What it had brought over stays.',
})

/** The run read everything, but some records could not be stored. */
export const RecordsFailed = define('HUB_SYNC_RECORDS_FAILED', {
  status: 422,
  retry: 'never',
  says: '{count} records could not be taken over; all others are in step. They are tried again by themselves; see the dead letters for what to correct.',
})

/** The source has a newer state of the record than the one that was to be changed: it is read again, and both sides are compared. */
export const MovedOn = define('HUB_RECORD_MOVED_ON', {
  status: 409,
  retry: 'now',
  says: 'Somebody has changed the record in the other system meanwhile. It is read again, and your change is sent once both are compared.',
})

/** The source has the record already, and it is another one of ours: two of ours are one there. */
export const AlreadyKnown = define('HUB_RECORD_ALREADY_KNOWN', {
  status: 409,
  retry: 'never',
  says: 'The other system has this record already, and the hub knows it as another one. Delete one of the two, or change what makes them the same.',
})

/** A run would delete or change so much that somebody has to let it go on. */
export const RunHeld = define('HUB_RUN_HELD', {
  status: 409,
  retry: 'never',
  says: 'A sync would delete or change more records than usual, so it holds. Look at what it would do, then let it go on or stop it.',
})

/** What a plan was made from is not so any more: it is refused, or no more is done of it. */
export const PlanMoved = define('HUB_PLAN_MOVED', {
  status: 409,
  retry: 'never',
  says: 'Records have changed since the plan was made, so no more is done of it. Look at what has moved, and make a new plan.',
})

/** A plan is about a kind of record that cannot be read or written now. */
export const PlanStands = define('HUB_PLAN_STANDS', {
  status: 409,
  retry: 'never',
  says: 'The plan is about {type}, which is paused or may not be read or written now. Allow that and make a new plan.',
})

/** A connection cannot sign in any more. Nothing is sent to the other side until somebody connects it again. */
export const NeedsReauth = define('HUB_CONNECTION_NEEDS_REAUTH', {
  status: 424,
  retry: 'never',
  says: 'The connection to {system} no longer works: {reason}. Connect it again; its work then goes on by itself.',
})

/** Somebody ended the connection. */
export const Disconnected = define('HUB_CONNECTION_ENDED', {
  status: 424,
  retry: 'never',
  says: 'The connection to {system} was ended. Connect it again to go on.',
})

/** Some of what we could do was taken back: what needs it is off now, and the reading begins anew without it. */
export const ScopesChanged = define('HUB_CONNECTION_SCOPES_CHANGED', {
  status: 503,
  retry: 'now',
  says: '{system} no longer grants {scopes}. What needs it is off; everything else goes on by itself.',
})
