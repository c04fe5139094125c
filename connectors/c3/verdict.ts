import * as z from 'zod'
import {
  CredentialRejected,
  VendorAnswer,
  VendorBusy,
  VendorRefused,
  VendorUnavailable,
} from '../contract.ts'
import { type Check, errorBody, type HttpAnswer, readJson, retryAfterMs } from '../http.ts'

export const VENDOR = 'C3'

const envelope = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string().catch(''),
      requestId: z.string().optional().catch(undefined),
      permission: z.string().optional().catch(undefined),
    }),
  })
  .optional()
  .catch(undefined)

/** What an answer means: the value of a success whose body holds what it should, or an error of `connectors/contract.ts`. */
export const judge = <T>(answer: HttpAnswer, check: Check<T>, now: Date): T => {
  const { status } = answer
  if (status === 204) return check(undefined)
  if (status === 200) return readJson(VENDOR, answer, check)
  const body = errorBody(answer)
  const said = envelope.parse(body)?.error
  const cause = new VendorAnswer(said?.message ?? `status ${status}`, {
    status,
    category: said?.code,
    correlationId: said?.requestId,
    scopes: said?.permission ? [said.permission] : [],
    body,
  })
  const wait = retryAfterMs(answer.headers, now)
  const named = { cause, ...(wait === undefined ? {} : { after: new Date(now.getTime() + wait) }) }
  const reason = said?.permission ? `missing ${said.permission}` : (said?.code ?? `status ${status}`)
  if (status === 401 || status === 403) throw CredentialRejected.with({ vendor: VENDOR, reason }, { cause })
  if (status === 429) throw VendorBusy.with({ vendor: VENDOR }, named)
  // Anything but a plain refusal is trouble that passes: proxies answer with redirects and pages of their own.
  if (status < 400 || status === 408 || status >= 500) throw VendorUnavailable.with({ vendor: VENDOR }, named)
  throw VendorRefused.with({ vendor: VENDOR, reason }, { cause })
}
