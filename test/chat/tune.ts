/** `node test/chat/tune.ts [word]`: the counts of both halves, and what was misunderstood of the half that may be looked at. */
import { counted } from './utterances.ts'

const only = process.argv[2]
const counts = await counted(({ text, means, half, group }, meaning) => {
  if (half !== 'tuned' || (only && !`${means?.operation} ${text} ${group}`.includes(only))) return
  const got =
    meaning.kind === 'OPERATION'
      ? `${meaning.intent.name} ${JSON.stringify(meaning.variables)} ${meaning.confidence.toFixed(2)}`
      : `${meaning.kind} ${meaning.why} ${meaning.confidence.toFixed(2)} ${meaning.choices.map(({ operation, label }) => operation ?? label).join(' ')}`
  process.stdout.write(
    `${means ? `${means.operation} ${JSON.stringify(means.variables)}` : group}: ${text}\n    → ${got}\n`,
  )
})
for (const [key, { right, all }] of Object.entries(counts))
  process.stdout.write(`${key}: ${right} of ${all} (${((100 * right) / all).toFixed(1)} %)\n`)
