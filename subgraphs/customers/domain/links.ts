import { idFrom } from '#kernel/ids.ts'

/**
 * Links of a record to records of another type, as one field of it: the other's ids, sorted, the primary one marked.
 * The field is named after the other type: `@companies`.
 */
export const linkField = (type: string): string => `@${type}`

/** The type that a field of links is about. */
export const typeOfLinkField = (field: string): string => field.slice(1)

export const isLinkField = (field: string): boolean => field.startsWith('@')

const PRIMARY = '!'

export interface RecordLink {
  id: string
  primary: boolean
}

export const linksToField = (links: readonly RecordLink[]): string[] =>
  links.map(({ id, primary }) => (primary ? `${id}${PRIMARY}` : id)).sort()

export const fieldToLinks = (said: unknown): RecordLink[] =>
  Array.isArray(said)
    ? said.map((text) => {
        const primary = String(text).endsWith(PRIMARY)
        return { id: primary ? String(text).slice(0, -1) : String(text), primary }
      })
    : []

/** A field of links as both agreed on it, and as each side has it. */
export type LinkSides = Readonly<Record<'base' | 'theirs' | 'ours', unknown>>

/**
 * Links that both sides changed: those that either added and neither took away. The primary one is the one that was marked since both
 * agreed; the source's, when both marked another.
 */
export const mergeLinks = ({ base, theirs, ours }: LinkSides): string[] => {
  const [was, there, here] = [fieldToLinks(base), fieldToLinks(theirs), fieldToLinks(ours)]
  const has = (links: readonly RecordLink[], id: string) => links.some((link) => link.id === id)
  const ids = [...new Set([...there, ...here].map(({ id }) => id))]
  const kept = ids.filter((id) => !has(was, id) || (has(there, id) && has(here, id)))
  const primaryOf = (links: readonly RecordLink[]) => links.find(({ primary }) => primary)?.id
  const theyMoved = primaryOf(there) !== primaryOf(was)
  const primary = (theyMoved ? [there, here] : [here, there])
    .map(primaryOf)
    .find((id) => id !== undefined && kept.includes(id))
  return linksToField(kept.map((id) => ({ id, primary: id === primary })))
}

/**
 * Links as agreed on and as held here, once whom they name has another id at the source, or (null) cannot be linked any more: no more
 * is held of those than was agreed on, and the source tells itself what became of that.
 */
export const movedLinks = (
  { base, held }: Readonly<Record<'base' | 'held', unknown>>,
  names: ReadonlyMap<string, string | null>,
): { base: string[]; held: string[] } => {
  const agreed = fieldToLinks(base)
  const renamed = (links: readonly RecordLink[]) => {
    const now = new Map<string, boolean>()
    for (const { id, primary } of links) {
      const name = names.get(id) ?? id
      now.set(name, primary || (now.get(name) ?? false))
    }
    return linksToField([...now].map(([id, primary]) => ({ id, primary })))
  }
  const stays = ({ id }: RecordLink) => names.get(id) !== null || agreed.some((link) => link.id === id)
  return { base: renamed(agreed), held: renamed(fieldToLinks(held).filter(stays)) }
}

/** The company a record is mainly about: the primary one, or the only thing like it. */
export const mainLink = (links: readonly RecordLink[]): string | null =>
  (links.find((link) => link.primary) ?? links[0])?.id ?? null

/** The id of a HubSpot company's own customer: the same however often and in whatever order it is imported. */
export const customerOfCompany = (orgId: string, companyId: string): string =>
  idFrom(orgId, 'customer', 'HUBSPOT', companyId)

/** The id of the customer that an account of another system is when it is nobody else's. */
export const customerOfAccount = (orgId: string, system: string, accountId: string): string =>
  idFrom(orgId, 'customer', system, accountId)

/** The id under which the hub knows an owner of a portal. */
export const ownerIdOf = (orgId: string, integrationId: string, externalId: string | null): string | null =>
  externalId === null ? null : idFrom(orgId, integrationId, 'owners', externalId)

/** What a connection's token is sealed for: this organisation's row and no other. */
export const tokenPlace = (orgId: string, integrationId: string): string =>
  `${orgId}:customers.integrations:${integrationId}`

/** What a connection's refresh token is sealed for. */
export const refreshPlace = (orgId: string, integrationId: string): string =>
  `${tokenPlace(orgId, integrationId)}:refresh`
