/**
 * A change that is sent with an `Idempotency-Key` is made once and answered the same each time, for a day. Hub knows which keys
 * were sent and keeps the answers, sealed with the caller's own key: docs/decisions/0027-made-once.md.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { type Clock, sleep } from '#kernel/clock.ts'
import { BadInput, Unavailable } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Principal } from '#kernel/principal.ts'
import { askHub, type HubPlace } from './asking-hub.ts'
import { digest } from './digest.ts'
import { AnswerNotKept, KeyBusy, KeyReused } from './errors.ts'
import type { RequestContext } from './execute.ts'

/** What is given again. */
export interface Kept {
  status: number
  headers: Record<string, string>
  body: string
}

/** What an attempt came to. */
export interface Attempt {
  answer: Kept
  /** Whether it is known what was done. Otherwise the same request may try again. */
  isFinal: boolean
  /** Whether the answer may be kept. */
  keeps: boolean
}

export interface Once {
  /**
   * Makes a change, unless it was made before.
   * @param wish.asked what is asked for, whole: another request with the same key is refused
   * @param wish.waitMs for how long to wait for another attempt that is at it
   * @param run makes it; what it is given goes with the request to the subgraphs
   * @throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_BUSY, ANSWER_NOT_KEPT; HUB_UNAVAILABLE before anything is done
   */
  run(
    wish: { principal: Principal; key: string; asked: unknown; waitMs: number },
    run: (mark: string) => Promise<Attempt>,
  ): Promise<{ answer: Kept; isReplayed: boolean }>
}

type Claimed = { is: 'TAKEN'; id: string } | { is: 'BUSY' | 'REUSED' } | { is: 'DONE'; answer: string | null }

/** Longer than any attempt: the gateway gives up on subgraphs before. */
const LEASE_OVER_MS = 5_000
const LOOK_FIRST_MS = 25
const LOOK_AT_LEAST_EVERY_MS = 500
const MOST_BYTES = 1 << 20

/**
 * The key in a request's headers, as text or as the quoted text of structured fields.
 * @throws BAD_INPUT when it is no key
 */
export const keyOf = (sent: string | string[] | undefined): string | undefined => {
  if (sent === undefined) return undefined
  const text = String(sent)
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw BadInput.with({ field: 'idempotency-key', reason: 'is 1 to 255 visible characters without spaces' })
  return key
}

/** Opens the way in which changes with a key are made once. */
export const openOnce = (options: HubPlace & { secret: string; clock: Clock; log: Log }): Once => {
  const { secret, log } = options
  const tell = async (place: 'claim' | 'settle', body: unknown): Promise<Response> => {
    const response = await askHub(options, `/keyed-requests/${place}`, body)
    if (response.ok) return response
    await response.body?.cancel()
    throw new Error(`hub answered ${response.status}`)
  }
  return {
    run: async ({ principal, key, asked, waitMs }, run) => {
      const { kind, id, orgId } = principal
      const whose = [kind, id, orgId, key]
      const attempt = randomUUID()
      const held = { orgId, whoKind: kind, whoId: id, keyHash: digest(whose), attempt }
      const claim = { ...held, asked: digest(asked), leaseMs: waitMs + LEASE_OVER_MS }
      const deadline = performance.now() + waitMs
      let change: string
      for (let wait = LOOK_FIRST_MS; ; wait = Math.min(wait * 2, LOOK_AT_LEAST_EVERY_MS)) {
        const claimed = await tell('claim', claim)
          .then((response) => response.json() as Promise<Claimed>)
          .catch((cause: unknown) => {
            throw Unavailable.with({ what: 'Making a change once' }, { cause })
          })
        if (claimed.is === 'TAKEN') {
          change = claimed.id
          break
        }
        if (claimed.is === 'REUSED') throw KeyReused.with()
        if (claimed.is === 'DONE') {
          if (claimed.answer === null) throw AnswerNotKept.with()
          return { answer: unsealed(claimed.answer, secret, whose), isReplayed: true }
        }
        if (performance.now() >= deadline) throw KeyBusy.with()
        await sleep(wait)
      }
      const settle = (end: unknown) =>
        tell('settle', { ...held, end }).catch((error: unknown) => {
          // It stays with this attempt until the lease is over; then the subgraph knows whether it was done.
          log.warn({ err: error }, 'hub was not told what became of a change with a key')
        })
      let made: Attempt
      try {
        made = await run(`${change}.${attempt}`)
      } catch (error) {
        await settle('GIVEN_UP')
        throw error
      }
      const { answer, isFinal, keeps } = made
      const isKept = keeps && Buffer.byteLength(answer.body) <= MOST_BYTES
      await settle(isFinal ? { answer: isKept ? sealed(answer, secret, whose) : null } : 'GIVEN_UP')
      return { answer, isReplayed: false }
    },
  }
}

/** What a door came to that made a change. */
export interface Made {
  answer: Kept
  /** Whether it is known what was done. */
  isFinal: boolean
  /** Whether the answer holds what is shown once and kept nowhere. */
  isSecret: boolean
}

/**
 * Makes a change of a door once, for whoever sends a key with it. A plan changes nothing, however often it is asked for, and what a
 * token confirms is done once by that: the plan it is compared with knows of no key.
 * @param of.begin what the operation takes along; its time begins when its turn has come
 * @throws as `Once.run`
 */
export const madeOnce = (
  once: Once,
  of: { key: string; asked: unknown; caller: Principal; waitMs: number; begin(): RequestContext },
  make: (context: RequestContext) => Promise<Made>,
): Promise<{ answer: Kept; isReplayed: boolean }> =>
  once.run({ principal: of.caller, key: of.key, asked: of.asked, waitMs: of.waitMs }, async (mark) => {
    const turn = of.begin()
    if (!turn.planning) turn.once = mark
    const { answer, isFinal, isSecret } = await make(turn)
    return { answer, isFinal, keeps: !isSecret && turn.cookies.length === 0 }
  })

/** Of the caller's key, so that whoever reads hub's rows, or the hub's secret alone, cannot read answers. */
const cipherKey = (secret: string, whose: readonly unknown[]): Buffer =>
  createHmac('sha256', secret).update('tributary:answers').update(JSON.stringify(whose)).digest()

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const sealed = (answer: Kept, secret: string, whose: readonly unknown[]): string => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, cipherKey(secret, whose), nonce)
  const text = [cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]
  return Buffer.concat([nonce, cipher.getAuthTag(), ...text]).toString('base64')
}

const unsealed = (text: string, secret: string, whose: readonly unknown[]): Kept => {
  const bytes = Buffer.from(text, 'base64')
  const cipher = createDecipheriv(CIPHER, cipherKey(secret, whose), bytes.subarray(0, NONCE_BYTES))
  cipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const plain = [cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]
  return JSON.parse(Buffer.concat(plain).toString()) as Kept
}
