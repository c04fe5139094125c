import * as z from 'zod'
import {
  CredentialRejected,
  ScopeMissing,
  VendorAnswer,
  VendorBusy,
  VendorRefused,
  VendorUnavailable,
} from '../contract.ts'
import { type Check, errorBody, type HttpAnswer, readJson, retryAfterMs } from '../http.ts'

export const VENDOR = 'HubSpot'

/** The category of a 401 that a fresh token cures. */
export const EXPIRED = 'EXPIRED_AUTHENTICATION'

const texts = z.record(z.string(), z.array(z.string())).optional().catch(undefined)
const errorEnvelope = z
  .object({
    message: z.string().optional().catch(undefined),
    category: z.string().optional().catch(undefined),
    errorType: z.string().optional().catch(undefined),
    policyName: z.string().optional().catch(undefined),
    correlationId: z.string().optional().catch(undefined),
    errors: z
      .array(z.object({ context: texts }))
      .optional()
      .catch(undefined),
  })
  .catch({})

/**
 * What an answer means.
 * @param check reads the body of a success
 * @param timeZone of the account: the daily limit is reset at its midnight
 * @param exactKey see `readJson`
 * @returns the value of a 2xx whose body holds what it should
 * @throws an error of `connectors/contract.ts`, with the answer as its cause
 */
export const judge = <T>(
  answer: HttpAnswer,
  check: Check<T>,
  now: Date,
  timeZone: string,
  exactKey?: string,
): T => {
  const { status } = answer
  if (status >= 200 && status < 300) return readJson(VENDOR, answer, check, exactKey)
  const body = errorBody(answer)
  const said = errorEnvelope.parse(body)
  const category = said.category ?? said.policyName ?? said.errorType
  const scopes = (said.errors ?? []).flatMap((each) => [
    ...(each.context?.requiredGranularScopes ?? []),
    ...(each.context?.requiredScopes ?? []),
  ])
  const named = retryAfterMs(answer.headers, now)
  const policy = status === 429 && named === undefined ? policyOf(said.policyName, said.message) : undefined
  const cause = new VendorAnswer(said.message ?? `status ${status}`, {
    status,
    category,
    correlationId: said.correlationId,
    scopes,
    body,
    wholeAccount: policy !== 'SECONDLY',
  })
  const reason = category ?? `status ${status}`
  const at = (ms: number) => new Date(now.getTime() + ms)
  if (status === 401) throw CredentialRejected.with({ vendor: VENDOR, reason }, { cause })
  if (status === 403) {
    // Without a name nobody can say what to grant, but the token itself was still accepted.
    if (scopes.length > 0 || category === 'MISSING_SCOPES')
      throw ScopeMissing.with(
        { vendor: VENDOR, reason: [...new Set(scopes)].join(', ') || 'a scope it does not name' },
        { cause },
      )
    throw CredentialRejected.with({ vendor: VENDOR, reason }, { cause })
  }
  // 423: heavy writing locks the account · 429: a limit · 477: the account moves to another data centre.
  if (status === 423 || status === 429 || status === 477) {
    const after =
      named !== undefined
        ? at(named)
        : policy === 'DAILY'
          ? nextMidnight(now, timeZone)
          : status === 423
            ? at(2000)
            : undefined
    throw VendorBusy.with({ vendor: VENDOR }, { cause, ...(after ? { after } : {}) })
  }
  if (status >= 500 || status === 408 || (status >= 300 && status < 400))
    throw VendorUnavailable.with(
      { vendor: VENDOR },
      { cause, ...(named === undefined ? {} : { after: at(named) }) },
    )
  throw VendorRefused.with({ vendor: VENDOR, reason }, { cause })
}

const policyOf = (policyName: string | undefined, message: string | undefined): string | undefined => {
  if (policyName) return policyName
  if (message?.includes('secondly limit') && !message.includes('ten_secondly')) return 'SECONDLY'
  if (message?.includes('daily limit')) return 'DAILY'
  return undefined
}

/** The next instant at which a day begins in a time zone (UTC when the zone is unknown to us). */
export const nextMidnight = (now: Date, timeZone: string): Date => {
  const dayOf = dayIn(timeZone)
  const today = dayOf(now)
  // Days are 23 to 25 hours long and some begin at 01:00: look for the change of day instead of computing it.
  let low = now.getTime()
  let high = low + 26 * 3600_000
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (dayOf(new Date(middle)) === today) low = middle
    else high = middle
  }
  return new Date(high)
}

const dayIn = (timeZone: string): ((at: Date) => string) => {
  try {
    const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
    return (at) => format.format(at)
  } catch {
    // An account may have a zone that this runtime does not know yet.
    return (at) => at.toISOString().slice(0, 10)
  }
}
