/**
 * capability  what a connection can be allowed to do, as a salesperson would ask for it
 * scope       HubSpot's own word for a permission
 * feature     a capability of one connection: on, or off with the scopes that are missing and what is done instead
 */
export const CAPABILITIES = [
  'COMPANIES',
  'CONTACTS',
  'DEALS',
  'TICKETS',
  'TASKS',
  'NOTES',
  'OWNERS',
  'LISTS',
  'WRITE',
  'PROPERTIES',
  'CUSTOM_OBJECTS',
  'TIMELINE',
] as const
export type Capability = (typeof CAPABILITIES)[number]

const objects = (way: 'read' | 'write') =>
  ['companies', 'contacts', 'deals'].map((type) => `crm.objects.${type}.${way}`)

interface Demand {
  scopes: readonly string[]
  /** What is done while it is off. */
  fallback: string
}

const DEMANDS: Readonly<Record<Capability, Demand>> = {
  COMPANIES: { scopes: ['crm.objects.companies.read'], fallback: 'Companies are not read from HubSpot.' },
  CONTACTS: { scopes: ['crm.objects.contacts.read'], fallback: 'People are not read from HubSpot.' },
  DEALS: { scopes: ['crm.objects.deals.read'], fallback: 'Deals are not read from HubSpot.' },
  TICKETS: { scopes: ['tickets'], fallback: 'Tickets are neither read from HubSpot nor written there.' },
  // HubSpot goes by the scopes of contacts for activities.
  TASKS: { scopes: ['crm.objects.contacts.read'], fallback: 'Tasks are not read from HubSpot.' },
  NOTES: { scopes: ['crm.objects.contacts.read'], fallback: 'Notes are not read from HubSpot.' },
  OWNERS: {
    scopes: ['crm.objects.owners.read'],
    fallback: 'Who looks after a record is shown by number, without the colleague’s name.',
  },
  LISTS: {
    scopes: ['crm.lists.read'],
    fallback: 'Which records take part cannot be said by HubSpot’s lists, only by their properties.',
  },
  WRITE: { scopes: objects('write'), fallback: 'Nothing is written to HubSpot; the hub only reads.' },
  PROPERTIES: {
    scopes: ['companies', 'contacts', 'deals'].map((type) => `crm.schemas.${type}.write`),
    fallback: 'Only properties that exist in HubSpot are written; somebody there has to make the others.',
  },
  CUSTOM_OBJECTS: {
    scopes: [
      'crm.objects.custom.read',
      'crm.objects.custom.write',
      'crm.schemas.custom.read',
      'crm.schemas.custom.write',
    ],
    fallback: 'Trunks and the like are written as properties of the company instead of records of their own.',
  },
  TIMELINE: { scopes: ['timeline'], fallback: 'Events are written as notes instead of timeline entries.' },
}

/** What a connection must have to be of use; without it HubSpot does not let people through. */
const REQUIRED = ['oauth', 'crm.objects.companies.read']

/** The scopes that a person is asked for: those that must be, and those a portal may leave out. */
export const scopesFor = (
  capabilities: readonly Capability[],
): { scopes: string[]; optionalScopes: string[] } => {
  const wanted = new Set(capabilities.flatMap((capability) => DEMANDS[capability].scopes))
  return { scopes: REQUIRED, optionalScopes: [...wanted].filter((scope) => !REQUIRED.includes(scope)).sort() }
}

/** What is known of a connection's scopes: granted is null while nobody has told. */
export interface Granted {
  granted_scopes: readonly string[] | null
  lacking_scopes: readonly string[]
  /** How it signs in, where that is known. */
  mode?: 'TOKEN' | 'OAUTH' | null
}

/** Which of these scopes were not granted, as far as is known. */
export const missingOf = (
  { granted_scopes: granted, lacking_scopes: lacking }: Granted,
  scopes: readonly string[],
) => scopes.filter((scope) => lacking.includes(scope) || (granted !== null && !granted.includes(scope)))

/** A capability of a connection as the graph shows it. */
export interface Feature {
  capability: Capability
  isOn: boolean
  missingScopes: string[]
  /** What is done instead while it is off; null while it is on. */
  fallback: string | null
}

export const featuresOf = (granted: Granted): Feature[] =>
  CAPABILITIES.map((capability) => {
    const { scopes, fallback } = DEMANDS[capability]
    const missingScopes = missingOf(granted, scopes)
    if (isBeyondToken(granted, capability))
      return { capability, isOn: false, missingScopes, fallback: `A private app cannot do this. ${fallback}` }
    const isOn = missingScopes.length === 0
    return { capability, isOn, missingScopes, fallback: isOn ? null : fallback }
  })

/** HubSpot's timeline is for apps that portals install; a private app's token does not reach it. */
const isBeyondToken = ({ mode }: Granted, capability: Capability): boolean =>
  mode === 'TOKEN' && capability === 'TIMELINE'

export const isOn = (granted: Granted, capability: Capability): boolean =>
  !isBeyondToken(granted, capability) && missingOf(granted, DEMANDS[capability].scopes).length === 0

const CAPABILITY_OF_TYPE: Readonly<Record<string, Capability>> = {
  companies: 'COMPANIES',
  contacts: 'CONTACTS',
  deals: 'DEALS',
  tickets: 'TICKETS',
  tasks: 'TASKS',
  notes: 'NOTES',
}

/** Whether records of a type may be read. Types nobody has a word for may. */
export const mayRead = (granted: Granted, type: string): boolean => {
  const capability = CAPABILITY_OF_TYPE[type]
  return capability === undefined || isOn(granted, capability)
}
