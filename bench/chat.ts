/**
 * How well sentences are understood: `npm run bench -- chat`. `--wrong` also shows what was misunderstood of the half that may be
 * looked at while the grammar is worked on.
 */
import { counted, type Utterance } from './chat/utterances.ts'
import { bar, type Report, reportOf } from './report.ts'

/** Of each group, how much of the unseen half has to be right. */
const BARS: Readonly<Record<Utterance['group'], number>> = { meant: 0.95, 'near miss': 0.95, hostile: 0.95 }

export const benchChat = async (argv: string[]): Promise<Report> => {
  const showsWrong = argv.includes('--wrong')
  const counts = await counted(({ text, means, half, group }, meaning) => {
    if (!showsWrong || half !== 'tuned') return
    const got =
      meaning.kind === 'OPERATION'
        ? `${meaning.intent.name} ${JSON.stringify(meaning.variables)}`
        : `${meaning.kind} ${meaning.why}`
    const wanted = means ? `${means.operation} ${JSON.stringify(means.variables)}` : group
    process.stderr.write(`${text}\n  wanted ${wanted}\n  got    ${got}\n`)
  })
  const share = (key: string): number | null => {
    const count = counts[key]
    return count ? (100 * count.right) / count.all : null
  }
  const figures = Object.entries(counts).map(([name, { right, all }]) => ({
    name: `${name}: right`,
    measured: `${right} of ${all}`,
    unit: '',
  }))
  const bars = Object.entries(BARS).map(([group, least]) =>
    bar(`${group}, unseen`, share(`${group}, unseen`), 'at least', 100 * least, '%'),
  )
  return reportOf('chat', {}, { figures, bars, detail: counts })
}
