interface KindFacts {
  /** Types its records are linked to and read with: each pair from one side only. */
  links: readonly string[]
  /** The properties that say when a record was made and when it changed. */
  created: string
  modified: string
  /** What is read of it. Left out: everything its portal's people have made, and what we know a use for. */
  properties?: readonly string[]
}

const ABOUT = ['companies', 'contacts', 'deals', 'tickets'] as const

/** What the hub has to know of each kind of HubSpot record before it reads one, by the name HubSpot gives the kind. */
export const KINDS = {
  companies: { links: [], created: 'createdate', modified: 'hs_lastmodifieddate' },
  contacts: { links: ['companies'], created: 'createdate', modified: 'lastmodifieddate' },
  deals: { links: ['companies', 'contacts'], created: 'createdate', modified: 'hs_lastmodifieddate' },
  tickets: { links: ['companies', 'contacts'], created: 'createdate', modified: 'hs_lastmodifieddate' },
  tasks: {
    links: ABOUT,
    created: 'hs_createdate',
    modified: 'hs_lastmodifieddate',
    properties: [
      'hs_createdate',
      'hs_task_body',
      'hs_task_priority',
      'hs_task_status',
      'hs_task_subject',
      'hs_task_type',
      'hs_timestamp',
      'hubspot_owner_id',
    ],
  },
  notes: {
    links: ABOUT,
    created: 'hs_createdate',
    modified: 'hs_lastmodifieddate',
    properties: ['hs_createdate', 'hs_note_body', 'hs_timestamp', 'hubspot_owner_id'],
  },
} as const satisfies Record<string, KindFacts>

export type RecordType = keyof typeof KINDS
/** Every kind but companies, which are customers themselves. */
export type ChildType = Exclude<RecordType, 'companies'>

export const CHILD_TYPES = ['contacts', 'deals', 'tickets', 'tasks', 'notes'] as const satisfies ChildType[]
/** The kinds that are read from a portal. */
export const RECORD_TYPES: readonly RecordType[] = ['companies', ...CHILD_TYPES]

export const kindOf = (type: RecordType): KindFacts => KINDS[type]

/** Types that records of a type are linked to and read with. */
export const linksOf = (type: RecordType): readonly string[] => kindOf(type).links

/** Whether a kind is read with all its properties, whose definitions every run knows. */
export const isReadInFull = (type: string): boolean =>
  (RECORD_TYPES as readonly string[]).includes(type) && kindOf(type as RecordType).properties === undefined
