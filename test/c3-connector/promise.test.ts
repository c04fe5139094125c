import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { ID_FIELDS, type Kind } from '#connectors/c3/index.ts'
import { answerMisfits, misfitsOf, requestMisfits } from '#connectors/c3/simulator/contract.ts'
import { gather } from '../hubspot-connector/scripted-portal.ts'
import { startC3, startWitness } from './bed.ts'
import { alert, alternative, pricing, stockAdvice } from './items.ts'

const kinds = Object.keys(ID_FIELDS) as Kind[]

it('says and hears only what openapi.yaml promises, in every operation that it promises', async () => {
  await using there = await startC3()
  await using witness = await startWitness(there.url)
  await using on = await startC3({ baseUrl: witness.url, clock: there.clock })
  await on.c3.account()
  for (const kind of kinds) {
    const [record] = await gather<object>(on.c3.list(kind))
    await on.c3.read(kind, [String((record as Record<string, unknown>)[ID_FIELDS[kind]])])
  }
  const rfq = (await gather(on.c3.list('rfqs'))).find(({ status }) => status === 'NEW')!
  const [supplier] = await gather(on.c3.list('suppliers'))
  await on.c3.write('price-recommendations', [
    pricing(rfq),
    alternative(rfq),
    pricing({ ...rfq, rfqId: 'R-0' }),
  ])
  await on.c3.write('supplier-alerts', [alert(supplier!)])
  await on.c3.write('inventory-recommendations', [stockAdvice])
  await on.c3.write('rfq-updates', [{ key: 'u', rfqId: rfq.rfqId, note: 'Call first', baseVersion: 99 }])
  expect(await on.c3.webhook()).toBeUndefined()
  await on.c3.setWebhook({ url: 'http://127.0.0.1:9/', secret: 's'.repeat(32), entities: ['rfqs'] })
  await on.c3.webhook()
  await on.c3.removeWebhook()
  await gather(on.c3.list('rfqs', { after: 'nonsense' })).catch(() => undefined)
  await there.sim('faults', { missing: ['rfqs:read'] })
  await gather(on.c3.list('rfqs')).catch(() => undefined)
  await there.sim('limits', { requests: { max: 1, windowMs: 1_000 } })
  await on.c3.account()
  await on.c3.account()
  expect(witness.breaches).toEqual([])
  const promised = parse(readFileSync(new URL('../../connectors/c3/openapi.yaml', import.meta.url), 'utf8'), {
    merge: true,
  }) as { paths: Record<string, Record<string, unknown>> }
  const all = Object.entries(promised.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const heard = [...witness.operations].map((operation) => operation.replace(/ \d+$/, ''))
  expect(new Set(heard)).toEqual(new Set(all))
  expect([...witness.operations].join()).toMatch(/ 400.* 403.* 429/s)
})

it('gives nothing that the promise does not name', async () => {
  await using on = await startC3()
  const promised = parse(readFileSync(new URL('../../connectors/c3/openapi.yaml', import.meta.url), 'utf8'), {
    merge: true,
  }) as { components: { schemas: Record<string, { allOf: { properties?: object; required?: string[] }[] }> } }
  const { schemas } = promised.components
  const versioned = ['deleted', 'updatedAt', 'version']
  for (const [kind, schema] of [
    ['inventory', 'StockRow'],
    ['rfqs', 'Rfq'],
    ['suppliers', 'Supplier'],
    ['customers', 'Customer'],
    ['transactions', 'Transaction'],
  ] as const) {
    const [record] = await gather<object>(on.c3.list(kind))
    const named = schemas[schema]!.allOf.flatMap(({ properties = {} }) => Object.keys(properties))
    expect(Object.keys(record!).sort()).toEqual([...named, ...versioned].sort())
  }
})

it('notices what is not promised', () => {
  expect(misfitsOf('Money', '1.5')).toEqual([expect.stringContaining('pattern')])
  expect(answerMisfits('/c3/rfqs', 'GET', 200, { items: [{ rfqId: 7 }], nextCursor: null })).not.toEqual([])
  expect(answerMisfits('/c3/rfqs', 'GET', 500, { message: 'no' })).not.toEqual([])
  expect(
    requestMisfits('/c3/rfq-updates', 'PUT', { items: [{ key: 'k', rfqId: 'R', mood: 'good' }] }),
  ).not.toEqual([])
})
