/** The HubSpot connector: what the customers subgraph reads a portal with. It knows HubSpot's words and none of ours. */

export {
  AppRejected,
  CredentialRejected,
  GrantRevoked,
  mayBeDone,
  RecordRefused,
  ScopeMissing,
  VendorBusy,
  VendorRefused,
  VendorUnavailable,
  vendorAnswer,
} from '../contract.ts'
export { openHubSpot } from './client.ts'
export { callsToReadHistory, type HubSpotHistory, type HubSpotVersion } from './history.ts'
export { HUBSPOT_LIMITS, OAUTH_LIMITS } from './http.ts'
export { callsToLink, type HubSpotPair, type HubSpotPairRefusal } from './links.ts'
export {
  type HubSpotApp,
  type HubSpotGrant,
  type HubSpotOAuth,
  type HubSpotTokenInfo,
  OAUTH_PATHS,
  type OAuthPaths,
  openHubSpotOAuth,
} from './oauth.ts'
export type { ChangesOptions, HubSpot, HubSpotOptions, ListOptions, RequestCounts } from './portal.ts'
export type * from './record.ts'
export type {
  HubSpotEventRefusal,
  HubSpotTimelineTemplate,
  HubSpotTimelineToken,
  NewHubSpotEvent,
  NewHubSpotTimelineTemplate,
} from './timeline.ts'
export {
  type Claim,
  isSignedBy,
  readClaim,
  type SignatureFault,
  type SignatureRules,
  type SignedRequest,
} from './webhook.ts'
export { type HubSpotEvent, type ReadDelivery, readDelivery } from './webhook-events.ts'
export type { HubSpotBatch, HubSpotRefusal, HubSpotRow, HubSpotWritten } from './written.ts'
