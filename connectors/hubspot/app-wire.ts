/**
 * HubSpot's words for what an app is given and told beside records: tokens, webhooks, timeline events.
 *
 * App: what a customer installs into a portal. Grant: what OAuth gives for a code or a refresh token.
 * Subscription: one kind of change an app is told about, by webhook, for every portal that has installed it.
 */

/** Answer of `POST /oauth/v1/token`. Newer versions add the last four. */
export interface TokenGrant {
  token_type: 'bearer'
  access_token: string
  /** Normally the one that was sent; store what is returned. */
  refresh_token?: string
  /** Seconds. */
  expires_in: number
  token_use?: string
  hub_id?: number
  scopes?: string[]
  user_id?: number
}

/** Why a token was not given: `status` of the answer. The grant is gone with the first two; the rest is ours to repair. */
export const OAUTH_FAILURES = [
  'BAD_REFRESH_TOKEN',
  'BAD_HUB',
  'BAD_CLIENT_ID',
  'BAD_CLIENT_SECRET',
  'BAD_AUTH_CODE',
  'BAD_REDIRECT_URI',
  'BAD_GRANT_TYPE',
  'BAD_CODE_VERIFIER',
  'BAD_SCOPES',
] as const
export type OAuthFailure = (typeof OAUTH_FAILURES)[number]

/** A refused token request; the status code is 400. */
export interface OAuthErrorBody {
  error: string
  error_description: string
  status: OAuthFailure
  message: string
  correlationId?: string
}

/** Answer of `GET /oauth/v1/access-tokens/{token}`. */
export interface AccessTokenInfo {
  token: string
  user: string
  /** The customer's own; no proof of who they are. */
  hub_domain: string
  scopes: string[]
  hub_id: number
  app_id: number
  expires_in: number
  user_id: number
  token_type: 'access'
}

/** Answer of `GET /oauth/v1/refresh-tokens/{token}`. */
export interface RefreshTokenInfo {
  token: string
  user: string
  hub_domain: string
  scopes: string[]
  hub_id: number
  client_id: string
  user_id: number
  token_type: 'refresh'
}

/** Answer of `POST /oauth/v2/private-apps/get/access-token-info` to `{ tokenKey }`. */
export interface PrivateAppInfo {
  userId: number
  hubId: number
  appId: number
  scopes: string[]
}

/** Where and how fast an app is told: one address for all its portals. */
export interface WebhookSettings {
  targetUrl: string
  throttling: { maxConcurrentRequests: number }
  createdAt: string
  updatedAt?: string
}

/** Kinds of record that have event types of their own; every other kind comes as `object.…` with its `objectTypeId`. */
export const WEBHOOK_KINDS = ['contact', 'company', 'deal', 'ticket', 'line_item', 'object'] as const
const CHANGES = ['creation', 'deletion', 'merge', 'propertyChange', 'restore', 'associationChange'] as const
export type WebhookChange = (typeof CHANGES)[number] | 'privacyDeletion'

/** Everything an app can subscribe to. */
export const WEBHOOK_EVENT_TYPES: readonly string[] = [
  ...WEBHOOK_KINDS.flatMap((kind) => CHANGES.map((change) => `${kind}.${change}`)),
  ...CHANGES.filter((change) => change !== 'associationChange').map((change) => `product.${change}`),
  'contact.privacyDeletion',
  ...['creation', 'deletion', 'privacyDeletion', 'propertyChange', 'newMessage'].map(
    (change) => `conversation.${change}`,
  ),
  'event.completed',
]

export interface WebhookSubscription {
  id: string
  eventType: string
  /** With `propertyChange` only. */
  propertyName?: string
  /** With `object.…` only. */
  objectTypeId?: string
  /** Paused when false. */
  active: boolean
  createdAt: string
  updatedAt?: string
}

/** One entry of the array that HubSpot posts. No order, duplicates possible: read the record again rather than believe it. */
export interface WebhookEvent {
  /** Not unique. */
  eventId: number
  subscriptionId: number
  portalId: number
  appId: number
  /** Epoch milliseconds. */
  occurredAt: number
  subscriptionType: string
  /** 0 at first; counts the retries. */
  attemptNumber: number
  objectId?: number
  objectTypeId?: string
  changeFlag?: string
  propertyName?: string
  propertyValue?: string
  isSensitive?: boolean
  /** `CRM_UI`, `INTEGRATION`, `API`, `IMPORT`, …: an open set. */
  changeSource: string
  /** Who, within the source: `userId:…`, or the id of an app. */
  sourceId?: string
  primaryObjectId?: number
  mergedObjectIds?: number[]
  newObjectId?: number
  numberOfPropertiesMoved?: number
  /** `CONTACT_TO_COMPANY`, … */
  associationType?: string
  associationTypeId?: number
  associationCategory?: string
  fromObjectId?: number
  toObjectId?: number
  fromObjectTypeId?: string
  toObjectTypeId?: string
  associationRemoved?: boolean
  isPrimaryAssociation?: boolean
}

/** Headers of a delivery, as lower-case names. Both signatures come together. */
export const WEBHOOK_HEADERS = {
  signature: 'x-hubspot-signature',
  signatureVersion: 'x-hubspot-signature-version',
  signatureV3: 'x-hubspot-signature-v3',
  timestamp: 'x-hubspot-request-timestamp',
} as const

/** What HubSpot promises of deliveries. */
export const WEBHOOK_LIMITS = {
  eventsPerDelivery: 100,
  concurrentPerPortal: 10,
  timeoutMs: 5_000,
  retries: 10,
  subscriptionsPerApp: 1_000,
} as const

export type TimelineTokenKind = 'string' | 'number' | 'date' | 'enumeration'

export interface TimelineToken {
  name: string
  label: string
  type: TimelineTokenKind
  options?: { label: string; value: string }[]
  /** The record's property that takes the token's value. */
  objectPropertyName?: string
  createdAt?: string
  updatedAt?: string
}

/** What events of one kind look like on a record's timeline. */
export interface TimelineTemplate {
  id: string
  name: string
  /** `COMPANY`, `CONTACT`, … */
  objectType: string
  headerTemplate?: string
  detailTemplate?: string
  tokens: TimelineToken[]
  createdAt: string
  updatedAt: string
}

/** What is sent; the record is named by one of `objectId`, `email`, `domain`, `utk`. A repeated `id` is refused. */
export interface TimelineEventWrite {
  eventTemplateId: string
  id?: string
  objectId?: string
  email?: string
  domain?: string
  utk?: string
  tokens: Record<string, string>
  timestamp?: string | number
  extraData?: unknown
  timelineIFrame?: unknown
}

/** An event as it stands; it can never be changed. */
export interface TimelineEvent extends Omit<TimelineEventWrite, 'id' | 'timestamp'> {
  id: string
  objectType: string
  timestamp: string
  createdAt: string
}
