import type { Clock, sleep } from '#kernel/clock.ts'
import { define, HubError, isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Circuit } from './circuit.ts'
import type { Limiter } from './limiter.ts'
import type { Reach } from './reach.ts'

/**
 * What every connector has in common, whatever the vendor.
 * - *page*: some records, and where to go on reading after they are stored
 * - *verdict*: what an answer means for us, said once, at the wire: try again now, later, or never
 */

/**
 * What a connector is given to reach one account, beside the account's credentials. Limits and locks are handed in, so that
 * every process that calls the account can share them.
 */
export interface ConnectorOptions {
  /** Such as `https://api.hubapi.com`. */
  baseUrl: string
  /** The account's budget, shared with everything else that calls it. */
  limiter: Limiter
  clock: Clock
  log: Log
  /** Chance in [0, 1), for jitter. */
  random(): number
  /** Longest time for one request, its whole body included. Default 30,000. */
  deadlineMs?: number
  /** How long one reading is tried again in place before the typed error is thrown for the job to resume later. Default 120,000. */
  patienceMs?: number
  /** The account's breaker in this process; give the same one to every client of the account. */
  circuit?: Circuit
  /** A person waits for the answer: may use the limiter's reserve. */
  interactive?: boolean
  /** Ends everything this client does; its reason is thrown. */
  signal?: AbortSignal
  /** How to wait; tests with a faster clock give their own. */
  pause?: typeof sleep
  /** Where calls may lead, where somebody else says the address. Left out: anywhere. */
  reach?: Reach
}

/** Records in the order the vendor gave them. Store them together with `next`: it is where a later run resumes. */
export interface Page<T> {
  records: T[]
  /** Hand it back to go on after this page, also in another process; undefined after the last page. */
  next: string | undefined
}

/** The vendor limits us (429, or a lock of its own). Nothing was done; `after` says when to come back. */
export const VendorBusy = define('HUB_VENDOR_BUSY', {
  status: 503,
  retry: 'later',
  says: '{vendor} limits how often we may ask. Your work is kept and goes on by itself.',
})

/** No usable answer: 5xx, no connection, deadline passed, HTML or cut-off JSON. A write may or may not have happened. */
export const VendorUnavailable = define('HUB_VENDOR_UNAVAILABLE', {
  status: 503,
  retry: 'later',
  says: '{vendor} is not answering. Your work is kept and goes on by itself once it does.',
})

/** The vendor understood and said no (4xx). The same request will be refused again. */
export const VendorRefused = define('HUB_VENDOR_REFUSED', {
  status: 422,
  retry: 'never',
  says: '{vendor} did not accept the request ({reason}). Correct the record or the mapping, then try again.',
})

/** The vendor gave the others of a batch, and not this record. */
export const RecordRefused = define('HUB_VENDOR_RECORD_REFUSED', {
  status: 502,
  retry: 'later',
  says: '{vendor} gave the other records of the batch and not this one ({reason}). Look at it there.',
})

/** A name that leads to machines which the world does not have: nobody was called. */
export const AddressInside = define('HUB_VENDOR_ADDRESS_INSIDE', {
  status: 502,
  retry: 'never',
  says: '{vendor} leads into a network of machines, not to the world. Whoever runs the hub has to say that it lies there.',
})

/** Our credentials are not accepted (401), or not for this (403). Someone has to connect again or grant what is missing. */
export const CredentialRejected = define('HUB_VENDOR_CREDENTIAL_REJECTED', {
  status: 424,
  retry: 'never',
  says: '{vendor} does not accept our credentials ({reason}). Connect it again, or grant what is missing.',
})

/** Our credentials are good, but not for this (403 with a scope). Everything else goes on; somebody has to grant what is named. */
export const ScopeMissing = define('HUB_VENDOR_SCOPE_MISSING', {
  status: 424,
  retry: 'never',
  says: '{vendor} has not granted {reason}. Connect it again and grant it; everything else goes on.',
})

/** What was granted to us was taken back: the app was uninstalled, or its grant revoked. Only connecting again helps. */
export const GrantRevoked = define('HUB_VENDOR_GRANT_REVOKED', {
  status: 424,
  retry: 'never',
  says: '{vendor} no longer knows our grant ({reason}). Connect it again.',
})

/** The vendor does not accept our app itself (client id, secret, redirect address): whoever runs the hub has to mend it. */
export const AppRejected = define('HUB_VENDOR_APP_REJECTED', {
  status: 503,
  retry: 'later',
  says: '{vendor} does not accept this hub’s app ({reason}). Whoever runs the hub has to check its client id, secret and redirect address.',
})

/** The vendor contradicts itself: a page comes twice, a cursor does not advance. Going on could skip or repeat records. */
export const VendorInconsistent = define('HUB_VENDOR_INCONSISTENT', {
  status: 502,
  retry: 'later',
  says: '{vendor} gave pages that do not follow each other. Nothing was skipped; the reading starts again from the last good page.',
})

/** What the vendor said, as the `cause` of the errors above. It stays inside: its text may quote a record. */
export class VendorAnswer extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The vendor's own name for the trouble, such as `MISSING_SCOPES`. */
  readonly category: string | undefined
  /** What the vendor's support asks for. */
  readonly correlationId: string | undefined
  /** Scopes the vendor says are missing. */
  readonly scopes: readonly string[]
  /** The parsed body, where it was JSON. */
  readonly body: unknown
  /** A limit: whether it holds every call to the account (true unless the vendor says otherwise) or calls of this kind only. */
  readonly wholeAccount: boolean
  constructor(
    message: string,
    details: {
      status: number
      category?: string | undefined
      correlationId?: string | undefined
      scopes?: readonly string[]
      body?: unknown
      wholeAccount?: boolean
      cause?: unknown
    },
  ) {
    super(message, { cause: details.cause })
    this.name = 'VendorAnswer'
    this.status = details.status
    this.category = details.category
    this.correlationId = details.correlationId
    this.scopes = details.scopes ?? []
    this.body = details.body
    this.wholeAccount = details.wholeAccount ?? true
  }
}

/** The vendor's own answer behind an error of this file, if there was one. */
export const vendorAnswer = (error: unknown): VendorAnswer | undefined =>
  error instanceof HubError && error.cause instanceof VendorAnswer ? error.cause : undefined

/**
 * Whether a write that threw this may have been done all the same: it was sent and no usable answer came back, or it was cut off.
 * Everything else was refused, or never sent.
 */
export const mayBeDone = (error: unknown): boolean =>
  !isHubError(error) || (VendorUnavailable.is(error) && vendorAnswer(error) !== undefined)
