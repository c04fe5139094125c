import { signalKinds } from '../domain/kinds.ts'
import type { SignalRow } from '../store/evidence.ts'

/** A fact; its moments, amount and words are as they are kept. */
export const Signal = {
  title: ({ kind }: SignalRow) => signalKinds[kind].title,

  /** One thing after the other; what was noticed of a person sign by sign. */
  details: ({ details }: SignalRow) => {
    const { lines: _, noticed = [], ...plain } = details ?? {}
    return [
      ...Object.entries(plain).map(([name, value]) => ({ name, value: `${value}` })),
      ...noticed.map(({ signal, count, at }) => ({
        name: signal,
        value: count === null ? at : `${count}, last ${at}`,
      })),
    ]
  },

  lines: ({ details }: SignalRow) => details?.lines ?? [],
}
