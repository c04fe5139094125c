import { afterAll, expect, it } from 'vitest'
import { line } from '#kernel/log.ts'
import { asked, askedBy, askedHeaders, traceOfLine, whileAsked } from '#telemetry/asked.ts'
import { newTraceParent } from '#telemetry/traceparent.ts'
import { recordingLog } from '#test/kit/log.ts'

afterAll(() => {
  line.beside = () => ({})
})

it('names the trace of its request in every line, also behind a wait, and none in what nobody asked for', async () => {
  line.beside = traceOfLine
  const { log, lines } = recordingLog()
  const [one, other] = [newTraceParent(), newTraceParent()]
  const work = (trace: typeof one) =>
    whileAsked({ trace }, async () => {
      log.info('before')
      await Promise.resolve()
      log.child({ area: 'customers' }).info('behind')
    })
  await Promise.all([work(one), work(other)])
  log.info('by itself')
  expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual([
    ['before', one.traceId],
    ['before', other.traceId],
    ['behind', one.traceId],
    ['behind', other.traceId],
    ['by itself', undefined],
  ])
})

it('hands on to a part from where a request came, as it was', () => {
  const from = { door: 'REST', idempotencyKey: 'order-7', trace: newTraceParent() }
  expect(askedBy(askedHeaders(from))).toEqual(from)
  expect(askedBy(askedHeaders())).toEqual({ trace: undefined })
  expect(asked()).toEqual({})
})
