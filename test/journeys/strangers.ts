/** What somebody of another organisation is answered to what is there, beside what they are answered to what is not. */
import type { Probe } from '../kit/probes.ts'
import type { WholeHub } from '../kit/whole-hub.ts'

/** An id of the same shape that nothing has. */
const nobodyLike = (key: string): string => key.replace(/[0-9a-f]{4}$/, '0bad').replace(/PROBE-1$/, 'PROBE-0')

/** Both answers of every field that is asked for by an id, with the same ids in both. Changes are planned. */
export const answersToStrangers = async (
  hub: WholeHub,
  {
    token,
    probes,
    keys,
  }: { token: string; probes: readonly Probe[]; keys: Readonly<Record<string, string>> },
): Promise<{ field: string; there: string; nowhere: string }[]> => {
  const ids = Object.values(keys)
  const answers = []
  for (const { field, document } of probes) {
    const strange = ids.reduce((text, key) => text.replaceAll(`"${key}"`, `"${nobodyLike(key)}"`), document)
    if (strange === document) continue
    const ask = async (text: string) => {
      const { data, errors, status } = await hub.ask(text, {}, { token, headers: { 'x-hub-plan': 'true' } })
      return JSON.stringify([status, data, errors])
    }
    const [there, nowhere] = [await ask(document), await ask(strange)]
    // Whoever asks gets their own question back at most.
    const plain = ids.reduce((text, key) => text.replaceAll(key, nobodyLike(key)), there)
    answers.push({ field, there: plain, nowhere })
  }
  return answers
}
