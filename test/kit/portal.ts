/** What somebody makes in a simulated portal with an app of its own, past the hub. */
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { RECORD_TYPES, type RecordType } from '#subgraphs/customers/domain/kinds.ts'
import {
  EXTERNAL_KEY,
  OWN_GROUPS,
  OWN_PROPERTIES,
  type OwnProperty,
} from '#subgraphs/customers/domain/own-properties.ts'

interface Portal {
  url: string
}

/**
 * Calls a portal as an app of its own does: a question without a body, an order with one.
 * @throws Error with what a refusal says
 */
export const callPortal = async <T>(
  portal: Portal,
  path: string,
  body?: unknown,
  { method = body === undefined ? 'GET' : 'POST', token = DEMO_TOKEN } = {},
): Promise<T> => {
  const answer = await fetch(`${portal.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

const GROUPS: Readonly<Record<string, string>> = {
  companies: 'companyinformation',
  contacts: 'contactinformation',
  deals: 'dealinformation',
  tickets: 'ticketinformation',
}

/** Makes a property of a portal, as an administrator there does. */
export const defineProperty = async (
  portal: Portal,
  type: string,
  { name, label, type: kind = 'string' }: { name: string; label: string; type?: string },
): Promise<void> => {
  const fieldType = { string: 'text', number: 'number', datetime: 'date', date: 'date' }[kind]
  const groupName = GROUPS[type]
  await callPortal(portal, `/crm/v3/properties/${type}`, { name, label, type: kind, fieldType, groupName })
}

const namesAt = async (portal: Portal, path: string): Promise<Set<string>> => {
  const { results } = await callPortal<{ results: { name: string }[] }>(portal, path)
  return new Set(results.map(({ name }) => name))
}

const furnishType = async (portal: Portal, type: RecordType, own: readonly OwnProperty[]): Promise<void> => {
  const path = `/crm/v3/properties/${type}`
  const [properties, groups] = await Promise.all([namesAt(portal, path), namesAt(portal, `${path}/groups`)])
  const lacking = own.filter(({ name }) => !properties.has(name))
  for (const group of new Set(lacking.map((each) => each.group)))
    if (!groups.has(group))
      await callPortal(portal, `${path}/groups`, { name: group, label: OWN_GROUPS[group] })
  const inputs = lacking.map(({ isUnique, group, ...shape }) => ({
    ...{ ...shape, groupName: group, hasUniqueValue: isUnique },
  }))
  if (inputs.length > 0) await callPortal(portal, `${path}/batch/create`, { inputs })
}

/**
 * Makes the hub's own properties in a portal, those that it lacks, as somebody does who does not have the hub provision it.
 * @param only `KEY`: nothing but the property by which a portal knows the hub's records
 */
export const furnishPortal = async (portal: Portal, only: 'KEY' | 'ALL' = 'ALL'): Promise<void> => {
  const wanted = ({ name }: OwnProperty) => only === 'ALL' || name === EXTERNAL_KEY
  await Promise.all(
    RECORD_TYPES.map((type) => furnishType(portal, type, OWN_PROPERTIES[type].filter(wanted))),
  )
}
