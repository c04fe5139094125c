import type { SimRequest } from '#connectors/simulator/index.ts'
import { errorReply, Refused } from './errors.ts'

/** Scopes of which one is enough. */
type AnyOf = readonly string[]

// Tasks, notes and calls go by the scopes of contacts. Whether HubSpot also takes crm.objects.tasks.* is unsure.
const AS_CONTACTS = /^(contacts?|tasks?|notes?|calls?|0-1|0-27|0-46|0-48)$/
const NAMES: readonly (readonly [RegExp, string])[] = [
  [AS_CONTACTS, 'contacts'],
  [/^(compan(y|ies)|0-2)$/, 'companies'],
  [/^(deals?|0-3)$/, 'deals'],
  [/^(tickets?|0-5)$/, 'tickets'],
]

const familyOf = (type: string): string =>
  NAMES.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] ?? 'custom'

type Access = 'read' | 'write'

const objectScope = (type: string, access: Access): string => {
  const family = familyOf(type)
  return family === 'tickets' ? 'tickets' : `crm.objects.${family}.${access}`
}
const schemaScopes = (type: string, access: Access): AnyOf => {
  const family = familyOf(type)
  if (family === 'tickets') return ['tickets']
  return access === 'read'
    ? [`crm.schemas.${family}.read`, `crm.objects.${family}.read`]
    : [`crm.schemas.${family}.write`]
}

// A search and a batch read are posted and yet change nothing.
const accessOf = (request: SimRequest, parts: readonly string[]): Access =>
  request.method === 'GET' ||
  parts.at(-1) === 'search' ||
  (parts.at(-2) === 'batch' && parts.at(-1) === 'read')
    ? 'read'
    : 'write'

/** What a call must have been granted: of every group, one scope. Calls without a group are open to every app. */
export const requiredScopes = (request: SimRequest): readonly AnyOf[] => {
  const parts = request.path.split('/').filter(Boolean)
  const [area, version, what = '', first = '', second = ''] = parts
  const access = accessOf(request, parts)
  if (area === 'integrators') return [['timeline']]
  if (area === 'crm-object-schemas' || (area === 'crm' && what === 'schemas'))
    return [[`crm.schemas.custom.${access}`]]
  if (area === 'crm' && what === 'lists') return [[`crm.lists.${accessOf(request, parts)}`]]
  if (area !== 'crm' || first === '') return what === 'owners' ? [['crm.objects.owners.read']] : []
  if (what === 'owners') return [['crm.objects.owners.read']]
  if (what === 'properties' || what === 'pipelines') return [schemaScopes(first, access)]
  if (what === 'associations') {
    if (version === 'v4' && (first === 'usage' || first === 'definitions')) return []
    return [[objectScope(first, access)], [objectScope(second, access)]]
  }
  if (what !== 'objects') return []
  const at = parts.indexOf('associations')
  const to = at < 0 ? undefined : parts[at + 1] === 'default' ? parts[at + 2] : parts[at + 1]
  return [[objectScope(first, access)], ...(to === undefined ? [] : [[objectScope(to, access)]])]
}

/**
 * Throws HubSpot's 403 when a call goes beyond what was granted.
 * @param withheld scopes that the account or the kind of app cannot have, whatever was granted
 */
export const requireScopes = (
  request: SimRequest,
  granted: readonly string[] | 'all',
  withheld: readonly string[] = [],
): void => {
  const has = (scope: string) => (granted === 'all' || granted.includes(scope)) && !withheld.includes(scope)
  const missing = requiredScopes(request).find((group) => !group.some(has))
  if (missing === undefined) return
  const links = { scopes: 'https://developers.hubspot.com/scopes' }
  throw new Refused(
    errorReply(403, {
      message: `This app hasn't been granted all required scopes to make this call. Read more about required scopes here: ${links.scopes}.`,
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: [...missing] },
        },
      ],
      links,
      category: 'MISSING_SCOPES',
    }),
  )
}
