/** What customers tells the others: the newest version of each of its events. Keys: customer id unless said otherwise. */
import { z } from 'zod'
import { personMarks } from '../person-marks.ts'
import { alert } from './payloads/alert.ts'
import { auditEntry } from './payloads/audit.ts'
import { closedDeal } from './payloads/closed-deal.ts'
import { conflict, endedConflict } from './payloads/conflict.ts'
import { integration } from './payloads/integration.ts'
import { at, id, money, system } from './payloads/scalars.ts'
import { syncRun } from './payloads/sync-run.ts'
import { ticketRaised } from './payloads/ticket-raised.ts'

export const customersEvents = {
  /** A company's record appeared, changed or went (`deleted`). Key: the source record. */
  'customers.company.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      integrationId: id,
      companyId: id,
      name: z.string(),
      domain: z.string().nullable(),
      industry: z.string().nullable(),
      lifecycleStage: z.string().nullable(),
      ownerId: id.nullable(),
      annualRevenue: money.nullable(),
      creditLimit: money.nullable(),
      /** The billing account that it says it is; null when it says none. */
      ban: z.string().nullable().optional(),
      /** Where it sits, as the portal writes it, and how many people work there. */
      country: z.string().nullable().optional(),
      employees: z.int().nullable().optional(),
      /** CUSTOMER, SUPPLIER, BOTH, PROSPECT or OTHER. */
      kind: z.string().optional(),
      /** Last sales activity HubSpot knows of. */
      lastActivityAt: at.nullable(),
      /** When HubSpot says that the record changed; by the hub's clock when it was changed here. */
      observedAt: at,
      changed: z.array(z.string()),
      /** Whether the hub changed it, and not HubSpot. Left out when it is new, or told as it stands. */
      changedHere: z.boolean().optional(),
      deleted: z.boolean(),
    }),
  },
  /** A person's record. Key: the source record. */
  'customers.contact.changed': {
    version: 1,
    payload: z.object({
      contactId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      lastActivityAt: at.nullable(),
      /** What HubSpot has noticed of the person's engagement: how often, null where it does not count, and when last. */
      noticed: z
        .array(
          z.object({
            signal: z.enum(['CONTACTED', 'ACTIVITY', 'MAIL_OPENED', 'MAIL_ANSWERED', 'MEETING']),
            count: z.int().nullable(),
            at,
          }),
        )
        .optional(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /**
   * A person was erased: forget what is held about these contacts, and what was said of who has these marks. None when the person was asked to be
   * forgotten before arriving. Key: the erasure.
   */
  'customers.person.erased': {
    version: 1,
    payload: z.object({ erasureId: id, contactIds: z.array(id), marks: personMarks.optional() }),
  },
  /**
   * A field that both sides changed waits for a person, or what a side says of it moved on meanwhile (`version`). Key: the conflict.
   */
  'customers.conflict.opened': { version: 1, payload: conflict },
  /** A conflict that was open has ended. Key: the conflict. */
  'customers.conflict.resolved': { version: 1, payload: endedConflict },
  /** A deal's record. `previousStage` differs from `stage` when it moved; null when the deal is new. Key: the source record. */
  'customers.deal.changed': {
    version: 1,
    payload: z.object({
      dealId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      pipeline: z.string(),
      stage: z.string(),
      previousStage: z.string().nullable(),
      /** What people call the two stages; null when the portal does not name them. */
      stageLabel: z.string().nullable().optional(),
      previousStageLabel: z.string().nullable().optional(),
      amount: money.nullable(),
      isOpen: z.boolean(),
      isWon: z.boolean().nullable(),
      /** Where the renewal stands that it is, as the portal's stage and what was decided of it say when it is told. */
      renewal: z
        .enum(['UPCOMING', 'IN_NEGOTIATION', 'AT_RISK', 'RENEWED', 'LOST', 'NOT_A_RENEWAL'])
        .optional(),
      createdAt: at,
      closeDate: at.nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A deal was closed, just now, and won. Key: the source record. */
  'customers.deal.won': { version: 1, payload: closedDeal },
  /** A deal was closed, just now, and lost. Key: the source record. */
  'customers.deal.lost': { version: 1, payload: closedDeal },
  /**
   * A customer is being onboarded and has no billing account, or no trunk, yet: whoever provides them does so. Told again while it waits;
   * each is provided once. Key: the onboarding.
   */
  'customers.onboarding.waiting': {
    version: 1,
    payload: z.object({
      onboardingId: id,
      customerId: id,
      waitsFor: z.enum(['BILLING_ACCOUNT', 'FIRST_TRUNK']),
      /** What the company is called, and its web domain. */
      name: z.string(),
      domain: z.string().nullable(),
      /** The account that is to get the trunk; null while there is none. */
      ban: z.string().nullable(),
      observedAt: at,
    }),
  },
  /** A ticket's record. Key: the source record. */
  'customers.ticket.changed': {
    version: 1,
    payload: z.object({
      ticketId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      isOpen: z.boolean(),
      priority: z.string().nullable(),
      /** VOICE, MESSAGING, BILLING, TECHNICAL or OTHER. */
      category: z.string().optional(),
      /** The hub has not known it before. */
      isNew: z.boolean().optional(),
      createdAt: at,
      closedAt: at.nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** The hub opened a ticket by itself; the record is told of as every other. Key: the ticket. */
  'customers.ticket.raised': { version: 1, payload: ticketRaised },
  /** A task's record, without what it says. Key: the source record. */
  'customers.task.changed': {
    version: 1,
    payload: z.object({
      taskId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      status: z.string(),
      isOpen: z.boolean(),
      priority: z.string().nullable(),
      dueAt: at,
      createdAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A note's record, without what it says. Key: the source record. */
  'customers.note.changed': {
    version: 1,
    payload: z.object({
      noteId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      notedAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** Who is who: all accounts of one customer after the change. */
  'customers.identity.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      identityVersion: z.int(),
      mergedInto: id.nullable(),
      accounts: z.array(z.object({ system, accountId: id, integrationId: id.nullable() })),
      /** Those it was told to have before; absent when it is told as it stands. */
      was: z.array(z.object({ system, accountId: id })).optional(),
    }),
  },
  /**
   * Other values stand for a customer, by a change of the rules they are chosen by or by hand. What follows from a record or from who is
   * who is not told here: that is told with it.
   */
  'customers.customer.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      /** The names of the fields, as the graph has them. */
      changed: z.array(z.enum(['name', 'domain', 'industry', 'lifecycleStage', 'owner'])),
      observedAt: at,
    }),
  },
  /** A change of many records came further. Key: the change. */
  'customers.bulk.progressed': {
    version: 1,
    payload: z.object({
      jobId: id,
      type: z.string(),
      operation: z.enum(['CREATE', 'UPDATE', 'DELETE']),
      state: z.enum(['QUEUED', 'RUNNING', 'COMPLETED']),
      total: z.int(),
      done: z.int(),
      written: z.int(),
      unchanged: z.int(),
      refused: z.int(),
    }),
  },
  /** Somebody brought a record of a customer whose connection enriches: whoever writes about customers writes about it. */
  'customers.enrichment.wanted': {
    version: 1,
    payload: z.object({ customerId: id, priority: z.int().min(1).max(10), observedAt: at }),
  },
  /** A run moved on. Key: run id. */
  'customers.sync.progressed': { version: 1, payload: syncRun },
  /** A connection was made or its status changed. Key: integration id. */
  'customers.integration.changed': { version: 1, payload: integration },
  /** A connection's credentials are refused: nothing is sent until somebody connects it again. Told once. Key: integration id. */
  'customers.integration.needs_reauth': {
    version: 1,
    payload: z.object({ integrationId: id, system: z.enum(['HUBSPOT', 'C3']), reason: z.string(), at }),
  },
  /** Something failed three times and somebody has to look at it. Ids, codes and public sentences only. Key: integration id. */
  'customers.alert.raised': { version: 1, payload: alert },
  /** A portal's properties of one kind of record changed. `total` counts what `changes` had no room for too. Key: integration id. */
  'customers.catalog.changed': {
    version: 1,
    payload: z.object({
      integrationId: id,
      objectType: z.string(),
      total: z.int(),
      changes: z.array(
        z.object({
          property: z.string(),
          change: z.enum([
            'ADDED',
            'ARCHIVED',
            'RESTORED',
            'RETYPED',
            'RELABELLED',
            'OPTION_ADDED',
            'OPTION_REMOVED',
            'OPTION_RENAMED',
          ]),
          was: z.string().nullable(),
          becomes: z.string().nullable(),
        }),
      ),
      observedAt: at,
    }),
  },
  /** Hub fields are mapped otherwise (`changed`), wait until a problem is mended, or go on. Key: integration id. */
  'customers.mapping.changed': {
    version: 1,
    payload: z.object({
      integrationId: id,
      objectType: z.string(),
      version: z.int(),
      changed: z.array(z.string()),
      paused: z.array(z.object({ field: z.string(), code: z.string(), property: z.string().nullable() })),
      resumed: z.array(z.string()),
      observedAt: at,
    }),
  },
  /** Somebody or something changed a record. Key: the audit row. */
  'customers.audit.written': { version: 1, payload: auditEntry },
} as const
