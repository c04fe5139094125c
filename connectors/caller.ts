import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { Planning } from '#kernel/planning.ts'
import { limiterWaits, timed, vendorCalls } from '#telemetry/measures.ts'
import { asStep } from '#telemetry/traces.ts'
import { type Circuit, openCircuit, type Pass } from './circuit.ts'
import { CredentialRejected, VendorBusy, VendorUnavailable, vendorAnswer } from './contract.ts'
import type { Limiter } from './limiter.ts'

/** One thing to ask of a vendor. */
export interface Work<T> {
  bucket: string
  /** A write is not repeated unless the vendor is known not to have done it. */
  write?: boolean
  /** Sends it once and judges the answer: gives the value or throws an error of `contract.ts`. */
  send(): Promise<T>
  /** The credentials were rejected: makes new ones. false when there are none. Asked once per work. */
  renew?(error: unknown): Promise<boolean>
  /** Told before each try, 1 for the first. */
  onTry?(number: number): void
}

export interface CallerOptions {
  vendor: string
  limiter: Limiter
  clock: Clock
  log: Log
  random(): number
  /** All buckets of the account: a ban names one call but holds them all. */
  buckets: readonly string[]
  circuit: Circuit
  patienceMs: number
  interactive: boolean
  signal?: AbortSignal | undefined
  pause?: typeof sleep
}

/** Does a work, however often it takes, within the caller's patience. */
export type Caller = <T>(work: Work<T>) => Promise<T>

/** A vendor's limit that comes without a time: first wait, and where doubling ends. */
const FIRST_QUIET_MS = 1000
const LONGEST_QUIET_MS = 10_000

/** What came of a try, in words of ours. */
const outcomeOf = (error: unknown): string =>
  error === undefined ? 'answered' : isHubError(error) ? error.code : 'failed'

/** How long a place in the limiter's interval may lie unused before it would let a later interval overflow. */
const FRESH_MS = 100

/**
 * Makes the one loop through which every call to an account goes: circuit, limiter, try, verdict, and again.
 * @throws from the caller: the last typed error once the patience is over or trying again cannot help; the signal's reason
 */
export const openCaller = (options: CallerOptions): Caller => {
  const { vendor, limiter, clock, log, random, circuit, interactive, signal, pause = sleep } = options
  const now = () => clock.now().getTime()
  // One bucket's own quiet, such as too many searches: it does not stop the other calls.
  const quiets = new Map(
    options.buckets.map((bucket) => [
      bucket,
      openCircuit({ clock, random, pause, maxInFlight: Number.POSITIVE_INFINITY }),
    ]),
  )

  // Limiters refuse in words of their own; to a job it is the vendor's limit, whoever counts.
  const acquire = async (bucket: string, patienceMs: number): Promise<void> => {
    try {
      await timed(
        () => limiter.acquire(bucket, { interactive, patienceMs, ...(signal ? { signal } : {}) }),
        (seconds) => limiterWaits.observe({ vendor }, seconds),
      )
    } catch (error) {
      if (isHubError(error) && error.after)
        throw VendorBusy.with({ vendor }, { after: error.after, cause: error })
      throw error
    }
  }

  const enter = async (bucket: string, giveUpAt: number): Promise<Pass[]> => {
    const passes: Pass[] = []
    let placeAt: number | undefined
    try {
      for (;;) {
        const pass = await circuit.enter(giveUpAt - now(), signal)
        if (!pass) throw VendorUnavailable.with({ vendor }, { after: circuit.opensAt })
        passes.push(pass)
        const quiet = await quiets.get(bucket)?.enter(giveUpAt - now(), signal)
        if (!quiet) throw VendorBusy.with({ vendor }, { after: quiets.get(bucket)?.opensAt ?? clock.now() })
        passes.push(quiet)
        if (placeAt === undefined || now() - placeAt > FRESH_MS) {
          await acquire(bucket, giveUpAt - now())
          placeAt = now()
        }
        // The wait for a place may have been long: trouble that began meanwhile counts. The place is kept if the way is free at once.
        if (passes.every((each) => each.isGood())) return passes
        for (const each of passes.splice(0)) each.abandoned()
      }
    } catch (error) {
      for (const each of passes) each.abandoned()
      throw error
    }
  }

  const ban = async (buckets: readonly string[], banUntil: Date) => {
    for (const bucket of buckets) await limiter.observe(bucket, { banUntil })
  }

  /** Reports the outcome of a failed try. @returns whether the work may be tried again */
  const learn = async (
    work: Work<unknown>,
    error: unknown,
    [pass, quiet]: [Pass, Pass],
  ): Promise<boolean> => {
    if (VendorUnavailable.is(error)) {
      pass.failed()
      quiet.abandoned()
      if (error.after) await ban(options.buckets, error.after)
      return !work.write
    }
    if (!VendorBusy.is(error)) {
      if (isHubError(error)) pass.succeeded()
      else pass.abandoned()
      quiet.abandoned()
      return false
    }
    const wholeAccount = vendorAnswer(error)?.wholeAccount ?? true
    const banned = wholeAccount ? options.buckets : [work.bucket]
    if (error.after) {
      // Named first, so that nobody slips through between the report and the ban.
      try {
        await ban(banned, error.after)
      } finally {
        pass.succeeded()
        quiet.abandoned()
      }
    } else if (wholeAccount) {
      const until = pass.held(FIRST_QUIET_MS, LONGEST_QUIET_MS)
      quiet.abandoned()
      await ban(banned, until)
    } else {
      const until = quiet.held(FIRST_QUIET_MS, LONGEST_QUIET_MS)
      pass.succeeded()
      await ban(banned, until)
    }
    return true
  }

  return async (work) => {
    // Before a place is taken in the budget, and before tokens are looked for.
    Planning.current()?.refuse(vendor)
    const giveUpAt = now() + options.patienceMs
    let renewed = false
    let failures = 0
    for (let tries = 1; ; tries++) {
      const [pass, quiet] = (await enter(work.bucket, giveUpAt)) as [Pass, Pass]
      try {
        work.onTry?.(tries)
        const value = await timed(
          () =>
            asStep(vendor, { kind: 'client', said: { 'hub.bucket': work.bucket, 'hub.try': tries } }, () =>
              work.send(),
            ),
          (seconds, error) => vendorCalls.observe({ vendor, outcome: outcomeOf(error) }, seconds),
        )
        pass.succeeded()
        quiet.succeeded()
        log.debug({ vendor, bucket: work.bucket, tries }, 'vendor call answered')
        return value
      } catch (error) {
        const again = await learn(work, error, [pass, quiet])
        signal?.throwIfAborted()
        if (CredentialRejected.is(error) && !renewed && work.renew) {
          renewed = true
          if (await work.renew(error)) continue
        }
        if (!again || !isHubError(error)) throw error
        const answer = vendorAnswer(error)
        log.debug({ vendor, code: error.code, status: answer?.status, tries }, 'vendor call did not succeed')
        if (error.after && error.after.getTime() > giveUpAt) throw error
        if (VendorUnavailable.is(error)) {
          const wait = backoff(++failures, random())
          if (now() + wait >= giveUpAt)
            throw VendorUnavailable.with({ vendor }, { cause: error.cause, after: new Date(now() + wait) })
          await pause(wait, signal)
        }
      }
    }
  }
}
