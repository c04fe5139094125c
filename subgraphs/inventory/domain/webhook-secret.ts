/** Names the place a secret is sealed for: it opens nowhere else. */
export const secretPlace = (orgId: string, id: string): string => `${orgId}:inventory.webhook_secrets:${id}`

/** How long a secret is, in random bytes. */
export const SECRET_BYTES = 32

/** C3 posts again for a day at most: for so long the secret before counts. */
export const OVERLAP_MS = 26 * 3_600_000

/** The address at which the hub takes what C3 tells of a connection. */
export const webhookUrl = (publicUrl: string, integrationId: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/api/v1/webhooks/c3/${integrationId}`
