import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  type ConnectorOptions,
  CredentialRejected,
  VendorBusy,
  VendorUnavailable,
  vendorAnswer,
} from '#connectors/contract.ts'
import { type Limiter, memoryLimiter } from '#connectors/limiter.ts'
import type { Simulator } from '#connectors/simulator/index.ts'
import { toPublic } from '#kernel/errors.ts'
import { openLog } from '#kernel/log.ts'
import type { Source, SourcePage, SourceType } from '#sync/source.ts'
import { type Control, controlOf, type Journal } from '#test/kit/simulator.ts'
import { until } from '#test/kit/until.ts'
import { type PausingClock, steppedClock } from '../hubspot-connector/stepped-clock.ts'

/** A connector with the simulator of its vendor, as the suite sees them. */
export interface Subject {
  /** As messages for people name it. */
  vendor: string
  /** The credential that the simulator takes. */
  credential: string
  /** A kind of record of which the simulator has three pages or more. */
  kind: string
  /** Part of the path of the request that lists that kind. */
  listPath: string
  start(clock: PausingClock): Promise<Simulator>
  open(options: ConnectorOptions, credential: string): Source
  /** Ids of the live records of that kind, as the vendor has them. */
  ids(control: Control): Promise<string[]>
  /** Makes a record of that kind, modified now. @returns its id */
  create(control: Control): Promise<string>
  /** Changes records of that kind, all at one instant. */
  change(control: Control, ids: readonly string[], at: Date): Promise<void>
  /** Deletes a record of that kind the way its users do. */
  remove(control: Control, id: string): Promise<void>
}

/**
 * What the hub relies on in every connector, whichever the vendor: run it over a new one and its simulator. The source under
 * test is the one that the product reads with.
 */
