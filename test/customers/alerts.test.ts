import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { customersBed, ORG, TEST_KEY } from '#test/kit/customers.ts'
import { recordingLog } from '#test/kit/log.ts'
import { operators } from '#test/kit/operators.ts'
import { startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf } from './rows.ts'

it('tells operators after three failures: by an event, a line and a message that is sent until it is taken, without a word of a record', async () => {
  await using told = await operators()
  await using bed = await customersBed({ companies: 5 })
  const { log, lines } = recordingLog('info')
  await bed.sim('faults', {
    list: [{ path: 'objects/', play: { do: 'status', status: 400, body: { message: 'Mrs Canary' } } }],
  })
  await using _hub = await startCustomers({
    ...startWith(bed.test.urls, { log }),
    encryptionKeys: [TEST_KEY],
    limits: {},
    opsWebhookUrl: told.url,
  })
  for (let run = 1; run <= 3; run++) expect(await bed.sync('FULL')).toMatchObject({ state: 'FAILED' })
  await until(() => told.messages.length >= 2)
  const [first, second] = told.messages
  expect(second).toMatchObject({ status: 204, body: first!.body })
  const [event, ...others] = await eventsOf(bed, 'customers.alert.raised')
  expect(others).toEqual([])
  expect(second!.body).toEqual({ event: 'customers.alert.raised', orgId: ORG, ...event })
  expect(second!.body).toMatchObject({
    integrationId: bed.integrationId,
    subject: 'CONNECTION',
    count: 3,
    code: 'HUB_VENDOR_REFUSED',
  })
  expect(lines.filter(({ msg }) => msg === 'alert raised')).toHaveLength(1)
  expect(JSON.stringify([told.messages, lines, event])).not.toContain('Canary')
  // What is done by the clock is with pg-boss, once a minute.
  const { rows } = await bed.database.relay((tx) =>
    sql<{ name: string; cron: string }>`select name, cron from pgboss.schedule order by name`.execute(tx),
  )
  expect(rows).toContainEqual({ name: 'keep-schedules', cron: '* * * * *' })
})
