import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Jobs } from '#service/jobs.ts'
import type { ChangeRecords } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { matchDomain } from '../domain/names.ts'
import {
  accountFields,
  askedOfOthers,
  type Deed,
  type Facts,
  isThrough,
  nextMove,
  type Settled,
  STEP_NAMES,
  stopOf,
} from '../domain/onboarding.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { onboardingWaiting } from '../domain/telling.ts'
import { timelineWay } from '../domain/timeline.ts'
import { sendMail } from '../jobs/definitions.ts'
import { customersById } from '../store/customers.ts'
import { integrationsOf } from '../store/integrations.ts'
import { queueMail } from '../store/mail-outbox.ts'
import { customersOfDeals, factsAround, welcomedContact } from '../store/onboarding-facts.ts'
import { onboardingSettings } from '../store/onboarding-settings.ts'
import {
  lockOnboarding,
  type OnboardingRow,
  saveOnboarding,
  saveSteps,
  stepsOf,
} from '../store/onboardings.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'
import { tellTimeline } from './tell-timeline.ts'
import { writeCompanyFields } from './write-company-fields.ts'

/** What an onboarding is moved with. */
export interface Advancing {
  orgId: string
  clock: Clock
  changeRecords: ChangeRecords
  jobs: Pick<Jobs, 'enqueue'>
  hasMailServer: boolean
  /** Whether the hub has the developer's key of its app, without which no portal has a timeline for it. Default: not. */
  hasDeveloper?: boolean
}

/** More moves than there are steps and deeds: who needs more goes round in a circle. */
const MOST_MOVES = 4 * STEP_NAMES.length

/**
 * Moves an onboarding as far as it comes, in the caller's transaction: what is so already is not done again, whoever comes second waits and
 * finds it done, and whoever is killed leaves nothing half done. One that has ended stays as it is. What others have to provide they are
 * asked for when a step comes to wait for it.
 */
export const moveOnboarding = async (tx: Transaction, act: Advancing, id: string): Promise<void> => {
  const { orgId, clock } = act
  // Before the records': nobody who holds those waits for an onboarding.
  const held = await lockOnboarding(tx, orgId, id)
  if (held?.state !== 'RUNNING') return
  const at = clock.now()
  const steps = (await stepsOf(tx, orgId, [id])).get(id) ?? []
  for (let move = 0; move < MOST_MOVES; move++) {
    const facts = await factsOf(tx, act, held)
    const stopped = stopOf(facts)
    held.customer_id = facts.customer?.id ?? held.customer_id
    if (stopped)
      return await saveOnboarding(tx, orgId, { ...held, state: 'STOPPED', stopped_because: stopped }, at)
    const next = nextMove(steps, facts)
    if (!next) break
    const settled =
      'deed' in next.verdict ? await DEEDS[next.verdict.deed](tx, act, held, facts, at) : next.verdict
    // A deed whose effect is looked at in the next round.
    if (!settled) continue
    await saveSteps(tx, orgId, id, [{ step: next.step, ...settled }], at)
    for (const step of steps) if (step.step === next.step) Object.assign(step, settled)
    const waitsFor = askedOfOthers(next.step, settled)
    const { customer, account } = facts
    if (waitsFor && customer) {
      const waiting = { onboardingId: id, waitsFor, customer, ban: account?.ban ?? null }
      await publish(tx, orgId, [onboardingWaiting(waiting, at)], at)
    }
  }
  const state = isThrough(steps) ? 'COMPLETED' : 'RUNNING'
  await saveOnboarding(tx, orgId, { ...held, state }, at)
}

