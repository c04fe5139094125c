import { define } from '#kernel/errors.ts'

/** A connection cannot sign in any more. Nothing is sent to the other side until somebody connects it again. */
export const NeedsReauth = define('HUB_CONNECTION_NEEDS_REAUTH', {
  status: 424,
  retry: 'never',
  says: 'The connection to HubSpot no longer works: {reason}. Connect it again; its work then goes on by itself.',
})

/** Somebody ended the connection. */
export const Disconnected = define('HUB_CONNECTION_ENDED', {
  status: 424,
  retry: 'never',
  says: 'The connection to HubSpot was ended. Connect it again to go on.',
})

/** Some of what we could do was taken back: what needs it is off now, and the reading begins anew without it. */
export const ScopesChanged = define('HUB_CONNECTION_SCOPES_CHANGED', {
  status: 503,
  retry: 'now',
  says: 'HubSpot no longer grants {scopes}. What needs it is off; everything else goes on by itself.',
})

/** The hub was not given an app of HubSpot's, so nobody can be sent there. */
export const NoApp = define('HUB_HUBSPOT_APP_MISSING', {
  status: 424,
  retry: 'never',
  says: 'This hub has no HubSpot app. Set HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET, or connect with a private app’s token.',
})

/** HubSpot gave an access token that ends within the hour and nothing to renew it with. */
export const NothingToRenew = define('HUB_CONNECTION_UNRENEWABLE', {
  status: 424,
  retry: 'never',
  says: 'HubSpot gave nothing to renew the access with, so it would end within the hour.',
})

/** Records cannot be made in a portal that has nowhere to keep the hub's key: after a lost answer nobody could tell whether they are there. */
export const KeyMissing = define('HUB_CONNECTION_KEY_MISSING', {
  status: 424,
  retry: 'never',
  says: 'HubSpot has no property for the hub’s key of {type}. Provision the connection’s properties first, then replay.',
})
