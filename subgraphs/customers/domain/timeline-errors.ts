import { define } from '#kernel/errors.ts'

/** The company that an event is about has left the portal. */
export const CompanyGone = define('HUB_TIMELINE_COMPANY_GONE', {
  status: 424,
  retry: 'never',
  says: 'The company that the event is about is no longer in HubSpot. Bring it back there, or set the event aside.',
})

/** An event of a kind that the hub no longer knows. */
export const KindGone = define('HUB_TIMELINE_KIND_GONE', {
  status: 424,
  retry: 'never',
  says: 'The hub has no kind of event called {kind} any more. Set the event aside.',
})

/** Neither the timeline nor notes take it. */
export const NoWayToTell = define('HUB_TIMELINE_NO_WAY', {
  status: 424,
  retry: 'never',
  says: 'The portal grants no timeline, and has no property for the hub’s key of notes. Provision the connection’s properties first.',
})

/** Sent, and no answer came; then the timeline was taken from us. */
export const PerhapsTold = define('HUB_TIMELINE_PERHAPS_TOLD', {
  status: 424,
  retry: 'never',
  says: 'The event may be on the timeline already, which the portal no longer grants. Look there: replay it to have it as a note, or set it aside.',
})
