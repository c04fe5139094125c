/**
 * Sends partners what they are to be told. Safe to run in several processes and to break off anywhere: one process at a time sends to a webhook,
 * and what was sent and not noted is sent again, with the id it had.
 */
import { backoff } from '#kernel/backoff.ts'
import { type Clock, type Rounds, repeat, sleep } from '#kernel/clock.ts'
import { openedBy, type Vault } from '#kernel/vault.ts'
import { claimDeliveries } from '../commands/claim-deliveries.ts'
import { type Outcome, type Settling, settleDeliveries } from '../commands/settle-deliveries.ts'
import { messageOf, verdictOf } from '../domain/delivering.ts'
import { placeOfSecret } from '../domain/webhooks.ts'
import { SENDING_CHANNEL } from '../store/outward.ts'
import { dueWebhooks, type Leased, type Waiting } from '../store/sending.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'
import { type Partners, tell } from '../sync/partners.ts'

export interface Delivering extends Settling {
  database: Rows
  vault: Vault
  partners: Partners
}

/** What became due by the clock is looked for so often. */
const LOOK_EVERY_MS = 1000
/** To so many webhooks one process sends at a time. A slow one takes one place of them, and nobody else's turn. */
const MOST_WEBHOOKS = 64
/** To one webhook so many events are under way at a time, each of another key. */
const MOST_AT_ONCE = 8
/** After so long nothing more is begun under a lease; with what is under way it is over before the lease. */
const NOTHING_MORE_MS = 20_000
/** So often it is tried to note what came of it, before its lease is left to run out. */
const MOST_SETTLING = 5
/** The webhook's secret was sealed by a key that this hub does not have: rotate it. */
const SECRET_LOST = 'HUB_SECRET_LOST'

/** Starts the loop. */
export const startDelivering = (around: Delivering): AsyncDisposable => {
  const { database, clock, log } = around
  const underWay = new Map<string, Promise<void>>()
  const stopping = new AbortController()

  const look = async (): Promise<void> => {
    const limit = MOST_WEBHOOKS - underWay.size
    if (limit <= 0) return
    const but = [...underWay.keys()]
    for (const { orgId, id } of await database.relay((tx) =>
      dueWebhooks(asTransaction(tx), clock.now(), { but, limit }),
    )) {
      const pass = sendTo(around, { orgId, id }, stopping.signal)
        .catch((error: unknown) =>
          log.warn({ err: error, orgId, webhookId: id }, 'a partner could not be told; tried again'),
        )
        .finally(() => {
          underWay.delete(id)
          rounds.wake()
        })
      underWay.set(id, pass)
    }
  }

  const rounds: Rounds = repeat(look, {
    everyMs: LOOK_EVERY_MS,
    failed: (error) => log.warn({ err: error }, 'whom to tell could not be read; tried again'),
  })
  const listening = database.listen(SENDING_CHANNEL, rounds.wake)
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      const ending = rounds[Symbol.asyncDispose]()
      await listening[Symbol.asyncDispose]()
      await ending
      await Promise.all(underWay.values())
    },
  }
}

/** Sends to one webhook what is due, and notes what came of it. */
export const sendTo = async (
  around: Delivering,
  place: { orgId: string; id: string },
  signal: AbortSignal,
): Promise<void> => {
  const claim = await claimDeliveries(around, place)
  if (!claim) return
  const outcomes: Outcome[] = []
  try {
    await sendAll(around, claim.webhook, claim.waiting, outcomes, signal)
  } finally {
    // Also when the process stops: what has arrived is known.
    await settleSurely(around, claim.webhook, outcomes, signal)
  }
}

/** What arrived and is not noted is sent a second time: a database that is away for a moment is waited for. */
const settleSurely = async (
  around: Delivering,
  webhook: Leased,
  outcomes: readonly Outcome[],
  signal: AbortSignal,
): Promise<void> => {
  for (let failures = 0; ; )
    try {
      return await settleDeliveries(around, webhook, outcomes)
    } catch (error) {
      if (++failures >= MOST_SETTLING || signal.aborted) throw error
      await sleep(backoff(failures, around.random()), signal)
    }
}

const sendAll = async (
  { clock, partners, vault }: Delivering,
  webhook: Leased,
  waiting: readonly Waiting[],
  outcomes: Outcome[],
  signal: AbortSignal,
): Promise<void> => {
  const from = performance.now()
  const secrets = secretsOf(vault, webhook, clock)
  if (!secrets) {
    const sent = { status: null, answer: '', error: SECRET_LOST, ms: 0, retryAfterMs: undefined }
    outcomes.push(...waiting.slice(0, 1).map((of) => ({ of, at: clock.now(), sent })))
    return
  }
  const to = { url: webhook.url, secrets }
  const keys = [...Map.groupBy(waiting, ({ key }) => key).values()]
  let isOver = false
  const mayGoOn = () => !isOver && !signal.aborted && performance.now() - from < NOTHING_MORE_MS
  const lane = async () => {
    for (let key = keys.shift(); key && mayGoOn(); key = keys.shift())
      for (const one of key) {
        if (!mayGoOn()) return
        const at = clock.now()
        const sent = await tell(partners, { to, message: messageOf(one), at }, signal)
        if (!sent) return
        outcomes.push({ of: one, at, sent })
        const verdict = verdictOf(sent)
        isOver ||= verdict === 'GONE' || verdict === 'UNWELL'
        // The rest of its key waits behind it.
        if (verdict !== 'DELIVERED') break
      }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, lane))
}

/** The secrets that sign now; undefined when the newest was sealed by a key that is no longer given. */
const secretsOf = (
  vault: Vault,
  { orgId, id, secret, formerSecret, formerUntil }: Leased,
  clock: Clock,
): string[] | undefined => {
  const open = (sealed: string) => openedBy(vault, sealed, placeOfSecret(orgId, id))
  const isKept = formerSecret !== null && formerUntil !== null && formerUntil > clock.now()
  const [newest, former] = [open(secret), isKept ? open(formerSecret) : undefined]
  return newest === undefined ? undefined : [newest, ...(former === undefined ? [] : [former])]
}
