import { bandOf } from '../domain/confidence.ts'

/** How far something can be relied on and how it is worked out, as everything that is found shows it. */
export const relied = ({ confidence }: { confidence: number }, method: string) => ({
  confidence: confidence.toFixed(2),
  band: bandOf(confidence),
  method,
})
