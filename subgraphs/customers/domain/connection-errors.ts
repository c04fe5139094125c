import { define } from '#kernel/errors.ts'

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
