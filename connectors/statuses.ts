import { CredentialRejected, VendorAnswer, VendorBusy, VendorRefused, VendorUnavailable } from './contract.ts'
import { type HttpAnswer, retryAfterMs } from './http.ts'

/**
 * What a status means where the vendor has no words of its own for it. Nothing for a success.
 * @throws the error of `contract.ts` that any other status stands for
 */
export const judgeStatus = (vendor: string, { status, headers }: HttpAnswer, now: Date): void => {
  if (status >= 200 && status < 300) return
  const cause = new VendorAnswer(`status ${status}`, { status })
  const wait = retryAfterMs(headers, now)
  const named = { cause, ...(wait === undefined ? {} : { after: new Date(now.getTime() + wait) }) }
  const reason = `status ${status}`
  if (status === 401 || status === 403) throw CredentialRejected.with({ vendor, reason }, { cause })
  if (status === 429) throw VendorBusy.with({ vendor }, named)
  // Anything but a plain refusal is trouble that passes: proxies answer with redirects and pages of their own.
  if (status < 400 || status === 408 || status >= 500) throw VendorUnavailable.with({ vendor }, named)
  throw VendorRefused.with({ vendor, reason }, { cause })
}
