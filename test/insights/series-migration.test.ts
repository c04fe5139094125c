import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { roleName } from '#db/databases.ts'
import type { DB } from '#db/generated/insights.ts'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { testDatabase } from '#test/kit/postgres.ts'

const FILE = new URL('../../db/migrations/insights/20261122T0501-series-and-speakers.sql', import.meta.url)
/** The tables as they were before it. */
const BEFORE = `
  drop table insights.series;
  drop index insights.signals_by_account;
  alter table insights.signals drop column account_system,
    add constraint signals_system_check check (system in ('HUBSPOT', 'C3', 'WARP'));
  create index signals_by_account on insights.signals (org_id, system, account_id)`

it('puts days that were facts of their own into their months, for every organisation, and leaves other facts as they are', async () => {
  await using test = await testDatabase<DB>('insights')
  const organisations = [newId(systemClock), newId(systemClock)]
  const migration = (await readFile(FILE, 'utf8')).replaceAll(':app', roleName('insights', 'app'))
  const { months, signals } = await session(test.adminUrl, async (client) => {
    await client.query(BEFORE)
    for (const orgId of organisations)
      await client.query(
        `insert into insights.signals (org_id, system, kind, record_id, account_id, amount, unit, happened_at, observed_at, source, source_pos)
         select $1::uuid, 'WARP', kind, record_id, account_id, amount, 'minutes', happened_at, observed_at, 'telephony', pos
         from (values
           ('usage-minutes', 'b 1', 'b', 7.5, timestamptz '2026-10-31T00:00Z', timestamptz '2026-11-01T01:00Z', 4),
           ('usage-minutes', 'b 2', 'b', 0, '2026-11-01T00:00Z', '2026-11-02T01:00Z', 5),
           ('usage-minutes', 'b 3', 'b', 9, '2026-11-30T00:00Z', '2026-12-01T01:00Z', 6),
           ('usage-minutes', 'b 4', null, null, null, null, 7),
           ('trunk', 't', 'b', 10, null, '2026-11-01T01:00Z', 8),
           ('trunk', 'gone', null, null, null, null, 9)
         ) v(kind, record_id, account_id, amount, happened_at, observed_at, pos)`,
        [orgId],
      )
    await client.query(`set role ${roleName('insights', 'owner')}`)
    await client.query(migration)
    await client.query('reset role')
    const of = async (text: string) => (await client.query(text)).rows
    return {
      months: await of(
        `select month::text, amounts, positions, account_system, source from insights.series order by org_id, month`,
      ),
      signals: await of(
        'select record_id, account_system, account_id from insights.signals order by org_id, source_pos',
      ),
    }
  })
  const known = (list: (number | string | null)[]) =>
    list.flatMap((value, n) => (value === null ? [] : [[n + 1, Number(value)]]))
  const ofOne = [
    ['2026-10-01', [[31, 7.5]], [[31, 4]], 'WARP', 'telephony'],
    [
      '2026-11-01',
      [
        [1, 0],
        [30, 9],
      ],
      [
        [1, 5],
        [30, 6],
      ],
      'WARP',
      'telephony',
    ],
  ]
  expect(
    months.map((row) => [
      row.month,
      known(row.amounts),
      known(row.positions),
      row.account_system,
      row.source,
    ]),
  ).toEqual([...ofOne, ...ofOne])
  const kept = [
    { record_id: 't', account_system: 'WARP', account_id: 'b' },
    { record_id: 'gone', account_system: null, account_id: null },
  ]
  expect(signals).toEqual([...kept, ...kept])
})