const factsOf = async (tx: Transaction, act: Advancing, held: OnboardingRow): Promise<Facts> => {
  const { orgId, hasMailServer, hasDeveloper = false } = act
  const { deal_id: dealId, integration_id: integrationId } = held
  // Its company's customer, as it is now; begun by hand, whom it was begun for.
  const ofDeal = dealId ? (await customersOfDeals(tx, orgId, [dealId])).get(dealId)?.customerId : null
  const asked = ofDeal ?? held.customer_id
  const row = asked ? (await customersById(tx, orgId, [asked])).get(asked) : undefined
  const customer = row ? { id: row.id, name: row.name, domain: matchDomain(row.domain) } : null
  const around = await factsAround(tx, orgId, {
    ...{ onboardingId: held.id, dealId, integrationId },
    ...{ customerId: customer?.id ?? null, domain: customer?.domain ?? null },
  })
  const [portal] = integrationId ? await integrationsOf(tx, orgId, [integrationId]) : []
  const place = { orgId, integrationId: integrationId ?? '' }
  const writable = portal ? await writableProperties(tx, place, 'companies') : undefined
  const { sendsMail } = await onboardingSettings(tx, orgId)
  const recipientId = await welcomedContact(tx, orgId, { dealId, companyId: around.company?.id ?? null })
  return {
    ...around,
    customer,
    // A deal that the hub does not hold any more was taken away with its portal.
    deal: dealId ? (around.deal ?? { isWon: false, isGone: true }) : null,
    portal:
      portal && writable
        ? {
            goesOut: goesOut(portal),
            isProvisioned: writable.refusalOf(EXTERNAL_KEY) === null,
            hasTimeline: timelineWay(portal, { developer: hasDeveloper, key: false }) !== undefined,
          }
        : null,
    ...{ mailIsOn: sendsMail, hasMailServer, recipientId },
  }
}

type Do = (
  tx: Transaction,
  act: Advancing,
  held: OnboardingRow,
  facts: Facts,
  at: Date,
) => Promise<Settled | undefined>

const DONE: Settled = { state: 'DONE', code: null }

const DEEDS: Record<Deed, Do> = {
  // Under an id that follows from the onboarding's: made twice, it is one.
  MAKE_COMPANY: async (tx, { orgId, changeRecords }, held, { customer }, at) => {
    const place = { orgId, integrationId: held.integration_id ?? '', type: 'companies' as const }
    const values = { name: customer?.name ?? '', domain: customer?.domain ?? '' }
    const assumed = { createdate: at.toISOString() }
    const localId = idFrom(orgId, 'company of onboarding', held.id)
    await changeRecords(tx, place, { creates: [{ localId, values, assumed }] }, at)
    return undefined
  },

  WRITE_ACCOUNT: async (tx, { orgId, changeRecords }, held, { customer, account }, at) => {
    const fields = new Map(customer && account ? [[customer.id, accountFields(account)]] : [])
    const ask = { orgId, integrationId: held.integration_id, fields, at }
    const { companies, troubles } = await writeCompanyFields(tx, changeRecords, ask)
    if (troubles.length > 0) return { state: 'FAILED', code: 'NOT_PROVISIONED' }
    return companies > 0 ? DONE : { state: 'SKIPPED', code: 'NO_PORTAL' }
  },

  QUEUE_MAIL: async (tx, { orgId, jobs }, held, { recipientId }, at) => {
    const mailId = idFrom(orgId, 'welcome mail', held.id)
    const mail = { id: mailId, contactId: recipientId ?? '', onboardingId: held.id }
    if (await queueMail(tx, orgId, mail, at)) await jobs.enqueue(tx, sendMail, { orgId, mailId })
    return { state: 'WAITING', code: 'MAIL_SENT' }
  },

  // On the timeline, or as a note where the portal has none for us: which of the two is decided when it is written.
  WRITE_NOTE: async (tx, { orgId }, held, { company, account }, at) => {
    const event = {
      id: idFrom(orgId, 'timeline', held.integration_id ?? '', ONBOARDED, held.id),
      ...{ integration_id: held.integration_id ?? '', company_id: company?.id ?? '', kind: ONBOARDED },
      tokens: { ban: account?.ban ?? '', trunk_id: account?.trunkId ?? '' },
      occurred_at: at,
    }
    await tellTimeline(tx, orgId, [event], at)
    return DONE
  },
}

const ONBOARDED = 'onboarding_completed'
