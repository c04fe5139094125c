import { pick } from '#test/insights/facts.ts'
import type { Compared } from './from-nothing.ts'
import type { KilledHub } from './hub.ts'
import type { Life } from './life.ts'

const ASK = `query ($customerId: ID!, $from: DateTime!, $to: DateTime!) { scoreDiff(customerId: $customerId, from: $from, to: $to) {
  points causes(first: 100) { kind points signal recordId } } }`
interface Cause {
  kind: string
  points: string
  signal: string | null
  recordId: string | null
}
const MINUTE = 60_000

/** Takes facts away, one by one, and compares what each moved its customer's score by with what the hub says that it did. */
export const checkWithdrawals = async (
  hub: KilledHub,
  life: Life,
  random: () => number,
  count: number,
): Promise<Compared & { moved: number }> => {
  const differences: string[] = []
  let moved = 0
  for (let n = 0; n < count; n++) {
    const [row] = await hub.bed.rows<{
      customer: string
      kind: string
      record: string
      account: string
      score: string
      as_of: Date
    }>(
      `select a.customer_id as customer, s.kind, s.record_id as record, s.account_id as account, h.score, h.as_of from insights.signals s
       join insights.accounts a on a.system = s.account_system and a.account_id = s.account_id
       join insights.health h on h.customer_id = a.customer_id
       where s.kind = $1 and h.score is not null order by md5(s.record_id || $2) limit 1`,
      [pick(random, ['contact', 'deal', 'ticket', 'rfq', 'company', 'trunk']), `${random()}`],
    )
    const word = row && life.withdrawal(row.kind, row.record, row.account)
    if (!row || !word) continue
    // What was learned and forgotten in one moment leaves no trace.
    life.pass(MINUTE)
    hub.setTime(life.now)
    await hub.settled()
    const scoreOf = async () => {
      const [now] = await hub.bed.rows<{ score: string | null; as_of: Date }>(
        'select score, as_of from insights.health where customer_id = $1',
        [row.customer],
      )
      return now!
    }
    const before = await scoreOf()
    life.pass(1000)
    hub.setTime(life.now)
    await hub.tell([word])
    await hub.settled()
    const after = await scoreOf()
    const from = new Date(life.now.getTime() - 500).toISOString()
    const to = new Date(life.now.getTime() + 500).toISOString()
    const { data, errors } = await hub.ask(ASK, { customerId: row.customer, from, to })
    const by = Number(after.score ?? 0) - Number(before.score ?? 0)
    const causes = (data?.scoreDiff?.causes ?? []) as Cause[]
    const own = causes.filter(({ signal, recordId }) => signal === row.kind && recordId === row.record)
    const others = causes
      .filter((cause) => !own.includes(cause))
      .reduce((sum, { points }) => sum + Number(points), 0)
    const said = own.reduce((sum, { points }) => sum + Number(points), 0)
    if (by !== 0) moved++
    // Its own last look may lie long before: what happened since and cancels itself out is not this fact's.
    if (errors || Math.abs(said + others - by) > 1e-6 || Math.abs(said - by) > 1e-6)
      differences.push(
        `${row.kind} ${row.record} of ${row.customer} moved ${by.toFixed(2)}; told ${JSON.stringify(errors ?? causes)}`,
      )
  }
  return { rows: count, differences, moved }
}
