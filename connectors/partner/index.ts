/** How partners' programs are told of events: as the Standard Webhooks specification has it, version 1 (https://www.standardwebhooks.com). */
import { isIP } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { exchange, type HttpAnswer, retryAfterMs } from '../http.ts'
import { hostOf, isOutside, reachStrangers } from '../outside.ts'
import type { Resolve } from '../reach.ts'

export type { Resolve } from '../reach.ts'

const VENDOR = 'The partner'
/** As much of an answer as anybody looks at. */
const MAX_BYTES = 4096
const DEADLINE_MS = 15_000

/** One event as it goes out. */
export interface PartnerMessage {
  /** The same however often it is sent. */
  id: string
  /** JSON. */
  body: string
}

/** What a partner answered, whatever it was. */
export interface PartnerAnswer {
  status: number
  /** How it begins. */
  text: string
  /** How long it wants to be left alone; undefined when it does not say. */
  retryAfterMs: number | undefined
}

export interface Partners {
  /** Whether an address is one that is called at all, as far as it can be told without asking. */
  mayBe(url: string): boolean
  /**
   * Posts a message, signed by each of the secrets. No redirect is followed.
   * @param secrets as Standard Webhooks writes them, `whsec_…`
   * @param at the moment that is signed
   * @throws HUB_VENDOR_UNAVAILABLE when there is no answer; HUB_VENDOR_ADDRESS_INSIDE when the address leads inside: then nobody was called
   */
  post(
    to: { url: string; secrets: readonly string[] },
    message: PartnerMessage,
    options: { at: Date; signal?: AbortSignal },
  ): Promise<PartnerAnswer>
}

export interface PartnersOptions {
  /** Addresses may lie inside, and need not be https: on a developer's machine. */
  isInside?: boolean
  /** How names are looked up. Default: as the machine does. */
  resolve?: Resolve
  deadlineMs?: number
}

/** Opens the way to partners. Nothing is connected before something is posted. */
export const openPartners = ({ isInside = false, resolve, deadlineMs }: PartnersOptions = {}): Partners => {
  const reachOf = reachStrangers(VENDOR, { isInside, resolve })
  const mayBe = (url: string): boolean => {
    if (!URL.canParse(url)) return false
    const { protocol, username, password, hash } = new URL(url)
    if (username || password || hash) return false
    if (isInside) return protocol === 'https:' || protocol === 'http:'
    const host = hostOf(url)
    return protocol === 'https:' && host !== 'localhost' && !(isIP(host) && !isOutside(host))
  }
  return {
    mayBe,
    post: async ({ url, secrets }, { id, body }, { at, signal }) => {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'tributary-webhooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
      }
      const limits = {
        deadlineMs: deadlineMs ?? DEADLINE_MS,
        maxBytes: MAX_BYTES,
        isCut: true,
        signal,
        reach: reachOf(url),
      }
      const answer: HttpAnswer = await exchange(VENDOR, { method: 'POST', url, headers, body }, limits)
      return { status: answer.status, text: answer.text, retryAfterMs: retryAfterMs(answer.headers, at) }
    },
  }
}