export const connectorConformance = (subject: Subject): void => {
  const { vendor, kind } = subject

  /** The vendor and a source of it on one clock; `options` of the second and later sources override. */
  const stage = async () => {
    const clock = steppedClock()
    const simulator = await subject.start(clock)
    const control = controlOf(simulator.url)
    const open = (options: Partial<ConnectorOptions> = {}, credential = subject.credential) => {
      const source = subject.open(
        {
          baseUrl: simulator.url,
          limiter: memoryLimiter({ clock, pause: clock.pause }),
          clock,
          pause: clock.pause,
          log: openLog('test', 'silent'),
          random: () => 0.5,
          ...options,
        },
        credential,
      )
      return { source, type: typeOf(source, kind) }
    }
    const journal = () => control<Journal>('journal')
    return { clock, control, open, journal, [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose]() }
  }

  /** `code` of what a reading ends with, and what people would be shown of it. */
  const failure = async (type: SourceType) => {
    const error: unknown = await gather(type.list(undefined)).then(
      () => new Error('the reading succeeded'),
      (thrown: unknown) => thrown,
    )
    return { code: (error as { code?: string }).code, shown: toPublic(error), error }
  }

  describe(`a connector, as ${vendor}`, () => {
    it('lists every record once, and goes on after any page in another process', async () => {
      await using on = await stage()
      const all = await pagesOf(on.open().type.list(undefined))
      const ids = all.flatMap(idsOf)
      expect(all.length).toBeGreaterThanOrEqual(3)
      expect([...ids].sort()).toEqual((await subject.ids(on.control)).sort())
      expect(all.at(-1)?.next).toBeUndefined()
      const rest = await pagesOf(on.open().type.list(all[0]?.next))
      expect([...idsOf(all[0]!), ...rest.flatMap(idsOf)].sort()).toEqual([...ids].sort())
    })

    it('gives ids as text, values that can be stored, and when the vendor says that a record changed', async () => {
      await using on = await stage()
      const [page] = await pagesOf(on.open().type.list(undefined))
      for (const record of page!.records) {
        expect(record.externalId).toEqual(expect.any(String))
        expect(record.modifiedAt).toBeInstanceOf(Date)
        expect(Number.isNaN(record.modifiedAt?.getTime())).toBe(false)
        for (const value of Object.values(record.values))
          expect(value === null || Array.isArray(value) || typeof value !== 'object').toBe(true)
      }
    })

    it('reads what changed since an instant, each once, however many changed at the same one', async () => {
      await using on = await stage()
      const changed = (await subject.ids(on.control)).slice(0, 250)
      const at = new Date(on.clock.now().getTime() + 1_000)
      await subject.change(on.control, changed, at)
      const { type } = on.open()
      const read = await gather(type.changes!({ since: at, after: undefined }))
      expect(read.map(({ externalId }) => externalId).sort()).toEqual([...changed].sort())
      const later = new Date(at.getTime() + 1)
      expect(await gather(type.changes!({ since: later, after: undefined }))).toEqual([])
    })

    it('goes on after any page of changes in another process', async () => {
      await using on = await stage()
      const pages = await pagesOf(on.open().type.changes!({ since: new Date(0), after: undefined }))
      expect(pages.length).toBeGreaterThanOrEqual(2)
      const rest = on.open().type.changes!({ since: new Date(0), after: pages[0]!.next })
      const read = new Set([...idsOf(pages[0]!), ...(await gather(rest)).map((record) => record.externalId)])
      expect([...read].sort()).toEqual((await subject.ids(on.control)).sort())
    })

    it('finds what is new, and tells what was deleted', async () => {
      await using on = await stage()
      const { type } = on.open()
      const since = on.clock.now()
      const [gone] = await subject.ids(on.control)
      await subject.remove(on.control, gone!)
      const made = await subject.create(on.control)
      const pages = await pagesOf(type.changes!({ since, after: undefined }))
      expect(pages.flatMap(idsOf)).toEqual([made])
      const told = pages.flatMap((page) => page.gone ?? [])
      for await (const page of type.archived?.(undefined) ?? []) told.push(...page.ids)
      expect(told).toContain(gone)
      expect((await gather(type.list(undefined))).map(({ externalId }) => externalId)).not.toContain(gone)
      if (type.read)
        expect(await type.read([made, gone!])).toMatchObject({
          records: [{ externalId: made }],
          missing: [gone],
        })
    })

    it('takes a place of the limiter for each request, and counts what it sends', async () => {
      await using on = await stage()
      let places = 0
      const acquire = async () => {
        places += 1
      }
      const limiter: Limiter = { acquire, observe: async () => {} }
      const { source, type } = on.open({ limiter })
      await gather(type.list(undefined))
      const { counts } = await on.journal()
      expect([source.calls(), places]).toEqual([counts.total, counts.total])
    })

    it('calls nobody inside a ban, and passes no unread record', async () => {
      await using on = await stage()
      await on.control('faults', {
        path: subject.listPath,
        nth: 2,
        play: { do: 'ban', ms: 10_000, retryAfter: true },
      })
      const read = await gather(on.open().type.list(undefined))
      expect(read).toHaveLength((await subject.ids(on.control)).length)
      const { entries } = await on.journal()
      const banned = entries.findIndex((entry) => entry.status === 429)
      expect(entries.filter((entry) => entry.refused === 'ban')).toEqual([])
      expect(entries[banned + 1]!.at - entries[banned]!.at).toBeGreaterThanOrEqual(10_000)
    })

    it.each([
      ['an error of the server', { do: 'status', status: 503, body: {} }],
      ['truncated JSON', { do: 'truncate' }],
      ['a captive portal', { do: 'html', status: 200 }],
      ['a proxy’s error page', { do: 'html' }],
      ['a closed connection', { do: 'close' }],
    ])('reads on after %s, and passes no unread record', async (_, play) => {
      await using on = await stage()
      await on.control('faults', { path: subject.listPath, skip: 1, times: 2, play })
      const read = await gather(on.open().type.list(undefined))
      expect(new Set(read.map(({ externalId }) => externalId)).size).toBe(
        (await subject.ids(on.control)).length,
      )
    })

    it.each([
      ['never answers', { do: 'hang' }],
      ['trickles its answer', { do: 'trickle' }],
    ])('gives a vendor up that %s, says that later is better, and frees the place', async (_, play) => {
      await using on = await stage()
      await on.control('faults', { path: subject.listPath, times: 1, play })
      // Its patience is less than the rest before another try: there is one.
      const { type } = on.open({ deadlineMs: 150, patienceMs: 100 })
      const { error, ...told } = await failure(type)
      expect(told).toMatchObject({ code: VendorUnavailable.code, shown: { status: 503, retry: 'later' } })
      // Its own deadline ended it, and not the vendor.
      expect(vendorAnswer(error)?.message).toBe('no whole answer within 150 ms')
      expect(await gather(on.open().type.list(undefined))).not.toEqual([])
    })

    it('says when to come back when a limit lasts longer than its patience', async () => {
      await using on = await stage()
      await on.control('faults', {
        path: subject.listPath,
        play: { do: 'ban', ms: 3_600_000, retryAfter: true },
      })
      const { type } = on.open({ patienceMs: 5_000 })
      const { code, error } = await failure(type)
      expect(code).toBe(VendorBusy.code)
      const after = (error as { after?: Date }).after
      expect(after!.getTime() - on.clock.now().getTime()).toBeGreaterThan(3_000_000)
      expect((await on.journal()).entries).toHaveLength(1)
    })

    it('asks once with a credential that is refused, says what to do, and never repeats the credential', async () => {
      await using on = await stage()
      const secret = `${subject.credential}-but-wrong`
      const { source, type } = on.open({}, secret)
      const { code, shown, error } = await failure(type)
      expect(code).toBe(CredentialRejected.code)
      expect(shown.retry).toBe('never')
      expect(shown.message).toContain(`${vendor} does not accept our credentials`)
      expect(source.calls()).toBe(1)
      const all = [
        JSON.stringify(shown),
        String((error as Error).stack),
        JSON.stringify((error as Error).cause),
      ]
      expect(all.join()).not.toContain(secret)
    })

    it('follows no redirect: a stranger would get the credential', async () => {
      await using on = await stage()
      const visits: string[] = []
      await using stranger = await strangersServer(visits)
      await on.control('faults', {
        path: subject.listPath,
        play: { do: 'status', status: 302, headers: { location: stranger.url }, body: '' },
      })
      expect((await failure(on.open({ patienceMs: 1_000 }).type)).code).toBe(VendorUnavailable.code)
      expect(visits).toEqual([])
    })

    it('ends at once, with the reason given, when it is told to', async () => {
      await using on = await stage()
      await on.control('faults', { path: subject.listPath, play: { do: 'hang' } })
      const stopping = new AbortController()
      // Nothing else ends it while this test lasts.
      const [deadlineMs, patienceMs] = [3_600_000, 3_600_000]
      const reading = failure(on.open({ signal: stopping.signal, deadlineMs, patienceMs }).type)
      await until(async () => (await on.journal()).counts.total === 1)
      stopping.abort(new Error('the process stops'))
      expect((await reading).error).toMatchObject({ message: 'the process stops' })
    })
  })
}

const typeOf = (source: Source, kind: string): SourceType => {
  const found = source.types.find(({ type }) => type === kind)
  if (!found) throw new Error(`the source has no ${kind}`)
  return found
}

const pagesOf = async (pages: AsyncIterable<SourcePage>): Promise<SourcePage[]> => {
  const all: SourcePage[] = []
  for await (const page of pages) all.push(page)
  return all
}

const idsOf = ({ records }: SourcePage): string[] => records.map(({ externalId }) => externalId)

const gather = async (pages: AsyncIterable<SourcePage>) =>
  (await pagesOf(pages)).flatMap((page) => page.records)

const strangersServer = async (visits: string[]): Promise<AsyncDisposable & { url: string }> => {
  const server = createServer((request, response) => {
    visits.push(String(request.headers.authorization ?? request.url))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
