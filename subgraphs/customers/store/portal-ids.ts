import { isPlaceholder } from '#sync/links.ts'

/** A record's id at the portal as it may be shown: null while the portal has yet to give it one. */
export const portalId = (externalId: string | null | undefined): string | null =>
  externalId === null || externalId === undefined || isPlaceholder(externalId) ? null : externalId
