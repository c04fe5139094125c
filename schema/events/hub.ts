/** What hub tells the others: the newest version of each of its events. Keys: customer id unless said otherwise. */
import { z } from 'zod'
import { anyAlert } from './payloads/alert.ts'
import { auditEntry } from './payloads/audit.ts'
import { anyConflict } from './payloads/conflict.ts'
import { id } from './payloads/scalars.ts'
import { syncRun } from './payloads/sync-run.ts'

const memberState = z.enum(['VOUCHED', 'INVITED', 'ACTIVE', 'REMOVED'])

export const hubEvents = {
  /** A run of any system moved on, as hub's read model has it now. Key: run id. */
  'hub.sync.progressed': { version: 1, payload: syncRun },
  /** A conflict with any system opened, moved on or ended. Key: the conflict. */
  'hub.conflict.changed': { version: 1, payload: anyConflict },
  /** Somebody has to look at something of any system. Key: integration id. */
  'hub.alert.raised': { version: 1, payload: anyAlert },
  /** An organisation, and in which time zone its days begin and end. Key: organisation id. */
  'hub.organisation.changed': {
    version: 1,
    payload: z.object({ organisationId: id, slug: z.string(), timeZone: z.string() }),
  },
  /** What an API key may do, until when, or by which secret it is known was changed. Key: key id. */
  'hub.key.changed': { version: 1, payload: z.object({ keyId: id }) },
  /** An API key was taken back. Key: key id. */
  'hub.key.revoked': { version: 1, payload: z.object({ keyId: id }) },
  /**
   * Somebody was invited, added, given other roles or removed, or has joined. Key: the person, as the identity provider knows them;
   * the member while nobody has joined.
   */
  'hub.member.changed': {
    version: 1,
    payload: z.object({ memberId: z.string(), personId: z.string().nullable(), state: memberState }),
  },
  /** Somebody signed out, or went to another organisation. Key: the person. */
  'hub.session.ended': { version: 1, payload: z.object({ sessionId: id }) },
  /** Somebody or something changed a record. Key: the audit row. */
  'hub.audit.written': { version: 1, payload: auditEntry },
} as const
