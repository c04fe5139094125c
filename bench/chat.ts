/**
 * How well sentences are understood: `npm run bench -- chat`. `--wrong` also shows what was misunderstood of the half that may be
 * looked at while the grammar is worked on. `npm run bench -- chat <file>` asks the sentences of a file instead.
 */
import { readFileSync } from 'node:fs'
import type { Meaning } from '../chat/contract.ts'
import { type Brought, judged, sentencesOf } from './chat/brought.ts'
import { counted, meaningOf, type Utterance } from './chat/utterances.ts'
import { bar, figure, type Report, reportOf } from './report.ts'

/** Of each group, how much of the unseen half has to be right. */
const BARS: Readonly<Record<Utterance['group'], number>> = { meant: 0.95, 'near miss': 0.95, hostile: 0.95 }

const saying = (meaning: Meaning): string =>
  meaning.kind === 'OPERATION'
    ? `${meaning.intent.name} ${JSON.stringify(meaning.variables)}`
    : `${meaning.kind} ${meaning.why}`

const show = (text: string, wanted: string, meaning: Meaning): void => {
  process.stderr.write(`${text}\n  wanted ${wanted}\n  got    ${saying(meaning)}\n`)
}

export const benchChat = async (argv: string[]): Promise<Report> => {
  const showsWrong = argv.includes('--wrong')
  const file = argv.find((word) => !word.startsWith('-'))
  return file === undefined ? ownSentences(showsWrong) : sentencesIn(file, showsWrong)
}

const ownSentences = async (showsWrong: boolean): Promise<Report> => {
  const counts = await counted((utterance, meaning) => {
    const { text, means, half, group } = utterance
    if (!showsWrong || half !== 'tuned') return
    show(text, means ? `${means.operation} ${JSON.stringify(means.variables)}` : group, meaning)
  })
  const share = (key: string): number | null => {
    const count = counts[key]
    return count ? (100 * count.right) / count.all : null
  }
  const figures = Object.entries(counts).map(([name, { right, all }]) =>
    figure(`${name}: right`, `${right} of ${all}`),
  )
  const bars = Object.entries(BARS).map(([group, least]) =>
    bar(`${group}, unseen`, share(`${group}, unseen`), 'at least', 100 * least, '%'),
  )
  return reportOf('chat', {}, { figures, bars, detail: counts })
}

const sentencesIn = async (file: string, showsWrong: boolean): Promise<Report> => {
  const brought = sentencesOf(readFileSync(file, 'utf8'))
  const verdicts: { one: Brought; meaning: Meaning; verdict: ReturnType<typeof judged> }[] = []
  for (const one of brought) {
    const meaning = await meaningOf(one.sentence)
    const verdict = judged(one, meaning)
    verdicts.push({ one, meaning, verdict })
    if (showsWrong && !verdict.isRight)
      show(
        one.sentence,
        one.operation ? `${one.operation} ${JSON.stringify(one.variables)}` : 'nothing',
        meaning,
      )
  }
  const count = (means: boolean, of: string) =>
    verdicts.filter(({ one, verdict }) => (one.operation !== null) === means && verdict.is === of).length
  const all = (means: boolean) => brought.filter(({ operation }) => (operation !== null) === means).length
  const figures = [
    figure('meant: exact', `${count(true, 'exact')} of ${all(true)}`),
    figure('meant: the operation, with other variables', count(true, 'other variables')),
    figure('meant: refused or asked back', count(true, 'refused')),
    figure('meant: another operation', count(true, 'another')),
    figure('to be refused: refused', `${count(false, 'refused')} of ${all(false)}`),
    figure('to be refused: a reading operation', count(false, 'reads')),
    figure('to be refused: a plan', count(false, 'plans')),
  ]
  const share = (means: boolean, right: string): number | null =>
    all(means) === 0 ? null : (100 * count(means, right)) / all(means)
  const bars = [
    bar('meant, exact', share(true, 'exact'), 'at least', 100 * BARS.meant, '%'),
    bar('to be refused, refused', share(false, 'refused'), 'at least', 100 * BARS['near miss'], '%'),
  ]
  return reportOf(
    'chat',
    { file },
    { figures, bars, detail: verdicts.map(({ one, verdict }) => ({ ...one, ...verdict })) },
  )
}
