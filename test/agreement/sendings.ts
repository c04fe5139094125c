/** Facts as other platforms send them. */
import { kindOf, signalKinds } from '#subgraphs/insights/domain/kinds.ts'
import { DAY, pick } from '#test/insights/facts.ts'

/** A fact as the mutation `ingestSignals` takes it. */
export interface SentSignal {
  system: string
  kind: string
  record?: string
  account: { system: string; id: string }
  amount?: string
  unit?: string
  label?: string
  happenedAt?: string
  day?: string
  observedAt: string
  withdrawn?: boolean
}

const KINDS = Object.keys(signalKinds).filter((kind) => kindOf(kind)!.sending)

/** Facts about some of these accounts (`SYSTEM:id`): of few records each, so that they are told of again; some withdrawn, some late. */
export const sendings = (
  random: () => number,
  accounts: readonly string[],
  now: Date,
  count: number,
): SentSignal[] =>
  Array.from({ length: count }, (): SentSignal => {
    const kind = pick(random, KINDS)
    const { sending, systems, shape } = kindOf(kind)!
    const [own = '', id = ''] = pick(random, accounts).split(':')
    const ago = (days: number) =>
      new Date(Math.round(now.getTime() - random() ** 2 * days * DAY)).toISOString()
    const said = {
      ...{ system: pick(random, systems), kind, account: { system: own, id } },
      observedAt: random() < 0.8 ? now.toISOString() : ago(10),
    }
    const its =
      shape === 'DAILY'
        ? { day: ago(80).slice(0, 10) }
        : { record: `${kind} of ${id}-${Math.floor(random() * 2)}` }
    if (random() < 0.1) return { ...said, ...its, withdrawn: true }
    const most = Math.min(sending!.amount?.most ?? 0, 5000)
    const unit = sending!.units.includes('CURRENCY') ? 'USD' : sending!.units[0]
    return {
      ...said,
      ...its,
      ...(sending!.amount
        ? { amount: (random() * most).toFixed(shape === 'DAILY' ? 0 : 2), ...(unit ? { unit } : {}) }
        : {}),
      ...(sending!.labels ? { label: pick(random, sending!.labels) } : {}),
      ...(shape === 'DAILY' ? {} : { happenedAt: ago(60) }),
    }
  })
